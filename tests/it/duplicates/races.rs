//! Two doors at the same moment: one gets in, one judgement stands, and the other is told.

use futures_util::future::join_all;
use serde_json::json;

use super::{GRID, XIUYING, applicant, candidates, draft_of, id, judges, open};
use crate::story;
use crate::world::LINKOU;
use crate::world::papers::id_number;

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
