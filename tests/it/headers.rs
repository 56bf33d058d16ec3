//! What every answer carries, whoever asks, from whatever page, by whatever method: generated from the API
//! document, over every operation, origin and method.

mod carried;
mod everywhere;
mod raw;

use std::collections::BTreeSet;

use reqwest::Method;

use crate::permissions::cast::{Cast, Member, Target, version};
use crate::permissions::requests::{Operation, operations, request};
use crate::story;
use crate::world::World;
use crate::world::people::{Answer, answer};
use carried::{Asked, Findings};

/// Pages a browser could be on. The product is no page's: a mini-program sends no Origin and needs no CORS.
fn origins(base: &str) -> Vec<String> {
    let host = base.trim_start_matches("http://");
    let (name, _) = host.split_once(':').unwrap();
    vec![
        "null".to_owned(),
        "https://evil.example".to_owned(),
        "http://evil.example".to_owned(),
        base.to_owned(),
        format!("https://{host}"),
        format!("http://{name}"),
        format!("http://{name}:1"),
        format!("{base}.evil.example"),
        format!("http://evil.{host}"),
        format!("http://evil.example@{host}"),
        format!("http://{host}@evil.example"),
        format!("{base} https://evil.example"),
        format!("{base}/"),
        "https://servicewechat.com".to_owned(),
        "*".to_owned(),
        String::new(),
    ]
}

/// A path of the document with something in its places.
fn filled(pattern: &str) -> String {
    let place = |part: &str| if part.starts_with('{') { "x".to_owned() } else { part.to_owned() };
    pattern.split('/').map(place).collect::<Vec<_>>().join("/")
}

/// Whether a path is one of a pattern: segment by segment, a place takes anything.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let same = |(expected, part): (&&str, &&str)| expected == part || expected.starts_with('{');
    pattern.len() == path.len() && pattern.iter().zip(&path).all(same)
}

/// The methods a path takes according to the document; what can be got can be asked about.
fn allowed(operations: &[Operation], path: &str) -> BTreeSet<String> {
    let found = operations.iter().filter(|operation| fits(&operation.path, path));
    let mut methods: BTreeSet<String> = found.map(|operation| operation.method.clone()).collect();
    if methods.contains("GET") {
        methods.insert("HEAD".to_owned());
    }
    methods
}

async fn asks(world: &World, method: &str, path: &str, origin: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut asked = world.client().request(method.clone(), format!("{}{path}", world.base()));
    asked = asked.header("origin", origin);
    if method == Method::OPTIONS {
        asked = asked
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type")
            .header("access-control-request-private-network", "true");
    }
    answer(asked.send().await.unwrap()).await
}

/// Somebody of the cast for whom an operation is there.
fn somebody<'a>(cast: &'a Cast, operation: &Operation) -> &'a Member {
    let wanted = if operation.for_role("resident") { "owner" } else { "clerk" };
    let named = |member: &&Member| member.label == wanted && operation.for_role(member.role);
    let anybody = |member: &&Member| operation.for_role(member.role);
    let cast = &cast.members;
    cast.iter().find(named).or_else(|| cast.iter().find(anybody)).unwrap()
}

async fn seen(cast: &Cast, operation: &Operation, target: &Target) -> i64 {
    let draft = operation.name() == "PUT /v1/applications/{id}";
    version(&cast.world, if draft { &target.draft } else { &target.case }).await
}

/// What finds only what the cast does not have (a notice on the board, an agency, an open set-up, a code just shown, a password, a visit, plan or device of one's own, a household) or no
/// longer has: a lease, an order to pay, a mandate, an identity that may still change.
const REFUSED: [&str; 33] = [
    "DELETE /v1/households/{id}",
    "GET /v1/devices/{id}/pack",
    "GET /v1/devices/{id}/pack-key",
    "GET /v1/public-notices",
    "POST /v1/agency-endings",
    "POST /v1/applications/{id}/duplicates/{other}",
    "POST /v1/applications/{id}/lease",
    "POST /v1/applications/{id}/materials/{material}",
    "POST /v1/credential-checks",
    "POST /v1/devices/{id}/ending",
    "POST /v1/devices/{id}/numbers",
    "POST /v1/field/box/{id}/decision",
    "POST /v1/me/confirmations",
    "POST /v1/me/confirmations/preview",
    "POST /v1/me/mandates/{id}/revocation",
    "POST /v1/payment-orders/{id}/begin",
    "POST /v1/progress",
    "POST /v1/public-notices/{id}/objections",
    "POST /v1/staff-setup",
    "POST /v1/sync",
    "POST /v1/verifications",
    "POST /v1/visit-plans/{id}/cancellation",
    "POST /v1/visits/{id}/confirmation-codes",
    "POST /v1/visits/{id}/confirmation-tickets",
    "POST /v1/visits/{id}/confirmations",
    "POST /v1/visits/{id}/mandate",
    "POST /v1/visits/{id}/needs/{index}/done",
    "POST /v1/visits/{id}/outcome",
    "PUT /v1/households/{id}",
    "PUT /v1/me/password",
    "PUT /v1/uploads/{sha256}/pieces/{index}",
    "PUT /v1/me/identity",
    "POST /v1/me/deletion",
];

story!(every_operation_answers_safely_whatever_page_it_is_asked_from, world, {
    let cast = Cast::gather(world.clone()).await;
    let mut findings = Findings::default();
    let mut went_well = BTreeSet::new();
    let operations = operations();
    let stranger =
        Member { person: None, label: "nobody", role: "anonymous", ..*somebody(&cast, &operations[0]) };
    for operation in &operations {
        for origin in origins(world.base()) {
            let member = somebody(&cast, operation);
            let expected = seen(&cast, operation, &cast.target).await;
            let asked = request(&world, member, operation, &cast.target, expected);
            let told = answer(asked.header("origin", &origin).send().await.unwrap()).await;
            if told.status < 300 {
                went_well.insert(operation.name());
            }
            findings.look(&Asked::operation(operation, &origin), &told);
            if operation.public() {
                continue;
            }
            let asked = request(&world, &stranger, operation, &cast.target, 1);
            let told = answer(asked.header("origin", &origin).send().await.unwrap()).await;
            findings.demand(told.status == 401, || format!("{} unsigned: {}", operation.name(), told.status));
            findings.look(&Asked::operation(operation, &origin), &told);
        }
    }
    findings.none("operations");
    let missing: Vec<String> =
        operations.iter().map(Operation::name).filter(|name| !went_well.contains(name)).collect();
    assert_eq!(missing, REFUSED);
});
