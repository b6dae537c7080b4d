//! What a write is: rows, how they join what is there, and from which version it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use deltalake::kernel::Add;

use crate::data_file::{FileSpec, NewFile, discard, write_files};
use crate::division::Division;
use crate::error::{Result, failed, table_failed};
use crate::location::{Location, check_label, label_of};
use crate::log::{Snapshot, Target, add_new, commit, latest_version, snapshot};
use crate::parquet_file::ParquetFile;
use crate::schema::{storable, union};
use crate::take_file::take_file;

const DEFAULT_MAX_ROWS_PER_FILE: usize = 8 * 1024 * 1024;

/// Rows to be written to a table.
///
/// The lake as a whole stays at the last complete run: a run pins versions, and what a crashed run committed after
/// them must not count. So a write says from which version it starts, and what it commits is exactly the files that
/// `mode` keeps of `base`, and the new ones, whatever the table's latest version holds.
pub struct Write {
    /// The version that the write starts from; none starts from nothing.
    pub base: Option<u64>,
    /// What becomes of the rows of `base`.
    pub mode: WriteMode,
    /// The rows.
    pub rows: Rows,
    /// How parts divide the rows: the first division's parts come first, then the next one's. None where the parts mean
    /// nothing to readers, and none counts where rows of the base stay.
    pub divisions: Vec<Division>,
    /// Which run or batch the rows belong to. It stands in the commit and in the names of the files. Equal content
    /// under an equal label is one file, so that appending the same batch twice changes nothing.
    pub label: String,
    /// The time that the log shows for the commit, in milliseconds since 1970. There is no clock below the surface.
    pub at_ms: i64,
    /// When to begin another file.
    pub max_rows_per_file: usize,
}

/// Where the rows of a write are.
pub enum Rows {
    /// In streams: parts that are written side by side, each to files of its own. Their order is kept, so streams in a fixed
    /// order make files that are equal byte for byte. All parts have the schema of the first.
    Parts(Vec<SendableRecordBatchStream>),
    /// In a file whose columns are copied. It becomes one file of the table, however many rows it has.
    File(ParquetFile),
}

impl From<SendableRecordBatchStream> for Rows {
    fn from(stream: SendableRecordBatchStream) -> Self {
        Self::Parts(vec![stream])
    }
}

impl From<ParquetFile> for Rows {
    fn from(file: ParquetFile) -> Self {
        Self::File(file)
    }
}

impl Rows {
    fn schema(&self) -> SchemaRef {
        match self {
            Self::Parts(parts) => {
                parts.first().map_or_else(|| Arc::new(Schema::empty()), |rows| rows.schema())
            }
            Self::File(file) => file.schema(),
        }
    }
}

/// What becomes of the rows that the base version holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteMode {
    /// They go, and the table takes the schema of the new rows.
    Replace,
    /// They stay. Columns that only one side has are null on the other.
    Append,
    /// They stay, except those written under one of these labels.
    ReplaceLabels(BTreeSet<String>),
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The version that holds the rows.
    pub version: u64,
    /// How many rows were written, those of the base not counted.
    pub rows: u64,
    /// The size of their files.
    pub bytes: u64,
}

impl Write {
    /// A write that replaces the table.
    pub fn replace(rows: impl Into<Rows>, label: impl Into<String>, at_ms: i64) -> Self {
        Self {
            base: None,
            mode: WriteMode::Replace,
            rows: rows.into(),
            divisions: Vec::new(),
            label: label.into(),
            at_ms,
            max_rows_per_file: DEFAULT_MAX_ROWS_PER_FILE,
        }
    }

    /// A write that replaces the table by rows in several parts.
    pub fn replace_by(parts: Vec<SendableRecordBatchStream>, label: impl Into<String>, at_ms: i64) -> Self {
        Self::replace(Rows::Parts(parts), label, at_ms)
    }

    /// The same, with the next of its parts being those of a division.
    #[must_use]
    pub fn divided(mut self, division: Division) -> Self {
        self.divisions.push(division);
        self
    }

    /// A write that appends to version `base`.
    pub fn append(base: Option<u64>, rows: impl Into<Rows>, label: impl Into<String>, at_ms: i64) -> Self {
        Self { base, mode: WriteMode::Append, ..Self::replace(rows, label, at_ms) }
    }
}

/// A stream of batches that are at hand or made one by one.
pub fn batches<I>(schema: SchemaRef, batches: I) -> SendableRecordBatchStream
where
    I: IntoIterator<Item = std::result::Result<RecordBatch, DataFusionError>>,
    I::IntoIter: Send + 'static,
{
    Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches)))
}

/// Writes files, then commits them. When this fails, the table is as it was.
pub(crate) async fn write(location: &Location, table: &str, write: Write) -> Result<Written> {
    check_label(&write.label)?;
    let folder = location.folder(table)?;
    let new_schema = storable(table, &write.rows.schema())?;
    let before = latest_version(location, table).await?;
    let latest = match before {
        Some(version) => Some(snapshot(location, table, version).await?),
        None => None,
    };
    let kept = kept(location, table, write.base, &write.mode, latest.as_ref()).await?;
    let schema = match &kept {
        Some((base_schema, files)) if !files.is_empty() => union(table, base_schema, &new_schema)?,
        // Columns that only dropped rows had go with them.
        _ => new_schema.clone(),
    };
    let mut files = kept.map(|(_, files)| files).unwrap_or_default();
    let divisions = if files.is_empty() { write.divisions.as_slice() } else { &[] };

    std::fs::create_dir_all(&folder).map_err(table_failed("write to", table))?;
    let spec = FileSpec {
        folder: folder.clone(),
        label: write.label.clone(),
        schema: new_schema,
        max_rows_per_file: write.max_rows_per_file,
        // A table always has a file, if one without rows: a scan over no files cannot be sent to a cluster.
        at_least_one: files.is_empty(),
    };
    let new = match write.rows {
        Rows::Parts(parts) => write_files(spec, parts).await,
        Rows::File(file) => take_file(spec, file).await,
    };
    let new = new.map_err(table_failed("write to", table))?;
    if new.iter().any(|file| file.rows > 0) {
        files.retain(|_, add| !is_empty(add));
    }
    files.extend(new.iter().map(|file| {
        let add = add_new(&file.name, file.rows, file.bytes, write.at_ms);
        (file.name.clone(), add)
    }));
    let target = Target {
        schema: &schema,
        divisions,
        files: &files,
        replaces: write.mode == WriteMode::Replace,
        label: &write.label,
        at_ms: write.at_ms,
    };
    match commit(location, table, latest, target).await {
        Ok(version) => Ok(Written {
            version,
            rows: new.iter().map(|file| file.rows).sum(),
            bytes: new.iter().map(|file| file.bytes).sum(),
        }),
        Err(error) => {
            take_back(location, table, &folder, before, &new).await?;
            Err(error)
        }
    }
}

/// The schema of the base and those of its files that stay, or none where the write starts from nothing.
async fn kept(
    location: &Location,
    table: &str,
    base: Option<u64>,
    mode: &WriteMode,
    latest: Option<&Snapshot>,
) -> Result<Option<(SchemaRef, BTreeMap<String, Add>)>> {
    let Some(version) = base else { return Ok(None) };
    let dropped = match mode {
        WriteMode::Replace => return Ok(None),
        WriteMode::Append => &BTreeSet::new(),
        WriteMode::ReplaceLabels(labels) => labels,
    };
    let (schema, mut files) = match latest {
        Some(latest) if latest.version == version => (latest.schema.clone(), latest.files.clone()),
        _ => {
            let base = snapshot(location, table, version).await?;
            (base.schema, base.files)
        }
    };
    files.retain(|name, _| label_of(name).is_none_or(|label| !dropped.contains(label)));
    Ok(Some((schema, files)))
}

fn is_empty(add: &Add) -> bool {
    let stats = add.stats.as_deref().and_then(|stats| serde_json::from_str::<serde_json::Value>(stats).ok());
    stats.and_then(|stats| stats.get("numRecords")?.as_u64()) == Some(0)
}

/// Removes the files of a commit that failed, unless it took effect and failed after that.
async fn take_back(
    location: &Location,
    table: &str,
    folder: &Path,
    before: Option<u64>,
    new: &[NewFile],
) -> Result<()> {
    if latest_version(location, table).await? == before {
        discard(folder, new).map_err(failed("take back files from", format!("table `{table}`")))?;
    }
    Ok(())
}
