//! A project in a temporary folder, run and asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use strata_pipeline::project::Project;
use strata_pipeline::query::{self, View};
use strata_pipeline::run::{Complete, Options, Session, run};
use tempfile::TempDir;

/// A project in a folder that goes with it.
pub(crate) struct Trial {
    folder: TempDir,
}

impl Trial {
    /// A project with this manifest.
    pub(crate) fn new(manifest: &str) -> Trial {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("strata.toml"), manifest).unwrap();
        Trial { folder }
    }

    /// A copy of one of the repository's examples.
    pub(crate) fn example(name: &str) -> Trial {
        let example = repository().join("examples").join(name);
        let trial = Trial::new(&fs::read_to_string(example.join("strata.toml")).unwrap());
        fs::create_dir(trial.folder.path().join("data")).unwrap();
        for file in fs::read_dir(example.join("data")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), trial.folder.path().join("data").join(file.file_name())).unwrap();
        }
        trial
    }

    /// Writes a file into the project's folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn project(&self) -> Project {
        Project::open(self.folder.path()).unwrap()
    }

    /// Runs the project as of a date.
    pub(crate) async fn run(&self, as_of: &str, session: &Session) -> Complete {
        let project = self.project();
        let as_of = project.instant(as_of).unwrap();
        let options = Options { as_of, rewind: false, session: session.clone() };
        run(project, options, Arc::new(|_| ())).await.unwrap()
    }

    pub(crate) async fn view(&self) -> View {
        query::open(&self.project(), &Session::default()).await.unwrap()
    }

    /// The rows of a query.
    pub(crate) async fn ask(&self, query: &str) -> Vec<Map<String, Value>> {
        self.view().await.sql(query).await.unwrap().json().await.unwrap()
    }

    /// The one row of a query.
    pub(crate) async fn ask_one(&self, query: &str) -> Map<String, Value> {
        let rows = self.ask(query).await;
        assert_eq!(rows.len(), 1, "{query}");
        rows.into_iter().next().unwrap()
    }
}

/// The rows of all tables of a run.
pub(crate) async fn tables(trial: &Trial, complete: &Complete) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in complete.tables.keys() {
        let query = match table.as_str() {
            // The numbers in a set are those of a part; its size is that of the whole.
            "bitmap" => {
                "select subject, segmentation, segment, sum(n_members) as n from bitmap group by 1, 2, 3"
                    .to_owned()
            }
            table => format!("select * from {table}"),
        };
        tables.insert(table.clone(), sorted(trial.ask(&query).await));
    }
    tables
}

/// Rows as text in an order that does not depend on who wrote them. Sums over partitions differ in their last digits.
fn sorted(rows: Vec<Map<String, Value>>) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|row| {
            let cells = row.into_iter().map(|(name, value)| match value.as_f64() {
                Some(number) if value.is_f64() => format!("{name}={number:.9e}"),
                _ => format!("{name}={value}"),
            });
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    rows.sort();
    rows
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the data that is kept beside the repository; none, said on stderr, where it is not there.
pub(crate) fn shared_data(file: &str) -> Option<PathBuf> {
    let path = repository().parent().unwrap().join("shared/data").join(file);
    if !path.is_file() {
        eprintln!("skipped: {file} is not there");
        return None;
    }
    Some(path)
}

pub(crate) fn number(row: &Map<String, Value>, column: &str) -> f64 {
    row.get(column).and_then(Value::as_f64).unwrap_or(0.0)
}

pub(crate) fn text<'a>(row: &'a Map<String, Value>, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or("")
}
