//! Staff accounts, made on the command line; nobody has a default password.

use super::sessions::hash_password;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::{Actor, Grant, Scope};
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::StorageError;
use crate::storage::staff::{self, Staff};

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

const SHORTEST_PASSWORD: usize = 10;

impl Office {
    /// The sign-in names of everybody who works here.
    pub async fn usernames(&self) -> Result<Vec<String>, Failure> {
        let everybody = self.db().read(staff::all).await.map_err(Failure::from)?;
        Ok(everybody.into_iter().map(|member| member.username).collect())
    }

    /// Adds a staff member.
    pub async fn add_staff(&self, new: NewStaff) -> Result<Staff, Failure> {
        if new.password.chars().count() < SHORTEST_PASSWORD {
            return Err(Refusal::invalid(
                "password_too_short",
                "密码至少十个字符。",
                "At least ten characters.",
            )
            .into());
        }
        let now = self.now();
        let id = new_id(now);
        let scope = match (new.role, new.department) {
            (Role::GridWorker, _) => Scope::Grid(new.region, id),
            (Role::Official, Some(code)) if self.knowledge().organisation.department(&code).is_some() => {
                Scope::Department(new.region, code)
            }
            (Role::Official, _) => {
                return Err(Refusal::invalid(
                    "department_unknown",
                    "没有这个部门。",
                    "There is no such department.",
                )
                .into());
            }
            (Role::Clerk | Role::Supervisor, _) => Scope::Region(new.region),
            (Role::Administrator | Role::SecurityAdministrator | Role::Auditor, _) => {
                Scope::Region(new.region)
            }
            (Role::Resident | Role::Clock, _) => return Err(Refusal::not_permitted().into()),
        };
        let password = new.password;
        let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await;
        let password_hash = hash.map_err(|e| Failure::Outside(e.to_string()))??;
        let member = Staff {
            actor: Actor { id, name: new.name, grants: vec![Grant { role: new.role, scope }] },
            username: new.username,
            password_hash,
            email: new.email,
            active: true,
        };
        let stored = member.clone();
        match self.db().write(move |conn| staff::insert(conn, &stored, now)).await {
            Ok(()) => Ok(member),
            Err(StorageError::Duplicate(_)) => {
                Err(Refusal::conflict("username_taken", "用户名已被使用。", "The name is taken.").into())
            }
            Err(error) => Err(error.into()),
        }
    }
}
