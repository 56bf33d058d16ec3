//! Which kind of client a session is for: each has its own audience of tokens and its own patience.

use super::actor::Actor;
use super::lifecycle::Role;

/// 客户端
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// 小程序: a resident's phone.
    MiniProgram,
    /// 窗口: a desk in an office.
    Desk,
    /// 外勤: a grid worker on the way, for days without a network.
    Field,
}

impl Client {
    /// Every one.
    pub const ALL: [Client; 3] = [Client::MiniProgram, Client::Desk, Client::Field];

    /// Stable name; also the audience of its tokens.
    pub fn name(self) -> &'static str {
        match self {
            Client::MiniProgram => "mini_program",
            Client::Desk => "desk",
            Client::Field => "field",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Client::ALL.into_iter().find(|client| client.name() == name)
    }

    /// The client of somebody with these grants.
    pub fn of(actor: &Actor) -> Self {
        let all =
            |role: Role| !actor.grants.is_empty() && actor.grants.iter().all(|grant| grant.role == role);
        if all(Role::Resident) {
            Client::MiniProgram
        } else if all(Role::GridWorker) {
            Client::Field
        } else {
            Client::Desk
        }
    }
}
