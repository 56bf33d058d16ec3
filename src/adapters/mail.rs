//! 邮件: letters by e-mail. Each carries our own message id, because the outbox delivers at least once:
//! the folder then holds one file and a mail program shows one letter however often it is delivered.

use std::fmt;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use lettre::Message;
use lettre::message::{Mailbox, header::ContentType};
use serde::{Deserialize, Serialize};

use super::{AdapterError, disk};

/// 待发邮件: one letter to one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMail {
    /// Ours; the same on every repeated delivery. Letters, digits and `-_.@`.
    pub message_id: String,
    /// The address, with or without a name.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMail").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// 邮件通道: a way to send letters.
pub trait Mail: Send + Sync {
    /// Hands the letter over; the same id twice is one letter.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> BoxFuture<'a, Result<(), AdapterError>>;
}

/// The letter as it travels.
pub(super) fn compose(mail: &OutgoingMail, from: &Mailbox) -> Result<Message, AdapterError> {
    // The id becomes a header and a file name: nothing in it may end either.
    if !disk::is_plain_name(&mail.message_id) {
        return Err(AdapterError::rejected("the message id is not a plain name"));
    }
    let id = if mail.message_id.contains('@') {
        format!("<{}>", mail.message_id)
    } else {
        format!("<{}@{}>", mail.message_id, from.email.domain())
    };
    let to: Mailbox = mail.to.parse().map_err(|_| AdapterError::rejected("not an e-mail address"))?;
    // A line break would let the subject write headers of its own.
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Message::builder()
        .message_id(Some(id))
        .from(from.clone())
        .to(to)
        .subject(subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|error| AdapterError::rejected(error.to_string()))
}

/// 本地邮件: one .eml file per letter in a folder, readable with any mail program.
#[derive(Debug, Clone)]
pub struct LocalMail {
    folder: PathBuf,
}

impl LocalMail {
    /// Writes into this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Mail for LocalMail {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            let from = "一窗 <no-reply@localhost>"
                .parse()
                .map_err(|_| AdapterError::rejected("not a sender's address"))?;
            let letter = compose(mail, &from)?.formatted();
            let name = format!("{}.eml", mail.message_id);
            let folder = self.folder.clone();
            disk::off_thread(move || Ok(disk::write(&folder, &name, &letter)?)).await
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn letter(id: &str, subject: &str) -> OutgoingMail {
        OutgoingMail {
            message_id: id.into(),
            to: "王芳 <wang@example.cn>".into(),
            subject: subject.into(),
            body: "您的申请已受理。\n一窗".into(),
        }
    }

    #[tokio::test]
    async fn a_repeated_delivery_overwrites() {
        let folder = disk::TestFolder::new();
        let mail = LocalMail::new(&folder.0);
        mail.send(&letter("0198-7", "旧")).await.unwrap();
        mail.send(&letter("0198-7", "受理通知书")).await.unwrap();
        mail.send(&letter("0198-8", "办结")).await.unwrap();
        assert_eq!(folder.files().len(), 2);
        let text = std::fs::read_to_string(folder.0.join("0198-7.eml")).unwrap();
        assert!(text.contains("Message-ID: <0198-7@localhost>"), "{text}");
        assert!(text.contains("charset=utf-8") && text.is_ascii(), "{text}");
        assert!(!format!("{:?}", letter("m", "s")).contains("wang"));
    }

    #[test]
    fn nothing_writes_headers_of_its_own() {
        let from: Mailbox = "窗口 <no-reply@example.cn>".parse().unwrap();
        let sneaky = letter("m@x.cn", "hello\r\nBcc: spy@example.cn\r\n\r\nbody");
        let text = String::from_utf8(compose(&sneaky, &from).unwrap().formatted()).unwrap();
        assert!(text.contains("Message-ID: <m@x.cn>\r\n"), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        for id in ["", "../m", "m>\r\nBcc: spy", "窗"] {
            assert!(compose(&letter(id, "s"), &from).is_err(), "{id:?}");
        }
        for to in ["", "nobody", "a@b@c", "a@b.cn\r\nBcc: spy@example.cn"] {
            let mail = OutgoingMail { to: to.into(), ..letter("m", "s") };
            assert!(compose(&mail, &from).is_err(), "{to:?}");
        }
    }
}
