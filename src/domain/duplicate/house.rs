//! 地址比对: one house, told from the province down or from the lane on, in Chinese or Arabic numerals, in wide or
//! narrow characters.

use super::reason::Reason;

/// How the community is called, which people leave out at home.
const COMMUNITY: [&str; 3] = ["社区", "村", "居委会"];

/// The address without what only its writing has: widths, blanks, numerals in characters.
pub fn plain(address: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '—' | '–' | '之' => '-',
        other => other,
    };
    let kept = address.chars().map(narrow).filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '、'));
    numerals(&kept.collect::<String>().to_lowercase())
}

fn digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// 十二 becomes 12, 一二 becomes 12, 一百零二 becomes 102.
fn numerals(text: &str) -> String {
    let mut plain = String::new();
    let mut run: Vec<char> = Vec::new();
    for c in text.chars().chain(['\0']) {
        if digit(c).is_some() || matches!(c, '十' | '百') {
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            plain.push_str(&number(&run));
            run.clear();
        }
        if c != '\0' {
            plain.push(c);
        }
    }
    plain
}

fn number(run: &[char]) -> String {
    if !run.iter().any(|c| matches!(c, '十' | '百')) {
        return run.iter().filter_map(|c| digit(*c)).map(|digit| digit.to_string()).collect();
    }
    let (mut sum, mut digit_before) = (0, None);
    for c in run {
        match (c, digit(*c)) {
            ('百', _) => sum += digit_before.take().unwrap_or(1) * 100,
            ('十', _) => sum += digit_before.take().unwrap_or(1) * 10,
            (_, Some(0)) => {}
            (_, found) => digit_before = found,
        }
    }
    (sum + digit_before.unwrap_or(0)).to_string()
}

/// What follows the last of these places, unless nothing does.
fn after<'a>(address: &'a str, places: &[&str]) -> &'a str {
    let ends = places.iter().filter_map(|place| address.find(place).map(|at| at + place.len()));
    let end = ends.max().unwrap_or(0);
    match address.get(end..) {
        Some("") | None => address,
        Some(rest) => rest,
    }
}

/// From the community on.
fn local(address: &str) -> String {
    let plain = plain(address);
    // 区 is a district above a street, and a part of a community below it.
    match plain.find("街道").or_else(|| plain.find('镇')) {
        Some(_) => after(&plain, &["街道", "镇"]).to_owned(),
        None => after(&plain, &["省", "市", "县"]).to_owned(),
    }
}

/// 门牌: from the lane on, by which a house is found whichever way it is told; `None` where there is no number.
pub fn tail(address: &str) -> Option<String> {
    let local = local(address);
    let tail = after(&local, &COMMUNITY);
    tail.chars().any(|c| c.is_ascii_digit()).then(|| tail.to_owned())
}

/// What two addresses have in common.
pub fn likeness(one: &str, other: &str) -> Option<Reason> {
    let (one, other) = (local(one), local(other));
    if one == other {
        return Some(Reason::SameAddress);
    }
    let (long, short) = if one.len() >= other.len() { (one, other) } else { (other, one) };
    let rest = long.strip_suffix(short.as_str())?;
    let numbered = short.chars().any(|c| c.is_ascii_digit());
    // 2号 is not the end of 12号.
    let cut = rest.ends_with(|c: char| c.is_ascii_digit()) && short.starts_with(|c: char| c.is_ascii_digit());
    // What one left out is the community, not a lane of it.
    let community = COMMUNITY.iter().any(|place| rest.ends_with(place));
    (numbered && !cut && community).then_some(Reason::NearAddress)
}
