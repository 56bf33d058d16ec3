//! Passwords: chosen by whoever has them, changed by them, long rather than odd, and guessed by nobody.

use serde_json::{Value, json};

use super::{PASSWORD, official, public, security, sets_up, signs_in};
use crate::story;
use crate::world::people::{Answer, Person};
use crate::world::{LINKOU, World};

#[test]
fn passwords_are_kept_as_argon2id_with_its_recommended_cost() {
    let hash = yichuang::usecases::sessions::hash_password(OLD).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(hash, yichuang::usecases::sessions::hash_password(OLD).unwrap(), "salted");
}

const OLD: &str = "a-long-password";

async fn changes(person: &Person, body: Value) -> Answer {
    person.put("/v1/me/password", None, &body).await
}

story!(somebody_changes_their_own_password_and_other_sessions_end, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let elsewhere = clerk.comes_back().await;
    let new = |password: &str, new: &str| json!({"password": password, "new_password": new});
    for (body, status, code) in [
        (new("not-this-one", PASSWORD), 422, "fields_invalid"),
        (new(OLD, "too-short"), 422, "password_too_short"),
        (new(OLD, "li-is-my-name"), 422, "password_too_easy"),
        (new(OLD, OLD), 422, "password_unchanged"),
        (new(OLD, &"x y".repeat(67)), 422, "fields_invalid"),
        (json!({"password": OLD}), 422, "fields_invalid"),
    ] {
        changes(&clerk, body).await.refused(status, code);
    }
    elsewhere.get("/v1/me").await.expect(200);
    changes(&clerk, new(OLD, PASSWORD)).await.expect(204);
    clerk.get("/v1/me").await.expect(200);
    elsewhere.get("/v1/me").await.refused(401, "not_signed_in");
    signs_in(&world, "10.0.0.2", "li", OLD, None).await.refused(401, "wrong_credentials");
    signs_in(&world, "10.0.0.2", "li", PASSWORD, None).await.expect(201);
    let resident = world.xiuying().await;
    changes(&resident, new(OLD, PASSWORD)).await.refused(403, "not_permitted");
});

story!(an_official_changes_it_with_the_second_factor_too, world, {
    let security = security(&world).await;
    let opened = security.post("/v1/staff", &official("zhang san")).await.expect(201);
    let code = opened["setup_code"].as_str().unwrap();
    assert_eq!(code.len(), 26, "130 bits");
    sets_up(&world, "zhang san", code, code).await.refused(422, "password_too_easy");
    let told = sets_up(&world, "zhang san", code, PASSWORD).await.expect(200);
    let (secret, uri) = (told["secret"].as_str().unwrap(), told["uri"].as_str().unwrap());
    assert!(uri.starts_with("otpauth://totp/Yichuang:zhang%20san?secret="), "{uri}");
    let body = json!({
        "kind": "staff", "username": "zhang san", "password": PASSWORD, "code": world.code(secret),
    });
    let zhang = Person::sign_in(&world, "zhang", &body).await;
    let new = |code: Option<String>| json!({"password": PASSWORD, "new_password": "three-other-words", "code": code});
    changes(&zhang, new(None)).await.refused(401, "second_factor_needed");
    changes(&zhang, new(Some(world.code(secret)))).await.refused(401, "second_factor_wrong");
    world.later(chrono::Duration::seconds(30));
    changes(&zhang, new(Some(world.code(secret)))).await.expect(204);
});

/// A clerk with that password, from the first setting to the sign-in.
async fn has(world: &World, security: &Person, username: &str, password: &str) -> Answer {
    let duty = json!({"role": "clerk", "region": LINKOU});
    let body = json!({"username": username, "name": "窗口人员", "duties": [duty]});
    let opened = security.post("/v1/staff", &body).await.expect(201);
    sets_up(world, username, opened["setup_code"].as_str().unwrap(), password).await
}

story!(a_password_is_taken_as_it_is_typed, world, {
    let security = security(&world).await;
    has(&world, &security, "w1", "九个字符的密码啊").await.refused(422, "password_too_short");
    for (username, password) in
        [("w2", "十个字符的密码在这里"), ("w3", "  blanks around it  "), ("w4", "Ünï-çødé ✓ 🀄 pass")]
    {
        has(&world, &security, username, password).await.expect(200);
        let from = format!("10.0.1.{}", &username[1..]);
        signs_in(&world, &from, username, password, None).await.expect(201);
    }
    has(&world, &security, "w5", &"y z".repeat(66)).await.expect(200);
    has(&world, &security, "w6", &"y z".repeat(67)).await.refused(422, "fields_invalid");
    let wrong = ["blanks around it", "  BLANKS around it  ", "  blanks around it", "  blanks around it  !"];
    for almost in wrong {
        signs_in(&world, "10.0.1.3", "w3", almost, None).await.refused(401, "wrong_credentials");
    }
    // Nobody has a new address for every try by saying so.
    let mut told = Vec::new();
    for address in 0..12 {
        let body = json!({"kind": "staff", "username": "w2", "password": "a-guess-or-two"});
        told.push(public(&world, "/v1/sessions", &format!("10.9.0.{address}"), &body).await.status);
    }
    assert!(told.ends_with(&[429]), "{told:?}");
});
