//! The service centre under load: the product on a temporary database, served by its own threads, and
//! the people who are signed in.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Days, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::adapters::clock::SystemClock;
use yichuang::config::Settings;
use yichuang::domain::id_number::IdNumber;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::usecases::Office;
use yichuang::usecases::staff::NewStaff;
use yichuang::{assemble, http};

use crate::client::Connection;

/// The community whose window is under load; every second filled application lies here.
pub const COMMUNITY: &str = "350582006001";
pub const ELSEWHERE: &str = "350582006007";
/// Residents and clerks who are signed in.
const RESIDENTS: u16 = 64;
const CLERKS: u16 = 16;
/// The printed form under load; it is decided at the window.
const SERVICE: &str = "birth_registration";
/// Where the body of a submission has the day of birth, and the house.
pub const CHILD: &str = "@CHILD@";
pub const HOUSE: &str = "@HOUSE@";

/// Somebody's authorisation header, and their account.
pub struct Person {
    pub header: String,
    pub id: Uuid,
}

pub struct Center {
    pub office: Office,
    pub address: SocketAddr,
    pub residents: Vec<Person>,
    pub clerks: Vec<Person>,
    /// The body of a submission, with a place for the child and the house.
    submission: String,
    server: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
    folder: PathBuf,
}

impl Center {
    /// Opens the centre on the database at `url`; `folder` goes when the centre closes.
    pub async fn open(folder: PathBuf, url: &str) -> Result<Self, Box<dyn Error>> {
        let settings = settings(&folder, url)?;
        let office = assemble::office(&settings, Arc::new(SystemClock))?;
        let (tell, told) = tokio::sync::oneshot::channel();
        let (serving, keeping) = (office.clone(), office.clone());
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                match http::serve(serving, &settings.server) {
                    Ok((server, addresses)) => {
                        // Of the jobs the one that comes with every request.
                        tokio::spawn(async move {
                            loop {
                                tokio::time::sleep(Duration::from_secs(1)).await;
                                if let Err(error) = keeping.keep_audit().await {
                                    crate::report::note(&format!("audit: {error}"));
                                }
                            }
                        });
                        let _ = tell.send(Ok((server.handle(), addresses)));
                        let _ = server.await;
                    }
                    Err(error) => {
                        let _ = tell.send(Err(error));
                    }
                }
            });
        })?;
        let (server, addresses) = told.await??;
        let address = *addresses.first().ok_or("the server listens nowhere")?;
        let (residents, clerks) =
            (sign_in_residents(address).await?, sign_in_clerks(&office, address).await?);
        let submission = json!({"region": COMMUNITY, "submit": true, "form": form()?}).to_string();
        Ok(Self { office, address, residents, clerks, submission, server, thread: Some(thread), folder })
    }

    /// The `number`-th submission, of a child and a house of its own, by whom: no two of them are the same matter.
    pub fn submission(&self, number: u64) -> (&Person, String) {
        let residents = self.residents.len() as u64;
        let born = Utc::now().date_naive() - Days::new(1 + number / residents);
        let body = self.submission.replace(CHILD, &born.to_string());
        (&self.residents[(number % residents) as usize], body.replace(HOUSE, &format!("东区{number}号")))
    }

    /// Stops the server and removes the folder.
    pub async fn close(mut self) -> Result<(), Box<dyn Error>> {
        self.server.stop(false).await;
        if let Some(thread) = self.thread.take() {
            thread.join().map_err(|_| "the server panicked")?;
        }
        Ok(())
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn settings(folder: &Path, url: &str) -> Result<Settings, Box<dyn Error>> {
    let pairs = [
        ("YICHUANG_SERVER__BIND", "127.0.0.1:0".to_owned()),
        ("YICHUANG_SERVER__WORKERS", "2".to_owned()),
        ("YICHUANG_STORAGE__URL", url.to_owned()),
        ("YICHUANG_DATA__FOLDER", folder.display().to_string()),
        ("YICHUANG_TOKENS__ACCESS_MINUTES", "1440".to_owned()),
        ("YICHUANG_LIMITS__SIGN_IN_PER_ADDRESS", "100000".to_owned()),
        ("YICHUANG_LIMITS__FILINGS_PER_HOUR", u32::MAX.to_string()),
        ("YICHUANG_LIMITS__SEARCHES_PER_MINUTE", u32::MAX.to_string()),
    ];
    let environment = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
    Ok(Settings::load(None, environment)?)
}

/// The sample form, of a child that is born.
pub fn form() -> Result<Value, Box<dyn Error>> {
    let mut form = yichuang::catalog::find(SERVICE).ok_or("the item under load is gone")?.sample();
    form["service"] = SERVICE.into();
    form["pregnancy"] = json!({"state": "born", "born_on": CHILD, "children": 1});
    form["mother"]["residence_address"] = format!("福建省晋江市灵源街道林口社区{HOUSE}").into();
    Ok(form)
}

pub async fn sign_in(connection: &mut Connection, body: &Value) -> Result<Person, Box<dyn Error>> {
    let reply = connection.ask("POST /v1/sessions", "", &body.to_string()).await?;
    let token = reply.text("access_token").ok_or_else(|| String::from_utf8_lossy(reply.body).into_owned())?;
    let header = format!("authorization: Bearer {token}\r\n");
    let me = connection.ask("GET /v1/me", &header, "").await?;
    let id = me.text("id").ok_or("no account")?.parse()?;
    Ok(Person { header, id })
}

async fn sign_in_residents(address: SocketAddr) -> Result<Vec<Person>, Box<dyn Error>> {
    let mut connection = Connection::open(address).await?;
    let mut residents = Vec::new();
    for number in 0..RESIDENTS {
        let code = format!("dev:resident-{number}");
        let resident = sign_in(&mut connection, &json!({"kind": "wechat", "code": code})).await?;
        let identity = json!({
            "name": "林秀英",
            "id_number": IdNumber::synthesize("350582", "1994-12-15".parse()?, number * 2)?.as_str(),
            "phone": "13805950001",
            "email": format!("resident-{number}@example.org"),
        });
        let reply = connection.ask("PUT /v1/me/identity", &resident.header, &identity.to_string()).await?;
        if reply.status != 204 {
            return Err(String::from_utf8_lossy(reply.body).into());
        }
        // The item under load asks for a telephone that was vouched for.
        let phone = json!({"code": "dev:13805950001"}).to_string();
        let reply = connection.ask("PUT /v1/me/phone", &resident.header, &phone).await?;
        if reply.status != 200 {
            return Err(String::from_utf8_lossy(reply.body).into());
        }
        residents.push(resident);
    }
    Ok(residents)
}

async fn sign_in_clerks(office: &Office, address: SocketAddr) -> Result<Vec<Person>, Box<dyn Error>> {
    let mut connection = Connection::open(address).await?;
    let mut clerks = Vec::new();
    for number in 0..CLERKS {
        let (username, password) = (format!("clerk-{number}"), "a-long-password".to_owned());
        let body = json!({"kind": "staff", "username": username, "password": password});
        let region = Region::parse(COMMUNITY)?;
        let (name, role) = ("窗口小李".to_owned(), Role::Clerk);
        let clerk = NewStaff { username, name, password, role, region, department: None, email: None };
        office.add_staff(clerk).await?;
        clerks.push(sign_in(&mut connection, &body).await?);
    }
    Ok(clerks)
}
