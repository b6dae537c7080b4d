//! Reads `dirt.csv`: what is wrong, and in which row and column of which source.

use std::collections::BTreeMap;
use std::path::Path;

use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::datafusion::prelude::{CsvReadOptions, ident};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::{ColumnSource, Source};
use strata_spec::table::Table;

use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::query::ask::ask;

/// One thing that is wrong, and what the manifest makes of its column.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    /// The file's name, without folders.
    pub(super) file: String,
    pub(super) line: u64,
    /// The value of the row's key column.
    pub(super) key: String,
    pub(super) written: String,
    pub(super) truth: String,
    /// The source that reads the file; none where the manifest leaves the file out.
    pub(super) source: Option<Source>,
    /// The canonical columns that are made of the column, those that are the column itself first.
    pub(super) columns: Vec<(Table, String)>,
}

const COLUMNS: [&str; 7] = ["kind", "file", "line", "key", "column", "written", "truth"];

/// The pieces by kind.
pub(super) async fn read(
    view: &View,
    project: &Project,
    truth: &Path,
) -> Result<BTreeMap<String, Vec<Piece>>> {
    let path = if truth.is_dir() { truth.join("dirt.csv") } else { truth.to_owned() };
    let unreadable = || {
        Error::new(ErrorCode::InvalidInput, format!("cannot read {}", path.display()))
            .with_hint("give the folder `truth` that `strata demo` writes")
    };
    if !path.is_file() {
        return Err(unreadable());
    }
    let options = CsvReadOptions::new().schema_infer_max_records(0);
    let file = view.engine().context().read_csv(path.to_string_lossy().as_ref(), options).await;
    let selected = file.and_then(|file| file.select(COLUMNS.map(ident).to_vec()));
    let batches = selected.map_err(|error| unreadable().caused_by(error))?.collect().await;
    let source_of = sources(view, project).await?;
    let mut pieces: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    for batch in batches.context(format!("cannot read {}", path.display()))? {
        for row in 0..batch.num_rows() {
            let text = |at: usize| {
                let texts = batch.column(at).as_string::<i32>();
                if texts.is_valid(row) { texts.value(row).to_owned() } else { String::new() }
            };
            let source = source_of.get(&text(1)).map(|source| (*source).clone());
            let columns = source.as_ref().map(|source| mapped(source, &text(4))).unwrap_or_default();
            pieces.entry(text(0)).or_default().push(Piece {
                file: text(1),
                line: text(2).parse().unwrap_or_default(),
                // A spreadsheet's apostrophe, which marks a number as text.
                key: text(3).trim_start_matches('\'').to_owned(),
                written: text(5),
                truth: text(6),
                source,
                columns,
            });
        }
    }
    if pieces.is_empty() {
        return Err(unreadable());
    }
    Ok(pieces)
}

/// The source of every file that the run read, by the file's name.
async fn sources<'a>(view: &View, project: &'a Project) -> Result<BTreeMap<String, &'a Source>> {
    let rows = ask(view, "look for the files read", r#"select distinct "table", file from batch"#).await?;
    let source = |table: &str| {
        let name = table.strip_prefix("raw.")?;
        project.manifest.sources.iter().find(|source| source.name.as_str() == name)
    };
    Ok(rows
        .iter()
        .filter_map(|row| Some((file_name(row.text(1)).to_owned(), source(row.text(0))?)))
        .collect())
}

/// A path's last part.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn mapped(source: &Source, column: &str) -> Vec<(Table, String)> {
    let quoted = format!("\"{column}\"");
    let all =
        || source.tables.iter().flat_map(|each| each.columns.iter().map(move |column| (each.table, column)));
    let direct = all().filter(|(_, (_, from))| matches!(from, ColumnSource::Column(name) if name == column));
    let through =
        all().filter(|(_, (_, from))| matches!(from, ColumnSource::Sql(sql) if sql.contains(&quoted)));
    direct.chain(through).map(|(table, (name, _))| (table, name.clone())).collect()
}
