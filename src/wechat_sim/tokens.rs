//! Access tokens: which live, which are superseded, which ran out.

use super::Refused;
use super::chance::Chance;

pub(crate) const LIFE: i64 = 7200;

pub(crate) struct Token {
    value: String,
    pub expires: i64,
    /// Ended before its time: answered as superseded instead of expired.
    ended: Option<i64>,
}

#[derive(Default)]
pub(crate) struct Tokens {
    known: Vec<Token>,
    pub stable: Option<String>,
    pub classic: Option<String>,
    /// When refreshes were forced.
    pub forced: Vec<i64>,
}

impl Tokens {
    pub fn issue(&mut self, chance: &mut Chance, now: i64) -> String {
        let value = format!("SIM_{}", chance.word(132));
        self.known.push(Token { value: value.clone(), expires: now + LIFE, ended: None });
        value
    }

    pub fn find(&mut self, value: &str) -> Option<&mut Token> {
        self.known.iter_mut().find(|token| token.value == value)
    }

    pub fn end(&mut self, value: Option<String>, at: i64) {
        if let Some(token) = value.and_then(|value| self.find(&value)) {
            token.ended = Some(token.ended.map_or(at, |before| before.min(at)));
        }
    }

    /// Ends the token in use, as an operator or an attacker with the secret can.
    pub fn revoke(&mut self, now: i64) {
        let (stable, classic) = (self.stable.take(), self.classic.take());
        self.end(stable, now);
        self.end(classic, now);
    }

    pub fn check(&mut self, value: &str, now: i64) -> Result<(), Refused> {
        if value.is_empty() {
            return Err(Refused::new(41001, "access_token missing"));
        }
        let token = self.find(value).ok_or_else(|| Refused::new(40014, "invalid access_token"))?;
        if token.ended.is_some_and(|ended| ended <= now) {
            return Err(Refused::new(40001, "invalid credential, access_token is invalid or not latest"));
        }
        if token.expires <= now {
            return Err(Refused::new(42001, "access_token expired"));
        }
        Ok(())
    }
}
