//! Nothing committed names the machine or the package registry through which it was made.

use crate::tree::{Tree, line_at};
use crate::violation::Violation;

/// Folders of one machine. Written in parts, since this file is read too.
const FOLDERS: &[&str] = &[concat!("/", "root/"), concat!("/", "home/"), concat!("/", "work/")];

/// Hosts that packages are downloaded from. Lock files may name these, and no others.
const REGISTRIES: &[&str] = &[
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("files.", "pythonhosted.org"),
    concat!("pypi.", "org/simple"),
];

/// Where the lock files' packages come from beyond `REGISTRIES`.
const CARGO_INDEX: &str = "github.com/rust-lang/crates.io-index";

/// Rows, not prose: a web page's path in an event log may look like a folder.
const DATA: &[&str] = &[".csv", ".tsv", ".jsonl", ".ndjson"];

const WHY: &str = "the project builds on any machine and speaks of itself alone";

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut report = |path: &str, line, what: String, hint: &str| {
        violations.push(Violation { path: path.to_owned(), line, what, why: WHY, hint: hint.to_owned() });
    };
    for (path, text) in tree.texts(&[]).filter(|(path, _)| !DATA.iter().any(|ending| path.ends_with(ending)))
    {
        for folder in FOLDERS {
            for offset in offsets(text, folder).filter(|&offset| begins_a_path(text, offset)) {
                let hint = "use a path relative to the project, or `$HOME` in a script";
                report(path, line_at(text, offset), format!("names the folder {folder}"), hint);
            }
        }
        if is_lock_file(path) {
            for (line, url) in download_urls(text) {
                if !REGISTRIES.iter().chain([&CARGO_INDEX]).any(|host| url.starts_with(host)) {
                    report(path, line, format!("downloads from {url}"), "lock against the public registry");
                }
            }
        } else {
            for host in REGISTRIES {
                for offset in offsets(text, host) {
                    report(
                        path,
                        line_at(text, offset),
                        format!("names the registry {host}"),
                        "name the package instead",
                    );
                }
            }
        }
    }
    violations
}

fn offsets<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = usize> {
    text.match_indices(needle).map(|(offset, _)| offset)
}

/// Not the inside of a longer path or of a URL.
fn begins_a_path(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).and_then(|before| before.chars().next_back());
    !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '}' | ')' | '*' | '~'))
}

fn is_lock_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".lock") || matches!(name, "package-lock.json" | "pnpm-lock.yaml")
}

/// The address, without scheme, on each line that says where a package comes from.
fn download_urls(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let is_source = ["source", "\"resolved\"", "resolved", "registry", "{ url", "tarball"]
            .iter()
            .any(|key| line.trim_start().starts_with(key) || line.contains("registry = "));
        let url = line.split_once("://").map(|(_, rest)| rest).filter(|_| is_source)?;
        Some((index + 1, url.split(['"', '\'', ' ']).next().unwrap_or(url)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;
    use crate::violation::places;

    fn check_one(path: &str, text: &str, expected: &[&str]) {
        assert_eq!(places(&check(&planted(&[(path, text)]))), expected, "{path}: {text}");
    }

    #[test]
    fn folders_of_a_machine_are_found() {
        let [root, home, work] = FOLDERS else { unreachable!("three folders") };
        check_one("a.md", &format!("see\n`{root}x`"), &[&format!("a.md:2: names the folder {root}")]);
        check_one("a.rs", &format!("\"{home}me/x\""), &[&format!("a.rs:1: names the folder {home}")]);
        check_one("a.toml", &format!("path = '{work}x'"), &[&format!("a.toml:1: names the folder {work}")]);
        check_one("a.md", &format!("https://example.com{home}x, our{work}x and ${{HOME}}{work}x"), &[]);
        check_one("events.csv", &format!("1,{home}"), &[]);
    }

    #[test]
    fn registries_stand_in_lock_files_alone_and_only_public_ones() {
        let [host, ..] = REGISTRIES else { unreachable!("a first registry") };
        check_one(
            "a.md",
            &format!("from https://{host}/x"),
            &[&format!("a.md:1: names the registry {host}")],
        );
        check_one("Cargo.lock", &format!("source = \"registry+https://{CARGO_INDEX}\""), &[]);
        check_one(
            "Cargo.lock",
            "source = \"registry+https://mirror.example/index\"",
            &["Cargo.lock:1: downloads from mirror.example/index"],
        );
        check_one(
            "web/package-lock.json",
            "{\n  \"resolved\": \"https://npm.example/a.tgz\",",
            &["web/package-lock.json:2: downloads from npm.example/a.tgz"],
        );
        check_one(
            "uv.lock",
            "source = { registry = \"https://py.example/simple\" }",
            &["uv.lock:1: downloads from py.example/simple"],
        );
        check_one("package-lock.json", "\"funding\": { \"url\": \"https://example.com\" }", &[]);
    }
}
