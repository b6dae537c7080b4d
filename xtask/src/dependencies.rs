//! Licences, single versions and registries of all dependencies, against `deny.toml`.
//!
//! `cargo deny` checks the same and more, but takes minutes to install; these three checks always run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::spdx;
use crate::tree::{Tree, line_where, missing};
use crate::violation::Violation;

const RULES: &str = "deny.toml";
const LOCK: &str = "Cargo.lock";

pub(crate) fn check(root: &Path, tree: &Tree) -> Result<Vec<Violation>> {
    let rules = Rules::read(&tree.toml(RULES)?)?;
    let lock = tree.text(LOCK).ok_or_else(|| missing(LOCK, "the file"))?;
    let packages = packages(root, &rules.targets)?;
    Ok(violations(&rules, &packages, lock))
}

/// The part of `deny.toml` that is checked here.
#[derive(Debug)]
struct Rules {
    targets: Vec<String>,
    licences: Vec<String>,
    /// Crate and licence.
    exceptions: Vec<(String, String)>,
    single: Vec<String>,
    registries: Vec<String>,
}

#[derive(Debug)]
struct Package {
    name: String,
    version: String,
    /// None when the manifest names a file instead of an expression.
    licence: Option<String>,
    /// None for the workspace's own.
    source: Option<String>,
}

impl Rules {
    fn read(deny: &toml::Table) -> Result<Self> {
        let exceptions = entry(deny, "licenses", "exceptions").and_then(toml::Value::as_array);
        let exceptions = exceptions.into_iter().flatten().flat_map(|exception| {
            let name = text(exception.get("crate"));
            strings(exception.get("allow")).into_iter().map(move |licence| (name.clone(), licence))
        });
        let single = entry(deny, "bans", "deny").and_then(toml::Value::as_array).into_iter().flatten();
        let is_single = |ban: &&toml::Value| {
            ban.get("deny-multiple-versions").and_then(toml::Value::as_bool) == Some(true)
        };
        let rules = Self {
            targets: strings(entry(deny, "graph", "targets")),
            licences: strings(entry(deny, "licenses", "allow")),
            exceptions: exceptions.collect(),
            single: single
                .filter(is_single)
                .map(|ban| text(ban.get("name").or_else(|| ban.get("crate"))))
                .collect(),
            registries: strings(entry(deny, "sources", "allow-registry")),
        };
        // An empty list would let everything or nothing pass.
        for (name, list) in [
            ("graph.targets", &rules.targets),
            ("licenses.allow", &rules.licences),
            ("bans.deny", &rules.single),
            ("sources.allow-registry", &rules.registries),
        ] {
            if list.is_empty() {
                return Err(missing(RULES, &format!("`{name}`")));
            }
        }
        Ok(rules)
    }

    fn allows(&self, package: &str, licence: &str) -> bool {
        self.licences.iter().any(|allowed| allowed == licence)
            || self.exceptions.iter().any(|(name, allowed)| name == package && allowed == licence)
    }
}

fn violations(rules: &Rules, packages: &[Package], lock: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut report = |name: &str, what: String, why: &'static str, hint: String| {
        let line = line_where(lock, |line| line == format!("name = \"{name}\""));
        violations.push(Violation { path: LOCK.to_owned(), line, what, why, hint });
    };
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Package { name, version, licence, source } in packages {
        versions.entry(name).or_default().insert(version);
        let is_met = |licence: &str| spdx::is_met(licence, &|one| rules.allows(name, one));
        if !licence.as_deref().is_some_and(is_met) {
            let licence = licence.as_deref().unwrap_or("no licence expression");
            report(
                name,
                format!("{name} {version} has {licence}"),
                "dependencies have permissive licences, so that Strata stays free to embed",
                format!("take another crate, or add an exception with its reason to {RULES}"),
            );
        }
        let is_known = |source: &String| {
            source
                .strip_prefix("registry+")
                .is_some_and(|index| rules.registries.iter().any(|known| known == index))
        };
        if let Some(source) = source.as_ref().filter(|source| !is_known(source)) {
            report(
                name,
                format!("{name} {version} comes from {source}"),
                "dependencies come from the public index, so that every build gets the same",
                format!("take a published version (sources in {RULES})"),
            );
        }
    }
    for name in &rules.single {
        let Some(versions) = versions.get(name.as_str()).filter(|versions| versions.len() > 1) else {
            continue;
        };
        let versions = versions.iter().copied().collect::<Vec<_>>().join(" and ");
        report(
            name,
            format!("{name} is there as {versions}"),
            "two versions of it are two worlds whose types do not fit",
            "move the versions in the root Cargo.toml together; `cargo tree -d` shows who asks".to_owned(),
        );
    }
    violations
}

/// Every package that one of the targets would build, with all features of the workspace.
fn packages(root: &Path, targets: &[String]) -> Result<Vec<Package>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let command = "cargo metadata".to_owned();
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .args(targets.iter().flat_map(|target| ["--filter-platform", target]))
        .current_dir(root)
        .output()
        .map_err(|cause| Failure::Start { command: command.clone(), cause })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Failure::Command { command, stderr });
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|cause| Failure::Json { command, cause })?;
    let json =
        |value: &serde_json::Value, key: &str| value.get(key).and_then(|it| it.as_str()).map(str::to_owned);
    // `packages` lists the whole lock file; `resolve` only what the targets need.
    let nodes = metadata.pointer("/resolve/nodes").and_then(|nodes| nodes.as_array()).into_iter().flatten();
    let needed: BTreeSet<String> = nodes.filter_map(|node| json(node, "id")).collect();
    let listed = metadata.get("packages").and_then(|packages| packages.as_array()).into_iter().flatten();
    let packages: Vec<Package> = listed
        .filter(|package| json(package, "id").is_some_and(|id| needed.contains(&id)))
        .map(|package| Package {
            name: json(package, "name").unwrap_or_default(),
            version: json(package, "version").unwrap_or_default(),
            licence: json(package, "license"),
            source: json(package, "source"),
        })
        .collect();
    if packages.is_empty() {
        return Err(missing("cargo metadata", "a package"));
    }
    Ok(packages)
}

fn entry<'a>(table: &'a toml::Table, section: &str, key: &str) -> Option<&'a toml::Value> {
    table.get(section)?.get(key)
}

fn text(value: Option<&toml::Value>) -> String {
    value.and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

fn strings(value: Option<&toml::Value>) -> Vec<String> {
    let list = value.and_then(toml::Value::as_array).into_iter().flatten();
    list.filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::places;

    const DENY: &str = r#"
        graph.targets = ["x86_64-unknown-linux-gnu"]
        licenses.allow = ["MIT"]
        licenses.exceptions = [{ crate = "ext", allow = ["MPL-2.0"] }]
        bans.deny = [{ name = "arrow", deny-multiple-versions = true }, { name = "openssl" }]
        sources.allow-registry = ["https://index.example"]
    "#;
    const LOCK_TEXT: &str = "\nname = \"arrow\"\n\nname = \"ext\"\n\nname = \"other\"\n";

    /// Packages as name, version, licence and source.
    fn check_packages(packages: &[(&str, &str, &str, &str)], expected: &[&str]) {
        let packages: Vec<Package> = packages
            .iter()
            .map(|(name, version, licence, source)| Package {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                licence: Some((*licence).to_owned()).filter(|licence| !licence.is_empty()),
                source: Some((*source).to_owned()).filter(|source| !source.is_empty()),
            })
            .collect();
        let rules = Rules::read(&DENY.parse().unwrap()).unwrap();
        assert_eq!(places(&violations(&rules, &packages, LOCK_TEXT)), expected);
    }

    #[test]
    fn licences_must_be_allowed() {
        let index = "registry+https://index.example";
        check_packages(
            &[("other", "1.0.0", "GPL-3.0 OR MIT", index), ("ext", "1.0.0", "MPL-2.0", index)],
            &[],
        );
        check_packages(&[("other", "1.0.0", "MPL-2.0", index)], &["Cargo.lock:6: other 1.0.0 has MPL-2.0"]);
        check_packages(&[("ext", "1.0.0", "AGPL-3.0", index)], &["Cargo.lock:4: ext 1.0.0 has AGPL-3.0"]);
        check_packages(
            &[("ext", "1.0.0", "", index)],
            &["Cargo.lock:4: ext 1.0.0 has no licence expression"],
        );
    }

    #[test]
    fn the_engine_is_there_once() {
        let two = |name| [(name, "1.0.0", "MIT", ""), (name, "2.0.0", "MIT", "")];
        check_packages(&two("arrow"), &["Cargo.lock:2: arrow is there as 1.0.0 and 2.0.0"]);
        check_packages(&two("other"), &[]);
    }

    #[test]
    fn sources_must_be_known() {
        check_packages(
            &[("other", "1.0.0", "MIT", "git+https://example.com/other")],
            &["Cargo.lock:6: other 1.0.0 comes from git+https://example.com/other"],
        );
        check_packages(
            &[("other", "1.0.0", "MIT", "registry+https://elsewhere.example")],
            &["Cargo.lock:6: other 1.0.0 comes from registry+https://elsewhere.example"],
        );
    }

    #[test]
    fn rules_without_a_list_are_refused() {
        for list in ["graph.targets", "licenses.allow", "bans.deny", "sources.allow-registry"] {
            let without: String = DENY
                .lines()
                .filter(|line| !line.trim().starts_with(&format!("{list} ")))
                .map(|line| format!("{line}\n"))
                .collect();
            let failure = Rules::read(&without.parse().unwrap()).unwrap_err();
            assert_eq!(failure.to_string(), format!("deny.toml: `{list}` is missing"));
        }
    }
}
