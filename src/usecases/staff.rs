//! Staff accounts: opened, reset, changed and closed by whoever has that duty, and by nobody for themselves.
//! There is no default password: whoever is new sets one with a code that is good once.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::auditing::{note_of, roles_of};
use super::second_factor::setup_code;
use super::sessions::hash_password;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::{Actor, Grant};
use crate::domain::lifecycle::Role;
use crate::domain::mandate::MandateEnd;
use crate::domain::password;
use crate::domain::real_name::Assurance;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::mandates::{self, Of};
pub use crate::storage::staff::Staff;
use crate::storage::staff::{self, Credentials};
use crate::storage::{Conn, StorageError, devices, needs, packs, plans, queue, sessions};

/// 岗位: what somebody is to do and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// Role.
    pub role: Role,
    /// Street, community or grid.
    pub region: Region,
    /// Department, for an official.
    pub department: Option<String>,
}

/// 新工作人员
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Sign-in name.
    pub username: String,
    /// Name.
    pub name: String,
    /// Password, at least ten characters.
    pub password: String,
    /// Role.
    pub role: Role,
    /// Street, community or grid.
    pub region: Region,
    /// Department, for an official.
    pub department: Option<String>,
    /// Mail address.
    pub email: Option<String>,
}

/// Whom an account is opened for.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Sign-in name.
    pub username: String,
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// The contracted agency they come from.
    pub agency: Option<String>,
}

/// A code that sets a password is good for so long.
const SETUP_LASTS: TimeDelta = TimeDelta::hours(72);

/// A new account or a reset one, with the code to hand over.
pub struct Opened {
    /// The account.
    pub member: Staff,
    /// Sets a password once.
    pub setup_code: String,
}

impl Office {
    /// The sign-in names of everybody who works here.
    pub async fn usernames(&self) -> Result<Vec<String>, Failure> {
        let everybody = self.db().read(staff::all).await.map_err(Failure::from)?;
        Ok(everybody.into_iter().map(|member| member.username).collect())
    }

    /// Adds a staff member with a password, from the command line of this machine.
    pub async fn add_staff(&self, new: NewStaff) -> Result<Staff, Failure> {
        password::check(&new.username, &new.password)?;
        let id = new_id(self.now());
        let post = Post { role: new.role, region: new.region, department: new.department };
        let grants = self.grants(id, &[post])?;
        let password = new.password;
        let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await;
        let password_hash = hash.map_err(|e| Failure::Outside(e.to_string()))??;
        let member = Staff {
            actor: Actor { id, name: new.name, grants, assurance: Assurance::InPerson },
            username: new.username,
            email: new.email,
            agency: None,
            active: true,
            credentials: Credentials { password_hash, ..Credentials::default() },
        };
        self.open_account(member, "command line", String::new(), None).await
    }

    /// Opens an account for somebody.
    pub async fn hire(&self, by: &Actor, new: NewMember, posts: &[Post]) -> Result<Opened, Failure> {
        security_only(by)?;
        self.invite(Some(by), new, posts).await
    }

    /// The same, by whoever commands this machine where nobody is named.
    pub async fn invite(
        &self,
        by: Option<&Actor>,
        NewMember { username, name, email, agency }: NewMember,
        posts: &[Post],
    ) -> Result<Opened, Failure> {
        let id = new_id(self.now());
        let (setup_code, credentials) = self.unset();
        let actor = Actor { id, name, grants: self.grants(id, posts)?, assurance: Assurance::InPerson };
        let member = Staff { actor, username, email, agency, active: true, credentials };
        let agency = member.agency.as_deref().unwrap_or_default();
        let fields = format!("roles={} agency={agency}", roles_of(&member.actor));
        let member = self.open_account(member, "open account", fields, by).await?;
        Ok(Opened { member, setup_code })
    }

    async fn open_account(
        &self,
        member: Staff,
        what: &'static str,
        fields: String,
        by: Option<&Actor>,
    ) -> Result<Staff, Failure> {
        let (office, stored, now) = (self.clone(), member.clone(), self.now());
        let note = note_of(by, what, member.actor.id, fields);
        let outcome = self.db().write(move |conn| -> Result<(), Failure> {
            staff::insert(conn, &stored, now)?;
            office.note_now(conn, note)
        });
        match outcome.await {
            Ok(()) => Ok(member),
            Err(Failure::Storage(StorageError::Duplicate(_))) => {
                Err(Refusal::conflict("username_taken", "用户名已被使用。", "The name is taken.").into())
            }
            Err(error) => Err(error),
        }
    }

    /// Everybody who works here.
    pub async fn everybody(&self, by: &Actor) -> Result<Vec<Staff>, Failure> {
        security_only(by)?;
        self.db().read(staff::all).await.map_err(Failure::from)
    }

    /// Takes password and second factor away and hands out a new code: for whoever forgot or lost them.
    pub async fn reset(&self, by: &Actor, id: Uuid) -> Result<Opened, Failure> {
        let (setup_code, credentials) = self.unset();
        let member = self
            .change(by, id, "reset account", move |_, member| {
                let factor_step = member.credentials.factor_step;
                member.credentials = Credentials { factor_step, ..credentials };
                Ok(String::new())
            })
            .await?;
        Ok(Opened { member, setup_code })
    }

    /// Gives somebody other duties; they sign in anew.
    pub async fn reassign(&self, by: &Actor, id: Uuid, posts: &[Post]) -> Result<Staff, Failure> {
        let grants = self.grants(id, posts)?;
        self.change(by, id, "change duties", move |conn, member| {
            let before = roles_of(&member.actor);
            member.actor.grants = grants;
            queue::let_go(conn, id, None)?;
            Ok(format!("roles={before} to {}", roles_of(&member.actor)))
        })
        .await
    }

    /// Somebody leaves: cut off at once, and what they held goes to a successor or back into the queue.
    pub async fn leave(&self, by: &Actor, id: Uuid, successor: Option<Uuid>) -> Result<Staff, Failure> {
        let now = self.now();
        self.change(by, id, "close account", move |conn, member| {
            let successor = match successor {
                Some(successor) => Some(fit_successor(conn, member, successor)?),
                None => None,
            };
            close(conn, member, successor.as_ref(), now)
        })
        .await
    }

    async fn change(
        &self,
        by: &Actor,
        id: Uuid,
        what: &'static str,
        change: impl FnOnce(&mut Conn, &mut Staff) -> Result<String, Failure> + Send + 'static,
    ) -> Result<Staff, Failure> {
        security_only(by)?;
        if by.id == id {
            let zh = "不能变更自己的账号。";
            return Err(Refusal::conflict("own_account", zh, "Nobody changes their own account.").into());
        }
        let (office, by, now) = (self.clone(), by.clone(), self.now());
        let (member, ended) = self
            .db()
            .write(move |conn| -> Result<_, Failure> {
                let mut member =
                    staff::find(conn, id)?.filter(|member| member.active).ok_or_else(Refusal::not_found)?;
                let fields = change(conn, &mut member)?;
                staff::save(conn, &member)?;
                let ended = sessions::revoke_all(conn, id, None, now)?;
                office.note_now(conn, note_of(Some(&by), what, id, fields))?;
                Ok((member, ended))
            })
            .await?;
        for session in ended {
            self.tell_ended(session).await;
        }
        Ok(member)
    }

    fn unset(&self) -> (String, Credentials) {
        let code = setup_code();
        let setup = Some((self.code_hash(&code), self.now() + SETUP_LASTS));
        (code, Credentials { setup, ..Credentials::default() })
    }

    /// What posts mean for somebody; nobody administers beside other work, nor in two ways.
    fn grants(&self, id: Uuid, posts: &[Post]) -> Result<Vec<Grant>, Failure> {
        if posts.is_empty() || (posts.len() > 1 && posts.iter().any(|post| post.role.administers())) {
            let zh = "至少一个岗位；系统、安全、审计管理员不得兼任其他岗位。";
            let en = "At least one duty, and whoever administers has no other.";
            return Err(Refusal::invalid("duties_not_separated", zh, en).into());
        }
        let grant = |post: &Post| {
            let Post { role, region, department } = post.clone();
            let known = |code: &String| self.knowledge().organisation.department(code).is_some();
            if role == Role::Official && !department.as_ref().is_some_and(known) {
                let zh = "没有这个部门。";
                return Err(Refusal::invalid("department_unknown", zh, "There is no such department."));
            }
            let zh = "岗位与范围不符。";
            Grant::to_staff(id, role, region, department)
                .ok_or_else(|| Refusal::invalid("duty_unknown", zh, "There is no such duty."))
        };
        posts.iter().map(|post| grant(post).map_err(Failure::from)).collect()
    }
}

/// Nobody else opens, changes or closes accounts.
pub(super) fn security_only(by: &Actor) -> Result<(), Failure> {
    if by.has(Role::SecurityAdministrator) { Ok(()) } else { Err(Refusal::not_permitted().into()) }
}

/// Closes an account: nothing opens it any more, and what its holder held goes on without them.
pub(super) fn close(
    conn: &mut Conn,
    member: &mut Staff,
    successor: Option<&Staff>,
    now: DateTime<Utc>,
) -> Result<String, Failure> {
    let id = member.actor.id;
    let held = queue::let_go(conn, id, successor.map(|s| (s.actor.id, s.actor.name.as_str())))?;
    mandates::end_all(conn, Of::Staff(id), MandateEnd::AgentLeft, now)?;
    if let Some(successor) = successor {
        plans::hand_over(conn, id, successor.actor.id)?;
        needs::hand_over(conn, id, successor.actor.id)?;
    }
    for device in devices::of_staff(conn, id)? {
        devices::keep_pack_key(conn, device.id, None)?;
        packs::forget(conn, device.id)?;
    }
    member.active = false;
    member.credentials = Credentials::default();
    Ok(format!("leases={held}"))
}

/// A successor has a duty that the leaving one has.
fn fit_successor(conn: &mut Conn, leaving: &Staff, successor: Uuid) -> Result<Staff, Failure> {
    let duties = |staff: &Staff| -> Vec<(Role, Option<Region>)> {
        let of = |grant: &Grant| (grant.role, grant.scope.region().cloned());
        staff.actor.grants.iter().map(of).collect()
    };
    let fits = |found: &Staff| {
        found.active
            && found.actor.id != leaving.actor.id
            && duties(leaving).iter().any(|duty| duties(found).contains(duty))
    };
    let zh = "接任人须在岗并有相同岗位和范围。";
    let en = "A successor works here and has one of the same duties.";
    staff::find(conn, successor)?
        .filter(fits)
        .ok_or_else(|| Refusal::field("/successor", "successor_unfit", zh, en).into())
}
