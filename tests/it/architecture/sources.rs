//! The source files as the architecture test reads them: without comments, strings and tests.

use std::path::Path;

/// One file.
pub struct Source {
    /// From the root of the tree, with `/`.
    pub path: String,
    /// `domain::action` for `src/domain/action.rs`.
    pub module: String,
    /// As it is.
    pub text: String,
    /// Line by line the same, without comments, strings and whatever only tests compile.
    pub code: String,
}

/// Every Rust file below a folder, test modules of the product excepted.
pub fn tree(root: &Path, folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    walk(root, folder, &mut found);
    assert!(!found.is_empty(), "{folder} is empty");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &Path, folder: &str, into: &mut Vec<Source>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            walk(root, &path, into);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let tests = name == "tests.rs" || name.ends_with("_tests.rs");
            let code = if tests { String::new() } else { without_tests(&bare(&text)) };
            into.push(Source { module: module(&path), path, text, code });
        }
    }
}

fn module(path: &str) -> String {
    let inner = path.split_once('/').unwrap().1.trim_end_matches(".rs");
    inner.trim_end_matches("/mod").replace('/', "::")
}

/// Comments and the insides of strings become blanks; lines stay lines.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                out.push('"');
                while let Some(inner) = rest.next() {
                    match inner {
                        '\\' => out.extend(rest.next().filter(|c| *c == '\n')),
                        '"' => break,
                        '\n' => out.push('\n'),
                        _ => {}
                    }
                }
                out.push('"');
            }
            // A character or a lifetime: neither may open a string.
            '\'' => {
                out.push('\'');
                if rest.next_if_eq(&'\\').is_some() {
                    rest.next();
                } else {
                    rest.next_if_eq(&'"');
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Leaves out every item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let skipped = item_end(&rest[at..]);
        out.extend(rest[at..at + skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[at + skipped..];
    }
    out + rest
}

/// Where an item ends: at its `;`, or at the brace that closes its first one.
fn item_end(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Whether the word stands there as a whole, or begins a longer CamelCase name.
pub fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(|c| c.is_lowercase() || c.is_numeric() || c == '_')
    })
}

#[test]
fn reading_leaves_only_what_the_product_compiles() {
    let text = "use a; // diesel\nlet s = \"diesel \\\" x\";\nlet q = '\"'; let l: &'static str;\n\
                #[cfg(test)]\nmod tests {\n    use diesel;\n}\nfn after() {}\n";
    let code = without_tests(&bare(text));
    assert!(!code.contains("diesel") && code.contains("fn after") && code.contains("'static str"), "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
    assert!(has_word("PgConnection", "Pg") && has_word("Conn::Pg(c)", "Pg") && !has_word("Pgp Epg", "Pg"));
}
