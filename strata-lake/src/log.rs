//! Delta's log: which files a version of a table consists of, and how the next version is committed.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use deltalake::DeltaTable;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake::kernel::{Action, Add, CommitInfo, LogicalFileView, Metadata, MetadataExt, Remove};
use deltalake::protocol::{DeltaOperation, SaveMode};

use crate::division::{self, Division};
use crate::error::{LakeError, Result, table_failed};
use crate::location::Location;
use crate::schema::{from_delta, to_delta};

/// How many versions a reader replays at most.
const CHECKPOINT_INTERVAL: u32 = 20;
/// The setting of a table that says how its parts divide the rows. Other readers pass over settings that they do not know.
const DIVISIONS: &str = "strata.divisions";

type Cause = Box<dyn Error + Send + Sync>;

/// A version of a table, read.
pub(crate) struct Snapshot {
    delta: DeltaTable,
    pub(crate) version: u64,
    pub(crate) schema: SchemaRef,
    /// How the parts divide the rows.
    pub(crate) divisions: Vec<Division>,
    /// The live files by name.
    pub(crate) files: BTreeMap<String, Add>,
}

/// The state that a commit brings about.
pub(crate) struct Target<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) divisions: &'a [Division],
    pub(crate) files: &'a BTreeMap<String, Add>,
    pub(crate) replaces: bool,
    pub(crate) label: &'a str,
    pub(crate) at_ms: i64,
}

/// The latest version, or none where there is no table.
pub(crate) async fn latest_version(location: &Location, table: &str) -> Result<Option<u64>> {
    if !location.has_log(table)? {
        return Ok(None);
    }
    let delta = location.delta_table(table)?;
    // A crash before the first commit leaves a folder without a table in it.
    if !delta.verify_deltatable_existence().await.map_err(table_failed("read the log of", table))? {
        return Ok(None);
    }
    let version = delta.get_latest_version().await.map_err(table_failed("read the log of", table))?;
    Ok(Some(version))
}

/// Reads a version of a table.
pub(crate) async fn snapshot(location: &Location, table: &str, version: u64) -> Result<Snapshot> {
    if !location.has_log(table)? {
        return Err(LakeError::UnknownTable { table: table.to_owned(), known: location.tables()? });
    }
    let delta = location.delta_table(table)?;
    read(delta, version).await.map_err(table_failed("read the log of", table))
}

/// Commits `target` on top of `latest`, and returns the version. Where nothing would change there is no commit.
pub(crate) async fn commit(
    location: &Location,
    table: &str,
    latest: Option<Snapshot>,
    target: Target<'_>,
) -> Result<u64> {
    let failed = || table_failed("commit to", table);
    let actions = match &latest {
        None => first_actions(table, &target),
        Some(latest) => next_actions(latest, &target),
    };
    let mut actions = actions.map_err(failed())?;
    if let Some(latest) = &latest
        && actions.is_empty()
    {
        return Ok(latest.version);
    }
    actions.insert(0, Action::CommitInfo(commit_info(&target)));
    let delta = match latest {
        Some(latest) => latest.delta,
        None => location.delta_table(table)?,
    };
    let version = append_to_log(delta, actions, target.replaces).await.map_err(failed())?;
    location.sync_log(table, version)?;
    Ok(version)
}

/// A file that was written for this commit.
pub(crate) fn add_new(name: &str, rows: u64, bytes: u64, at_ms: i64) -> Add {
    Add {
        path: name.to_owned(),
        size: i64::try_from(bytes).unwrap_or(i64::MAX),
        modification_time: at_ms,
        data_change: true,
        // The row count alone: minima and maxima stand in the file's own footer, exactly.
        stats: Some(serde_json::json!({ "numRecords": rows }).to_string()),
        ..Add::default()
    }
}

async fn read(mut delta: DeltaTable, version: u64) -> std::result::Result<Snapshot, Cause> {
    delta.load_version(version).await?;
    let state = delta.snapshot()?;
    let found = state.version();
    if found != version {
        return Err(format!("it has no version {version}; the latest is {found}").into());
    }
    let schema = Arc::new(from_delta(&state.schema())?);
    let divisions = division::from_setting(state.metadata().configuration().get(DIVISIONS));
    let files = state.log_data().iter().map(|file| (file.path().into_owned(), add_again(&file))).collect();
    Ok(Snapshot { delta, version, schema, divisions, files })
}

/// The actions that make a table.
fn first_actions(table: &str, target: &Target<'_>) -> std::result::Result<Vec<Action>, Cause> {
    let protocol =
        serde_json::from_value(serde_json::json!({ "minReaderVersion": 1, "minWriterVersion": 2 }))?;
    let mut actions = vec![Action::Protocol(protocol), Action::Metadata(first_metadata(table, target)?)];
    actions.extend(target.files.values().cloned().map(Action::Add));
    Ok(actions)
}

/// The actions that lead from the latest version to the target; none where it is there already.
fn next_actions(latest: &Snapshot, target: &Target<'_>) -> std::result::Result<Vec<Action>, Cause> {
    let mut actions = Vec::new();
    if latest.schema.as_ref() != target.schema || latest.divisions != target.divisions {
        let metadata = latest.delta.snapshot()?.metadata().clone();
        let metadata = metadata.with_schema(&to_delta(target.schema)?)?;
        let metadata = match division::to_setting(target.divisions) {
            Some(setting) => metadata.add_config_key(DIVISIONS.to_owned(), setting)?,
            None => metadata.remove_config_key(DIVISIONS)?,
        };
        actions.push(Action::Metadata(metadata));
    }
    let removed = latest.files.iter().filter(|(name, _)| !target.files.contains_key(*name));
    actions.extend(removed.map(|(_, add)| Action::Remove(remove(add, target.at_ms))));
    let added = target.files.iter().filter(|(name, _)| !latest.files.contains_key(*name));
    actions.extend(added.map(|(_, add)| Action::Add(add.clone())));
    Ok(actions)
}

async fn append_to_log(
    delta: DeltaTable,
    actions: Vec<Action>,
    replaces: bool,
) -> std::result::Result<u64, Cause> {
    let operation = DeltaOperation::Write {
        mode: if replaces { SaveMode::Overwrite } else { SaveMode::Append },
        partition_by: None,
        predicate: None,
    };
    // Without retries: under the lock there is no other writer, and merging with one would break the file set.
    // Old log entries stay, since old versions are what runs are pinned to.
    let properties = CommitProperties::default().with_max_retries(0).with_cleanup_expired_logs(Some(false));
    let state = delta.version().is_some().then(|| delta.snapshot()).transpose()?;
    let committed = CommitBuilder::from(properties)
        .with_actions(actions)
        .build(state.map(|state| state as &dyn TableReference), delta.log_store(), operation)
        .await?;
    Ok(committed.version())
}

fn add_again(file: &LogicalFileView) -> Add {
    let mut add = add_new(&file.path(), 0, 0, file.modification_time());
    add.size = file.size();
    add.stats = file.stats();
    add
}

fn remove(add: &Add, at_ms: i64) -> Remove {
    Remove {
        path: add.path.clone(),
        data_change: true,
        deletion_timestamp: Some(at_ms),
        extended_file_metadata: Some(true),
        partition_values: Some(HashMap::new()),
        size: Some(add.size),
        ..Remove::default()
    }
}

fn commit_info(target: &Target<'_>) -> CommitInfo {
    CommitInfo {
        timestamp: Some(target.at_ms),
        operation: Some("WRITE".to_owned()),
        engine_info: Some(concat!("strata-lake:", env!("CARGO_PKG_VERSION")).to_owned()),
        info: HashMap::from([("label".to_owned(), serde_json::Value::from(target.label))]),
        ..CommitInfo::default()
    }
}

fn first_metadata(table: &str, target: &Target<'_>) -> std::result::Result<Metadata, Cause> {
    // Another tool's `VACUUM` must not take files that a pinned version still refers to.
    let forever = "interval 36500 days";
    let mut metadata = serde_json::json!({
        "id": table_id(table, target.label),
        "name": table,
        "description": null,
        "format": { "provider": "parquet", "options": {} },
        "schemaString": serde_json::to_string(&to_delta(target.schema)?)?,
        "partitionColumns": [],
        "configuration": {
            "delta.deletedFileRetentionDuration": forever,
            "delta.logRetentionDuration": forever,
            "delta.enableExpiredLogCleanup": "false",
            "delta.checkpointInterval": CHECKPOINT_INTERVAL.to_string(),
        },
        "createdTime": target.at_ms,
    });
    if let Some(setting) = division::to_setting(target.divisions) {
        metadata["configuration"][DIVISIONS] = setting.into();
    }
    Ok(serde_json::from_value(metadata)?)
}

/// Delta wants a UUID. One made from names is the same when a run is repeated.
fn table_id(table: &str, label: &str) -> String {
    let hash = blake3::hash(format!("{table}\n{label}").as_bytes()).to_hex();
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
