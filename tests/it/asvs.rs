//! OWASP ASVS 5.0: every requirement of levels one and two has its line in `tests/asvs.csv`, and the tests,
//! files and headings that a line names are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const HEADER: [&str; 4] = ["requirement", "level", "state", "evidence"];
const STATES: [&str; 5] = ["shown", "documented", "partly", "unmet", "not_applicable"];
/// Requirements of level one and of level two, chapter by chapter, V1 to V17.
const CHAPTERS: [(usize, usize); 17] = [
    (8, 19),
    (4, 7),
    (8, 11),
    (2, 8),
    (4, 5),
    (13, 22),
    (6, 12),
    (4, 3),
    (4, 3),
    (5, 24),
    (3, 11),
    (3, 6),
    (1, 12),
    (2, 7),
    (3, 10),
    (0, 16),
    (0, 7),
];
/// Between the names at the beginning of some evidence and what is said about them.
const SAID: &str = " — ";
/// Between a file and its heading.
const UNDER: &str = " § ";

/// One line of the table.
struct Line {
    requirement: String,
    level: String,
    state: String,
    evidence: String,
}

impl Line {
    /// Chapter, section and number.
    fn place(&self) -> Option<[usize; 3]> {
        let parts: Option<Vec<usize>> =
            self.requirement.strip_prefix('V')?.split('.').map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    }

    fn chapter(&self) -> Option<usize> {
        self.place().map(|[chapter, ..]| chapter).filter(|chapter| (1..=CHAPTERS.len()).contains(chapter))
    }

    /// The tests it names before anything is said.
    fn tests(&self) -> Vec<&str> {
        let names = self.evidence.split(SAID).next().unwrap_or_default();
        let names: Vec<&str> = names.split(' ').collect();
        let named = self.state == "shown" || names.iter().any(|name| name.contains("::"));
        if named { names } else { Vec::new() }
    }
}

fn page(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// The records of RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    assert!(field.is_empty() && record.is_empty(), "the last line is cut: {record:?} {field:?}");
    all
}

fn table() -> Vec<Line> {
    let text = page("tests/asvs.csv").unwrap();
    let mut records = records(&text).into_iter();
    assert_eq!(records.next().unwrap(), HEADER);
    let line = |record: Vec<String>| {
        let [requirement, level, state, evidence]: [String; 4] =
            record.try_into().unwrap_or_else(|record| panic!("not four columns: {record:?}"));
        Line { requirement, level, state, evidence }
    };
    records.map(line).collect()
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Whether a source has a test of that name.
fn has_test(source: &str, name: &str) -> bool {
    let (story, function) = (format!("story!({name},"), format!("fn {name}("));
    let mut marked = false;
    source.lines().map(str::trim).any(|line| {
        let found = line.starts_with(&story) || (marked && line.contains(&function));
        let goes_on = marked && (line.starts_with("#[") || line.starts_with("///"));
        marked = goes_on || line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        found
    })
}

/// Whether `module::path::test` of tests/it, or `lib:module::path::tests::test` of src, is a test.
fn is_test(name: &str) -> bool {
    let unit = name.strip_prefix("lib:");
    let (root, path) = unit.map_or(("tests/it", name), |path| ("src", path));
    let Some((module, test)) = path.rsplit_once("::") else { return false };
    let own = module.strip_suffix("::tests");
    if own.is_none() && unit.is_some() {
        return false;
    }
    let place = format!("{root}/{}", own.unwrap_or(module).replace("::", "/"));
    let beside = [".rs", "/mod.rs", "_tests.rs", "/tests.rs"];
    let files = if own.is_some() { &beside[..] } else { &beside[..2] };
    let mut sources = files.iter().filter_map(|ending| page(&format!("{place}{ending}")));
    sources.any(|source| has_test(&source, test))
}

/// Whether a file has a heading: a line of its own in a Markdown page, the words anywhere else.
fn has_heading(file: &str, heading: &str) -> bool {
    let Some(text) = page(file) else { return false };
    if heading.trim().is_empty() {
        return false;
    }
    if !file.ends_with(".md") {
        return text.contains(heading);
    }
    text.lines().any(|line| line.starts_with('#') && line.trim_start_matches('#').trim() == heading)
}

#[test]
fn every_requirement_has_its_line() {
    let mut found = Vec::new();
    let mut counts = [(0, 0); CHAPTERS.len()];
    let mut known = BTreeSet::new();
    let mut last = [0; 3];
    for line in table() {
        let id = &line.requirement;
        let (Some(place), Some(chapter)) = (line.place(), line.chapter()) else {
            found.push(format!("{id}: no requirement"));
            continue;
        };
        if !known.insert(id.clone()) {
            found.push(format!("{id}: more than one line"));
        } else if place <= last {
            found.push(format!("{id}: not in its place"));
        }
        last = place;
        match line.level.as_str() {
            "1" => counts[chapter - 1].0 += 1,
            "2" => counts[chapter - 1].1 += 1,
            other => found.push(format!("{id}: level {other:?}")),
        }
    }
    for (at, (counted, expected)) in counts.iter().zip(&CHAPTERS).enumerate() {
        if counted != expected {
            found.push(format!("V{}: {counted:?} lines of levels one and two, not {expected:?}", at + 1));
        }
    }
    none(&found);
}

#[test]
fn every_line_says_how_it_stands() {
    let mut found = Vec::new();
    let mut counts: BTreeMap<String, [usize; STATES.len()]> = BTreeMap::new();
    for line in table() {
        if line.evidence.trim().is_empty() {
            found.push(format!("{}: no evidence", line.requirement));
        }
        let Some(state) = STATES.iter().position(|state| *state == line.state) else {
            found.push(format!("{}: there is no state {:?}", line.requirement, line.state));
            continue;
        };
        for row in [format!("V{:02}", line.chapter().unwrap_or(0)), "all".to_owned()] {
            counts.entry(row).or_default()[state] += 1;
        }
    }
    eprintln!("     {STATES:?}");
    counts.iter().for_each(|(row, counts)| eprintln!("{row}: {counts:?}"));
    none(&found);
}

#[test]
fn what_a_line_names_exists() {
    let mut found = Vec::new();
    for line in table() {
        let id = &line.requirement;
        if line.state == "documented" {
            let named = line.evidence.split(SAID).next().unwrap_or_default();
            let there = named.split_once(UNDER).is_some_and(|(file, heading)| has_heading(file, heading));
            if !there {
                found.push(format!("{id}: nothing is documented at {named:?}"));
            }
        } else if line.state == "shown" || line.state == "partly" {
            let unknown = line.tests().into_iter().filter(|name| !is_test(name));
            found.extend(unknown.map(|name| format!("{id}: there is no test {name:?}")));
        }
    }
    none(&found);
}

#[test]
fn what_the_security_page_names_exists() {
    let text = page("docs/security.md").unwrap();
    let names: Vec<&str> = text.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
    assert!(names.len() > 40, "{}", names.len());
    none(&names.into_iter().filter(|name| !is_test(name)).map(str::to_owned).collect::<Vec<_>>());
}
