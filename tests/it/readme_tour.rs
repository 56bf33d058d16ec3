//! The tour of the READMEs, run as a stranger would run it: pasted into a bash, against the demo world.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use yichuang::demo;

use crate::world::weixin::Weixin;
use crate::world::{Database, World, opening, settings};

/// What the tour's steps print when everything goes as told.
const TOLD: [&str; 10] = [
    "accepted",
    "approved",
    "delivered",
    "closed",
    "correcting",
    "submitted",
    "accepted",
    "approved",
    "accepted",
    "rejected",
];

fn page(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn blocks(file: &str) -> Vec<String> {
    let page = page(file);
    page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A tool the tour needs; `None` where it is not installed and need not be.
fn bash_and_curl() -> Option<()> {
    let there = ["bash", "curl"].iter().all(|tool| Command::new(tool).arg("--version").output().is_ok());
    assert!(there || std::env::var_os("YICHUANG_TEST_SERVERS").is_none(), "bash and curl are not installed");
    there.then_some(())
}

async fn walk(world: &World, script: String) -> String {
    let script = script.replace("http://127.0.0.1:8080", world.base());
    let run = move || Command::new("bash").args(["-c", &script]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

async fn filled() -> World {
    let world = World::open(Database::Sqlite).await.unwrap();
    let settings = settings(world.folder(), world.database_url(), &[]);
    demo::fill_at(&settings, opening()).await.unwrap();
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn walks_one_application_of_each_door_to_its_decision() {
    let Some(()) = bash_and_curl() else { return };
    let tours: Vec<String> =
        blocks("README.md").into_iter().filter(|block| block.contains("sign_in()")).collect();
    let [tour] = &tours[..] else { panic!("one tour, not {}", tours.len()) };
    assert!(tour.contains("http://127.0.0.1:8080"));
    let world = filled().await;
    let told = walk(&world, tour.clone()).await;
    // The answers of the look-ups end without a line break, so a step may stand behind one.
    let mut steps: Vec<&str> = Vec::new();
    for line in told.lines() {
        let after = line.rsplit(['}', ']']).next().unwrap_or(line);
        steps.extend(TOLD.iter().find(|step| **step == after));
    }
    assert_eq!(steps, TOLD, "{told}");
    assert!(!told.contains("\"detail\":\"") && told.contains("receipt_no"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signs_in_through_the_simulated_wechat() {
    let Some(()) = bash_and_curl() else { return };
    let tours: Vec<String> =
        blocks("README.md").into_iter().filter(|block| block.contains("_client/")).collect();
    let [tour] = &tours[..] else { panic!("one tour, not {}", tours.len()) };
    let weixin = Weixin::start(1).await;
    let world = weixin.world(&[]).await;
    let own = [("YICHUANG_WECHAT__KIND", "api")];
    let settings = settings(world.folder(), world.database_url(), &own);
    demo::fill_at(&settings, opening()).await.unwrap();
    let told = walk(&world, tour.replace("http://127.0.0.1:8090", weixin.base())).await;
    let answers: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(answers[0]["items"][0]["id"].is_string(), "{told}");
    assert!(answers[1]["phone"].as_str().unwrap().contains("****"), "{told}");
    assert_eq!(answers[2]["errors"][0]["code"], "wechat_code_invalid", "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_demo_prints_works_as_printed() {
    let Some(()) = bash_and_curl() else { return };
    let world = filled().await;
    let printed = demo::what_to_try(world.base().trim_start_matches("http://"));
    let tour = printed.split_once("Y=http").map(|(_, tour)| format!("Y=http{tour}")).unwrap();
    let tour = tour.split("\n\n").next().unwrap().to_owned();
    let told = walk(&world, tour).await;
    let answers: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["items"][0]["code"], "birth_registration");
    assert_eq!(answers[1]["items"].as_array().unwrap().len(), 5);
    assert_eq!(answers[2]["holder"]["name"], "李晓燕", "{told}");
}

#[test]
fn both_languages_show_the_same_commands_and_settings() {
    assert_eq!(blocks("README.md"), blocks("README.zh-CN.md"));
    let keys = |file: &str| -> Vec<String> {
        let page = page(file);
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        rows.filter_map(|row| row.split('|').nth(1)).map(|cell| cell.trim().replace('、', ", ")).collect()
    };
    assert_eq!(keys("README.md"), keys("README.zh-CN.md"));
    let defaults: toml::Table = page("config/default.toml").parse().unwrap();
    for key in keys("README.md").iter().flat_map(|cell| cell.split(", ")) {
        let (section, name) = key.trim_matches('`').split_once('.').unwrap();
        let known = defaults.get(section).and_then(|section| section.as_table());
        assert!(known.is_some_and(|known| name == "*" || known.contains_key(name)), "{key} is no setting");
    }
}
