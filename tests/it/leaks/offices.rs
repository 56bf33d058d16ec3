//! The staff of the run: opened, set up, signed in; and what departments and supervisors do.

use serde_json::{Value, json};

use super::line::Line;
use super::people::{Member, Tokens, hired, official, sets_up};
use super::served::Run;
use crate::world::{LINKOU, STREET};

pub const GRID: &str = "350582006001001";

/// Everybody at work.
pub struct Staff {
    pub security: Tokens,
    pub auditor: Tokens,
    pub clerk: Tokens,
    pub colleague: Tokens,
    pub worker: Tokens,
    pub supervisor: Tokens,
    pub officials: Vec<Tokens>,
    /// The account that is reset, changed and closed.
    leaver: (Member, Value),
}

const DEPARTMENTS: [&str; 3] = ["agriculture", "natural_resources", "housing"];

/// The first accounts come from the command line.
pub fn first(run: &Run) -> [(String, String); 2] {
    [("secured", "security_administrator"), ("audited", "auditor")].map(|(username, role)| {
        let told = run.commands(&["staff", username, "管理者", role, STREET]);
        let code = told.trim().rsplit(' ').next().unwrap().to_owned();
        (username.to_owned(), code)
    })
}

pub async fn opens(run: &Run, first: &[(String, String); 2]) -> Staff {
    let mut tokens = Vec::new();
    for (username, code) in first {
        tokens.push(sets_up(run, username, code).await.signs_in(run, 0).await);
    }
    let (auditor, security) = (tokens.pop().unwrap(), tokens.pop().unwrap());
    let by = security.line(run);
    let duty = |role: &str, region: &str| json!({"role": role, "region": region});
    let (_, clerk, _) = hired(run, &by, "clerk-one", duty("clerk", LINKOU)).await;
    let (_, colleague, _) = hired(run, &by, "clerk-two", duty("clerk", LINKOU)).await;
    let (_, worker, _) = hired(run, &by, "worker-one", duty("grid_worker", GRID)).await;
    let (_, supervisor, _) = hired(run, &by, "watch-one", duty("supervisor", STREET)).await;
    let mut officials = Vec::new();
    for department in DEPARTMENTS {
        officials.push(hired(run, &by, &format!("official-{department}"), official(department)).await.1);
    }
    let (member, _, id) = hired(run, &by, "leaving-one", official("health")).await;
    Staff { security, auditor, clerk, colleague, worker, supervisor, officials, leaver: (member, id) }
}

/// An account is reset, set up anew with another factor, given other duties and closed.
pub async fn leaves(run: &Run, staff: &Staff) {
    let (by, (member, id)) = (staff.security.line(run), &staff.leaver);
    let path = format!("/v1/staff/{}", id.as_str().unwrap());
    let reset = by.post(&format!("{path}/reset"), &json!({})).await.expect(200);
    let again = sets_up(run, &member.username, reset["setup_code"].as_str().unwrap()).await;
    // A step of the clock is good once, before and after the reset: the next one.
    again.signs_in(run, 30).await;
    by.put(&format!("{path}/duties"), &json!({"duties": [official("police")]})).await.expect(200);
    by.post(&format!("{path}/leave"), &json!({})).await.expect(200);
    by.get("/v1/staff").await.expect(200);
}

/// A house goes before the departments, on the board, and to a decision; a neighbour objects.
pub async fn departments(run: &Run, staff: &Staff, case: &Value, neighbour: &Line<'_>) {
    for (official, word) in
        staff.officials.iter().zip(["墙外雀巢七号无碍", "界址与雀巢图相符", "结构可筑雀巢三层"])
    {
        run.hide("words", word);
        let agreed = json!({"action": "endorse", "opinion": "agree", "reason": word});
        official.line(run).does(case, &agreed).await;
    }
    let official = staff.officials[0].line(run);
    for words in ["实地丈量雀巢台四十二步", "公示异议雀声扰邻八十分贝", "核实雀声属实已加隔音墙"]
    {
        run.hide("words", words);
    }
    let visit = json!({
        "stage": "site_selection", "date": chrono::Utc::now().date_naive().to_string(),
        "officers": ["燕踏勘", "雁踏勘"], "findings": "实地丈量雀巢台四十二步", "passed": true,
    });
    official.does(case, &json!({"action": "record_site_visit", "visit": visit})).await;
    let text = "林口社区居民申请事项公示，如有异议请于公示期内提出。";
    official.does(case, &json!({"action": "publish_notice", "text": text, "place": "公告栏"})).await;
    let anybody = Line { run, token: None };
    anybody.get(&format!("/v1/public-notices?community={LINKOU}")).await.expect(200);
    let path = format!("/v1/public-notices/{}/objections", case["id"].as_str().unwrap());
    neighbour.post(&path, &json!({"reason": "公示异议雀声扰邻八十分贝"})).await.expect(201);
    let found = json!({
        "action": "resolve_objection", "index": 0, "upheld": false, "explanation": "核实雀声属实已加隔音墙",
    });
    official.does(case, &found).await;
}

/// Whoever watches: lists, the queue, the log, and who looked at what.
pub async fn watch(run: &Run, staff: &Staff, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let supervisor = staff.supervisor.line(run);
    for path in ["/v1/applications?limit=100", "/v1/queue?limit=100", "/v1/me/notices"] {
        supervisor.get(path).await.expect(200);
    }
    supervisor.get(&format!("/v1/applications/{id}/accesses")).await.expect(200);
    staff.auditor.line(run).get("/v1/audit?limit=100").await.expect(200);
}
