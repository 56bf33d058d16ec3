//! The keys of access tokens: made, published, replaced and dropped while tokens are out.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use yichuang::adapters::tokens::Tokens;
use yichuang::domain::client::Client;

use super::asks;
use crate::story;
use crate::world::{LINKOU, World, opening, temp_folder};

async fn published(world: &World) -> JwkSet {
    let told = asks(world, "GET", "/.well-known/jwks.json", b"").await;
    assert_eq!(told.headers["cache-control"], "public, max-age=60");
    let text = told.text.clone();
    assert!(!text.contains("\"d\""), "a private key is published: {text}");
    serde_json::from_value(told.expect(200)).unwrap()
}

story!(anybody_verifies_a_token_with_the_published_key, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let keys = published(&world).await;
    let kid = decode_header(&clerk.token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.validate_exp = false;
    rules.set_audience(&["desk"]);
    let claims = decode::<Value>(&clerk.token, &key, &rules).unwrap().claims;
    assert_eq!(claims["iss"], "yichuang");
});

story!(a_new_key_signs_and_the_old_one_still_opens_until_it_is_dropped, world, {
    let tokens = world.office().outside().tokens.clone();
    let before = world.clerk("li", LINKOU).await;
    let old = decode_header(&before.token).unwrap().kid.unwrap();
    world.later(chrono::Duration::seconds(10));
    tokens.rotate(world.office().now()).unwrap();
    assert_eq!(published(&world).await.keys.len(), 2);
    // Not at once: another instance has to hear of it first.
    let early = world.clerk("early", LINKOU).await;
    assert_eq!(decode_header(&early.token).unwrap().kid.unwrap(), old);
    world.later(chrono::Duration::seconds(10));
    let after = world.clerk("chen", LINKOU).await;
    let new = decode_header(&after.token).unwrap().kid.unwrap();
    assert_ne!(new, old);
    before.get("/v1/me").await.expect(200);
    after.get("/v1/me").await.expect(200);
    assert!(tokens.drop_key(&old).unwrap());
    // A verified token is remembered for five seconds.
    tokio::time::sleep(std::time::Duration::from_millis(5200)).await;
    before.get("/v1/me").await.refused(401, "not_signed_in");
    after.get("/v1/me").await.expect(200);
    // The session itself goes on with a token of the new key; the last key cannot be dropped.
    let body = json!({"kind": "refresh", "refresh_token": before.refresh_token});
    crate::world::people::Person::sign_in(&world, "li", &body).await.get("/v1/me").await.expect(200);
    assert!(!tokens.drop_key(&new).unwrap() && !tokens.drop_key("no such key").unwrap());
});

#[test]
fn instances_that_share_a_folder_share_their_keys() {
    let (folder, now) = (temp_folder(), opening());
    let one = Tokens::open(&folder, "yichuang", now).unwrap();
    let two = Tokens::open(&folder, "yichuang", now).unwrap();
    let elsewhere = Tokens::open(&temp_folder(), "yichuang", now).unwrap();
    let account = yichuang::adapters::clock::new_id(now);
    let issue = |by: &Tokens, at| by.issue(account, account, Client::Desk, at, 15).unwrap();
    let token = issue(&one, now);
    assert!(two.verify(&token, now).is_some() && elsewhere.verify(&token, now).is_none());
    one.rotate(now + chrono::Duration::seconds(10)).unwrap();
    let later = now + chrono::Duration::seconds(20);
    let token = issue(&one, later);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert!(two.verify(&token, later).is_some(), "a key made elsewhere is heard of");
    // A day after its successor was made, a key goes with the next rotation.
    one.rotate(now + chrono::Duration::days(1)).unwrap();
    one.rotate(now + chrono::Duration::days(3)).unwrap();
    assert_eq!(one.public_keys().keys.len(), 2);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_key_from_before_there_was_a_ring_moves_into_it() {
    let (folder, now) = (temp_folder(), opening());
    let ring = folder.join("token-keys");
    let first = Tokens::open(&folder, "yichuang", now).unwrap().public_keys();
    let file = std::fs::read_dir(&ring).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(file, folder.join("token-key.der")).unwrap();
    let again = Tokens::open(&folder, "yichuang", now).unwrap().public_keys();
    assert_eq!(again, first);
    assert!(!folder.join("token-key.der").exists());
    for broken in [b"".as_slice(), b"not a key", &[0; 48]] {
        std::fs::write(ring.join("9-x.der"), broken).unwrap();
        assert!(Tokens::open(&folder, "yichuang", now).is_err(), "a broken key is not passed over");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
