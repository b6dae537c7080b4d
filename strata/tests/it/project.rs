//! A small shop's project in a folder of its own, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Three orders of two customers, read once, and one segment.
pub(crate) const MANIFEST: &str = r#"
[project]
title = "Shop"
currency = "EUR"
as_of = "2024-06-01"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "date"
amount = "amount"

[segments.regulars]
title = "Regulars"
layer = "behavioural"
where = "count(orders) >= 2"
"#;

/// The orders that it speaks of.
pub(crate) const ORDERS: &str = "\
id,customer,date,amount
o1,anna,2024-01-01,10
o2,anna,2024-03-01,20
o3,ben,2024-04-01,30
";

/// A project's folder, removed with it.
pub(crate) struct Project {
    folder: TempDir,
}

/// What the program did.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// The shop as it stands above.
    pub(crate) fn shop() -> Project {
        Project::of(&[("strata.toml", MANIFEST), ("orders.csv", ORDERS)])
    }

    /// A folder with these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        for (name, content) in files {
            project.write(name, content);
        }
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Adds to a file.
    pub(crate) fn append(&self, name: &str, content: impl AsRef<[u8]>) {
        let mut whole = std::fs::read(self.path(name)).unwrap();
        whole.extend_from_slice(content.as_ref());
        self.write(name, whole);
    }

    /// Replaces a part of the manifest, which must be there.
    pub(crate) fn edit(&self, old: &str, new: &str) {
        let manifest = std::fs::read_to_string(self.path("strata.toml")).unwrap();
        assert!(manifest.contains(old), "the manifest has no {old:?}");
        self.write("strata.toml", manifest.replacen(old, new, 1));
    }

    /// The program in the project's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn strata(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// What it prints, when all is well.
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let outcome = self.strata(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}:\n{}", outcome.stderr);
        outcome.stdout
    }

    /// The rows of a query as lines of CSV, without the header.
    pub(crate) fn sql(&self, query: &str) -> Vec<String> {
        lines(&self.good(&["sql", query, "--csv"]))
    }

    /// The outcome of a run as JSON.
    pub(crate) fn run(&self, arguments: &[&str]) -> serde_json::Value {
        let arguments = [&["run", "--json"], arguments].concat();
        serde_json::from_str(&self.good(&arguments)).unwrap()
    }
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Outcome {
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The program refused with that exit code, said all this and what to do about it, and nothing of its insides.
    pub(crate) fn refused(&self, case: &str, code: i32, says: &[&str]) {
        assert_eq!(self.code, Some(code), "{case}:\n{}", self.stderr);
        for words in says {
            assert!(self.stderr.contains(words), "{case}: no {words:?} in\n{}", self.stderr);
        }
        assert!(self.stderr.contains("hint: "), "{case}: no hint in\n{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{case}:\n{}", self.stderr);
        assert_eq!(self.stdout, "", "{case}");
    }
}

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_strata")))
}

/// The lines of CSV without the header.
pub(crate) fn lines(csv: &str) -> Vec<String> {
    csv.lines().skip(1).map(str::to_owned).collect()
}
