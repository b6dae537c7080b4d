//! Generated files and regions: one source for a fact, its copies generated, committed, and compared here.
//!
//! A whole file is generated, or a region of a Markdown page between `<!-- generated: NAME -->` and `<!-- end -->`.

use std::collections::BTreeMap;

use crate::cookbook;
use crate::failure::Result;
use crate::language;
use crate::shipped;
use crate::tree::{Tree, line_where, missing};
use crate::violation::Violation;

pub(crate) struct Generated {
    pub(crate) path: &'static str,
    /// The name of the region, or the whole file.
    pub(crate) region: Option<&'static str>,
    pub(crate) generate: fn(&Tree) -> Result<String>,
}

const LANGUAGE: &str = "docs/language.md";

/// Everything that is generated. To add one, add a line and run `cargo xtask generate`.
pub(crate) const GENERATED: &[Generated] = &[
    Generated { path: "ARCHITECTURE.md", region: Some("crates"), generate: crate_list },
    Generated { path: "docs/cookbook/README.md", region: Some("recipes"), generate: cookbook::pages },
    Generated { path: "docs/decisions/README.md", region: Some("decisions"), generate: decision_list },
    Generated { path: LANGUAGE, region: Some("idioms"), generate: language::idioms },
    Generated { path: LANGUAGE, region: Some("calendar units"), generate: language::units },
    Generated { path: LANGUAGE, region: Some("conditions"), generate: language::conditions },
    Generated { path: LANGUAGE, region: Some("figures"), generate: language::figures },
    Generated { path: LANGUAGE, region: Some("functions"), generate: language::functions },
    Generated { path: LANGUAGE, region: Some("clauses"), generate: language::clauses },
    Generated { path: LANGUAGE, region: Some("values of the past"), generate: language::terms },
    Generated { path: LANGUAGE, region: Some("channels"), generate: language::channels },
    Generated {
        path: "docs/segmentations.md",
        region: Some("segmentations"),
        generate: shipped::segmentations,
    },
    Generated { path: "docs/segmentations.md", region: Some("traits"), generate: shipped::traits },
    Generated { path: "docs/tables.md", region: Some("tables"), generate: canonical_tables },
];

/// The canonical tables and their columns.
fn canonical_tables(_: &Tree) -> Result<String> {
    use strata_spec::table::Table;
    let mut text = String::new();
    for table in Table::ALL {
        text.push_str(&format!("\n## `{table}`\n\n| column | kind | what it holds |\n| --- | --- | --- |\n"));
        for column in table.columns() {
            let needed = if column.required { " (required)" } else { "" };
            text.push_str(&format!(
                "| `{}` | {}{needed} | {} |\n",
                column.name,
                column.kind.as_str(),
                column.about
            ));
        }
    }
    Ok(text)
}

const WHY: &str = "a fact has one source, and its copies are generated";

pub(crate) fn check(tree: &Tree, generated: &[Generated]) -> Result<Vec<Violation>> {
    let mut violations = orphans(tree, generated);
    for (path, text) in stale(tree, generated)? {
        let committed = tree.text(path).unwrap_or_default();
        let first_difference = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
        violations.push(Violation {
            path: path.to_owned(),
            line: first_difference.unwrap_or_else(|| committed.lines().count().min(text.lines().count())) + 1,
            what: "the generated text is stale".to_owned(),
            why: WHY,
            hint: "run `cargo xtask generate`".to_owned(),
        });
    }
    Ok(violations)
}

/// The files that differ from what would be generated now, with the text they should have.
pub(crate) fn stale(tree: &Tree, generated: &[Generated]) -> Result<BTreeMap<&'static str, String>> {
    let mut fresh: BTreeMap<&'static str, String> = BTreeMap::new();
    for Generated { path, region, generate } in generated {
        let body = generate(tree)?;
        let text = match region {
            None => body,
            Some(region) => {
                let page =
                    fresh.get(path).map(String::as_str).or_else(|| tree.text(path)).unwrap_or_default();
                with_region(page, region, &body)
                    .ok_or_else(|| missing(path, &format!("`{}` … `{END}`", opening(region))))?
            }
        };
        fresh.insert(path, text);
    }
    fresh.retain(|path, text| tree.text(path) != Some(text));
    Ok(fresh)
}

const END: &str = "<!-- end -->";
const OPENING: &str = "<!-- generated: ";

fn opening(region: &str) -> String {
    format!("{OPENING}{region} -->")
}

fn with_region(page: &str, region: &str, body: &str) -> Option<String> {
    let (before, rest) = page.split_once(&opening(region))?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{}\n{}\n{END}{after}", opening(region), body.trim_end()))
}

/// Regions that nothing generates: they would go stale unseen.
fn orphans(tree: &Tree, generated: &[Generated]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(&[".md"]) {
        for line in text.lines().filter(|line| line.starts_with(OPENING)) {
            let is_known = |one: &Generated| {
                one.path == path && one.region.is_some_and(|region| line == opening(region))
            };
            if !generated.iter().any(is_known) {
                violations.push(Violation {
                    path: path.to_owned(),
                    line: line_where(text, |other| other == line),
                    what: format!("nothing generates the region {line}"),
                    why: WHY,
                    hint: "add it to `GENERATED` in xtask/src/generated.rs, or remove the marks".to_owned(),
                });
            }
        }
    }
    violations
}

/// One row a crate: its name and the description in its manifest.
fn crate_list(tree: &Tree) -> Result<String> {
    let mut table = "| crate | what it is |\n| --- | --- |\n".to_owned();
    for (folder, manifest) in tree.members()? {
        let package = manifest.get("package");
        let description =
            package.and_then(|package| package.get("description")).and_then(toml::Value::as_str);
        let description =
            description.ok_or_else(|| missing(&format!("{folder}/Cargo.toml"), "`package.description`"))?;
        table.push_str(&format!("| [`{folder}`]({folder}) | {description} |\n"));
    }
    Ok(table)
}

/// One line a decision record: its heading, in the order of the numbers.
fn decision_list(tree: &Tree) -> Result<String> {
    let folder = "docs/decisions/";
    let mut list = String::new();
    for (path, text) in tree.texts(&[".md"]) {
        let Some(name) =
            path.strip_prefix(folder).filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        else {
            continue;
        };
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let title = title.ok_or_else(|| missing(path, "a heading on the first line"))?;
        list.push_str(&format!("- [{title}]({name})\n"));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;
    use crate::violation::places;

    const PLANTED: &[Generated] = &[
        Generated { path: "a.md", region: Some("one"), generate: |_| Ok("1\n".to_owned()) },
        Generated { path: "a.md", region: Some("two"), generate: |_| Ok("2\n".to_owned()) },
        Generated { path: "b.txt", region: None, generate: |_| Ok("whole\n".to_owned()) },
    ];

    const FRESH: &str =
        "# A\n<!-- generated: one -->\n1\n<!-- end -->\nand\n<!-- generated: two -->\n2\n<!-- end -->\n";

    fn check_files(page: &str, whole: &str, expected: &[&str]) {
        let tree = planted(&[("a.md", page), ("b.txt", whole)]);
        assert_eq!(places(&check(&tree, PLANTED).unwrap()), expected, "{page} {whole}");
        for (path, text) in stale(&tree, PLANTED).unwrap() {
            assert_eq!(text, if path == "a.md" { FRESH } else { "whole\n" });
        }
    }

    #[test]
    fn stale_text_is_found_and_made_fresh() {
        check_files(FRESH, "whole\n", &[]);
        check_files(&FRESH.replace("\n2\n", "\n3\n"), "whole\n", &["a.md:7: the generated text is stale"]);
        check_files(&FRESH.replace("\n1\n", "\n"), "whole\n", &["a.md:3: the generated text is stale"]);
        check_files(FRESH, "whole\nmore\n", &["b.txt:2: the generated text is stale"]);
    }

    #[test]
    fn marks_and_generators_belong_together() {
        let orphan = "<!-- generated: three -->\n<!-- end -->\n";
        let tree = planted(&[("a.md", FRESH), ("b.txt", "whole\n"), ("c.md", orphan)]);
        let expected = ["c.md:1: nothing generates the region <!-- generated: three -->"];
        assert_eq!(places(&check(&tree, PLANTED).unwrap()), expected);

        let without_marks = planted(&[("a.md", "# A\n"), ("b.txt", "whole\n")]);
        let failure = check(&without_marks, PLANTED).unwrap_err();
        assert_eq!(failure.to_string(), "a.md: `<!-- generated: one -->` … `<!-- end -->` is missing");
    }

    #[test]
    fn the_decision_list_comes_from_the_headings() {
        let tree = planted(&[
            ("docs/decisions/0002-b.md", "# 0002: B\n"),
            ("docs/decisions/0001-a.md", "# 0001: A\n\ntext\n"),
            ("docs/decisions/README.md", "# Decisions\n"),
            ("docs/0003-c.md", "# 0003: C\n"),
        ]);
        assert_eq!(decision_list(&tree).unwrap(), "- [0001: A](0001-a.md)\n- [0002: B](0002-b.md)\n");
    }

    #[test]
    fn the_crate_list_comes_from_the_manifests() {
        let tree = planted(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"b\", \"a\"]\n"),
            ("a/Cargo.toml", "[package]\ndescription = \"The words\"\n"),
            ("b/Cargo.toml", "[package]\ndescription = \"The numbers\"\n"),
        ]);
        let expected =
            "| crate | what it is |\n| --- | --- |\n| [`b`](b) | The numbers |\n| [`a`](a) | The words |\n";
        assert_eq!(crate_list(&tree).unwrap(), expected);
    }
}
