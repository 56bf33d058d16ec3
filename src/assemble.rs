//! Puts the product together from its settings: which adapter stands behind which port.

use std::path::Path;
use std::sync::Arc;

use crate::adapters::blob::LocalBlobs;
use crate::adapters::cache::{Cache, LocalCache};
use crate::adapters::cache_redis::RedisCache;
use crate::adapters::checkpoints::Checkpoints;
use crate::adapters::clock::Clock;
use crate::adapters::key_files::FileKeys;
use crate::adapters::mail::{LocalMail, Mail};
use crate::adapters::mail_smtp::SmtpMail;
use crate::adapters::payment::LocalPayments;
use crate::adapters::pieces::LocalPieces;
use crate::adapters::sms::{LocalSms, Sms};
use crate::adapters::tokens::Tokens;
use crate::adapters::wechat::{LocalWechat, Wechat};
use crate::adapters::wechat_api::WechatApi;
use crate::config::{MailKind, PortKind, Settings, SignInKind};
use crate::storage::Db;
use crate::usecases::{Office, Outside, Rules};
use crate::vault::{Vault, VaultError};

/// Keys the in-process cache keeps at the most.
const CACHE_ENTRIES: usize = 200_000;

/// The vault with its keys.
pub fn vault(settings: &Settings, clock: &dyn Clock) -> Result<Arc<Vault>, VaultError> {
    let keys = FileKeys::open(&settings.data.key_folder())?;
    Ok(Arc::new(Vault::open(Box::new(keys), clock.now().timestamp())?))
}

/// Opens the database and assembles the office.
pub fn office(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Office, Box<dyn std::error::Error>> {
    let folder: &Path = &settings.data.folder;
    std::fs::create_dir_all(folder)?;
    let vault = vault(settings, clock.as_ref())?;
    let local = LocalCache::new(CACHE_ENTRIES);
    let cache: Arc<dyn Cache> = match settings.cache.redis_url.as_str() {
        "" => Arc::new(local),
        url => Arc::new(RedisCache::connect(url, local)?),
    };
    let mail: Arc<dyn Mail> = match settings.mail.kind {
        MailKind::Local => Arc::new(LocalMail::new(folder.join("mail"))),
        MailKind::Smtp => Arc::new(SmtpMail::new(&settings.mail.smtp())?),
    };
    let wechat: Option<Arc<dyn Wechat>> = match settings.wechat.kind {
        SignInKind::Local => Some(Arc::new(LocalWechat)),
        SignInKind::Api => Some(Arc::new(WechatApi::new(settings.wechat.wechat(), clock.clone())?)),
        SignInKind::None => None,
    };
    let outside = Outside {
        cache,
        mail,
        sms: (settings.sms.kind == PortKind::Local)
            .then(|| Arc::new(LocalSms::new(folder.join("sms"))) as Arc<dyn Sms>),
        blobs: Arc::new(LocalBlobs::new(folder.join("materials"), settings.blob_limits(), vault.clone())),
        pieces: Arc::new(LocalPieces::new(folder.join("uploads"), vault.clone())),
        wechat,
        payments: (settings.payment.kind == PortKind::Local)
            .then(|| Arc::new(LocalPayments::new(folder.join("payments"), clock.clone()))),
        tokens: Arc::new(Tokens::open(folder, &settings.tokens.issuer, clock.now())?),
        checkpoints: Arc::new(Checkpoints::open(&folder.join("checkpoints"), &settings.data.key_folder())?),
        clock,
    };
    let rules = Rules {
        tokens: settings.tokens.clone(),
        staff: settings.staff.clone(),
        limits: settings.limits.clone(),
        outbox: settings.outbox.clone(),
        counter: settings.counter.clone(),
        field: settings.field.clone(),
        retention: settings.retention.clone(),
    };
    let knowledge = settings.knowledge()?;
    let db = Db::open(&settings.storage, vault)?;
    Ok(Office::new(db, outside, knowledge, rules))
}
