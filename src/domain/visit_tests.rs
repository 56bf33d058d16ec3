//! Clocks of devices are wrong in every way; a visit ends once, and sensibly.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-23T{text}:00Z").parse().unwrap()
}

fn visit() -> Visit {
    Visit {
        id: Uuid::nil(),
        staff: Uuid::nil(),
        region: Region::parse("350582006001001").unwrap(),
        purpose: VisitPurpose::Care,
        address: Sensitive::new("中区12号".to_owned()),
        latitude: 24.7,
        longitude: 118.5,
        accuracy: None,
        started_at: at("01:00"),
        received_at: at("01:30"),
        skew_seconds: 0,
        follows: None,
        mandate: None,
        report: None,
    }
}

fn report(outcome: VisitOutcome) -> VisitReport {
    VisitReport { outcome, ended_at: at("01:20"), needs: Vec::new(), revisit_on: None, note: None }
}

#[test]
fn a_wrong_clock_is_put_right_and_the_way_over_the_network_is_no_error() {
    let received = at("08:00");
    assert_eq!(skew(None, received), Duration::zero());
    assert_eq!(skew(Some(at("07:56")), received), Duration::zero());
    assert_eq!(skew(Some(at("08:04")), received), Duration::zero());
    assert_eq!(skew(Some(at("07:00")), received), Duration::hours(1));
    assert_eq!(skew(Some(received + Duration::days(730)), received), Duration::days(-730));
}

#[test]
fn it_begins_before_now_and_within_the_year() {
    assert!(visit().check_start().is_ok());
    let refused = |started_at| Visit { started_at, ..visit() }.check_start().unwrap_err().code;
    assert_eq!(refused(at("01:36")), "visit_in_future");
    assert_eq!(refused(at("01:30") - Duration::days(367)), "visit_too_old");
}

#[test]
fn it_ends_once_and_sensibly() {
    let day = |text: &str| Some(text.parse().unwrap());
    let need = VisitNeed { about: "需要轮椅".to_owned(), by: None };
    let codes = |report: VisitReport| -> Vec<String> {
        let errors = visit().end(report, at("01:30")).map_or_else(|refusal| refusal.errors, |()| Vec::new());
        errors.into_iter().map(|error| error.code.into_owned()).collect()
    };
    use VisitOutcome as O;
    assert!(codes(VisitReport { needs: vec![need.clone()], ..report(O::Home) }).is_empty());
    assert!(codes(VisitReport { revisit_on: day("2026-11-24"), ..report(O::Absent) }).is_empty());
    for (wrong, expected) in [
        (VisitReport { ended_at: at("00:59"), ..report(O::Home) }, "before_start"),
        (VisitReport { ended_at: at("01:36"), ..report(O::Home) }, "in_future"),
        (VisitReport { revisit_on: day("2026-11-23"), ..report(O::Absent) }, "not_ahead"),
        (VisitReport { revisit_on: day("2027-11-24"), ..report(O::Absent) }, "not_ahead"),
        (VisitReport { revisit_on: day("2026-11-25"), ..report(O::Moved) }, "nobody_there"),
        (VisitReport { needs: vec![need], ..report(O::Refused) }, "nobody_met"),
    ] {
        assert_eq!(codes(wrong), [expected]);
    }
    let mut ended = visit();
    ended.end(report(O::Absent), at("01:30")).unwrap();
    assert_eq!(ended.end(report(O::Home), at("01:30")).unwrap_err().code, "visit_ended");
    assert_eq!(ended.report.unwrap().outcome, O::Absent, "the first word stands");
}

#[test]
fn names_come_back() {
    for purpose in ["service", "follow_up", "census", "care", "alive_check"] {
        let parsed = VisitPurpose::from_name(purpose).unwrap();
        assert_eq!((parsed.name(), serde_json::to_value(parsed).unwrap()), (purpose, purpose.into()));
        assert!(!parsed.text().zh.is_empty());
    }
    assert_eq!(VisitPurpose::from_name("spying"), None);
}
