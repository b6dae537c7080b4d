//! One version block: versions stand in the root manifest and nowhere else.

use crate::failure::Result;
use crate::tree::{Tree, line_where};
use crate::violation::Violation;

const WHY: &str =
    "versions stand in one block, so that they move together and two of one crate cannot creep in";

/// Fields of `[package]` that the workspace sets for all.
const SHARED_FIELDS: &[&str] = &["version", "edition", "rust-version", "license"];

#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    is_dev: bool,
    spec: toml::Value,
}

pub(crate) fn check(tree: &Tree) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for (folder, manifest) in tree.members()? {
        let path = format!("{folder}/Cargo.toml");
        let text = tree.text(&path).unwrap_or_default();
        let mut report = |key: &str, what: String, hint: String| {
            let line = line_where(text, |line| begins_with_key(line, key));
            violations.push(Violation { path: path.clone(), line, what, why: WHY, hint });
        };
        for field in SHARED_FIELDS {
            if !manifest.get("package").and_then(|package| package.get(field)).is_some_and(is_inherited) {
                let what = format!("`{field}` is not the workspace's");
                report(field, what, format!("write `{field}.workspace = true`"));
            }
        }
        if !manifest.get("lints").is_some_and(is_inherited) {
            report(
                "[lints]",
                "the workspace's lints are not taken".to_owned(),
                "add `[lints]` with `workspace = true`".to_owned(),
            );
        }
        for dependency in dependencies(&manifest) {
            let Dependency { name, is_dev, spec } = &dependency;
            let is_path_helper = *is_dev && spec.get("path").is_some() && spec.get("version").is_none();
            if !is_inherited(spec) && !is_path_helper {
                let what = format!("`{name}` is not the workspace's");
                let hint = "put the version into `[workspace.dependencies]`";
                report(name, what, format!("{hint} and write `{name}.workspace = true`"));
            }
        }
    }
    Ok(violations)
}

/// All dependencies of a manifest: normal, build and development, for every target.
pub(crate) fn dependencies(manifest: &toml::Table) -> Vec<Dependency> {
    let targets = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|targets| targets.values());
    let tables = std::iter::once(manifest).chain(targets.filter_map(toml::Value::as_table));
    let mut dependencies = Vec::new();
    for table in tables {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let Some(entries) = table.get(kind).and_then(toml::Value::as_table) else { continue };
            let is_dev = kind == "dev-dependencies";
            dependencies.extend(entries.iter().map(|(name, spec)| Dependency {
                name: name.clone(),
                is_dev,
                spec: spec.clone(),
            }));
        }
    }
    dependencies
}

fn is_inherited(value: &toml::Value) -> bool {
    value.get("workspace").and_then(toml::Value::as_bool) == Some(true) && value.get("version").is_none()
}

/// `name = …`, `name.workspace = …` or a header `[….name]`.
fn begins_with_key(line: &str, key: &str) -> bool {
    let line = line.trim();
    let after_key = line.strip_prefix(key).map(str::trim_start);
    after_key.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', '.']))
        || line.ends_with(&format!(".{key}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;
    use crate::violation::places;

    const PACKAGE: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";

    fn check_manifest(manifest: &str, expected: &[&str]) {
        let tree = planted(&[("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"), ("a/Cargo.toml", manifest)]);
        assert_eq!(places(&check(&tree).unwrap()), expected, "{manifest}");
    }

    #[test]
    fn a_version_in_a_member_is_found() {
        for (dependencies, line) in [
            ("[dependencies]\nserde = \"1\"\n", 10),
            ("[dependencies]\nserde = { version = \"1\", features = [] }\n", 10),
            ("[dev-dependencies.serde]\nversion = \"1\"\n", 9),
            ("[target.'cfg(unix)'.dependencies]\nserde = \"1\"\n", 10),
            ("[build-dependencies]\nserde = { path = \"../serde\" }\n", 10),
        ] {
            let expected = format!("a/Cargo.toml:{line}: `serde` is not the workspace's");
            check_manifest(&format!("{PACKAGE}{dependencies}"), &[&expected]);
        }
    }

    #[test]
    fn fields_of_the_package_are_the_workspaces() {
        check_manifest(
            &PACKAGE.replace("edition.workspace = true", "edition = \"2021\""),
            &["a/Cargo.toml:4: `edition` is not the workspace's"],
        );
        check_manifest(
            &PACKAGE.replace("[lints]\nworkspace = true\n", ""),
            &["a/Cargo.toml:1: the workspace's lints are not taken"],
        );
    }

    #[test]
    fn what_is_inherited_passes() {
        check_manifest(
            &format!(
                "{PACKAGE}[dependencies]\nserde.workspace = true\ntokio = {{ workspace = true, features = [\"time\"] }}\n\
                 [dev-dependencies]\nplanted = {{ path = \"../planted\" }}\n"
            ),
            &[],
        );
    }
}
