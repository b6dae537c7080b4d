//! Stages speak through tables: no stage of the pipeline names another, and `compile` names none.

use crate::rust_paths::named_paths;
use crate::tree::Tree;
use crate::violation::Violation;

const SOURCES: &str = "strata-pipeline/src/";

/// In the order of the flow. Whatever else stands in the crate may be shared by all.
const STAGES: &[&str] =
    &["source", "canonical", "profile", "score", "segment", "persona", "activation", "measurement"];

/// Belongs to no stage and may know none.
const COMPILER: &str = "compile";

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(&[".rs"]) {
        let Some(module) = path.strip_prefix(SOURCES).map(module_of) else { continue };
        let Some(own) = module.first().copied() else { continue };
        if !STAGES.contains(&own) && own != COMPILER {
            continue;
        }
        for named in named_paths(text) {
            let Some(target) = target_of(&named.segments, module.len()) else { continue };
            // A glob of the crate's root brings all stages into scope.
            if target == own || !(STAGES.contains(&target) || target == "*") {
                continue;
            }
            violations.push(Violation {
                path: path.to_owned(),
                line: named.line,
                what: format!("`{own}` names `{}`", named.segments.join("::")),
                why: "stages speak through tables, so that each can be read, tested and run alone",
                hint: hint(own, target),
            });
        }
    }
    violations
}

fn hint(own: &str, target: &str) -> String {
    let place = |name: &str| STAGES.iter().position(|stage| *stage == name);
    match (place(own), place(target)) {
        (None, _) => {
            "let the stage call the compiler, or move what both need into a shared module".to_owned()
        }
        (Some(k), Some(other)) if other < k => {
            format!("read the tables that `{target}` wrote, or move what both need into a shared module")
        }
        _ => "move what both need into a shared module and name it there".to_owned(),
    }
}

/// `profile/traits.rs` is `["profile", "traits"]`; `lib.rs` is the root, `[]`.
fn module_of(path: &str) -> Vec<&str> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<&str> = path.split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib")) {
        module.pop();
    }
    module
}

/// The top-level module that the path leads to, seen from a module `depth` below the root. One `super` too many is that
/// of an inline module, such as `tests`.
fn target_of(segments: &[String], depth: usize) -> Option<&str> {
    let n_supers = segments.iter().take_while(|segment| *segment == "super").count();
    match segments.first().map(String::as_str) {
        Some("crate") => segments.get(1).map(String::as_str),
        Some("super") if n_supers >= depth => {
            segments.get(n_supers).map(String::as_str).filter(|target| *target != "*")
        }
        _ => None,
    }
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
    fn a_stage_may_not_name_another() {
        let profile = "strata-pipeline/src/profile.rs";
        check_one(
            profile,
            "use crate::segment::run;",
            &["strata-pipeline/src/profile.rs:1: `profile` names `crate::segment::run`"],
        );
        check_one(
            profile,
            "\nfn f() { crate::source::run() }",
            &["strata-pipeline/src/profile.rs:2: `profile` names `crate::source::run`"],
        );
        check_one(
            profile,
            "use super::{run::Run, canonical};",
            &["strata-pipeline/src/profile.rs:1: `profile` names `super::canonical`"],
        );
        check_one(
            profile,
            "use crate::*;",
            &["strata-pipeline/src/profile.rs:1: `profile` names `crate::*`"],
        );
        check_one(
            "strata-pipeline/src/score/rfm.rs",
            "use super::super::profile;",
            &["strata-pipeline/src/score/rfm.rs:1: `score` names `super::super::profile`"],
        );
        check_one(
            "strata-pipeline/src/segment/mod.rs",
            "mod tests { use super::super::score::run; }",
            &["strata-pipeline/src/segment/mod.rs:1: `segment` names `super::super::score::run`"],
        );
    }

    #[test]
    fn the_compiler_names_no_stage() {
        check_one(
            "strata-pipeline/src/compile/plan.rs",
            "use crate::profile;",
            &["strata-pipeline/src/compile/plan.rs:1: `compile` names `crate::profile`"],
        );
    }

    #[test]
    fn shared_modules_and_oneself_may_be_named() {
        for (path, text) in [
            ("strata-pipeline/src/profile.rs", "use crate::{compile::Program, error::Result, run::Run};"),
            ("strata-pipeline/src/profile.rs", "use crate::profile::traits; mod tests { use super::*; }"),
            ("strata-pipeline/src/profile/traits.rs", "use super::score::cell;"),
            ("strata-pipeline/src/profile.rs", "// as crate::segment does\nlet s = \"crate::segment::x\";"),
            ("strata-pipeline/src/run.rs", "use crate::{source, segment};"),
            ("strata-pipeline/src/lib.rs", "pub use crate::segment::Summary;"),
            ("strata-pipeline/tests/it/main.rs", "use crate::segment::x;"),
            ("strata-lake/src/profile.rs", "use crate::segment::x;"),
        ] {
            check_one(path, text, &[]);
        }
    }
}
