//! One well-formed request per operation of the API document: a new operation needs a line here.

use reqwest::Method;
use serde_json::{Value, json};

use super::cast::{Member, Target};
use yichuang::adapters::clock::new_id;

use crate::world::papers::{id_number, png};
use crate::world::people::{Answer, answer, fresh_key};
use crate::world::{World, opening};

/// An operation as the document has it.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub roles: Vec<String>,
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn public(&self) -> bool {
        self.roles.iter().any(|role| role == "anonymous")
    }

    pub fn for_role(&self, role: &str) -> bool {
        self.public() || self.roles.iter().any(|own| own == role)
    }

    /// Whether it names a thing that may be somebody else's.
    pub fn names_a_thing(&self) -> bool {
        self.path.contains("{id}") || self.name() == "PUT /v1/me/applications"
    }
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Every operation; one without `x-authz` is a hole in the fence.
pub fn operations() -> Vec<Operation> {
    let document = yichuang::http::openapi::document();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(m, _)| METHODS.contains(&m.as_str()))
        {
            let name = format!("{method} {path}");
            let authz = &operation["x-authz"];
            let roles = authz["roles"].as_array().unwrap_or_else(|| panic!("{name} has no x-authz roles"));
            assert!(authz["scope"].as_str().is_some_and(|s| !s.is_empty()), "{name} has no x-authz scope");
            assert!(!roles.is_empty(), "{name} is for nobody");
            let roles: Vec<String> = roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect();
            let signed = operation["security"].as_array().is_some_and(|s| !s.is_empty());
            assert_eq!(
                signed,
                !roles.iter().any(|r| r == "anonymous"),
                "{name}: security and roles disagree"
            );
            found.push(Operation { method: method.to_uppercase(), path: path.clone(), roles });
        }
    }
    // What ends a session or changes who somebody is comes last, or it would change the answers after it.
    found.sort_by_key(|operation| {
        let name = operation.name();
        (
            name.contains("deletion"),
            name.contains("sessions/current"),
            name.contains("identity"),
            name.ends_with("/leave"),
            name,
        )
    });
    found
}

/// A request that is about `target`, by somebody who works at `region`.
fn body(world: &World, operation: &str, target: &Target, region: &str) -> Option<Value> {
    let person = |serial| json!({"name": "王小明", "id_number": id_number(serial), "phone": "13805950077"});
    let form = || world.form("birth_registration");
    Some(match operation {
        "POST /v1/applications" => json!({"region": region, "form": form()}),
        "PUT /v1/me/phone" => json!({"code": "dev:13805950077"}),
        "POST /v1/applications/search" => json!({"text": "王小明"}),
        "PUT /v1/applications/{id}" => json!({"form": form()}),
        "POST /v1/applications/{id}/actions" => json!({"action": "withdraw"}),
        "POST /v1/applications/{id}/lease" => json!({"step": "take_over"}),
        "POST /v1/payment-orders/{id}/postings" => json!({
            "amount_fen": 100, "method": "cash", "voucher_no": fresh_key().replace('_', "-"), "payer": "王小明",
            "paid_at": "2026-11-23T08:30:00+08:00",
        }),
        "POST /v1/payment-orders/{id}/begin"
        | "POST /v1/payment-orders/{id}/local-wallet"
        | "POST /v1/me/notices/{id}/read"
        | "POST /v1/queue/claim" => json!({}),
        "PUT /v1/me/identity" => person(30),
        "PUT /v1/me/household" => json!({"members": []}),
        "PUT /v1/me/applications" => {
            json!({"receipt_no": target.receipt_no, "query_code": target.query_code})
        }
        "POST /v1/progress" => json!({"receipt_no": target.receipt_no, "query_code": "00000000"}),
        "POST /v1/public-notices/{id}/objections" => json!({"reason": "占用公共通道"}),
        "POST /v1/visits" => {
            json!({"region": region, "address": "中区12号", "latitude": 24.7, "longitude": 118.5})
        }
        "POST /v1/me/binding-code" | "POST /v1/me/deletion" | "POST /v1/me/mandates/{id}/revocation" => {
            json!({})
        }
        "POST /v1/verifications" => {
            json!({"code": "ABCDEFGHJK", "name": "王小明", "id_number": id_number(32), "document": "id_card"})
        }
        "POST /v1/identity-changes" => json!({
            "region": region, "kind": "corrected_number", "name": "王小明", "id_number": id_number(33),
            "former_id_number": id_number(34), "document": "police_certificate", "document_no": "晋公更 2026-7",
            "reason": "户籍号码更正",
        }),
        "POST /v1/identity-changes/{id}/decision" => json!({"approve": false, "reason": "证明不清晰"}),
        "POST /v1/me/mandates" => json!({
            "agent_name": "王小明", "agent_id_number": id_number(35), "matters": ["pension_insurance"],
            "valid_until": "2026-12-31",
        }),
        "POST /v1/applications/{id}/reveal" => {
            json!({"fields": ["/applicant/phone"], "purpose": "contact_applicant"})
        }
        "POST /v1/applications/{id}/duplicates/{other}" => {
            json!({"verdict": "different", "reason": "已核对"})
        }
        "POST /v1/mandates/{id}/ending" => json!({"why": "revoked"}),
        "POST /v1/sessions" => json!({"kind": "wechat", "code": "dev:somebody"}),
        "POST /v1/staff" => json!({
            "username": fresh_key(), "name": "王小明", "duties": [{"role": "clerk", "region": "350582006001"}],
        }),
        "PUT /v1/staff/{id}/duties" => json!({"duties": [{"role": "clerk", "region": "350582006001"}]}),
        "POST /v1/me/credential" => json!({}),
        "POST /v1/credential-checks" => json!({"token": "x.y.z"}),
        "POST /v1/devices" => json!({"id": new_id(opening()), "name": "手机"}),
        "POST /v1/devices/{id}/ending" => json!({"why": "lost"}),
        "POST /v1/devices/{id}/numbers" => json!({"region": region, "count": 1}),
        "PUT /v1/households/{id}" => json!({"region": region, "address": "中区12号", "residents": []}),
        "POST /v1/field/box/{id}/decision" => json!({"decision": "dismiss", "reason": "已核实"}),
        "POST /v1/sync" => json!({
            "device": target.case, "sent_at": "2026-11-23T09:00:00+08:00", "operations": [],
        }),
        "POST /v1/visits/{id}/outcome" => json!({"outcome": "absent"}),
        "POST /v1/visit-plans" => json!({
            "region": region, "address": "中区12号", "purpose": "care", "on": "2026-11-30", "not_before": "09:00",
        }),
        "POST /v1/visit-plans/{id}/cancellation"
        | "POST /v1/visits/{id}/needs/{index}/done"
        | "POST /v1/visits/{id}/confirmation-tickets" => json!({}),
        "POST /v1/visits/{id}/mandate" => json!({
            "principal_name": "王小明", "principal_id_number": id_number(36), "evidence": "signature",
            "matters": ["pension_insurance"], "valid_until": "2026-12-31",
        }),
        "POST /v1/visits/{id}/confirmation-codes" => json!({
            "phone": "13805950077", "principal_name": "王小明", "principal_id_number": id_number(36),
            "matters": ["pension_insurance"],
        }),
        "POST /v1/visits/{id}/confirmations" => json!({"code": "000000"}),
        "POST /v1/me/confirmations" => json!({"ticket": "x.y.z", "agree": true}),
        "POST /v1/me/confirmations/preview" => json!({"ticket": "x.y.z"}),
        "PUT /v1/me/password" => {
            json!({"password": "not-this-password", "new_password": "three-other-words"})
        }
        "POST /v1/agency-endings" => json!({"agency": "同心社会工作服务中心"}),
        "POST /v1/staff/{id}/reset" | "POST /v1/staff/{id}/leave" => json!({}),
        "POST /v1/staff-setup" => {
            json!({"username": "nobody", "setup_code": "x", "password": "a-long-password"})
        }
        "POST /v1/services/{code}/check" => json!({"applicant": person(31), "form": form()}),
        "POST /v1/applications/{id}/materials/{material}" | "PUT /v1/uploads/{sha256}/pieces/{index}" => {
            return None;
        }
        name if name.starts_with("GET ") || name.starts_with("DELETE ") => return None,
        unknown => panic!("write a request for {unknown}"),
    })
}

/// Asks for one operation on one target.
pub async fn ask(
    world: &World,
    who: &Member,
    operation: &Operation,
    target: &Target,
    version: i64,
) -> Answer {
    answer(request(world, who, operation, target, version).send().await.unwrap()).await
}

/// The request for one operation on one target, not yet sent.
pub fn request(
    world: &World,
    who: &Member,
    operation: &Operation,
    target: &Target,
    version: i64,
) -> reqwest::RequestBuilder {
    let name = operation.name();
    let id = match name.as_str() {
        "PUT /v1/applications/{id}" => &target.draft,
        name if name.contains("/payment-orders/{id}") => &target.order,
        name if name.contains("/v1/materials/{id}") => &target.material,
        name if name.contains("/notices/{id}") => &target.notice,
        name if name.contains("/me/sessions/{id}") => &target.session,
        name if name.contains("/staff/{id}") => &target.colleague,
        name if name.contains("/identity-changes/{id}") => &target.change,
        name if name.contains("/visit-plans/{id}") => &target.plan,
        name if name.contains("/devices/{id}") => &target.device,
        name if name.contains("/households/{id}") => &target.household,
        // The mandate was recorded at the visit of that id.
        name if name.contains("/mandates/{id}") || name.contains("/visits/{id}") => &target.mandate,
        _ => &target.case,
    };
    let path = operation.path.replace("{id}", id).replace("{material}", "id_cards").replace("{index}", "0");
    let path = path
        .replace("{code}", "birth_registration")
        .replace("{sha256}", &"0".repeat(64))
        .replace("{other}", &target.draft);
    assert!(!path.contains('{'), "{path}");
    let method: Method = operation.method.parse().unwrap();
    let mut request = world.client().request(method, format!("{}{path}", world.base()));
    if let Some(token) = who.token() {
        request = request.bearer_auth(token);
    }
    request = request.header("idempotency-key", who.key()).header("if-match", format!("\"{version}\""));
    if name.ends_with("/materials/{material}") {
        let part = reqwest::multipart::Part::bytes(png(9)).file_name("scan.png");
        request = request.multipart(reqwest::multipart::Form::new().part("file", part));
    }
    if name.starts_with("PUT /v1/uploads/") {
        request = request.query(&[("size", 1)]).header("content-type", "application/octet-stream").body("x");
    }
    if let Some(body) = body(world, &name, target, who.region) {
        request = request.json(&body);
    }
    request
}
