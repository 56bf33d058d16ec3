//! 查无: what a transaction has looked up at once for all that it will be asked: keys by which nobody is found, and
//! numbers that nobody is verified to hold. Whatever the transaction itself lets be found is taken out again.
//!
//! What another transaction stores after the look is not seen, as it would not be seen after a look of its own: of the
//! very same matter the database refuses the second, and whoever is verified meanwhile is found by looking back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use super::keys::Keys;
use crate::domain::application::{Applicant, Application};
use crate::domain::id_number::IdNumber;

/// A draft as it will be when others like it are looked for.
pub struct Look {
    /// Its id.
    pub application: Uuid,
    /// Code of its item.
    pub service: String,
    /// Whose matter it is.
    pub applicant: Applicant,
    /// What it will say.
    pub form: Arc<Value>,
    /// On which day.
    pub on: NaiveDate,
    /// By what it is compared then.
    pub keys: Keys,
}

/// Keys by their column, and numbers; and the drafts for which they were looked up.
#[derive(Default)]
pub struct Nobody {
    /// Nothing is noted where nothing is forgotten with the end of the transaction.
    remembers: bool,
    keys: [HashSet<String>; Keys::COLUMNS],
    numbers: HashSet<String>,
    looks: HashMap<Uuid, Vec<Arc<Look>>>,
}

impl Nobody {
    /// Of a transaction that remembers it until its end.
    pub fn begun() -> Self {
        Self { remembers: true, ..Self::default() }
    }

    /// The keys of a draft, if it is as it was foreseen and nobody is found by any of them.
    pub fn keys_of(&self, draft: &Application, today: NaiveDate) -> Option<&Keys> {
        let foreseen = |look: &&Arc<Look>| {
            let same = look.service == draft.service && look.applicant == draft.applicant;
            same && look.on == today && *look.form == draft.form
        };
        let look = self.looks.get(&draft.id)?.iter().find(foreseen)?;
        Some(&look.keys).filter(|keys| self.is_like(keys))
    }

    /// Keys are looked up for this.
    pub fn looked_for(&mut self, look: &Arc<Look>) {
        if self.remembers {
            self.looks.entry(look.application).or_default().push(look.clone());
        }
    }

    /// Nobody is found by this.
    pub fn note_key(&mut self, column: usize, key: &str) {
        if let Some(keys) = self.keys.get_mut(column).filter(|_| self.remembers) {
            keys.insert(key.to_owned());
        }
    }

    /// Nobody is verified to hold this.
    pub fn note_number(&mut self, number: &IdNumber) {
        if self.remembers {
            self.numbers.insert(number.as_str().to_owned());
        }
    }

    /// Somebody is found by these from now on.
    pub fn forget_keys(&mut self, keys: &Keys) {
        for (known, key) in self.keys.iter_mut().zip(keys.columns()) {
            key.map(|key| known.remove(key));
        }
    }

    /// Somebody holds this from now on.
    pub fn forget_number(&mut self, number: &IdNumber) {
        self.numbers.remove(number.as_str());
    }

    /// Whether nobody is found by any of these, as far as is known.
    pub fn is_like(&self, keys: &Keys) -> bool {
        let known =
            |(known, key): (&HashSet<String>, Option<&String>)| key.is_none_or(|key| known.contains(key));
        self.keys.iter().zip(keys.columns()).all(known) && keys.columns().iter().any(Option::is_some)
    }

    /// Whether nobody is verified to hold this, as far as is known.
    pub fn is_holder_of(&self, number: &IdNumber) -> bool {
        self.numbers.contains(number.as_str())
    }
}
