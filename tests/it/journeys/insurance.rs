//! 城乡居民医保、养老: what is owed, paid at the counter or online, and what becomes of money that should
//! not have come.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use crate::story;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

async fn orders(person: &Person, case: &Value) -> Vec<Value> {
    let path = format!("/v1/applications/{}/payment-orders", case["id"].as_str().unwrap());
    person.get(&path).await.expect(200).as_array().unwrap().clone()
}

fn money(order: &Value, voucher: &str) -> Value {
    json!({
        "amount_fen": order["quote"]["total_fen"],
        "method": "cash",
        "voucher_no": voucher,
        "payer": "林秀英",
        "paid_at": "2026-11-23T09:00:00+08:00",
    })
}

async fn pays(clerk: &Person, order: &Value, body: &Value) -> Value {
    clerk
        .post(&format!("/v1/payment-orders/{}/postings", order["id"].as_str().unwrap()), body)
        .await
        .expect(201)
}

async fn accepted(world: &World, service: &str) -> (Person, Person, Value) {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form(service)).await;
    let case = clerk.accepts(&case).await;
    (resident, clerk, case)
}

story!(medical_insurance_is_paid_at_the_counter_before_it_is_concluded, world, {
    let (resident, clerk, case) = accepted(&world, "medical_insurance").await;
    let order = orders(&resident, &case).await.remove(0);
    assert!(order["quote"]["total_fen"].as_i64().unwrap() > 0);
    clerk.tries(&case, json!({"action": "approve"})).await.refused(409, "payment_not_posted");

    let posting = pays(&clerk, &order, &money(&order, "TAX-0001")).await;
    assert_eq!(posting["disposition"], "settles");
    assert!(posting["receipt_no"].as_str().unwrap().contains("-P"));
    assert_eq!(orders(&resident, &case).await[0]["status"], "posted");
    clerk.approves(&case).await;
    assert_eq!(clerk.delivers_and_closes(&case).await["status"], "closed");
});

story!(every_payment_has_a_defined_end, world, {
    let (resident, clerk, case) = accepted(&world, "pension_insurance").await;
    let order = orders(&clerk, &case).await.remove(0);
    let short = json!({"amount_fen": 1, "method": "card", "voucher_no": "POS-1", "payer": "林秀英", "paid_at": "2026-11-23T09:00:00+08:00"});
    assert_eq!(pays(&clerk, &order, &short).await["disposition"], "refund_wrong_amount");
    assert_eq!(pays(&clerk, &order, &money(&order, "TAX-1")).await["disposition"], "settles");
    // The same voucher again is the same posting, another one is paid twice.
    assert_eq!(pays(&clerk, &order, &money(&order, "TAX-1")).await["disposition"], "settles");
    assert_eq!(pays(&clerk, &order, &money(&order, "TAX-2")).await["disposition"], "refund_duplicate");
    let seen = orders(&resident, &case).await.remove(0);
    assert_eq!(seen["postings"].as_array().unwrap().len(), 3, "nothing that arrived disappears");
    let stranger = world.resident("stranger", "陈大文", "350582199003070016", "13805950009").await;
    let path = format!("/v1/applications/{}/payment-orders", case["id"].as_str().unwrap());
    stranger.get(&path).await.refused(404, "not_found");
});

story!(money_for_a_withdrawn_application_waits_for_its_refund, world, {
    let (resident, clerk, case) = accepted(&world, "medical_insurance").await;
    let order = orders(&clerk, &case).await.remove(0);
    resident.does(&case, json!({"action": "withdraw", "reason": "改为职工医保"})).await;
    assert_eq!(orders(&resident, &case).await[0]["status"], "void");
    assert_eq!(pays(&clerk, &order, &money(&order, "TAX-9")).await["disposition"], "refund_void");
});

story!(the_resident_pays_online_and_the_confirmation_follows, world, {
    let (resident, clerk, case) = accepted(&world, "medical_insurance").await;
    let order = orders(&resident, &case).await.remove(0);
    let path = format!("/v1/payment-orders/{}", order["id"].as_str().unwrap());
    let begun = resident.post(&format!("{path}/begin"), &json!({})).await.expect(200);
    assert_eq!(begun["order"]["status"], "confirming");
    clerk.tries(&case, json!({"action": "approve"})).await.refused(409, "payment_not_posted");
    let paid = resident.post(&format!("{path}/local-wallet"), &json!({})).await.expect(200);
    assert_eq!(paid[0]["status"], "posted");
    assert_eq!(clerk.approves(&case).await["status"], "approved");
});

story!(an_amount_that_no_longer_holds_is_computed_anew, world, {
    let (resident, _, case) = accepted(&world, "pension_insurance").await;
    let order = orders(&resident, &case).await.remove(0);
    let until = order["quote"]["valid_until"].as_str().unwrap().to_owned();
    world.at(Utc.with_ymd_and_hms(2027, 1, 4, 1, 0, 0).unwrap());
    let resident = Person::sign_in(&world, "林秀英", &json!({"kind": "wechat", "code": "dev:xiuying"})).await;
    let later = orders(&resident, &case).await;
    assert_eq!(later[0]["status"], "void", "valid until {until}");
});
