//! Canary residents and staff: who they are, and how they come in.

use chrono::NaiveDate;
use serde_json::{Value, json};
use yichuang::domain::id_number::IdNumber;
use yichuang::usecases::second_factor::code_at;

use super::line::Line;
use super::served::Run;
use crate::world::STREET;

/// A resident nobody else is.
pub struct Resident {
    pub openid: &'static str,
    pub name: &'static str,
    pub id_number: String,
    pub phone: &'static str,
    /// The one WeChat knows.
    pub verified: &'static str,
    pub email: &'static str,
    pub address: &'static str,
}

/// An ID number of Jinjiang; even serials are women's.
pub fn id_number(birth: (i32, u32, u32), serial: u16) -> String {
    let birth = NaiveDate::from_ymd_opt(birth.0, birth.1, birth.2).unwrap();
    IdNumber::synthesize("350582", birth, serial).unwrap().as_str().to_owned()
}

pub fn yingying() -> Resident {
    Resident {
        openid: "canary-openid-yingying-40817",
        name: "金雀莺莺",
        id_number: id_number((1991, 4, 17), 226),
        phone: "13957246813",
        verified: "17759302846",
        email: "canary.yingying@mail.example",
        address: "福建省晋江市灵源街道林口社区金丝雀巷7749号",
    }
}

pub fn minghe() -> Resident {
    Resident {
        openid: "canary-openid-minghe-55290",
        name: "云雀鸣鹤",
        id_number: id_number((1983, 9, 28), 317),
        phone: "15860439172",
        verified: "18959627413",
        email: "canary.minghe@mail.example",
        address: "福建省晋江市灵源街道林口社区云雀里6158号",
    }
}

/// Has no telephone of her own: a grid worker files at her door.
pub fn qiuyan() -> Resident {
    Resident {
        openid: "canary-openid-qiuyan-71366",
        name: "秋雁归南",
        id_number: id_number((1996, 12, 5), 448),
        phone: "18750913624",
        verified: "13600874295",
        email: "canary.qiuyan@mail.example",
        address: "福建省晋江市灵源街道林口社区归雁台3926号",
    }
}

impl Resident {
    pub fn hidden(&self, run: &Run) {
        run.hide("ID number", &self.id_number);
        run.hide("phone", self.phone);
        run.hide("phone", self.verified);
        run.hide("mail address", self.email);
        run.hide("address", self.address);
        run.hide("address", self.address.split_once("社区").unwrap().1);
        run.hide("openid", self.openid);
        run.hide("name", self.name);
    }

    pub fn identity(&self) -> Value {
        json!({"name": self.name, "id_number": self.id_number, "phone": self.phone, "email": self.email})
    }

    pub fn applicant(&self) -> Value {
        json!({"name": self.name, "id_number": self.id_number, "phone": self.phone})
    }

    /// Signs in with the mini-program; both tokens are hidden.
    pub async fn signs_in(&self, run: &Run) -> Tokens {
        let code = run.weixin.login(self.openid).await;
        run.hide("WeChat code", &code);
        Tokens::of(run, &json!({"kind": "wechat", "code": code})).await
    }
}

/// What somebody keeps who has signed in.
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    pub async fn of(run: &Run, body: &Value) -> Self {
        let told = Line { run, token: None }.post("/v1/sessions", body).await;
        assert_eq!(told.status, 201, "{}", told.text);
        Self::hidden(run, &told.json())
    }

    pub fn hidden(run: &Run, told: &Value) -> Self {
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        let tokens = Self { access: text("access_token"), refresh: text("refresh_token") };
        let parts: Vec<&str> = tokens.access.split('.').collect();
        // The head is the same for all; whoever has the signature can put the rest together.
        run.hide("access token", parts[1]);
        run.hide("access token", parts[2]);
        // Before the dot stands the session's id, which is no secret.
        run.hide("refresh token", tokens.refresh.split_once('.').unwrap().1);
        tokens
    }

    pub fn line<'a>(&'a self, run: &'a Run) -> Line<'a> {
        Line { run, token: Some(&self.access) }
    }
}

/// A member of staff with everything they know.
pub struct Member {
    pub username: String,
    pub password: String,
    pub secret: Option<String>,
}

fn unbased(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        _ => c - b'2' + 26,
    };
    let bits: Vec<u8> = text.bytes().flat_map(|c| (0..5).rev().map(move |bit| value(c) >> bit & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |whole, bit| whole << 1 | bit)).collect()
}

/// Sets an account up with the code that was handed over.
pub async fn sets_up(run: &Run, username: &str, code: &str) -> Member {
    run.hide("set-up code", code);
    let number = username.bytes().fold(7919_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let password = format!("Canary-Pass-{number}");
    run.hide("password", &password);
    let body = json!({"username": username, "setup_code": code, "password": password});
    let told = Line { run, token: None }.post("/v1/staff-setup", &body).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let secret = told.json()["secret"].as_str().map(str::to_owned);
    if let Some(secret) = &secret {
        run.hide("second factor", secret);
        run.hide("second factor", unbased(secret));
    }
    Member { username: username.to_owned(), password, secret }
}

impl Member {
    /// With the code that their app shows so many seconds from now.
    pub async fn signs_in(&self, run: &Run, ahead: i64) -> Tokens {
        let at = chrono::Utc::now().timestamp() + ahead;
        let code = self.secret.as_ref().map(|secret| code_at(secret, at).unwrap());
        let body =
            json!({"kind": "staff", "username": self.username, "password": self.password, "code": code});
        Tokens::of(run, &body).await
    }
}

/// The security administrator opens an account, and its holder signs in.
pub async fn hired(run: &Run, security: &Line<'_>, username: &str, duty: Value) -> (Member, Tokens, Value) {
    let email = format!("canary-staff-{username}@mail.example");
    run.hide("mail address of staff", &email);
    let body =
        json!({"username": username, "name": format!("经办{username}"), "email": email, "duties": [duty]});
    let told = security.post("/v1/staff", &body).await;
    assert_eq!(told.status, 201, "{}", told.text);
    let opened = told.json();
    let member = sets_up(run, username, opened["setup_code"].as_str().unwrap()).await;
    let tokens = member.signs_in(run, 0).await;
    (member, tokens, opened["id"].clone())
}

pub fn official(department: &str) -> Value {
    json!({"role": "official", "region": STREET, "department": department})
}
