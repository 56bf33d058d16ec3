//! Which file imports which: every `crate::`, `super::` and `self::` path, resolved to the file that
//! defines what it names, through re-exports.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;

type Path = Vec<String>;

/// Absolute paths, without the leading `crate`, that a file names.
pub fn paths(file: &Source, all: &[Source]) -> Vec<Path> {
    named(file, all).into_iter().map(|(_, path)| path).collect()
}

fn segments(text: &str) -> Path {
    text.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every path with whether it is re-exported.
fn named(file: &Source, all: &[Source]) -> Vec<(bool, Path)> {
    let own = segments(&file.module);
    let parts: Vec<String> = all
        .iter()
        .filter_map(|other| other.module.strip_prefix(&format!("{}::", file.module)))
        .filter(|rest| !rest.contains("::"))
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    let mut code = file.code.clone();
    while let Some(at) = use_at(&code) {
        let end = code[at..].find(';').map_or(code.len(), |end| at + end);
        let public = code[..at].trim_end().ends_with("pub");
        let tree: String = code[at + 4..end].split_whitespace().collect::<Vec<_>>().join(" ");
        found.extend(branches(&tree).into_iter().map(|path| (public, path)));
        code.replace_range(at..end, "");
    }
    found.extend(in_expressions(&code).into_iter().map(|path| (false, path)));
    found.into_iter().filter_map(|(public, path)| Some((public, absolute(&own, &parts, &path)?))).collect()
}

fn use_at(code: &str) -> Option<usize> {
    let starts = |at: usize| code[..at].chars().next_back().is_none_or(|before| before.is_whitespace());
    code.match_indices("use ").map(|(at, _)| at).find(|at| starts(*at))
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn branches(tree: &str) -> Vec<Path> {
    let tree = tree.trim();
    let Some((stem, inner)) = tree.split_once('{') else {
        return vec![segments(tree.split(" as ").next().unwrap_or_default())];
    };
    let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let branch = inner[start..at].trim();
                if !branch.is_empty() {
                    found.extend(branches(&format!("{stem}{branch}")));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// Paths of two and more names in the code itself.
fn in_expressions(code: &str) -> Vec<Path> {
    let words: Vec<&str> = code.split(|c: char| !is_name(c) && c != ':').collect();
    words.into_iter().filter(|word| word.contains("::")).map(segments).collect()
}

fn absolute(own: &[String], parts: &[String], path: &[String]) -> Option<Path> {
    let first = path.first()?;
    let mut base = own.to_vec();
    let mut rest = path;
    match first.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        // The binary names the library by its crate's name.
        "yichuang" => return Some(path[1..].to_vec()),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        part if parts.iter().any(|own| own == part) => {}
        _ => return None,
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// Which file imports which. A part that uses what it is part of (`a::b` uses `a`) is one thing in two
/// files, not an import.
fn graph(files: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeSet<&str> = files.iter().map(|file| file.module.as_str()).collect();
    let named: Vec<(&Source, Vec<(bool, Path)>)> =
        files.iter().map(|file| (file, named(file, files))).collect();
    let mut shown: BTreeMap<Path, Path> = BTreeMap::new();
    for (file, paths) in &named {
        for (_, path) in paths.iter().filter(|(public, _)| *public) {
            let name = segments(&file.module).into_iter().chain(path.last().cloned()).collect();
            shown.insert(name, path.clone());
        }
    }
    let resolve = |path: &Path| -> Option<String> {
        let mut path = path.clone();
        for _ in 0..5 {
            let depth = (1..=path.len()).rev().find(|n| modules.contains(path[..*n].join("::").as_str()))?;
            match path.get(..=depth).and_then(|shown_as| shown.get(shown_as)) {
                Some(real) if real[..] != path[..=depth] => {
                    path = real.iter().chain(&path[depth + 1..]).cloned().collect();
                }
                _ => return Some(path[..depth].join("::")),
            }
        }
        None
    };
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, paths) in &named {
        let outer = |to: &String| file.module.starts_with(&format!("{to}::"));
        let shows = |public: bool, to: &String| public && to.starts_with(&format!("{}::", file.module));
        for (public, path) in paths {
            let to = resolve(path).filter(|to| *to != file.module && !outer(to) && !shows(*public, to));
            edges.entry(file.module.clone()).or_default().extend(to);
        }
    }
    edges
}

/// Groups of files each of which reaches every other.
pub fn knots(files: &[Source]) -> Vec<Vec<String>> {
    let edges = graph(files);
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > files.len(), "no imports were read");
    let reach = |from: &String| -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = vec![from];
        while let Some(at) = next.pop() {
            for to in edges.get(at).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|from| (from, reach(from))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (from, seen) in reached.iter().filter(|(from, seen)| seen.contains(**from)) {
        let back = |to: &&String| reached.get(to).is_some_and(|back| back.contains(*from));
        found.insert(seen.iter().filter(back).cloned().collect());
    }
    found.into_iter().collect()
}
