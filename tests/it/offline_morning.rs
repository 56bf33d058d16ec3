//! One offline morning: three homes, five applications, one conflict, one duplicate, one lost photograph.
//! `cargo test offline_morning -- --nocapture` tells it.

use chrono::Duration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::pack::{Satchel, household};
use crate::story;
use crate::sync::GRID;
use crate::world::papers::png;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

type Who = (&'static str, &'static str);

const WENBIN: Who = ("许文斌", "350582197512120414");
const FULAI: Who = ("吴福来", "350582194512080017");
const JIANGUO: Who = ("吴建国", "350582199003070016");
const XIUYING: Who = ("林秀英", "350582199412150025");

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn told(line: &str) {
    eprintln!("{line}");
}

/// One filing at a door: visit, draft, slip, submission.
struct Filing {
    who: Who,
    draft: Uuid,
    submit: Uuid,
}

fn files(satchel: &mut Satchel, world: &World, address: &str, who: Who, item: &str) -> Filing {
    let visit = satchel.phone.visits(address, who, &[item]);
    let draft = satchel.phone.drafts(visit, who, &world.form(item));
    let submit = submits(satchel, draft);
    satchel.phone.does(json!({"kind": "end_visit", "visit": visit, "outcome": "home"}));
    told(&format!("  {address} {} {item}: 已填写，无网络", who.0));
    Filing { who, draft, submit }
}

/// Files a draft under the number of the slip that stays with the resident.
fn submits(satchel: &mut Satchel, draft: Uuid) -> Uuid {
    let slip = satchel.pack.number(&satchel.phone.outbox).unwrap()["receipt_no"].clone();
    satchel.phone.does(json!({"kind": "submit", "application": draft, "receipt_no": slip}))
}

fn photographs(satchel: &mut Satchel, draft: Uuid, bytes: &[u8], replaces: Option<Uuid>) -> Uuid {
    let attachment = satchel.phone.new_id();
    let mut deed = json!({
        "kind": "attach", "attachment": attachment, "application": draft, "material": "id_documents",
        "file_name": "身份证.png", "sha256": hash(bytes), "size": bytes.len(),
    });
    if let Some(lost) = replaces {
        deed["replaces"] = json!(lost);
    }
    satchel.phone.does(deed);
    attachment
}

async fn registers_all(clerk: &Person) {
    for serial in 1..4 {
        clerk.world.later(Duration::milliseconds(1));
        let id = yichuang::adapters::clock::new_id(clerk.world.office().now());
        clerk.put(&format!("/v1/households/{id}"), None, &household(GRID, serial)).await.expect(200);
    }
}

fn edit(draft: Uuid, was: &Value, now: &str) -> Value {
    let change = json!({"pointer": "/payer/phone", "was": was, "now": now});
    json!({"kind": "edit_draft", "application": draft, "changes": [change]})
}

/// What the telephone shows once it is in the network again.
fn shows(satchel: &Satchel) {
    for one in satchel.phone.outbox.all() {
        let verdict = one.verdict.as_ref().unwrap();
        let (kind, word) = (&one.operation["deed"]["kind"], verdict["verdict"].as_str().unwrap());
        let remedy = verdict["remedy"]["zh"].as_str().unwrap_or_default();
        told(&format!(
            "  {:<16}{word:<12}{} {remedy}",
            kind.as_str().unwrap(),
            verdict["text"]["zh"].as_str().unwrap()
        ));
    }
}

story!(three_homes_five_applications_one_conflict_one_duplicate_one_lost_photograph, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    registers_all(&clerk).await;
    told("昨晚：林秀英在小程序提交了生育登记。");
    let xiuying = world.xiuying().await;
    let own = xiuying.submits(&world.form("birth_registration")).await;

    told("08:30 社区中心：小陈更新资料包，预留 6 个编号，为吴建国建了医保草稿。");
    let mut satchel = Satchel::new(&worker).await;
    let device = satchel.phone.outbox.device();
    let numbers = json!({"region": GRID, "count": 6});
    worker.post(&format!("/v1/devices/{device}/numbers"), &numbers).await.expect(201);
    let begun = satchel.phone.visits("林口社区中区2号", JIANGUO, &["medical_insurance"]);
    let insured = satchel.phone.drafts(begun, JIANGUO, &world.form("medical_insurance"));
    satchel.phone.syncs().await;
    satchel.fetches("").await;
    let (households, cases) = (satchel.ids("household").len(), satchel.ids("application").len());
    told(&format!(
        "  资料包：{households} 户，{cases} 件在办，{} 个编号",
        satchel.pack.of_kind("number").count()
    ));
    let form = satchel.pack.of_kind("application").find(|case| case["id"] == json!(insured)).unwrap();
    let (phone_seen, version_seen) = (form["form"]["payer"]["phone"].clone(), form["version"].as_i64());

    told("09:00–11:30 没有信号。");
    let pension = files(&mut satchel, &world, "林口社区中区1号", WENBIN, "pension_insurance");
    let allowance = files(&mut satchel, &world, "林口社区中区1号", FULAI, "old_age_allowance");
    let lost = photographs(&mut satchel, pension.draft, &png(1), None);
    told("  许文斌的身份证照片：存储卡坏了");
    let mine = satchel.phone.does_on(version_seen, None, edit(insured, &phone_seen, "13805950088"));
    photographs(&mut satchel, insured, &png(2), None);
    let insurance = Filing { who: JIANGUO, draft: insured, submit: submits(&mut satchel, insured) };
    told("  林口社区中区2号 吴建国 medical_insurance: 改了电话并提交，无网络");
    let childcare = files(&mut satchel, &world, "林口社区中区2号", JIANGUO, "childcare_subsidy");
    let birth = files(&mut satchel, &world, "林口社区中区3号", XIUYING, "birth_registration");

    told("10:10 窗口：吴建国来电，小李在草稿里改了同一个电话。");
    let mut draft = clerk.sees(&insured.to_string()).await;
    draft["form"]["payer"]["phone"] = json!("13805950099");
    draft["form"]["service"] = json!("medical_insurance");
    let body = json!({"form": draft["form"]});
    clerk.put(&format!("/v1/applications/{insured}"), draft["version"].as_i64(), &body).await.expect(200);

    told("11:40 回到有信号处：");
    satchel.phone.worker = worker.comes_back().await;
    satchel.phone.syncs().await;
    let photo = png(2);
    satchel.phone.sends_piece(&hash(&photo), 0, photo.len(), photo.clone()).await.expect(200);
    // What the card still gives is not what was photographed.
    let ruined = png(9);
    satchel.phone.sends_piece(&hash(&png(1)), 0, ruined.len(), ruined).await.refused(422, "hash_mismatch");
    shows(&satchel);
    for filed in [&pension, &allowance, &childcare] {
        let verdict = satchel.phone.verdict(filed.submit);
        assert_eq!(verdict["outcome"]["status"], "submitted", "{} {verdict}", filed.who.0);
        assert!(verdict["outcome"].get("replaces").is_none(), "the slip is the real one: {verdict}");
    }
    let conflict = satchel.phone.verdict(mine);
    assert_eq!(
        (&conflict["verdict"], conflict["clashes"].as_array().unwrap().len()),
        (&json!("conflict"), 1)
    );
    assert_eq!(satchel.phone.verdict(insurance.submit)["verdict"], "held", "what builds on it waits");
    let duplicate = satchel.phone.verdict(birth.submit);
    assert_eq!(duplicate["obstacle"]["code"], "duplicate_application", "{duplicate}");

    told("11:50 冲突：小陈当面核实，电话以居民所说为准，等待的提交随之办理。");
    let base = worker_sees(&satchel, insured).await["version"].as_i64();
    let theirs = conflict["clashes"][0]["theirs"].clone();
    satchel.phone.does_on(base, Some(mine), edit(insured, &theirs, "13805950088"));
    told("11:52 重复：与昨晚小程序提交的是同一事项，以居民那件为准。");
    let same = json!({"kind": "judge_duplicate", "application": birth.draft, "other": own["id"], "verdict": "same",
        "reason": "与林秀英当面核对，是同一孩次"});
    let judged = satchel.phone.does_on(None, Some(birth.submit), same);
    told("11:55 照片：重新拍摄许文斌的身份证。");
    let again = png(3);
    let files = worker_get(&satchel, "/v1/uploads").await;
    assert_eq!(files["pending"][0]["attachment"], json!(lost), "{files}");
    photographs(&mut satchel, pension.draft, &again, Some(lost));
    satchel.phone.sends_piece(&hash(&again), 0, again.len(), again.clone()).await.expect(200);
    satchel.phone.syncs().await;
    assert_eq!(satchel.phone.verdict(insurance.submit)["outcome"]["status"], "submitted");
    let verdict = satchel.phone.verdict(judged);
    assert_eq!(
        (&verdict["verdict"], &verdict["outcome"]["id"]),
        (&json!("duplicate"), &own["id"]),
        "{verdict}"
    );

    told("中午：");
    for filed in [&pension, &allowance, &insurance, &childcare] {
        let case = clerk.sees(&filed.draft.to_string()).await;
        assert_eq!(clerk.timeline(&case).await, ["submit"], "{case}");
        assert_eq!(case["pending_files"], json!([]), "{case}");
        told(&format!("  {} {} {}", case["receipt_no"].as_str().unwrap(), filed.who.0, case["service"]));
    }
    assert_eq!(worker_get(&satchel, "/v1/uploads").await["pending"], json!([]));
    assert_eq!(clerk.sees(&insured.to_string()).await["form"]["payer"]["phone"], "138****0088");
    let births = clerk.get("/v1/applications?service=birth_registration&limit=100").await.expect(200);
    let standing: Vec<&Value> =
        births["items"].as_array().unwrap().iter().filter(|line| line["status"] == "submitted").collect();
    assert_eq!((standing.len(), &standing[0]["id"]), (1, &own["id"]), "{births}");
    told(&format!("  {} 林秀英 生育登记（昨晚本人提交，只此一件）", own["receipt_no"].as_str().unwrap()));
    // Everything again, in any order: nothing moves.
    let everything: Vec<Value> =
        satchel.phone.outbox.all().iter().rev().map(|one| one.operation.clone()).collect();
    let now = world.office().now().to_rfc3339();
    let answer =
        satchel.phone.sends(&json!({"device": device, "sent_at": now, "operations": everything})).await;
    let words = answer.expect(200);
    assert!(words["verdicts"].as_array().unwrap().iter().all(|one| one["verdict"] == "duplicate"), "{words}");
});

async fn worker_sees(satchel: &Satchel, id: Uuid) -> Value {
    satchel.phone.worker.sees(&id.to_string()).await
}

async fn worker_get(satchel: &Satchel, path: &str) -> Value {
    satchel.phone.worker.get(path).await.expect(200)
}
