//! A forger's workshop: tokens that look like ours and are not.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::world::World;
use crate::world::people::Person;

pub fn base64(bytes: &[u8]) -> String {
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

pub fn claims(person: &Person) -> Value {
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

pub fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(key);
    } else {
        claims[key] = value;
    }
    claims
}

/// The server's own key, which a forger does not have: with it the tool shows that it can sign.
pub fn own_key(world: &World) -> (Vec<u8>, String) {
    let mut keys: Vec<_> = std::fs::read_dir(world.folder().join("token-keys")).unwrap().flatten().collect();
    keys.sort_by_key(std::fs::DirEntry::file_name);
    let path = keys.pop().unwrap().path();
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    (std::fs::read(&path).unwrap(), name.split_once('-').unwrap().1.to_owned())
}

/// A token with this header and these claims, signed with Ed25519.
pub fn signed(der: &[u8], kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = kid.map(str::to_owned);
    encode(&header, claims, &EncodingKey::from_ed_der(der)).unwrap()
}

fn raw(header: &Value, claims: &str, signature: &str) -> String {
    format!("{}.{}.{signature}", base64(header.to_string().as_bytes()), base64(claims.as_bytes()))
}

/// A header of the forger's own, properly signed by the forger's own key.
fn with_header(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let message = raw(header, &claims.to_string(), "");
    let message = message.trim_end_matches('.');
    format!("{message}.{}", base64(pair.sign(message.as_bytes()).as_ref()))
}

/// Every forgery, by name. `clerk` is the victim, `other` somebody with a token of their own.
pub fn forgeries(world: &World, clerk: &Person, other: &Person) -> Vec<(String, String)> {
    let (der, kid) = own_key(world);
    let (good, token) = (claims(clerk), clerk.token.as_str());
    let own = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
    let public = own.public_key().as_ref().to_vec();
    let mine = Ed25519KeyPair::generate().unwrap();
    let mine_der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = aws_lc_rs::encoding::AsDer::as_der(&mine).unwrap();
    let mine_der = mine_der.as_ref().to_vec();
    let parts: Vec<&str> = token.split('.').collect();
    let x = base64(&public);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));

    for algorithm in ["none", "None", "NONE", "nOnE", "EdDSA", "Ed25519", "", "ES256", "RS256", "PS256"] {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid});
        add(&format!("alg {algorithm:?} without a signature"), raw(&header, &good.to_string(), ""));
        add(&format!("alg {algorithm:?} with the old signature"), raw(&header, &good.to_string(), parts[2]));
    }
    for (name, secret) in [
        ("raw public key", public.clone()),
        ("public key in base64", x.clone().into_bytes()),
        ("private key file", der.clone()),
        ("key id", kid.clone().into_bytes()),
        ("nothing", vec![0]),
        ("a weak word", b"secret".to_vec()),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            header.kid = Some(kid.clone());
            let token = encode(&header, &good, &EncodingKey::from_secret(&secret)).unwrap();
            add(&format!("{algorithm:?} keyed with {name}"), token);
        }
    }
    add("another key under our id", signed(&mine_der, Some(&kid), &good));
    add("another key without id", signed(&mine_der, None, &good));
    add("our key without id", signed(&der, None, &good));
    for name in ["", "unknown", "../../token-keys", "/dev/null", "' OR 1=1 --", "0", &x] {
        add(&format!("key id {name:?}"), signed(&mine_der, Some(name), &good));
        add(&format!("our key under id {name:?}"), signed(&der, Some(name), &good));
    }
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64(mine.public_key().as_ref())});
    for (name, member) in [
        ("jwk", json!({"jwk": jwk})),
        ("jku", json!({"jku": "http://127.0.0.1:9/keys.json"})),
        ("x5u", json!({"x5u": "http://127.0.0.1:9/cert.pem"})),
        ("crit", json!({"crit": ["exp"]})),
        ("b64", json!({"b64": false, "crit": ["b64"]})),
        ("zip", json!({"zip": "DEF"})),
        ("cty", json!({"cty": "JWT"})),
    ] {
        let mut header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid});
        header.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        add(&format!("header with {name}, signed by the forger"), with_header(&mine, &header, &good));
    }
    let now = good["iat"].as_i64().unwrap();
    for (claim, value) in [
        ("exp", json!(now - 1)),
        ("exp", json!(now)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!("2099-01-01")),
        ("exp", json!([now + 60])),
        ("exp", Value::Null),
        ("iss", json!("somebody")),
        ("iss", json!("")),
        ("iss", Value::Null),
        ("aud", json!("elsewhere")),
        ("aud", json!("mini_program")),
        ("aud", json!("field")),
        ("aud", json!(["desk", "field"])),
        ("aud", Value::Null),
        ("typ", json!("refresh")),
        ("typ", Value::Null),
        ("sub", json!("01890000-0000-7000-8000-000000000000")),
        ("sub", json!("' OR 1=1 --")),
        ("sub", claims(other)["sub"].clone()),
        ("sub", Value::Null),
        ("sid", json!("01890000-0000-7000-8000-000000000000")),
        ("sid", claims(other)["sid"].clone()),
        ("sid", Value::Null),
    ] {
        let name = format!("signed by us, {claim} {value}");
        add(&name, signed(&der, Some(&kid), &with(&good, claim, value)));
    }
    let others = other.token.split('.').nth(1).unwrap();
    add("somebody else's claims", format!("{}.{others}.{}", parts[0], parts[2]));
    add("cut by a letter", token[..token.len() - 1].to_owned());
    add("half of it", token[..token.len() / 2].to_owned());
    add("without signature", format!("{}.{}", parts[0], parts[1]));
    add("an empty fourth part", format!("{token}."));
    add("an encrypted token's five parts", format!("{token}.x.y"));
    add("twice", format!("{token}.{token}"));
    add("padded", format!("{token}="));
    add("only dots", "..".to_owned());
    add("nothing", String::new());
    add("a refresh token", clerk.refresh_token.clone());
    add("claims that are no object", raw(&json!({"alg": "EdDSA", "kid": kid}), "[]", parts[2]));
    all
}
