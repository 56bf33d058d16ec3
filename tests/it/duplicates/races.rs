//! Two doors at the same moment: one gets in, one judgement stands, and the other is told.

use futures_util::future::join_all;
use serde_json::json;

use super::{GRID, XIUYING, applicant, candidates, draft_of, id, judges, open};
use crate::story;
use crate::sync::Phone;
use crate::world::LINKOU;
use crate::world::papers::{id_number, somebody};

story!(of_two_doors_at_the_same_moment_one_files, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let clerk = world.clerk("li", LINKOU).await;
    for month in ["2027-01-10", "2027-03-10", "2027-05-10", "2027-07-10"] {
        let mut form = world.form("birth_registration");
        form["pregnancy"]["expected_on"] = month.into();
        let draft = draft_of(&worker, XIUYING, &form).await;
        let phone = json!({"region": GRID, "submit": true, "form": form});
        let before = open(&clerk).await.len();
        let who = applicant(XIUYING);
        let (by_phone, at_the_counter, at_the_door) = tokio::join!(
            join_all((0..4).map(|_| resident.post("/v1/applications", &phone))),
            join_all((0..4).map(|_| clerk.submits_for(&who, LINKOU, None, &form))),
            worker.tries(&draft, json!({"action": "submit"})),
        );
        let mut filed = 0;
        for answer in by_phone.into_iter().chain(at_the_counter).chain([at_the_door]) {
            if matches!(answer.status, 200 | 201) {
                filed += 1;
            } else {
                let told = answer.refused(409, "duplicate_application");
                assert!(told["duplicates"][0]["receipt_no"].is_string(), "{told}");
            }
        }
        assert_eq!(filed, 1, "{month}");
        assert_eq!(open(&clerk).await.len(), before + 1, "{month}");
    }
});

story!(of_two_who_judge_at_once_one_is_heard, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let workers = [world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await];
    let form = world.form("birth_registration");
    for serial in 0..4 {
        let number = id_number(600 + serial);
        let who = ("林秀英", number.as_str());
        let mut form = form.clone();
        form["pregnancy"]["expected_on"] = format!("2027-0{}-10", 2 * serial + 1).into();
        let filed = clerk.submits_for(&applicant(who), GRID, None, &form).await.expect(201);
        let draft = draft_of(&workers[0], who, &form).await;
        let (one, other) = tokio::join!(
            judges(&workers[0], &draft, &filed, "different"),
            judges(&clerk, &draft, &filed, "same"),
        );
        let heard: Vec<bool> = [&one, &other].iter().map(|answer| answer.status == 200).collect();
        assert_eq!(heard.iter().filter(|heard| **heard).count(), 1, "{} {}", one.text, other.text);
        let said = if heard[0] { "different" } else { "same" };
        let loser = if heard[0] { other } else { one };
        let told = loser.refused(409, "already_judged");
        assert_eq!(told["verdict"]["verdict"], said, "{told}");
        let draft = workers[1].sees(id(&draft)).await;
        assert_eq!(draft["status"], if said == "same" { "withdrawn" } else { "draft" });
        assert_eq!(candidates(&clerk, &draft).await[0]["verdict"]["verdict"], said);
    }
});

story!(batches_that_file_the_same_matters_crosswise_come_to_an_end, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    for round in 0..3 {
        let mut batches = Vec::new();
        for (worker, backwards) in [("chen", false), ("wang", true)] {
            let worker = world.grid_worker(&format!("{worker}{round}"), GRID).await;
            let mut phone = Phone::new(&worker).await;
            // With numbers of their own, neither waits for the other's.
            let numbers = format!("/v1/devices/{}/numbers", phone.outbox.device());
            let slips = worker.post(&numbers, &json!({"region": GRID, "count": 8})).await.expect(201);
            let mut matters: Vec<u32> = (0..8).map(|number| round * 8 + number).collect();
            if backwards {
                matters.reverse();
            }
            for (number, slip) in matters.into_iter().zip(slips.as_array().unwrap()) {
                let (name, id_number) = somebody(number);
                let mut form = form.clone();
                form["mother"]["residence_address"] = format!("灵源街道林口社区中区{number}号").into();
                let visit = phone.visits("中区1号", (&name, &id_number), &["birth_registration"]);
                let draft = phone.drafts(visit, (&name, &id_number), &form);
                let slip = &slip["receipt_no"];
                phone.does(json!({"kind": "submit", "application": draft, "receipt_no": slip}));
            }
            batches.push((phone.outbox.batch(world.office().now(), 100).unwrap(), phone));
        }
        let before = open(&clerk).await.len();
        let sent = batches.iter().map(|(batch, phone)| phone.sends(batch));
        for answer in join_all(sent).await {
            let told = answer.expect(200);
            for verdict in told["verdicts"].as_array().unwrap() {
                let word = verdict["verdict"].as_str().unwrap();
                assert!(matches!(word, "applied" | "conflict"), "{verdict}");
            }
        }
        assert_eq!(open(&clerk).await.len(), before + 8, "each matter is in once");
    }
});
