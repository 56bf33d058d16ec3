//! Values that must not be found again, and the search for all of them at once.

use std::collections::{BTreeSet, HashMap};

use super::writing::{SHORTEST, forms};

/// What leaked: which kind, written how, and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub kind: &'static str,
    pub form: &'static str,
    pub around: String,
}

/// All canaries, ready to be looked for.
#[derive(Default)]
pub struct Canaries {
    pub known: Vec<(&'static str, Vec<u8>)>,
}

impl Canaries {
    pub fn add(&mut self, kind: &'static str, value: impl AsRef<[u8]>) {
        let value = value.as_ref().to_vec();
        assert!(value.len() >= SHORTEST, "{kind} is too short to be told apart");
        if !self.known.iter().any(|(other, known)| (*other, known) == (kind, &value)) {
            self.known.push((kind, value));
        }
    }

    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.known.iter().map(|(kind, _)| *kind).collect()
    }

    pub fn search(&self) -> Search {
        let mut search =
            Search { starts: vec![false; 1 << 24], needles: HashMap::new(), numbers: Vec::new(), forms: 0 };
        for (kind, value) in &self.known {
            for (form, needle) in forms(value) {
                let start = start(&needle);
                search.starts[start] = true;
                search.needles.entry(start).or_default().push((kind, form, needle));
                search.forms += 1;
            }
            let number = value.len() >= 11 && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 11;
            if number && value.iter().all(u8::is_ascii_alphanumeric) && value.len() <= 19 {
                search.numbers.push((kind, value.clone()));
            }
        }
        search
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

/// Of which kind, written how.
type Needle = (&'static str, &'static str, Vec<u8>);

/// Looks for everything in one pass.
pub struct Search {
    starts: Vec<bool>,
    needles: HashMap<usize, Vec<Needle>>,
    numbers: Vec<(&'static str, Vec<u8>)>,
    pub forms: usize,
}

fn around(all: &[u8], at: usize) -> String {
    let cut = &all[at.saturating_sub(80)..all.len().min(at + 100)];
    String::from_utf8_lossy(cut).chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

impl Search {
    pub fn hits(&self, all: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut key = 0;
        for (at, byte) in all.iter().enumerate() {
            key = (key << 8 | usize::from(*byte)) & 0xFF_FFFF;
            if at < 2 || !self.starts[key] {
                continue;
            }
            let rest = &all[at - 2..];
            for (kind, form, needle) in &self.needles[&key] {
                if rest.starts_with(needle) {
                    hits.push(Hit { kind, form, around: around(all, at) });
                }
            }
        }
        self.masked(all, &mut hits);
        hits
    }

    /// Numbers with stars in the middle that still show more than four of their digits.
    fn masked(&self, all: &[u8], hits: &mut Vec<Hit>) {
        let mut at = 0;
        while at < all.len() {
            let stars = all[at..].iter().take_while(|byte| **byte == b'*').count();
            if stars >= 2 {
                let (before, after) = (&all[..at], &all[at + stars..]);
                for (kind, number) in &self.numbers {
                    let head = (0..number.len()).rev().find(|n| before.ends_with(&number[..*n])).unwrap_or(0);
                    let tail = (0..number.len()).find(|n| after.starts_with(&number[*n..]));
                    if head + tail.map_or(0, |from| number.len() - from) > 4 {
                        hits.push(Hit { kind, form: "masked", around: around(all, at) });
                    }
                }
            }
            at += stars.max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::writing::{STANDARD, base64};
    use super::*;

    #[test]
    fn every_form_is_found_wherever_it_stands() {
        let mut canaries = Canaries::default();
        let values: [(&str, &[u8]); 3] = [
            ("name", "金丝雀".as_bytes()),
            ("phone", b"13957246813"),
            ("key", b"\x00\xff\x10 raw \x80key\xfe"),
        ];
        values.iter().for_each(|(kind, value)| canaries.add(kind, value));
        let search = canaries.search();
        for (kind, value) in values {
            for (form, written) in forms(value) {
                for lead in 0..4 {
                    let noise = [vec![b'q'; lead], written.clone(), b"qq".to_vec()].concat();
                    let found = search.hits(&noise);
                    assert!(found.iter().any(|hit| hit.kind == kind), "{kind} as {form}");
                }
            }
            // Within something longer that was encoded as a whole.
            for lead in 0..3 {
                let whole = [vec![b'a'; lead], value.to_vec(), b"tail".to_vec()].concat();
                assert!(
                    search.hits(&base64(&whole, 0, STANDARD)).iter().any(|hit| hit.kind == kind),
                    "{kind} {lead}"
                );
            }
        }
        assert_eq!(search.hits(b"139****6813")[0].form, "masked");
        assert_eq!(search.hits(b"**** 6813 1395724681 13957246812 *******6813"), Vec::new());
        assert_eq!(search.hits("金丝 丝雀 1395".as_bytes()), Vec::new());
    }
}
