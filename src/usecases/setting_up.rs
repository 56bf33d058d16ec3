//! A new or reset account gets its password, and its second factor where one is needed.

use super::second_factor::{Enrolment, enrol};
use super::sessions::{VERIFYING, hash_of, hash_password, refused};
use super::{Failure, Office};
use crate::domain::password;
use crate::storage::staff;

impl Office {
    /// Sets the password with the code that was handed over; answers what to tell the authenticator app, for
    /// whom a second factor is needed.
    pub async fn set_up(
        &self,
        username: String,
        code: String,
        password: String,
        address: &str,
    ) -> Result<Option<Enrolment>, Failure> {
        password::check(&username, &password)?;
        self.sign_in_limit(&username, address).await?;
        let turn = VERIFYING.acquire().await.map_err(|error| Failure::Outside(error.to_string()))?;
        let hash = move || {
            let _turn = turn;
            hash_password(&password)
        };
        let hash = tokio::task::spawn_blocking(hash).await.map_err(|e| Failure::Outside(e.to_string()))??;
        let now = self.now();
        self.db()
            .write(move |conn| {
                let zh = "启用码不对、已用过或已过期。";
                let unknown = || refused("setup_code_invalid", zh, "The code is wrong, used or expired.");
                let mut member = staff::by_username(conn, &username)?
                    .filter(|member| member.active)
                    .filter(|member| {
                        let setup = member.credentials.setup.as_ref();
                        setup.is_some_and(|(kept, until)| *kept == hash_of(&code) && *until > now)
                    })
                    .ok_or_else(unknown)?;
                let needed = member.actor.grants.iter().any(|grant| grant.role.needs_second_factor());
                let enrolment = if needed { Some(enrol(&username)?) } else { None };
                member.credentials.password_hash = hash;
                member.credentials.setup = None;
                member.credentials.second_factor = enrolment.as_ref().map(|new| new.secret.clone());
                staff::save(conn, &member)?;
                Ok(enrolment)
            })
            .await
    }
}
