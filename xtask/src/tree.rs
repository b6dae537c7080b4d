//! The project's files as the checks see them: committed or about to be, each with its text.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::{Failure, Result};

/// Data beyond this is not prose or code, and no check reads it.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// Paths are relative to the root, with `/`.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Without a text: binary or large.
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// All files that git tracks or would track.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let command = format!("git {}", arguments.join(" "));
        let output = std::process::Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output()
            .map_err(|cause| Failure::Start { command: command.clone(), cause })?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Failure::Command { command, stderr });
        }
        let mut files = BTreeMap::new();
        for path in String::from_utf8_lossy(&output.stdout).split_terminator('\0') {
            let file = root.join(path);
            // A deleted file stays in git's index until the deletion is staged.
            if !file.is_file() {
                continue;
            }
            let bytes =
                std::fs::read(&file).map_err(|cause| Failure::Io { doing: "read", path: file, cause })?;
            files.insert(path.to_owned(), text_of(bytes));
        }
        Ok(Self { files })
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether the path is a file of the project or a folder that holds one.
    pub(crate) fn exists(&self, path: &str) -> bool {
        if path.is_empty() || self.files.contains_key(path) {
            return true;
        }
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }

    /// The text files whose name ends with one of the endings, or all when there is none.
    pub(crate) fn texts<'a>(&'a self, endings: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| {
                endings.is_empty() || endings.iter().any(|ending| path.ends_with(ending))
            })
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The crates of the workspace in the order of the root manifest: folder and manifest.
    pub(crate) fn members(&self) -> Result<Vec<(String, toml::Table)>> {
        let root = self.toml("Cargo.toml")?;
        let folders = root
            .get("workspace")
            .and_then(|workspace| workspace.get("members"))
            .and_then(toml::Value::as_array)
            .ok_or_else(|| missing("Cargo.toml", "`workspace.members`"))?;
        folders
            .iter()
            .map(|folder| {
                let folder = folder
                    .as_str()
                    .ok_or_else(|| missing("Cargo.toml", "a folder in `workspace.members`"))?;
                Ok((folder.to_owned(), self.toml(&format!("{folder}/Cargo.toml"))?))
            })
            .collect()
    }

    pub(crate) fn toml(&self, path: &str) -> Result<toml::Table> {
        let text = self.text(path).ok_or_else(|| missing(path, "the file"))?;
        text.parse().map_err(|cause| Failure::Toml { path: path.to_owned(), cause: Box::new(cause) })
    }
}

pub(crate) fn missing(path: &str, expected: &str) -> Failure {
    Failure::Missing { path: path.to_owned(), expected: expected.to_owned() }
}

/// The line, counted from 1, of the byte at `offset`.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

/// The first line, counted from 1, that `is_it`; 1 when there is none, so that a finding always has a place.
pub(crate) fn line_where(text: &str, is_it: impl Fn(&str) -> bool) -> usize {
    text.lines().position(is_it).map_or(1, |index| index + 1)
}

fn text_of(bytes: Vec<u8>) -> Option<String> {
    if bytes.len() > MAX_TEXT_BYTES || bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
pub(crate) fn planted(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect();
    Tree { files }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_by_their_files() {
        let tree = planted(&[("docs/decisions/README.md", ""), ("docs-old.md", "")]);
        for (path, expected) in [
            ("docs", true),
            ("docs/", true),
            ("docs/decisions", true),
            ("docs/decisions/README.md", true),
            ("", true),
            ("doc", false),
            ("docs/decisions/README", false),
        ] {
            assert_eq!(tree.exists(path), expected, "{path}");
        }
    }

    #[test]
    fn binary_and_large_files_have_no_text() {
        assert_eq!(text_of(b"words".to_vec()), Some("words".to_owned()));
        assert_eq!(text_of(vec![b'P', 0, b'K']), None);
        assert_eq!(text_of(vec![0xff, 0xfe]), None);
        assert_eq!(text_of(vec![b' '; MAX_TEXT_BYTES + 1]), None);
    }
}
