//! Everybody who might come by, and the things of one resident that are not everybody's.

use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::application::Application;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::review::DepartmentReview;
use yichuang::storage::applications;
use yichuang::usecases::Failure;

use crate::world::papers::{id_number, png};
use crate::world::people::{Person, fresh_key};
use crate::world::{LINGSHUI, LINKOU, STREET, World};

pub const GRID: &str = "350582006001001";
pub const OTHER_GRID: &str = "350582006001002";
pub const LINGSHUI_GRID: &str = "350582006007001";
pub const QINGYANG: &str = "350582001";

/// What must never show up in a stranger's answer.
pub const CANARY_NAME: &str = "金丝雀莺";
pub const CANARY_PHONE: &str = "13911112222";
pub const CANARY_OPENID: &str = "jinsique";

pub fn canary_id() -> String {
    id_number(7)
}

/// Somebody who comes by.
pub struct Member {
    pub label: &'static str,
    pub role: &'static str,
    /// Nobody, when not signed in.
    pub person: Option<Person>,
    /// Where they would file or visit.
    pub region: &'static str,
    /// Whether the canary's case, her draft and the neighbour's case are theirs to see.
    pub sees: Seen,
}

#[derive(Clone, Copy)]
pub struct Seen {
    pub case: bool,
    pub draft: bool,
    pub neighbours: bool,
}

/// Things that can be named in an address.
#[derive(Clone)]
pub struct Target {
    pub case: String,
    pub draft: String,
    pub material: String,
    pub order: String,
    pub notice: String,
    pub session: String,
    pub colleague: String,
    pub change: String,
    pub mandate: String,
    pub plan: String,
    pub device: String,
    pub household: String,
    pub receipt_no: String,
    pub query_code: String,
}

impl Target {
    /// Things that do not exist; looked for with the same codes.
    pub fn missing(of: &Target) -> Self {
        let random = || yichuang::adapters::clock::new_id(crate::world::opening()).to_string();
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let region = yichuang::domain::region::Region::parse(LINKOU).unwrap();
        let receipt_no = yichuang::domain::receipt::ReceiptNo::issue(&region, day, 77).as_str().to_owned();
        Target {
            case: random(),
            draft: random(),
            material: random(),
            order: random(),
            notice: random(),
            session: random(),
            colleague: random(),
            change: random(),
            mandate: random(),
            plan: random(),
            device: random(),
            household: random(),
            receipt_no,
            query_code: of.query_code.clone(),
        }
    }
}

pub struct Cast {
    pub world: World,
    pub members: Vec<Member>,
    pub target: Target,
    /// The neighbour's case, in another community.
    pub neighbours: String,
}

fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("{at} in {value}")).to_owned()
}

async fn files(person: &Person, region: &str, submit: bool, form: &Value) -> Value {
    let body = json!({"region": region, "submit": submit, "form": form});
    person.post("/v1/applications", &body).await.expect(201)
}

/// The current version of an application, whoever asks.
pub async fn version(world: &World, id: &str) -> i64 {
    let id: Uuid = id.parse().unwrap();
    let found =
        world.office().db().read(move |conn| applications::find(conn, id).map_err(Failure::from)).await;
    found.unwrap().map_or(1, |application| application.version)
}

/// Hands a case to a department without the table: an instant case never goes there, but this one shall
/// be everybody's who can see cases at all.
async fn hand_to(world: &World, id: &str, department: &str) {
    let (office, id, department) =
        (world.office().clone(), id.parse::<Uuid>().unwrap(), department.to_owned());
    let work = move |conn: &mut yichuang::storage::Conn| -> Result<(), Failure> {
        let now = office.now();
        let mut application: Application = applications::find(conn, id)?.unwrap();
        application.dossier.reviews.push(DepartmentReview {
            department,
            asked_at: now,
            reviewer: None,
            reviewer_name: None,
            opinion: None,
            reason: None,
            given_at: None,
            returns: 0,
        });
        Ok(applications::save(conn, &application, application.version, office.desk(now))?)
    };
    world.office().db().write(work).await.unwrap();
}

impl Cast {
    pub async fn gather(world: World) -> Self {
        let owner = world.resident(CANARY_OPENID, CANARY_NAME, &canary_id(), CANARY_PHONE).await;
        let other = world.resident("linju", "林邻居", &id_number(8), "13805950088").await;
        let clerk = world.clerk("linkou", LINKOU).await;

        let case = files(&owner, GRID, true, &world.form("medical_insurance")).await;
        let draft = files(&owner, GRID, false, &world.form("birth_registration")).await;
        let neighbours = files(&other, LINGSHUI_GRID, true, &world.form("birth_registration")).await;
        let material = owner.uploads(&case, "id_documents", png(1)).await.expect(201);
        clerk.accepts(&case).await;
        let id = text(&case, "/id");
        let orders = owner.get(&format!("/v1/applications/{id}/payment-orders")).await.expect(200);
        let order = text(&orders, "/0/id");
        owner.post(&format!("/v1/payment-orders/{order}/begin"), &json!({})).await.expect(200);
        let inbox = owner.get("/v1/me/notices").await.expect(200);
        let colleague = world.clerk("colleague", LINKOU).await;
        owner.comes_back().await;
        let sessions = owner.get("/v1/me/sessions").await.expect(200);
        let elsewhere =
            sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
        hand_to(&world, &id, "housing").await;
        let worker = world.grid_worker("grid0", GRID).await;
        let mandate = worker
            .visits(
                GRID,
                Some(&json!({
                    "principal_name": CANARY_NAME, "principal_id_number": canary_id(), "evidence": "signature",
                    "matters": ["pension_insurance"], "valid_until": "2026-12-31",
                })),
            )
            .await;
        let planned = json!({"region": GRID, "address": CANARY_NAME, "purpose": "follow_up", "on": "2026-11-24", "about": id});
        let plan = worker.post("/v1/visit-plans", &planned).await.expect(201);
        let corrected = json!({
            "region": LINKOU, "kind": "corrected_number", "name": CANARY_NAME, "id_number": id_number(90),
            "former_id_number": canary_id(), "document": "police_certificate", "document_no": "晋公更 2026-1",
            "reason": "重号更正",
        });
        let change = clerk.post("/v1/identity-changes", &corrected).await.expect(201);

        let key = yichuang::field_client::DeviceKey::generate().public();
        let fresh = || yichuang::adapters::clock::new_id(world.office().now()).to_string();
        let device = json!({"id": fresh(), "name": CANARY_NAME, "public_key": key});
        let device = worker.post("/v1/devices", &device).await.expect(201);
        let household = fresh();
        let home = json!({"region": GRID, "address": CANARY_NAME, "residents": [
            {"name": CANARY_NAME, "id_number": canary_id(), "phone": CANARY_PHONE, "relation": "head"},
        ]});
        clerk.put(&format!("/v1/households/{household}"), None, &home).await.expect(200);

        let target = Target {
            case: id,
            draft: text(&draft, "/id"),
            material: text(&material, "/id"),
            order,
            notice: text(&inbox, "/items/0/id"),
            session: text(elsewhere, "/id"),
            colleague: text(&colleague.get("/v1/me").await.expect(200), "/id"),
            change: text(&change, "/id"),
            mandate,
            plan: text(&plan, "/id"),
            device: text(&device, "/id"),
            household,
            receipt_no: text(&case, "/receipt_no"),
            query_code: text(&case, "/query_code"),
        };
        let members = members(&world, owner, other, clerk).await;
        Self { world, members, target, neighbours: text(&neighbours, "/id") }
    }
}

async fn members(world: &World, owner: Person, other: Person, clerk: Person) -> Vec<Member> {
    let (t, f) = (true, false);
    let mut members = Vec::new();
    let mut add = |label, role, region, person, (case, draft, neighbours)| {
        members.push(Member { label, role, person, region, sees: Seen { case, draft, neighbours } });
    };
    add("nobody", "anonymous", LINKOU, None, (f, f, f));
    add("owner", "resident", GRID, Some(owner), (t, t, f));
    add("other resident", "resident", LINGSHUI_GRID, Some(other), (f, f, t));
    add("clerk", "clerk", LINKOU, Some(clerk), (t, t, f));
    add("other clerk", "clerk", LINGSHUI, Some(world.clerk("lingshui", LINGSHUI).await), (f, f, t));
    add("worker", "grid_worker", GRID, Some(world.grid_worker("grid1", GRID).await), (t, t, f));
    let next_grid = world.grid_worker("grid2", OTHER_GRID).await;
    add("worker next door", "grid_worker", OTHER_GRID, Some(next_grid), (f, f, f));
    let far_grid = world.grid_worker("grid7", LINGSHUI_GRID).await;
    add("worker far away", "grid_worker", LINGSHUI_GRID, Some(far_grid), (f, f, t));
    add("official", "official", STREET, Some(world.official("housing", "housing").await), (t, f, f));
    add("other official", "official", STREET, Some(world.official("police", "police").await), (f, f, f));
    add("supervisor", "supervisor", STREET, Some(world.supervisor("watch").await), (t, t, t));
    let elsewhere = world.staff("watch2", "督导老张", Role::Supervisor, QINGYANG, None).await;
    add("other supervisor", "supervisor", QINGYANG, Some(elsewhere), (f, f, f));
    add("administrator", "administrator", STREET, Some(world.administrator("root").await), (f, f, f));
    for (label, role) in [("security", Role::SecurityAdministrator), ("auditor", Role::Auditor)] {
        let person = world.staff(label, "三员之一", role, STREET, None).await;
        add(label, role.name(), STREET, Some(person), (f, f, f));
    }
    members
}

impl Member {
    pub fn token(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.token.as_str())
    }

    /// A key nobody used before.
    pub fn key(&self) -> String {
        fresh_key()
    }
}
