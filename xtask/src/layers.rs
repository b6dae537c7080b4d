//! Crate layers: what each crate must never depend on or name, so that the compiler's ignorance stays real.

use crate::failure::Result;
use crate::manifests::dependencies;
use crate::rust_paths::{NamedPath, named_paths};
use crate::tree::{Tree, line_where};
use crate::violation::Violation;

struct Layer {
    /// The crate's folder, which is its name.
    name: &'static str,
    /// Crates, with all those that begin with the same word: `arrow` is also `arrow-array`.
    no_crates: &'static [&'static str],
    /// Modules of the standard library.
    no_std: &'static [&'static str],
    why: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        name: "strata-spec",
        no_crates: &[
            "arrow",
            "ballista",
            "datafusion",
            "deltalake",
            "futures",
            "object_store",
            "parquet",
            "strata",
            "tokio",
        ],
        no_std: &["env", "fs", "net", "process"],
        why: "strata-spec is the words: no engine, no I/O, nothing asynchronous",
    },
    Layer {
        name: "strata-models",
        no_crates: &[
            "arrow",
            "ballista",
            "datafusion",
            "deltalake",
            "futures",
            "object_store",
            "parquet",
            "strata",
            "tokio",
        ],
        no_std: &["env", "fs", "net", "process"],
        why: "strata-models is the numbers: slices in, structs out, no engine and no I/O",
    },
    Layer {
        name: "strata-lake",
        no_crates: &["strata"],
        no_std: &[],
        why: "strata-lake does not know what a customer is",
    },
    Layer {
        name: "strata-pipeline",
        no_crates: &["axum", "clap", "hyper", "indicatif", "pyo3", "strata-python"],
        no_std: &[],
        why: "strata-pipeline does not know through which face it is called",
    },
    Layer {
        name: "strata",
        no_crates: &["arrow", "ballista", "datafusion", "deltalake", "parquet", "strata-python"],
        no_std: &[],
        why: "strata parses, calls the pipeline and presents; the engine stays behind it",
    },
    Layer {
        name: "strata-python",
        no_crates: &[
            "axum",
            "ballista",
            "clap",
            "datafusion",
            "deltalake",
            "object_store",
            "parquet",
            "strata-lake",
        ],
        no_std: &[],
        why: "strata-python converts, calls and converts; the engine stays behind the pipeline",
    },
];

pub(crate) fn check(tree: &Tree) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for layer in LAYERS {
        let manifest_path = format!("{}/Cargo.toml", layer.name);
        let Some(text) = tree.text(&manifest_path) else { continue };
        for dependency in dependencies(&tree.toml(&manifest_path)?) {
            if let Some(banned) = banned(layer.no_crates, &dependency.name) {
                let line = line_where(text, |line| line.trim_start().starts_with(&dependency.name));
                let what = format!("{} depends on {}", layer.name, dependency.name);
                violations.push(layer.violation(&manifest_path, line, what, banned));
            }
        }
        let sources = format!("{}/src/", layer.name);
        // Tests may read what was published.
        let is_test = |path: &str| path.contains("/tests/") || path.ends_with("tests.rs");
        let own = |path: &str| path.starts_with(&sources) && !is_test(path);
        for (path, text) in tree.texts(&[".rs"]).filter(|(path, _)| own(path)) {
            for named in named_paths(text) {
                if let Some(banned) = layer.banned_name(&named) {
                    let what = format!("{} names `{}`", layer.name, named.segments.join("::"));
                    violations.push(layer.violation(path, named.line, what, &banned));
                }
            }
        }
    }
    Ok(violations)
}

impl Layer {
    fn violation(&self, path: &str, line: usize, what: String, banned: &str) -> Violation {
        let hint = format!("move what needs `{banned}` into the crate that may have it (ARCHITECTURE.md)");
        Violation { path: path.to_owned(), line, what, why: self.why, hint }
    }

    /// The engine counts as named also where strata-lake hands it on.
    fn banned_name(&self, named: &NamedPath) -> Option<String> {
        let mut segments = named.segments.iter().map(String::as_str);
        let first = segments.next()?;
        let second = segments.next();
        if second.is_none() && !named.in_use {
            return None;
        }
        if first == "std" {
            return second
                .filter(|module| self.no_std.contains(module))
                .map(|module| format!("std::{module}"));
        }
        let handed_on = second.filter(|_| first == "strata_lake");
        [Some(first), handed_on]
            .into_iter()
            .flatten()
            .find_map(|name| banned(self.no_crates, name))
            .map(str::to_owned)
    }
}

/// Compares as crate names, in which `-` and `_` are one.
fn banned(no_crates: &[&'static str], name: &str) -> Option<&'static str> {
    let name = name.replace('-', "_");
    no_crates.iter().copied().find(|banned| {
        let banned = banned.replace('-', "_");
        name.strip_prefix(&banned).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;
    use crate::violation::places;

    fn check_one(name: &str, manifest: &str, code: &str, expected: &[&str]) {
        let (manifest_path, code_path) = (format!("{name}/Cargo.toml"), format!("{name}/src/lib.rs"));
        let tree = planted(&[(&manifest_path, manifest), (&code_path, code)]);
        assert_eq!(places(&check(&tree).unwrap()), expected, "{name}: {manifest} {code}");
    }

    #[test]
    fn a_manifest_must_not_reach_up_or_sideways() {
        check_one(
            "strata-spec",
            "[dependencies]\nserde.workspace = true\ntokio.workspace = true\n",
            "",
            &["strata-spec/Cargo.toml:3: strata-spec depends on tokio"],
        );
        check_one(
            "strata-models",
            "[dev-dependencies.arrow-array]\nworkspace = true\n",
            "",
            &["strata-models/Cargo.toml:1: strata-models depends on arrow-array"],
        );
        check_one(
            "strata-lake",
            "[dependencies]\nstrata-spec.workspace = true\n",
            "",
            &["strata-lake/Cargo.toml:2: strata-lake depends on strata-spec"],
        );
        check_one(
            "strata",
            "[dependencies]\ndatafusion.workspace = true\nstrata-pipeline.workspace = true\n",
            "",
            &["strata/Cargo.toml:2: strata depends on datafusion"],
        );
        check_one(
            "strata-python",
            "[dependencies]\narrow.workspace = true\nstrata-lake.workspace = true\n",
            "",
            &["strata-python/Cargo.toml:3: strata-python depends on strata-lake"],
        );
    }

    #[test]
    fn code_must_not_name_what_its_layer_forbids() {
        check_one(
            "strata-spec",
            "",
            "//! words\nuse datafusion_expr::Expr;",
            &["strata-spec/src/lib.rs:2: strata-spec names `datafusion_expr::Expr`"],
        );
        check_one(
            "strata-models",
            "",
            "fn f() { std::fs::read(\"x\") }",
            &["strata-models/src/lib.rs:1: strata-models names `std::fs::read`"],
        );
        check_one(
            "strata",
            "",
            "use strata_lake::{arrow::array::Array, Engine};",
            &["strata/src/lib.rs:1: strata names `strata_lake::arrow::array::Array`"],
        );
        check_one(
            "strata-lake",
            "",
            "use strata_models as numbers;",
            &["strata-lake/src/lib.rs:1: strata-lake names `strata_models`"],
        );
    }

    #[test]
    fn what_a_layer_may_name_passes() {
        check_one(
            "strata-spec",
            "[dependencies]\nsqlparser.workspace = true\n",
            "use std::fmt; use crate::arrow::Head;",
            &[],
        );
        check_one(
            "strata-pipeline",
            "[dependencies]\nstrata-lake.workspace = true\n",
            "use strata_lake::datafusion::x;",
            &[],
        );
        check_one("strata", "", "// datafusion::prelude\nlet arrow = 1; use strata_pipeline::Run;", &[]);
        check_one("strata-models", "", "let tokio_like = a::tokio::b;", &[]);
    }
}
