//! Tokens that are not ours: every one is the same refusal, whatever is wrong with it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::story;
use crate::world::people::{Answer, Person, answer};
use crate::world::{LINKOU, World};

async fn me(world: &World, authorization: &[u8]) -> Answer {
    let value = reqwest::header::HeaderValue::from_bytes(authorization).unwrap();
    let request = world.client().get(format!("{}/v1/me", world.base())).header("authorization", value);
    answer(request.send().await.unwrap()).await
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..=chunk.len() {
            text.push(char::from(LETTERS[(word >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text
}

fn claims(person: &Person) -> Value {
    let part = person.token.split('.').nth(1).unwrap();
    let decode = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let bits: Vec<u8> = part.bytes().map(decode).collect();
    let bytes: Vec<u8> = bits
        .chunks(4)
        .flat_map(|chunk| {
            let word =
                (0..4).fold(0_u32, |word, at| word << 6 | u32::from(chunk.get(at).copied().unwrap_or(0)));
            word.to_be_bytes()[1..chunk.len()].to_vec()
        })
        .collect();
    serde_json::from_slice(&bytes).unwrap()
}

fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(key);
    } else {
        claims[key] = value;
    }
    claims
}

story!(forged_tokens_are_strangers, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let other = world.clerk("chen", LINKOU).await;
    let good = claims(&clerk);
    let der = std::fs::read(world.folder().join("token-key.der")).unwrap();
    let own = EncodingKey::from_ed_der(&der);
    let public = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap().public_key().as_ref().to_vec();
    let signed = |claims: &Value| encode(&Header::new(Algorithm::EdDSA), claims, &own).unwrap();
    // The tool itself works: what is signed as the server signs is let in.
    assert_eq!(
        me(&world, format!("Bearer {}", signed(&good)).as_bytes()).await.expect(200)["name"],
        "窗口小李"
    );

    let none = |algorithm: &str, signature: &str| {
        let header = base64(json!({"alg": algorithm, "typ": "JWT"}).to_string().as_bytes());
        format!("{header}.{}.{signature}", base64(good.to_string().as_bytes()))
    };
    let confused = |secret: &[u8]| {
        encode(&Header::new(Algorithm::HS256), &good, &EncodingKey::from_secret(secret)).unwrap()
    };
    let stranger = Ed25519KeyPair::generate().unwrap();
    let stranger: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
        aws_lc_rs::encoding::AsDer::as_der(&stranger).unwrap();
    let stranger = EncodingKey::from_ed_der(stranger.as_ref());
    let (token, now) = (&clerk.token, good["iat"].as_i64().unwrap());
    let parts: Vec<&str> = token.split('.').collect();
    let others_claims = other.token.split('.').nth(1).unwrap();
    let mut forged = vec![
        none("none", ""),
        none("None", ""),
        none("NONE", parts[2]),
        none("EdDSA", ""),
        confused(&public),
        confused(base64(&public).as_bytes()),
        confused(&der),
        encode(&Header::new(Algorithm::EdDSA), &good, &stranger).unwrap(),
        format!("{}.{others_claims}.{}", parts[0], parts[2]),
        token[..token.len() - 1].to_owned(),
        token[..token.len() / 2].to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}."),
        format!("{token}.{token}"),
        "..".to_owned(),
        String::new(),
        clerk.refresh_token.clone(),
    ];
    for (claim, value) in [
        ("exp", json!(now - 1)),
        ("exp", json!(now)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("2099-01-01")),
        ("exp", Value::Null),
        ("iss", json!("somebody")),
        ("iss", Value::Null),
        ("aud", json!("elsewhere")),
        ("aud", Value::Null),
        ("typ", json!("refresh")),
        ("typ", Value::Null),
        ("sub", json!("01890000-0000-7000-8000-000000000000")),
        ("sub", json!("' OR 1=1 --")),
        ("sub", claims(&other)["sub"].clone()),
        ("sid", json!("01890000-0000-7000-8000-000000000000")),
        ("sid", claims(&other)["sid"].clone()),
        ("sid", Value::Null),
    ] {
        forged.push(signed(&with(&good, claim, value)));
    }
    for token in &forged {
        me(&world, format!("Bearer {token}").as_bytes()).await.refused(401, "not_signed_in");
    }
    for header in [b"".as_slice(), b"Bearer", b"Basic bGk6eA==", b"bearer x", b"Bearer \xff\xfe", b"Bearer  "]
    {
        let refused = me(&world, header).await;
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
        refused.refused(401, "not_signed_in");
    }
    assert_eq!(me(&world, format!("Bearer {token}").as_bytes()).await.expect(200)["name"], "窗口小李");
});

story!(tokens_end_with_time_sign_out_and_a_copy_in_use, world, {
    let clerk = world.clerk("li", LINKOU).await;
    world.later(chrono::Duration::minutes(14));
    clerk.get("/v1/me").await.expect(200);
    world.later(chrono::Duration::minutes(1));
    clerk.get("/v1/me").await.refused(401, "not_signed_in");
    let refresh = async |token: &str| {
        let body = json!({"kind": "refresh", "refresh_token": token});
        crate::world::people::send(&world, reqwest::Method::POST, "/v1/sessions", None, &[], Some(&body))
            .await
    };
    let renewed = refresh(&clerk.refresh_token).await.expect(201);
    let token = |of: &Value| Person {
        token: of["access_token"].as_str().unwrap().to_owned(),
        refresh_token: of["refresh_token"].as_str().unwrap().to_owned(),
        ..clerk.clone()
    };
    let renewed = token(&renewed);
    renewed.get("/v1/me").await.expect(200);
    // The old one again: somebody has a copy, so both are out.
    refresh(&clerk.refresh_token).await.refused(401, "refresh_invalid");
    refresh(&renewed.refresh_token).await.refused(401, "refresh_invalid");
    renewed.get("/v1/me").await.refused(401, "not_signed_in");
    for nonsense in ["", ".", "x.y", "01890000-0000-7000-8000-000000000000.x"] {
        let status = refresh(nonsense).await.status;
        assert!(matches!(status, 401 | 422), "{nonsense}: {status}");
    }

    let other = world.clerk("chen", LINKOU).await;
    let out = crate::world::people::send(
        &world,
        reqwest::Method::DELETE,
        "/v1/sessions/current",
        Some(&other.token),
        &[],
        None,
    );
    out.await.expect(204);
    other.get("/v1/me").await.refused(401, "not_signed_in");
    refresh(&other.refresh_token).await.refused(401, "refresh_invalid");
});
