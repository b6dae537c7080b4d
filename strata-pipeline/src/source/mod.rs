//! Stage 1: what do the files say?
//!
//! Reads the files of every source and market and writes one table for each, `raw.<source>`: the file's columns as they are,
//! with the file and line of each row. A Parquet file is copied and not decoded where that comes to the same. A file
//! that has been read before is known by its content and left alone. Writes `batch` too: which content of which file the
//! raw tables hold.

mod batch;
pub mod read;
mod rows;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};
use strata_lake::{Engine, Write, WriteMode, batches};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::{FormatKind, Keep, Source};

use crate::error::{Context, Error, Result};
use crate::run::{Progress, Run, Summary, raw_table};
use batch::Batch;
use read::{Format, ReadError, ReadOptions};

/// The table of batches.
const BATCH: &str = "batch";
/// The column with the file that a raw row came from, as the project's folder sees it.
pub const FILE: &str = "_file";
/// The column with the batch that a raw row came with.
pub const BATCH_ID: &str = "_batch";
/// The column with the time at which the file was last written.
pub const MODIFIED: &str = "_modified";

/// What is to be read: the files of every source, and which of them are new.
pub struct Ingest {
    sources: Vec<SourceFiles>,
    known: Vec<Batch>,
}

struct SourceFiles {
    name: String,
    keep: Keep,
    files: Vec<SourceFile>,
}

struct SourceFile {
    path: PathBuf,
    options: ReadOptions,
    batch: Batch,
}

impl Ingest {
    /// The ids of all batches, which change exactly when some file's content or reading changes.
    pub(crate) fn batch_ids(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|source| &source.files).map(|file| file.batch.batch_id.as_str())
    }

    fn is_known(&self, file: &SourceFile) -> bool {
        self.known.iter().any(|known| known.batch_id == file.batch.batch_id)
    }
}

/// Finds the files of every source and what is known of them.
///
/// # Errors
/// When a source has no files, or one cannot be read.
pub(crate) async fn plan(run: &Run, engine: &Engine) -> Result<Ingest> {
    let known = match run.inputs.get(BATCH) {
        Some(version) => {
            let table = engine.table(BATCH, *version).await.context("cannot open table `batch`")?;
            batch::read(&table.collect().await.context("cannot read table `batch`")?)
        }
        None => Vec::new(),
    };
    let root = &run.project.root;
    let mut sources = Vec::new();
    for source in run.project.manifest.inputs() {
        let unreadable = |error| wrong(&run.project.manifest.called(source), error);
        let paths = read::expand(&source.path, root).map_err(unreadable)?;
        let mut options = options(source);
        // What earlier runs have read stays as it is, and so do its types.
        if source.keep == Keep::Latest {
            options.as_text = read::of_several_types(&paths).map_err(unreadable)?;
        }
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let fingerprint = read::fingerprint(&path).map_err(unreadable)?;
            files.push(SourceFile {
                batch: Batch::new(source, &options, shown(&path, root), fingerprint),
                path,
                options: options.clone(),
            });
        }
        sources.push(SourceFiles { name: raw_table(source), keep: source.keep, files });
    }
    Ok(Ingest { sources, known })
}

/// How many sources are read side by side.
const SOURCES_AT_ONCE: usize = 4;

/// Runs the stage.
///
/// # Errors
/// When a file cannot be read as what it should be, or a table cannot be written.
pub(crate) async fn run(run: &Run, engine: &Engine, ingest: &Ingest) -> Result<Summary> {
    let mut summary = Summary::default();
    let sources = ingest.sources.iter().map(|source| take_in(run, engine, ingest, source).boxed());
    let sources: Vec<BoxFuture<'_, Result<Taken>>> = sources.collect();
    let taken = futures::stream::iter(sources).buffered(SOURCES_AT_ONCE);
    let taken: Vec<Taken> = taken.try_collect().await?;
    let mut held: Vec<Batch> = Vec::new();
    for (source, taken) in ingest.sources.iter().zip(&taken) {
        held.extend(taken.held.iter().cloned());
        if let Some(version) = taken.version {
            summary.written.insert(source.name.clone(), version);
        }
    }
    held.sort();
    let n_rows: u64 = held.iter().map(|batch| batch.n_rows).sum();
    let rows = batch::write(&held).context("cannot describe the batches")?;
    let write =
        Write::replace(batches(rows.schema(), [Ok(rows)]), run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(BATCH, write).await.context("cannot write table `batch`")?;
    summary.written.insert(BATCH.into(), written.version);
    let n_read: usize = taken.iter().map(|taken| taken.n_read).sum();
    let n_files: usize = ingest.sources.iter().map(|source| source.files.len()).sum();
    summary.facts.insert("n_files_read".into(), n_read.into());
    summary.facts.insert("n_files_known".into(), (n_files - n_read).into());
    summary.facts.insert("n_rows".into(), n_rows.into());
    Ok(summary)
}

/// Whose fault it is that a later stage could not read the raw tables. Pages of files that were taken in as they are have
/// not been decoded before: where one is damaged, the error is the file's.
pub(crate) fn at_fault(ingest: &Ingest, error: Error) -> Error {
    if !matches!(error.code(), ErrorCode::Internal | ErrorCode::Storage) {
        return error;
    }
    let mut files = ingest.sources.iter().flat_map(|source| &source.files);
    let damaged = files.find_map(|file| {
        let damage = rows::decode(file).err()?;
        Some(wrong(&file.batch.file, damage))
    });
    damaged.unwrap_or(error)
}

/// What the raw table of a source holds after a run.
struct Taken {
    held: Vec<Batch>,
    version: Option<u64>,
    n_read: usize,
}

/// Brings the raw table of a source to what its files hold.
async fn take_in(run: &Run, engine: &Engine, ingest: &Ingest, source: &SourceFiles) -> Result<Taken> {
    let current: BTreeSet<&str> = source.files.iter().map(|file| file.batch.batch_id.as_str()).collect();
    let earlier = ingest.known.iter().filter(|batch| batch.table == source.name);
    // With `keep = "latest"` a source is what its files hold now, whatever an earlier run read.
    let (kept, dropped): (Vec<&Batch>, Vec<&Batch>) =
        earlier.partition(|batch| current.contains(batch.batch_id.as_str()) || source.keep == Keep::All);
    let mut held: Vec<Batch> = kept.into_iter().cloned().collect();
    let mut stale: BTreeSet<String> = dropped.into_iter().map(|batch| batch.batch_id.clone()).collect();
    let mut version = run.inputs.get(&source.name).copied();
    let mut n_read = 0;
    for file in source.files.iter().filter(|file| !ingest.is_known(file)) {
        let rows = rows::rows(file, run.progress.clone()).map_err(|error| wrong(&file.batch.file, error))?;
        let write = Write {
            mode: match version {
                Some(_) => WriteMode::ReplaceLabels(std::mem::take(&mut stale)),
                None => WriteMode::Replace,
            },
            ..Write::append(version, rows, file.batch.batch_id.clone(), run.as_of.timestamp_millis())
        };
        let written = engine.lake().write(&source.name, write).await;
        let written = written.map_err(|error| cause(error, &file.batch.file))?;
        let Batch { file: name, bytes, .. } = &file.batch;
        (run.progress)(Progress::Reading { file: name.clone(), done: *bytes, total: *bytes });
        version = Some(written.version);
        held.push(Batch { n_rows: written.rows, ..file.batch.clone() });
        n_read += 1;
    }
    if let (Some(base), false) = (version, stale.is_empty()) {
        version = Some(drop_batches(run, engine, &source.name, base, stale).await?);
    }
    Ok(Taken { held, version, n_read })
}

/// Takes batches out of a raw table when no new one takes their place.
async fn drop_batches(
    run: &Run,
    engine: &Engine,
    table: &str,
    base: u64,
    stale: BTreeSet<String>,
) -> Result<u64> {
    let rows = engine.table(table, base).await.context(format!("cannot open table `{table}`"))?;
    let none = batches(Arc::clone(rows.schema().inner()), []);
    let label = format!("{}-dropped", run.run_id);
    let write = Write {
        mode: WriteMode::ReplaceLabels(stale),
        ..Write::append(Some(base), none, label, run.as_of.timestamp_millis())
    };
    let written = engine.lake().write(table, write).await;
    Ok(written.context(format!("cannot write table `{table}`"))?.version)
}

/// The reading options that a source declares.
pub fn options(source: &Source) -> ReadOptions {
    let byte = |character: char| u8::try_from(character).ok();
    ReadOptions {
        format: source.format.kind.map(|kind| match kind {
            FormatKind::Csv => Format::Csv,
            FormatKind::JsonLines => Format::JsonLines,
            FormatKind::Parquet => Format::Parquet,
        }),
        delimiter: source.format.delimiter.and_then(byte),
        quote: source.format.quote.and_then(byte),
        encoding: source.format.encoding.clone(),
        comment: source.format.comment.and_then(byte),
        header: source.format.header,
        ..ReadOptions::default()
    }
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn wrong(what: &str, error: ReadError) -> Error {
    let hint = error.hint();
    let failed = Error::new(ErrorCode::InvalidInput, format!("cannot read {what}")).caused_by(error);
    match hint {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
}

const ONE_TYPE: &str = "the files of a source have the same columns, each of one type: export this file as the others are, or \
                        make it a source of its own";

/// A file that turns out to be damaged while it is being written to the lake is the file's fault, not the lake's.
fn cause(error: strata_lake::LakeError, file: &str) -> Error {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let (mut damaged, mut hint) = (false, None);
    while let Some(each) = next {
        if let Some(read) = each.downcast_ref::<ReadError>() {
            (damaged, hint) = (true, read.hint());
        }
        next = each.source();
    }
    if let strata_lake::LakeError::Column { .. } = error {
        (damaged, hint) = (true, Some(ONE_TYPE.to_owned()));
    }
    let code = if damaged { ErrorCode::InvalidInput } else { ErrorCode::Storage };
    let failed = Error::new(code, format!("cannot take in {file}")).caused_by(error);
    match hint {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
}
