//! What the program asks in SQL it can ask in every build: the feature `cluster` brings functions that a build without it does not have,
//! and the tests are built with it.

use crate::tree::{Tree, line_at};
use crate::violation::Violation;

/// Functions of the engine's features `crypto_expressions` and `encoding_expressions`, which only Ballista turns on.
const ABSENT: [&str; 8] = ["md5", "sha224", "sha256", "sha384", "sha512", "digest", "encode", "decode"];

/// Where questions are put in SQL.
const FOLDERS: [&str; 2] = ["strata-pipeline/src/", "strata/src/"];

const WHY: &str = "a build without the feature `cluster` does not have it, and no test would tell";

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let is_ours =
        |path: &str| FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains("/tests");
    for (path, text) in tree.texts(&[".rs"]).filter(|(path, _)| is_ours(path)) {
        for name in ABSENT {
            let call = format!("{name}(");
            for (offset, _) in text.match_indices(&call).filter(|(offset, _)| is_in_sql(text, *offset)) {
                violations.push(Violation {
                    path: path.to_owned(),
                    line: line_at(text, offset),
                    what: format!("asks for `{name}` in SQL"),
                    why: WHY,
                    hint: "take one of the project's own functions, such as `bucket(id, salt)`".to_owned(),
                });
            }
        }
    }
    violations
}

/// Whether a call stands in a text and not in Rust: the quotation marks before it in its line are odd, or it goes on from a line before.
fn is_in_sql(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let begins_a_word = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
    let line = before.rsplit('\n').next().unwrap_or_default();
    let goes_on = before.trim_end_matches(line).trim_end().ends_with('\\');
    let n_quotes = line.replace("\\\"", "").matches('"').count() + usize::from(goes_on);
    begins_a_word && n_quotes % 2 == 1 && !line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn a_function_that_only_a_cluster_has_is_found_in_sql_alone() {
        let rust = "let query = \"select md5(id) from orders\";\nlet more = \"select a, \\\n    sha256(b) from c\";\n\
                    let hash = decode(&bytes);\nlet x = hex::encode(\"a\");\n// \"md5(x)\" once stood here\n";
        let tree =
            planted(&[("strata-pipeline/src/persona/member.rs", rust), ("strata-lake/src/lake.rs", rust)]);
        let found: Vec<(usize, String)> =
            check(&tree).into_iter().map(|violation| (violation.line, violation.what)).collect();
        let expected = [(1, "asks for `md5` in SQL"), (3, "asks for `sha256` in SQL")];
        assert_eq!(found, expected.map(|(line, what)| (line, what.to_owned())));
    }
}
