//! A new or reset account gets its password, and its second factor where one is needed; and whoever has a
//! password changes it.

use uuid::Uuid;

use super::auditing::note_of;
use super::second_factor::{Enrolment, enrol};
use super::sessions::{hash_password, in_turn, matches, refused};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::password;
use crate::domain::refusal::Refusal;
use crate::storage::sessions;
use crate::storage::staff::{self, Staff};

/// 修改密码
pub struct PasswordChange {
    /// The password until now.
    pub current: String,
    /// The one from now on.
    pub new: String,
    /// The code of the authenticator app, for whom it is set up.
    pub code: Option<String>,
}

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
        if password.contains(&code) {
            let zh = "密码不得与启用码相同。";
            return Err(
                Refusal::invalid("password_too_easy", zh, "Not the code that was handed over.").into()
            );
        }
        self.sign_in_limit(&username, address).await?;
        let hash = in_turn(move || hash_password(&password)).await??;
        let (now, code) = (self.now(), self.code_hash(&code));
        self.db()
            .write(move |conn| {
                let zh = "启用码不对、已用过或已过期。";
                let unknown = || refused("setup_code_invalid", zh, "The code is wrong, used or expired.");
                let mut member = staff::by_username(conn, &username)?
                    .filter(|member| member.active)
                    .filter(|member| {
                        let setup = member.credentials.setup.as_ref();
                        setup.is_some_and(|(kept, until)| *kept == code && *until > now)
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

    /// Somebody changes their own password; their other sessions end.
    pub async fn change_password(
        &self,
        by: &Actor,
        session: Uuid,
        change: PasswordChange,
        address: &str,
    ) -> Result<(), Failure> {
        let PasswordChange { current, new, code } = change;
        let id = by.id;
        let member = self.db().read(move |conn| staff::find(conn, id)).await.map_err(Failure::from)?;
        let member = member.ok_or_else(Refusal::not_permitted)?;
        password::check(&member.username, &new)?;
        if new == current {
            let zh = "新密码不得与原密码相同。";
            return Err(Refusal::invalid("password_unchanged", zh, "The same as before.").into());
        }
        self.sign_in_limit(&member.username, address).await?;
        let before = member.credentials.password_hash.clone();
        let work = move || matches(&current, &before).then(|| hash_password(&new));
        let Some(hash) = in_turn(work).await? else {
            let zh = "原密码不对。";
            return Err(Refusal::field("/password", "password_wrong", zh, "Not the password.").into());
        };
        let hash = hash?;
        self.second_factor(&member, code.as_deref()).await?;
        let (office, by, now) = (self.clone(), by.clone(), self.now());
        let ended = self
            .db()
            .write(move |conn| -> Result<_, Failure> {
                let known = |found: &Staff| {
                    found.active && found.credentials.password_hash == member.credentials.password_hash
                };
                let mut member = staff::find(conn, id)?.filter(known).ok_or_else(Refusal::not_permitted)?;
                member.credentials.password_hash = hash;
                staff::save(conn, &member)?;
                let others = sessions::revoke_all(conn, id, Some(session), now)?;
                office.note_now(conn, note_of(Some(&by), "change password", id, String::new()))?;
                Ok(others)
            })
            .await?;
        for session in ended {
            self.tell_ended(session).await;
        }
        Ok(())
    }
}
