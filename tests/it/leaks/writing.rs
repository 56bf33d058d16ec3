//! Every form in which a program writes a value down.

/// Shorter than this anything is found anywhere.
pub const SHORTEST: usize = 6;

pub const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

type Form = (&'static str, Vec<u8>);

fn hex(bytes: &[u8], upper: bool) -> Vec<u8> {
    let digit = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    bytes.iter().map(digit).collect::<String>().into_bytes()
}

fn joined(bytes: &[u8], between: &str) -> Vec<u8> {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between).into_bytes()
}

/// The letters of a base64 text that a value fixes, wherever in the encoded bytes it begins.
pub fn base64(bytes: &[u8], offset: usize, letters: &[u8]) -> Vec<u8> {
    let bits: Vec<bool> = std::iter::repeat_n(0, offset)
        .chain(bytes.iter().copied())
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let letter = |six: &[bool]| letters[six.iter().fold(0, |word, bit| word << 1 | usize::from(*bit))];
    bits.chunks_exact(6).map(letter).skip((offset * 8).div_ceil(6)).collect()
}

fn percent(bytes: &[u8], upper: bool, all: bool) -> Vec<u8> {
    let mut told = Vec::new();
    for byte in bytes {
        if !all && (byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
            told.push(*byte);
        } else {
            told.push(b'%');
            told.extend(hex(&[*byte], upper));
        }
    }
    told
}

fn escaped(text: &str, all: bool, write: impl Fn(char) -> String) -> Vec<u8> {
    let one = |c: char| if all || !c.is_ascii() { write(c) } else { c.to_string() };
    text.chars().map(one).collect::<String>().into_bytes()
}

fn units(c: char, upper: bool) -> String {
    let mut units = [0; 2];
    let unit = |unit: &u16| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
    c.encode_utf16(&mut units).iter().map(unit).collect()
}

/// Every way a value is looked for.
pub fn forms(value: &[u8]) -> Vec<Form> {
    let mut forms: Vec<Form> = vec![
        ("plain", value.to_vec()),
        ("hex", hex(value, false)),
        ("HEX", hex(value, true)),
        ("a list of bytes", joined(value, ", ")),
        ("a JSON list of bytes", joined(value, ",")),
        ("percent, lower", percent(value, false, false)),
        ("percent, upper", percent(value, true, false)),
        ("percent, every byte", percent(value, true, true)),
        ("bytes escaped", value.escape_ascii().to_string().into_bytes()),
    ];
    for offset in 0..3 {
        forms.push(("base64", base64(value, offset, STANDARD)));
        forms.push(("base64url", base64(value, offset, FOR_URLS)));
    }
    if let Ok(text) = std::str::from_utf8(value) {
        let wide = |unit: u16| unit.to_le_bytes();
        forms.extend([
            ("JSON escapes", escaped(text, false, |c| units(c, false))),
            ("JSON ESCAPES", escaped(text, false, |c| units(c, true))),
            ("JSON escapes throughout", escaped(text, true, |c| units(c, false))),
            ("Rust escapes", escaped(text, false, |c| c.escape_unicode().to_string())),
            (
                "quoted-printable",
                String::from_utf8(percent(value, true, false)).unwrap().replace('%', "=").into(),
            ),
            ("UTF-16", text.encode_utf16().flat_map(wide).collect()),
            ("base64 twice", base64(&base64(value, 0, STANDARD), 0, STANDARD)),
        ]);
    }
    forms.retain(|(_, form)| form.len() >= SHORTEST);
    forms.sort_by(|a, b| a.1.cmp(&b.1));
    forms.dedup_by(|a, b| a.1 == b.1);
    forms
}
