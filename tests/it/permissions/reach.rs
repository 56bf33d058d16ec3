//! The scope rule stands twice, as a pure function and as SQL: over a random population of applications
//! and actors both must pick the same ones.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;
use yichuang::domain::actor::{Actor, Grant, Scope};
use yichuang::domain::application::Application;
use yichuang::domain::lifecycle::{Role, Status};
use yichuang::domain::region::Region;
use yichuang::domain::review::DepartmentReview;
use yichuang::storage::{applications, queue};
use yichuang::usecases::{Failure, QueueFilter, Search};

use crate::story;

const PLACES: [&str; 9] = [
    "350582006",
    "350582006001",
    "350582006001001",
    "350582006001002",
    "350582006007",
    "350582006007001",
    "350582001",
    "350582001001",
    "350582001001001",
];
const DEPARTMENTS: [&str; 3] = ["housing", "health", "police"];
const STATUSES: [Status; 5] =
    [Status::Draft, Status::Submitted, Status::Accepted, Status::InReview, Status::Withdrawn];

fn account() -> impl Strategy<Value = Uuid> {
    (1_u128..6).prop_map(Uuid::from_u128)
}

fn place() -> impl Strategy<Value = Region> {
    proptest::sample::select(&PLACES[..]).prop_map(|code| Region::parse(code).unwrap())
}

type Facts = (Option<Uuid>, Option<Uuid>, Region, Status, Vec<&'static str>);

fn facts() -> impl Strategy<Value = Facts> {
    (
        proptest::option::of(account()),
        proptest::option::of(account()),
        place(),
        proptest::sample::select(&STATUSES[..]),
        proptest::sample::subsequence(&DEPARTMENTS[..], 0..=2),
    )
}

fn grant() -> impl Strategy<Value = Grant> {
    prop_oneof![
        account().prop_map(|id| (Role::Resident, Scope::Own(id))),
        place().prop_map(|region| (Role::Clerk, Scope::Region(region))),
        (place(), account()).prop_map(|(region, id)| (Role::GridWorker, Scope::Grid(region, id))),
        (place(), proptest::sample::select(&DEPARTMENTS[..]))
            .prop_map(|(region, code)| (Role::Official, Scope::Department(region, code.to_owned()))),
        place().prop_map(|region| (Role::Supervisor, Scope::Region(region))),
        Just((Role::Clock, Scope::Everything)),
    ]
    .prop_map(|(role, scope)| Grant { role, scope })
}

fn some_of<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize, seed: u8) -> Vec<T> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn review(department: &str, like: &Application) -> DepartmentReview {
    DepartmentReview {
        department: department.to_owned(),
        asked_at: like.created_at,
        reviewer: None,
        reviewer_name: None,
        opinion: None,
        reason: None,
        given_at: None,
        returns: 0,
    }
}

fn population(like: &Application) -> Vec<Application> {
    let make = |(serial, (owner, filed_by, region, status, departments)): (usize, Facts)| {
        let mut application = like.clone();
        application.id = Uuid::from_u128(0x1000 + serial as u128);
        (application.owner, application.filed_by, application.region) = (owner, filed_by, region);
        application.status = status;
        application.receipt_no = None;
        application.dossier.reviews = departments.iter().map(|code| review(code, like)).collect();
        application
    };
    some_of(facts(), 400, 1).into_iter().enumerate().map(make).collect()
}

story!(the_pure_rule_and_the_query_pick_the_same, world, {
    let resident = world.xiuying().await;
    let first = resident.submits(&world.form("birth_registration")).await;
    let id: Uuid = first["id"].as_str().unwrap().parse().unwrap();
    let office = world.office().clone();
    let population = office
        .db()
        .write(move |conn| -> Result<Vec<Application>, Failure> {
            let desk_office = world.office().clone();
            let like = applications::find(conn, id)?.unwrap();
            let population = population(&like);
            for application in &population {
                applications::insert(conn, application, desk_office.desk(desk_office.now()))?;
            }
            Ok(population)
        })
        .await
        .unwrap();
    let mut seen = 0;
    let grants = proptest::collection::vec(grant(), 1..4);
    for grants in some_of(grants, 150, 2) {
        let actor =
            Actor {
                id: Uuid::from_u128(9), name: "某人".to_owned(), grants, assurance: Default::default()
            };
        let expected: BTreeSet<Uuid> = population
            .iter()
            .filter(|application| {
                !actor.capacities(&application.footprint(&application.departments())).is_empty()
            })
            .map(|application| application.id)
            .collect();
        let everything = Search { limit: 1000, ..Search::default() };
        let listed = office.applications(actor.clone(), everything).await.unwrap();
        let listed: BTreeSet<Uuid> = listed.iter().map(|line| line.id).filter(|line| *line != id).collect();
        assert_eq!(listed, expected, "{:?}", actor.grants);

        // A narrowed list is the same reach, narrowed.
        let narrowed = Search { status: Some(Status::Submitted), limit: 1000, ..Search::default() };
        let listed = office.applications(actor.clone(), narrowed).await.unwrap();
        let submitted =
            |wanted: &&Application| wanted.status == Status::Submitted && expected.contains(&wanted.id);
        let wanted: BTreeSet<Uuid> = population.iter().filter(submitted).map(|a| a.id).collect();
        let listed: BTreeSet<Uuid> = listed.iter().map(|line| line.id).filter(|line| *line != id).collect();
        assert_eq!(listed, wanted, "{:?}", actor.grants);

        let scopes: Vec<Scope> = actor.scopes().into_iter().cloned().collect();
        let filter = QueueFilter {
            mover: Role::Clerk,
            service: None,
            status: None,
            free_at: None,
            not_filed_by: None,
            created_before: None,
            after: None,
            limit: 1000,
        };
        let queued =
            office.db().read(move |conn| queue::look(conn, &scopes, &filter).map_err(Failure::from)).await;
        let queued: BTreeSet<Uuid> = queued
            .unwrap()
            .iter()
            .map(|(application, _)| application.id)
            .filter(|line| *line != id)
            .collect();
        let waits = |wanted: &&Application| {
            wanted.status.mover() == Some(Role::Clerk) && expected.contains(&wanted.id)
        };
        let wanted: BTreeSet<Uuid> = population.iter().filter(waits).map(|a| a.id).collect();
        assert_eq!(queued, wanted, "{:?}", actor.grants);
        seen += expected.len();
    }
    assert!(seen > 2000, "{seen}");
});
