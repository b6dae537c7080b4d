//! No code file grows beyond what one can hold in mind.

use crate::tree::Tree;
use crate::violation::Violation;

const MAX_LINES: usize = 500;

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    tree.texts(&[".rs", ".ts", ".tsx", ".py"])
        .filter(|(_, text)| !is_generated(text))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, n_lines)| *n_lines > MAX_LINES)
        .map(|(path, n_lines)| Violation {
            path: path.to_owned(),
            line: MAX_LINES + 1,
            what: format!("{n_lines} lines"),
            why: "a file stays within 500 lines, so that it can be read in one go",
            hint: "split it along its natural seams".to_owned(),
        })
        .collect()
}

/// Nobody reads a generated file; it says that it is one in its first lines.
fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.contains("@generated"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn a_long_file_is_found() {
        let (fits, long) = ("x\n".repeat(MAX_LINES), "x\n".repeat(MAX_LINES + 1));
        let generated = format!("// @generated\n{long}");
        for (path, text, n_violations) in [
            ("a.rs", &fits, 0),
            ("a.rs", &long, 1),
            ("a.ts", &long, 1),
            ("a.tsx", &long, 1),
            ("a.py", &long, 1),
            ("a.md", &long, 0),
            ("a.ts", &generated, 0),
        ] {
            assert_eq!(check(&planted(&[(path, text)])).len(), n_violations, "{path}");
        }
    }
}
