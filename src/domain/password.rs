//! What a password of staff has to be: long, and nothing that is tried first.

use super::refusal::Refusal;

const SHORTEST_PASSWORD: usize = 10;
/// Long enough, and tried first by whoever guesses.
const WELL_KNOWN: [&str; 8] = [
    "1234567890",
    "0123456789",
    "qwertyuiop",
    "password123",
    "password1234",
    "iloveyou1314",
    "woaini1314520",
    "administrator",
];

/// Whether somebody may have this password.
pub fn check(username: &str, password: &str) -> Result<(), Refusal> {
    let lower = password.to_lowercase();
    let same = password.chars().all(|c| password.starts_with(c));
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Refusal::invalid("password_too_short", "密码至少十个字符。", "At least ten characters."));
    }
    if same || WELL_KNOWN.contains(&lower.as_str()) || lower.contains(&username.to_lowercase()) {
        let zh = "密码太容易猜到，也不能包含用户名。";
        return Err(Refusal::invalid("password_too_easy", zh, "Too easy to guess."));
    }
    Ok(())
}
