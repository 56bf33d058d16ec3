//! SMTP against a small server on this machine that answers what it is told to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

type Heard = Arc<Mutex<Vec<String>>>;

/// Answers every RCPT with `rcpt` and every AUTH with `auth`, and writes down each line it hears.
fn server(rcpt: &'static str, auth: &'static str) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let notes = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let notes = Arc::clone(&notes);
            std::thread::spawn(move || converse(stream, rcpt, auth, &notes));
        }
    });
    (port, heard)
}

fn converse(mut stream: TcpStream, rcpt: &str, auth: &str, notes: &Heard) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut in_letter = false;
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    say("220 ready");
    while let Some(Ok(line)) = lines.next() {
        notes.lock().unwrap().push(line.clone());
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_letter = false;
                "250 taken"
            }
            _ if in_letter => continue,
            "EHLO" => "250-here\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" => auth,
            "RCPT" => rcpt,
            "DATA" => {
                in_letter = true;
                "354 go on"
            }
            _ => "250 ok",
        };
        if !say(answer) {
            return;
        }
    }
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls: SmtpTls::None,
        username: String::new(),
        password: String::new(),
        from: "一窗 <no-reply@example.cn>".into(),
    }
}

fn letter() -> OutgoingMail {
    OutgoingMail {
        message_id: "m-1".into(),
        to: "wang@example.cn".into(),
        subject: "受理通知书".into(),
        body: "您的申请已受理。".into(),
    }
}

#[tokio::test]
async fn a_letter_arrives_with_our_id_and_the_connection_is_kept() {
    let (port, heard) = server("250 ok", "235 ok");
    let mail = SmtpMail::new(&settings(port)).unwrap();
    mail.send(&letter()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    mail.send(&letter()).await.unwrap();
    let heard = heard.lock().unwrap();
    let count = |start: &str| heard.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("EHLO"), count("Message-ID: <m-1@example.cn>")), (1, 2), "{heard:?}");
    assert_eq!(count("RCPT TO:<wang@example.cn>"), 2);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let outcome = async |rcpt, auth, username: &str| {
        let settings = SmtpSettings { username: username.into(), ..settings(server(rcpt, auth).0) };
        SmtpMail::new(&settings).unwrap().send(&letter()).await.unwrap_err()
    };
    assert!(matches!(outcome("550 no such user", "", "").await, AdapterError::Rejected { .. }));
    assert!(matches!(outcome("451 later", "", "").await, AdapterError::Unreachable(_)));
    assert!(matches!(outcome("rubbish", "", "").await, AdapterError::Unreachable(_)));
    assert!(matches!(outcome("250 ok", "535 wrong password", "u").await, AdapterError::Unreachable(_)));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = SmtpMail::new(&settings(closed)).unwrap().send(&letter()).await;
    assert!(matches!(refused, Err(AdapterError::Unreachable(_))));
}

#[test]
fn settings_are_checked_without_a_runtime_and_keep_their_secret() {
    let plain = SmtpSettings { host: "smtp.example.cn".into(), ..settings(25) };
    assert!(SmtpMail::new(&plain).is_err());
    for tls in [SmtpTls::Starttls, SmtpTls::Tls] {
        assert!(SmtpMail::new(&SmtpSettings { tls, ..plain.clone() }).is_ok());
    }
    assert!(SmtpMail::new(&SmtpSettings { from: "nobody".into(), ..settings(25) }).is_err());
    let secret = SmtpSettings { password: "hunter2".into(), ..plain };
    assert!(!format!("{secret:?}").contains("hunter2"));
}

#[test]
fn outlives_its_runtime() {
    let (port, _) = server("250 ok", "");
    let mail = SmtpMail::new(&settings(port)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(mail.send(&letter())).unwrap();
    drop(runtime);
    drop(mail);
}
