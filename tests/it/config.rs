//! Settings: defaults, then a file, then the environment; what is wrong is named by its key and never
//! shown, and production does not start on embedded stand-ins.

use std::path::{Path, PathBuf};

use yichuang::config::Settings;

use crate::world::temp_folder;

fn load(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings::load(file, environment).map_err(|error| error.to_string())
}

fn written(text: &str) -> PathBuf {
    let path = temp_folder().join("own.toml");
    std::fs::write(&path, text).unwrap();
    path
}

#[track_caller]
fn refused(file: Option<&str>, environment: &[(&str, &str)]) -> String {
    let path = file.map(written);
    load(path.as_deref(), environment).map(|_| ()).unwrap_err()
}

#[test]
fn the_environment_overrides_the_file_and_the_file_the_defaults() {
    assert_eq!(load(None, &[]).unwrap().storage.url, "sqlite://data/yichuang.db");
    let file = written("[storage]\nurl = \"sqlite://file.db\"\npool = 3\n");
    let settings = load(Some(&file), &[("YICHUANG_STORAGE__POOL", "4"), ("PATH", "/bin")]).unwrap();
    assert_eq!((settings.storage.url.as_str(), settings.storage.pool), ("sqlite://file.db", 4));
}

#[test]
fn an_unknown_setting_is_named() {
    for (file, environment) in
        [(Some("[storage]\nulr = \"x\"\n"), ("PATH", "")), (None, ("YICHUANG_STORAGE__ULR", "x"))]
    {
        assert_eq!(refused(file, &[environment]), "no such setting: storage.ulr");
    }
    assert_eq!(refused(Some("[storrage]\nurl = \"x\"\n"), &[]), "no such setting: storrage");
    assert_eq!(refused(None, &[("YICHUANG_STORRAGE__URL", "x")]), "no such setting: storrage.url");
}

#[test]
fn a_wrong_type_is_named_and_its_value_not_shown() {
    for (file, environment) in
        [(Some("[server]\nworkers = \"many\"\n"), ("PATH", "")), (None, ("YICHUANG_SERVER__WORKERS", "many"))]
    {
        assert_eq!(refused(file, &[environment]), "server.workers has the wrong type");
    }
    assert_eq!(
        refused(None, &[("YICHUANG_SERVER__PRODUCTION", "yes")]),
        "server.production has the wrong type"
    );
    let told = refused(Some("[mail]\nsmtp_password = 20260001\n"), &[]);
    assert_eq!(told, "mail.smtp_password has the wrong type");
    let told = refused(Some("[mail]\n\nsmtp_password = hunter2\n"), &[]);
    assert!(told.contains("line 3") && !told.contains("hunter2"), "{told}");
    assert!(refused(Some("[mail]\nkind = \"pigeon\"\n"), &[]).contains("pigeon"));
    let missing = load(Some(Path::new("no/such/file.toml")), &[]).map(|_| ()).unwrap_err();
    assert!(missing.starts_with("no/such/file.toml"), "{missing}");
}

#[test]
fn production_on_embedded_stand_ins_does_not_start() {
    let told = refused(None, &[("YICHUANG_SERVER__PRODUCTION", "true")]);
    for key in [
        "storage.url",
        "cache.redis_url",
        "mail.kind",
        "sms.kind",
        "wechat.kind",
        "payment.kind",
        "staff.second_factor_required",
    ] {
        assert!(told.contains(key), "{key}: {told}");
    }
    let told = refused(
        None,
        &[
            ("YICHUANG_SERVER__PRODUCTION", "true"),
            ("YICHUANG_STORAGE__URL", "postgres://yichuang@127.0.0.1/yichuang"),
            ("YICHUANG_CACHE__REDIS_URL", "redis://127.0.0.1:6379"),
            ("YICHUANG_WECHAT__KIND", "none"),
            ("YICHUANG_PAYMENT__KIND", "none"),
            ("YICHUANG_SMS__KIND", "none"),
            ("YICHUANG_STAFF__SECOND_FACTOR_REQUIRED", "true"),
        ],
    );
    assert!(told.ends_with("embedded defaults: mail.kind (smtp)"), "{told}");
}

#[test]
fn production_signs_in_with_wechat_itself_or_not_at_all() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/production.toml");
    let told = |own: &[(&str, &str)]| -> Result<(), String> {
        let mut all = vec![
            ("YICHUANG_STORAGE__URL", "postgres://yichuang@127.0.0.1/yichuang"),
            ("YICHUANG_WECHAT__APPID", "wx0123456789abcdef"),
            ("YICHUANG_WECHAT__SECRET", "0123456789abcdef0123456789abcdef"),
        ];
        all.extend(own);
        load(Some(&file), &all).map(|_| ())
    };
    told(&[]).unwrap();
    told(&[("YICHUANG_WECHAT__KIND", "none"), ("YICHUANG_WECHAT__SECRET", "")]).unwrap();
    told(&[("YICHUANG_WECHAT__BASE_URL", "https://api2.weixin.qq.com/")]).unwrap();
    for (variable, value, key) in [
        ("YICHUANG_WECHAT__BASE_URL", "http://api.weixin.qq.com", "wechat.base_url"),
        ("YICHUANG_WECHAT__BASE_URL", "https://127.0.0.1:8090", "wechat.base_url"),
        ("YICHUANG_WECHAT__BASE_URL", "https://notweixin.qq.com", "wechat.base_url"),
        ("YICHUANG_WECHAT__BASE_URL", "https://evil.example/.weixin.qq.com", "wechat.base_url"),
        ("YICHUANG_WECHAT__APPID", "wxsim-lingyuan", "wechat.appid"),
        ("YICHUANG_WECHAT__APPID", "", "wechat.appid"),
        ("YICHUANG_WECHAT__SECRET", "", "wechat.secret"),
        ("YICHUANG_WECHAT__SECRET", "simulated-secret", "wechat.secret"),
    ] {
        let told = told(&[(variable, value)]).unwrap_err();
        assert!(told.contains(key) && (value.len() < 8 || !told.contains(value)), "{value}: {told}");
    }
}

#[test]
fn the_production_file_of_the_tree_is_accepted_and_still_checked() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/production.toml");
    let near = ("YICHUANG_STORAGE__URL", "postgres://yichuang@127.0.0.1/yichuang");
    let secret = ("YICHUANG_WECHAT__SECRET", "0123456789abcdef0123456789abcdef");
    assert!(load(Some(&file), &[near, secret]).unwrap().server.production);
    let told = load(Some(&file), &[near, secret, ("YICHUANG_CACHE__REDIS_URL", "")]).map(|_| ()).unwrap_err();
    assert!(told.ends_with("embedded defaults: cache.redis_url"), "{told}");
    if !cfg!(feature = "pg-tls") {
        let told = load(Some(&file), &[]).map(|_| ()).unwrap_err();
        assert!(told.contains("pg-tls"), "{told}");
    }
}

#[test]
fn no_secret_stands_in_a_printed_setting() {
    let secrets = [("YICHUANG_MAIL__SMTP_PASSWORD", "hunter2"), ("YICHUANG_WECHAT__SECRET", "hunter2")];
    let settings = load(None, &secrets).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
}
