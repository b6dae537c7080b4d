//! Every Rust file begins by saying why it exists.

use crate::tree::Tree;
use crate::violation::Violation;

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    tree.texts(&[".rs"])
        .filter(|(path, _)| !is_test_data(path))
        .filter(|(_, text)| !says_why(text))
        .map(|(path, _)| Violation {
            path: path.to_owned(),
            line: 1,
            what: "the file does not begin with `//!` and a sentence".to_owned(),
            why: "a reader learns from the first line why a file exists",
            hint: "say which question the file answers".to_owned(),
        })
        .collect()
}

fn says_why(text: &str) -> bool {
    text.lines()
        .next()
        .and_then(|line| line.strip_prefix("//!"))
        .is_some_and(|words| !words.trim().is_empty())
}

fn is_test_data(path: &str) -> bool {
    path.starts_with("tests/data/") || path.contains("/tests/data/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn a_file_without_a_reason_is_found() {
        for (path, text, n_violations) in [
            ("a/src/lib.rs", "//! The words.\n", 0),
            ("a/src/lib.rs", "use std::fmt;\n//! The words.\n", 1),
            ("a/src/lib.rs", "//!\n", 1),
            ("a/src/lib.rs", "// The words.\n", 1),
            ("a/src/lib.rs", "", 1),
            ("a/build.rs", "fn main() {}\n", 1),
            ("a/tests/data/planted.rs", "fn main() {}\n", 0),
            ("a/notes.md", "words", 0),
        ] {
            assert_eq!(check(&planted(&[(path, text)])).len(), n_violations, "{path}: {text}");
        }
    }
}
