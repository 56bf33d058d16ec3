//! A line of the log is one event, whatever somebody wrote into a name, a header or an address.

use std::collections::BTreeMap;

use serde_json::Value;

use super::served::Run;
use super::trouble::FORGED;

/// What ends a line, moves a cursor or turns text around, somewhere.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

/// The ids of the requests that the product itself answered.
fn answered(run: &Run) -> Vec<String> {
    let of = |heads: &str| {
        let id = heads.split("\"x-request-id\": \"").nth(1)?;
        Some(id.split('"').next().unwrap().to_owned())
    };
    run.exchanges.lock().unwrap().iter().filter_map(|exchange| of(&exchange.headers)).collect()
}

/// Every line is an event, and every request is one line.
pub fn one_each(run: &Run, log: &[u8]) {
    let log = std::str::from_utf8(log).unwrap();
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    let (mut events, mut informed) = (0, 0);
    // The files' names stand between them.
    for line in log.split('\n').filter(|line| !line.is_empty() && !line.starts_with('/')) {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!line.contains(breaks), "{line:?}");
        for key in ["timestamp", "level", "target"] {
            assert!(event[key].is_string(), "{line}");
        }
        assert!(!line.contains(FORGED) || event["level"] == "TRACE", "{line}");
        events += 1;
        if event["level"] != "TRACE" && event["level"] != "DEBUG" {
            informed += 1;
        }
        if event["fields"]["message"] == "request" {
            let id = event["fields"]["request_id"].as_str().unwrap();
            *requests.entry(id.to_owned()).or_default() += 1;
        }
    }
    let answered = answered(run);
    assert!(answered.len() > 1000, "{} requests", answered.len());
    for id in &answered {
        assert_eq!(requests.get(id), Some(&1), "{id} has not one line");
    }
    eprintln!("{events} events, {informed} of them informed, {} requests", answered.len());
}
