//! The lifecycle as a table and as a machine: nothing in it is a dead end, nobody's, or without a clock.

mod committed;
mod desk;
mod wandering;

use std::collections::BTreeSet;

use yichuang::domain::action::Action;
use yichuang::domain::lifecycle::{ActionKind, Role, Status, TABLE, actions, transition};

fn ends() -> BTreeSet<Status> {
    BTreeSet::from([Status::Closed, Status::Declined, Status::Withdrawn, Status::Terminated])
}

#[test]
fn a_status_is_terminal_exactly_when_the_table_has_no_row_for_it() {
    for status in Status::ALL {
        assert_eq!(status.is_terminal(), ends().contains(&status), "{status:?}");
        let quiet = (status.mover(), status.watch()) == (None, None);
        assert_eq!(quiet, status.is_terminal(), "{status:?}: an end has neither a mover nor a clock");
    }
}

#[test]
fn every_status_on_the_way_has_a_mover_who_can_move_and_a_clock_that_can_speak() {
    for status in Status::ALL.into_iter().filter(|status| !status.is_terminal()) {
        let mover = status.mover().unwrap();
        let onward =
            TABLE.iter().any(|row| row.from == status && row.roles.contains(&mover) && row.to != status);
        assert!(onward, "{status:?}: {mover:?} cannot move it on");
        assert!(status.watch().is_some(), "{status:?}: no clock watches");
        assert!(actions(status, Role::Clock).next().is_some(), "{status:?}: the clock has nothing to say");
    }
}

#[test]
fn from_every_status_an_end_is_in_reach_and_every_status_is_reached() {
    let after = |from: Status| TABLE.iter().filter(move |row| row.from == from).map(|row| row.to);
    let reach = |from: Status| {
        let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
        while let Some(status) = next.pop() {
            next.extend(after(status).filter(|to| seen.insert(*to)));
        }
        seen
    };
    for status in Status::ALL {
        assert!(reach(status).intersection(&ends()).next().is_some(), "{status:?} never ends");
    }
    assert_eq!(reach(Status::Draft), Status::ALL.into_iter().collect());
}

/// Without the clock and without the applicant's giving up, the office alone can bring it to its end.
#[test]
fn the_movers_alone_bring_it_to_an_end() {
    let mut settled = ends();
    loop {
        let before = settled.len();
        for row in TABLE {
            let own = row.from.mover().is_some_and(|mover| row.roles.contains(&mover));
            if own && row.action != ActionKind::Withdraw && settled.contains(&row.to) {
                settled.insert(row.from);
            }
        }
        if settled.len() == before {
            break;
        }
    }
    assert_eq!(settled, Status::ALL.into_iter().collect());
}

#[test]
fn a_role_and_an_action_lead_from_a_status_to_one_other() {
    for row in TABLE {
        assert!(!row.roles.is_empty() && !row.basis.is_empty(), "{row:?}");
        for role in row.roles {
            let same = |other: &&_| {
                let other: &yichuang::domain::lifecycle::Row = other;
                other.from == row.from && other.action == row.action && other.roles.contains(role)
            };
            assert_eq!(TABLE.iter().filter(same).count(), 1, "{row:?} for {role:?}");
            assert_eq!(transition(row.from, *role, row.action).unwrap().to, row.to);
        }
    }
}

/// What only the law's clock may do, and what nobody may who only watches.
#[test]
fn the_clocks_own_acts_are_nobody_elses_and_watchers_do_nothing() {
    for row in TABLE {
        let by_clock =
            matches!(row.action, ActionKind::DeemAccept | ActionKind::Terminate | ActionKind::Remind);
        if by_clock {
            assert_eq!(row.roles, [Role::Clock], "{row:?}");
        }
        assert!(
            !row.roles.contains(&Role::Supervisor) && !row.roles.contains(&Role::Administrator),
            "{row:?}"
        );
        let decides = matches!(row.action, ActionKind::Approve | ActionKind::Reject | ActionKind::Endorse);
        if decides {
            let applicants_side = [Role::Resident, Role::GridWorker, Role::Clock];
            assert!(!row.roles.iter().any(|role| applicants_side.contains(role)), "{row:?}");
        }
    }
}

#[test]
fn names_lead_back_to_what_they_name() {
    for status in Status::ALL {
        assert_eq!(Status::from_name(status.name()), Some(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.name());
    }
    for role in Role::ALL {
        assert_eq!(Role::from_name(role.name()), Some(role));
    }
    for row in TABLE {
        assert!(!row.action.name().is_empty() && !row.action.label().zh.is_empty());
    }
}

/// Every action of the table can be said, and every one that can be said stands in the table.
#[test]
fn the_table_and_the_spoken_actions_fit() {
    let listed: BTreeSet<String> = TABLE.iter().map(|row| row.action.name()).collect();
    let spoken: BTreeSet<String> = wandering::KINDS.iter().map(|kind| kind.name()).collect();
    assert_eq!(listed, spoken);
    for kind in wandering::KINDS {
        let action: Action = wandering::say(kind, 0);
        assert_eq!(action.kind(), kind);
    }
}
