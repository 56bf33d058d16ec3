//! Who acts, in which capacity, and what they may see. THE scope rule of the product lives here:
//! [`Actor::capacities`] on one application, [`Actor::scopes`] for lists; storage translates the latter
//! into SQL and a test holds the two equal.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::Channel;
use super::lifecycle::Role;
use super::real_name::Assurance;
use super::region::Region;

/// 范围: how far a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Applications that belong to this resident account, or that it filed for somebody.
    Own(Uuid),
    /// Applications inside a street, community or grid (a clerk's window, a supervisor's area).
    Region(Region),
    /// Applications inside a grid, or filed by this staff member.
    Grid(Region, Uuid),
    /// Applications that were transferred to this department, inside a street.
    Department(Region, String),
    /// No application: a duty of administration, for this place.
    Duty(Region),
    /// Applications whose clock has run out: the clock sees all.
    Everything,
}

/// 授予: a role together with how far it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Its reach.
    pub scope: Scope,
}

/// 经办主体: whoever acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Account id (resident or staff); nil for the clock.
    pub id: Uuid,
    /// The name that stands in the timeline.
    pub name: String,
    /// What they may do and where.
    pub grants: Vec<Grant>,
    /// How sure it is who they are.
    #[serde(default)]
    pub assurance: Assurance,
}

/// 办件足迹: the facts about an application that decide who may see it.
#[derive(Debug, Clone, Copy)]
pub struct Footprint<'a> {
    /// The resident account it belongs to.
    pub owner: Option<Uuid>,
    /// Community or grid.
    pub region: &'a Region,
    /// Who filed it for somebody else.
    pub filed_by: Option<Uuid>,
    /// Departments it was transferred to.
    pub departments: &'a [String],
    /// Drafts of residents are private until filed, except at the window that continues them.
    pub draft: bool,
}

impl Scope {
    /// The department it is about.
    pub fn department(&self) -> Option<&str> {
        match self {
            Scope::Department(_, code) => Some(code),
            Scope::Own(_) | Scope::Region(_) | Scope::Grid(..) | Scope::Duty(_) | Scope::Everything => None,
        }
    }

    /// The place it is about.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Scope::Region(region)
            | Scope::Grid(region, _)
            | Scope::Department(region, _)
            | Scope::Duty(region) => Some(region),
            Scope::Own(_) | Scope::Everything => None,
        }
    }

    /// Whether it reaches cases of that region for what they are, not for whose they are.
    fn reaches(&self, region: &Region) -> bool {
        match self {
            Scope::Region(own) | Scope::Grid(own, _) | Scope::Department(own, _) => own.contains(region),
            Scope::Everything => true,
            Scope::Own(_) | Scope::Duty(_) => false,
        }
    }

    /// Whether the application lies within this reach.
    pub fn covers(&self, footprint: &Footprint<'_>) -> bool {
        match self {
            Scope::Own(account) => footprint.owner == Some(*account) || footprint.filed_by == Some(*account),
            Scope::Region(region) => region.contains(footprint.region),
            Scope::Grid(grid, staff) => grid.contains(footprint.region) || footprint.filed_by == Some(*staff),
            Scope::Department(street, code) => {
                !footprint.draft && street.contains(footprint.region) && footprint.departments.contains(code)
            }
            Scope::Duty(_) => false,
            Scope::Everything => true,
        }
    }
}

impl Grant {
    /// What a role means for a staff member of a place; `None` where it makes no sense.
    pub fn to_staff(staff: Uuid, role: Role, region: Region, department: Option<String>) -> Option<Self> {
        let scope = match (role, department) {
            (Role::GridWorker, None) => Scope::Grid(region, staff),
            (Role::Official, Some(code)) => Scope::Department(region, code),
            (Role::Clerk | Role::Supervisor, None) => Scope::Region(region),
            (Role::Administrator | Role::SecurityAdministrator | Role::Auditor, None) => Scope::Duty(region),
            _ => return None,
        };
        Some(Self { role, scope })
    }
}

impl Actor {
    /// 时钟: the deadline job.
    pub fn clock() -> Self {
        let grants = vec![Grant { role: Role::Clock, scope: Scope::Everything }];
        Self { id: Uuid::nil(), name: "系统时钟".to_owned(), grants, assurance: Assurance::InPerson }
    }

    /// In which capacities the actor meets this application; empty means: it does not exist for them.
    pub fn capacities(&self, footprint: &Footprint<'_>) -> Vec<Role> {
        self.grants.iter().filter(|grant| grant.scope.covers(footprint)).map(|grant| grant.role).collect()
    }

    /// The reaches of all grants, for lists and searches.
    pub fn scopes(&self) -> Vec<&Scope> {
        self.grants.iter().map(|grant| &grant.scope).collect()
    }

    /// Whether the actor holds the role anywhere.
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the actor holds the role for that region.
    pub fn has_in(&self, role: Role, region: &Region) -> bool {
        self.grants.iter().any(|grant| grant.role == role && grant.scope.reaches(region))
    }

    /// Whether the actor handles cases of that region; whoever only watches sees particulars masked.
    pub fn handles_in(&self, region: &Region) -> bool {
        let handles = |grant: &Grant| grant.role.handles_cases();
        let own = |grant: &Grant| matches!(grant.scope, Scope::Own(_));
        self.grants.iter().any(|grant| handles(grant) && (own(grant) || grant.scope.reaches(region)))
    }

    /// The door through which the actor files for that region, if they file at all.
    pub fn door(&self, region: &Region) -> Option<Channel> {
        if self.has(Role::Resident) {
            Some(Channel::MiniProgram)
        } else if self.has_in(Role::Clerk, region) {
            Some(Channel::Counter)
        } else if self.has_in(Role::GridWorker, region) {
            Some(Channel::Doorstep)
        } else {
            None
        }
    }

    /// The departments the actor decides for.
    pub fn departments(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().filter_map(|grant| grant.scope.department())
    }
}
