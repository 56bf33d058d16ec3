//! The lifecycle diagram of the READMEs is rendered from the table, so it cannot drift away from it.
//! `YICHUANG_BLESS=1 cargo test readme_diagram` writes it anew between the markers.

use std::fmt::Write;
use std::path::Path;

use yichuang::domain::lifecycle::{ActionKind, Role, Status, TABLE};
use yichuang::domain::text::Text;

const BEGIN: &str = "<!-- lifecycle -->";
const END: &str = "<!-- /lifecycle -->";

/// Which of the two languages of a text.
type Reader = fn(&Text) -> &str;

fn zh(text: &Text) -> &str {
    &text.zh
}

fn en(text: &Text) -> &str {
    &text.en
}

/// One arrow per pair of statuses, labelled with every action that leads along it; what the clock alone
/// does carries a clock. Acts that leave the status as it is are no arrows.
fn diagram(reader: Reader) -> String {
    let mut text = "```mermaid\nstateDiagram-v2\n".to_owned();
    for status in Status::ALL {
        writeln!(text, "    {}: {}", status.name(), reader(&status.label())).unwrap();
    }
    writeln!(text, "    [*] --> {}", Status::Draft.name()).unwrap();
    for (from, to) in Status::ALL.iter().flat_map(|from| Status::ALL.iter().map(move |to| (*from, *to))) {
        let mut labels: Vec<String> = Vec::new();
        for row in TABLE.iter().filter(|row| row.from == from && row.to == to && from != to) {
            let label = along(reader, row.action, row.roles);
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        if !labels.is_empty() {
            writeln!(text, "    {} --> {}: {}", from.name(), to.name(), labels.join(" / ")).unwrap();
        }
    }
    for status in Status::ALL.into_iter().filter(|status| status.is_terminal()) {
        writeln!(text, "    {} --> [*]", status.name()).unwrap();
    }
    text + "```"
}

fn along(reader: Reader, action: ActionKind, roles: &[Role]) -> String {
    let clock = if roles == [Role::Clock] { "⏰ " } else { "" };
    format!("{clock}{}", reader(&action.label()))
}

/// What stands between the markers, and what stands before and after.
fn parts(page: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (block, after) = rest.split_once(END)?;
    Some((before, block.trim(), after))
}

fn check(file: &str, reader: Reader) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (before, block, after) =
        parts(&page).unwrap_or_else(|| panic!("{file} has no markers {BEGIN} {END}"));
    let drawn = diagram(reader);
    if std::env::var_os("YICHUANG_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}\n{drawn}\n{END}{after}")).unwrap();
        return;
    }
    assert_eq!(block, drawn, "{file} is stale; YICHUANG_BLESS=1 rewrites it. The diagram:\n{drawn}");
}

#[test]
fn the_chinese_readme_shows_the_table() {
    check("README.zh-CN.md", zh);
}

#[test]
fn the_english_readme_shows_the_table() {
    check("README.md", en);
}

/// Mermaid reads `: ` as the end of a name and `;` or a line break as the end of a statement.
#[test]
fn no_label_breaks_the_diagram() {
    for row in TABLE {
        for text in [row.action.label(), row.from.label(), row.to.label()] {
            assert!(
                ![zh(&text), en(&text)].iter().any(|label| label.contains([':', ';', '\n', '#'])),
                "{text:?}"
            );
        }
    }
}
