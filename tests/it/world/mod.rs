//! The world a story happens in: a real server on a free port with its own database and folder, a clock
//! the story moves, and the people who act over HTTP.

pub mod papers;
pub mod people;
pub mod postgres;
pub mod program;
pub mod redis;
pub mod weixin;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Duration, TimeZone, Utc};
use serde_json::Value;
use yichuang::adapters::clock::SteppedClock;
use yichuang::config::Settings;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::real_name::{IdDocument, Verification, VerificationMethod, Verified};
use yichuang::domain::region::Region;
use yichuang::storage::{Conn, StorageError, people as accounts, real_names};
use yichuang::usecases::Office;
use yichuang::usecases::staff::NewStaff;
use yichuang::{assemble, http};

use people::Person;

/// Which database a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Tells a story on both databases: `on_both!(name, |world| async move { … })`.
#[macro_export]
macro_rules! story {
    ($(#[$meta:meta])* $name:ident, $world:ident, $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "a story may need nothing of what stands around it")]
            use super::*;
            async fn tell($world: $crate::world::World) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let world = $crate::world::World::open($crate::world::Database::Sqlite).await.unwrap();
                tell(world).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(world) = $crate::world::World::open($crate::world::Database::Postgres).await {
                    tell(world).await;
                }
            }
        }
    };
}

/// Cheap to clone; the server ends with the last clone.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    base: String,
    client: reqwest::Client,
    clock: SteppedClock,
    office: Office,
    folder: PathBuf,
    url: String,
    server: actix_web::dev::ServerHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Stopping needs no waiting: the next test has its own port and folder.
        drop(self.server.stop(false));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Monday morning at the counter, Lingyuan, in the year of the story.
pub fn opening() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap()
}

pub const LINKOU: &str = "350582006001";
pub const LINGSHUI: &str = "350582006007";
pub const STREET: &str = "350582006";

pub fn temp_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("yichuang-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Settings of a private instance.
pub fn settings(folder: &std::path::Path, url: &str, own: &[(&str, &str)]) -> Settings {
    let pairs = [
        ("YICHUANG_SERVER__BIND", "127.0.0.1:0".to_owned()),
        ("YICHUANG_STORAGE__URL", url.to_owned()),
        ("YICHUANG_STORAGE__POOL", "8".to_owned()),
        ("YICHUANG_DATA__FOLDER", folder.display().to_string()),
        ("YICHUANG_LIMITS__SIGN_IN_PER_ADDRESS", "100000".to_owned()),
        // Stories move a clock that files know nothing of.
        ("YICHUANG_RETENTION__FILE_QUIET_SECONDS", "0".to_owned()),
    ];
    let common = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
    let own = own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings::load(None, common.chain(own)).unwrap()
}

impl World {
    /// A fresh world; `None` without its database. PostgreSQL comes with Redis, where that is installed.
    pub async fn open(database: Database) -> Option<Self> {
        let redis = if database == Database::Postgres { redis::fresh_database() } else { None };
        Self::with(database, &[("YICHUANG_CACHE__REDIS_URL", redis.as_deref().unwrap_or_default())]).await
    }

    /// A fresh world with settings of its own; PostgreSQL without Redis, unless they say so.
    pub async fn with(database: Database, own: &[(&str, &str)]) -> Option<Self> {
        let folder = temp_folder();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}", folder.join("it.db").display()),
            Database::Postgres => postgres::fresh_database()?,
        };
        let settings = settings(&folder, &url, own);
        let clock = SteppedClock::at(opening());
        let office = assemble::office(&settings, Arc::new(clock.clone())).unwrap();
        let (tell, told) = tokio::sync::oneshot::channel();
        let serving = office.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, addresses) = http::serve(serving, &settings.server).unwrap();
                tell.send((server.handle(), addresses[0])).unwrap();
                server.await.unwrap();
            });
        });
        let (server, address) = told.await.unwrap();
        let base = format!("http://{address}");
        let still = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(still).build().unwrap();
        Some(Self(Arc::new(Inner { base, client, clock, office, folder, url, server })))
    }

    pub fn base(&self) -> &str {
        &self.0.base
    }

    pub fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    pub fn office(&self) -> &Office {
        &self.0.office
    }

    /// What stands there when the program has died and starts again on the same data.
    pub fn another_office(&self) -> Office {
        assemble::office(&settings(&self.0.folder, &self.0.url, &[]), Arc::new(self.0.clock.clone())).unwrap()
    }

    pub fn folder(&self) -> &std::path::Path {
        &self.0.folder
    }

    pub fn database_url(&self) -> &str {
        &self.0.url
    }

    /// Time goes by.
    pub fn later(&self, by: Duration) {
        self.0.clock.advance(by.to_std().unwrap());
    }

    /// It is now that instant.
    pub fn at(&self, instant: DateTime<Utc>) {
        self.0.clock.set(instant);
    }

    /// The deadline clock looks once, and until nothing is due.
    pub async fn clock_strikes(&self) -> usize {
        let mut moved = 0;
        loop {
            let now = self.office().tick().await.unwrap();
            if now == 0 {
                return moved;
            }
            moved += now;
        }
    }

    pub async fn staff(
        &self,
        username: &str,
        name: &str,
        role: Role,
        region: &str,
        department: Option<&str>,
    ) -> Person {
        let password = "a-long-password".to_owned();
        let new = NewStaff {
            username: username.to_owned(),
            name: name.to_owned(),
            password: password.clone(),
            role,
            region: Region::parse(region).unwrap(),
            department: department.map(str::to_owned),
            email: None,
        };
        self.office().add_staff(new).await.unwrap();
        let body = serde_json::json!({"kind": "staff", "username": username, "password": password});
        Person::sign_in(self, name, &body).await
    }

    /// A window clerk of a community.
    pub async fn clerk(&self, username: &str, community: &str) -> Person {
        self.staff(username, "窗口小李", Role::Clerk, community, None).await
    }

    /// A grid worker of a grid.
    pub async fn grid_worker(&self, username: &str, grid: &str) -> Person {
        self.staff(username, "网格小陈", Role::GridWorker, grid, None).await
    }

    /// An official of a department of the street.
    pub async fn official(&self, username: &str, department: &str) -> Person {
        self.staff(username, &format!("审批人{department}"), Role::Official, STREET, Some(department)).await
    }

    /// A supervisor of the street.
    pub async fn supervisor(&self, username: &str) -> Person {
        self.staff(username, "督导老王", Role::Supervisor, STREET, None).await
    }

    /// A system administrator.
    pub async fn administrator(&self, username: &str) -> Person {
        self.staff(username, "管理员", Role::Administrator, STREET, None).await
    }

    /// A resident signed in from the mini-program who was seen in person.
    pub async fn resident(&self, openid: &str, name: &str, id_number: &str, phone: &str) -> Person {
        let person = self.newcomer(openid, name, id_number, phone).await;
        let id = person.get("/v1/me").await.expect(200)["id"].as_str().unwrap().parse().unwrap();
        let (office, now) = (self.office().clone(), self.office().now());
        let seen = move |conn: &mut Conn| -> Result<(), StorageError> {
            let own = accounts::find(conn, id)?.unwrap();
            let identity = own.identity.unwrap();
            let record = Verification {
                id: yichuang::adapters::clock::new_id(now),
                person: id,
                identity: Verified { name: identity.name.clone(), id_number: identity.id_number.clone() },
                method: VerificationMethod::Counter,
                document: IdDocument::IdCard,
                verified_by: None,
                verifier: "窗口".to_owned(),
                visit: None,
                at: now,
                ended: None,
            };
            real_names::verify(
                conn,
                &identity,
                own.email.as_ref().map(|email| email.reveal().as_str()),
                &record,
            )
        };
        office.db().write(seen).await.unwrap();
        office.look_anew();
        person
    }

    /// A resident signed in from the mini-program who has said who they are.
    pub async fn newcomer(&self, openid: &str, name: &str, id_number: &str, phone: &str) -> Person {
        let body = serde_json::json!({"kind": "wechat", "code": format!("dev:{openid}")});
        let person = Person::sign_in(self, name, &body).await;
        let identity = serde_json::json!({
            "name": name, "id_number": id_number, "phone": phone, "email": format!("{openid}@example.org"),
        });
        person.put("/v1/me/identity", None, &identity).await.expect(204);
        person
    }

    /// 林秀英, who is in most stories.
    pub async fn xiuying(&self) -> Person {
        self.resident("xiuying", "林秀英", "350582199412150025", "13805950001").await
    }

    /// The sample form of an item, tagged for a request.
    pub fn form(&self, service: &str) -> Value {
        let mut form = yichuang::catalog::find(service).unwrap().sample();
        form["service"] = service.into();
        form
    }
}
