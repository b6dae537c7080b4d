//! What has changed about subjects since the run before: the table `property_history`.
//!
//! | row | says |
//! | --- | --- |
//! | with a property | that the property of a subject changed at `since` from `previous` to `value`, as texts; null is a value too |
//! | with a subject only | that the subject became known then, so that nothing is known of it before |
//! | with a property only | that the property became known then: no source had it before |
//! | with neither | that the history of all begins then |
//!
//! Nothing is compared in the first run. Later ones join each subject's row with the one that the run before wrote. A run at an
//! instant before the last one's goes on from the last run before that instant, and so forgets what came after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use strata_lake::arrow::compute::{cast, concat_batches, filter, is_null, not};
use strata_lake::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use strata_lake::datafusion::common::{JoinType, exec_datafusion_err};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Expr, Operator, binary_expr};
use strata_lake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Engine, Write, batches};
use strata_spec::table::{Kind, Subject};

use super::plan::table_columns;
use crate::compile::data_type;
use crate::error::{Context, Result};
use crate::run::{PROPERTY_HISTORY, Run, stream};

/// The table's columns.
const COLUMNS: [(&str, Kind); 7] = [
    ("subject", Kind::Text),
    ("subject_id", Kind::Text),
    ("property", Kind::Text),
    ("value", Kind::Text),
    ("previous", Kind::Text),
    ("since", Kind::Timestamp),
    ("run_id", Kind::Text),
];

/// Notes what has changed since the run before; returns the table's version and how many rows speak of subjects. `written` has
/// the versions of the subjects' tables.
pub(super) async fn write(run: &Run, engine: &Engine, written: &BTreeMap<String, u64>) -> Result<(u64, u64)> {
    let before = run.before.as_ref();
    let base = before.and_then(|before| before.tables.get(PROPERTY_HISTORY).copied());
    let mut parts = Vec::new();
    let mut begins = Vec::new();
    for subject in Subject::ALL {
        let table = subject.as_str();
        let earlier = before.and_then(|before| Some((before, *before.tables.get(table)?)));
        if base.is_none() {
            // Without a table, the run before is as far back as anything is known.
            let since = earlier.map_or(run.as_of, |(before, _)| before.as_of);
            begins.push(Begin { subject, property: None, since: since.timestamp_micros() });
        }
        let (Some((_, earlier)), Some(now)) = (earlier, written.get(table)) else { continue };
        let comparing = || format!("cannot compare the {subject} with those of the run before");
        let earlier = engine.table(table, earlier).await.context(comparing())?;
        let now = engine.table(table, *now).await.context(comparing())?;
        let compared = compare(run, subject, now, earlier).await.context(comparing())?;
        let since = run.as_of.timestamp_micros();
        begins.extend(compared.new_properties.into_iter().map(|name| Begin {
            subject,
            property: Some(name),
            since,
        }));
        parts.push(compared.changes);
    }
    let n_begins = begins.len() as u64;
    let begins = rows_of(run, &begins).context("cannot describe the history of properties")?;
    parts.insert(0, batches(begins.schema(), [Ok(begins)]));
    let mut write = Write::replace_by(parts, run.run_id.clone(), run.as_of.timestamp_millis());
    write.base = base;
    write.mode = strata_lake::WriteMode::Append;
    let written = engine.lake().write(PROPERTY_HISTORY, write).await;
    let written = written.context(format!("cannot write table `{PROPERTY_HISTORY}`"))?;
    Ok((written.version, written.rows.saturating_sub(n_begins)))
}

/// Where the history of a property begins, or of all.
struct Begin {
    subject: Subject,
    property: Option<String>,
    since: i64,
}

/// What a run found out about the subjects of a kind.
struct Compared {
    /// Properties that had no value anywhere before.
    new_properties: Vec<String>,
    /// The rows of what changed, in the order of the subjects.
    changes: SendableRecordBatchStream,
}

async fn compare(run: &Run, subject: Subject, now: DataFrame, earlier: DataFrame) -> EngineResult<Compared> {
    let columns = table_columns(subject.table(), &run.project.manifest.properties);
    let kept: Vec<(String, Kind)> =
        columns.into_iter().filter(|(name, _)| subject.table().keeps_history_of(name)).collect();
    let said_now = said(&now, &kept).await?;
    let said_earlier = said(&earlier, &kept).await?;
    // A property that no source has any more is not gone from every subject.
    let (both, new): (Vec<String>, Vec<String>) =
        said_now.into_iter().partition(|name| said_earlier.contains(name));

    let id = subject.id_column();
    let earlier_columns = [(id.to_owned(), KEY.to_owned())]
        .into_iter()
        .chain(both.iter().map(|name| (name.clone(), earlier_of(name))));
    let earlier = earlier
        .select(earlier_columns.map(|(name, alias)| ident(name).alias(alias)).collect::<Vec<Expr>>())?;
    let columns = [id.to_owned()].into_iter().chain(both.iter().cloned());
    let now = now.select(columns.map(|name| ident(&name).alias(&name)).collect::<Vec<Expr>>())?;
    let joined = now.join(earlier, JoinType::Left, &[id], &[KEY], None)?;
    let differs =
        both.iter().map(|name| binary_expr(ident(name), Operator::IsDistinctFrom, ident(earlier_of(name))));
    let differs = differs.fold(ident(KEY).is_null(), Expr::or);
    let changed = stream(joined.filter(differs)?.sort(vec![ident(id).sort(true, false)])?).await?;
    let told =
        Told { subject, properties: both, since: run.as_of.timestamp_micros(), run_id: run.run_id.clone() };
    let rows = changed.map(move |batch| told.rows(&batch?));
    let changes: SendableRecordBatchStream = Box::pin(RecordBatchStreamAdapter::new(schema(), rows));
    Ok(Compared { new_properties: new, changes })
}

/// The columns of a table that some row has a value for and that are of the kind they should be.
async fn said(table: &DataFrame, columns: &[(String, Kind)]) -> EngineResult<Vec<String>> {
    let there = |(name, kind): &&(String, Kind)| {
        let field = table.schema().field_with_unqualified_name(name);
        field.is_ok_and(|field| *field.data_type() == data_type(*kind))
    };
    let names: Vec<&String> = columns.iter().filter(there).map(|(name, _)| name).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    // The files' statistics answer this.
    let counts = names.iter().map(|name| count(ident(name.as_str())).alias(name.as_str())).collect();
    let counts = table.clone().aggregate(vec![], counts)?.collect().await?;
    let known = |name: &String| {
        counts.iter().any(|batch| {
            let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
            column.is_some_and(|column| column.values().iter().any(|n| *n > 0))
        })
    };
    Ok(names.into_iter().filter(|name| known(name)).cloned().collect())
}

/// How changed subjects, with what was said of them before, become rows of the table.
struct Told {
    subject: Subject,
    properties: Vec<String>,
    since: i64,
    run_id: String,
}

impl Told {
    fn rows(&self, subjects: &RecordBatch) -> EngineResult<RecordBatch> {
        let column = |name: &str| {
            let column = subjects.column_by_name(name);
            column.ok_or_else(|| exec_datafusion_err!("there is no column `{name}`"))
        };
        let ids = column(self.subject.id_column())?;
        let is_new = is_null(column(KEY)?)?;
        let is_known = not(&is_new)?;
        let became_known = filter(ids, &is_new)?;
        let nothing = new_null_array(&DataType::Utf8, became_known.len());
        let mut parts = vec![self.batch(became_known, None, [Arc::clone(&nothing), nothing])?];
        for name in &self.properties {
            let (now, before) = (column(name)?, column(&earlier_of(name))?);
            let [now, before] = [now, before].map(|side| cast(side, &DataType::Utf8));
            let (now, before) = (now?, before?);
            let (texts, texts_before) = (now.as_string::<i32>(), before.as_string::<i32>());
            let differs = texts.iter().zip(texts_before).map(|(text, before)| Some(text != before));
            let differs: BooleanArray = differs.collect();
            let changed = strata_lake::arrow::compute::and(&differs, &is_known)?;
            if changed.true_count() > 0 {
                let [ids, now, before] = [ids, &now, &before].map(|column| filter(column, &changed));
                parts.push(self.batch(ids?, Some(name), [now?, before?])?);
            }
        }
        Ok(concat_batches(&schema(), &parts)?)
    }

    fn batch(
        &self,
        ids: ArrayRef,
        property: Option<&str>,
        [value, previous]: [ArrayRef; 2],
    ) -> EngineResult<RecordBatch> {
        let n = ids.len();
        let property: ArrayRef = match property {
            Some(property) => Arc::new(StringArray::new_repeated(property, n)),
            None => new_null_array(&DataType::Utf8, n),
        };
        let columns = vec![
            Arc::new(StringArray::new_repeated(self.subject.as_str(), n)) as ArrayRef,
            ids,
            property,
            value,
            previous,
            Arc::new(TimestampMicrosecondArray::from(vec![self.since; n]).with_timezone("UTC")),
            Arc::new(StringArray::new_repeated(&self.run_id, n)),
        ];
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

fn rows_of(run: &Run, begins: &[Begin]) -> EngineResult<RecordBatch> {
    let n = begins.len();
    let since = begins.iter().map(|begin| begin.since).collect::<Vec<i64>>();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(begins.iter().map(|begin| begin.subject.as_str()))),
        new_null_array(&DataType::Utf8, n),
        Arc::new(begins.iter().map(|begin| begin.property.as_deref()).collect::<StringArray>()),
        new_null_array(&DataType::Utf8, n),
        new_null_array(&DataType::Utf8, n),
        Arc::new(TimestampMicrosecondArray::from(since).with_timezone("UTC")),
        Arc::new(StringArray::new_repeated(&run.run_id, n)),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

fn schema() -> SchemaRef {
    let fields = COLUMNS.map(|(name, kind)| Field::new(name, data_type(kind), true));
    Arc::new(Schema::new(fields.to_vec()))
}

const KEY: &str = "_earlier_key";

fn earlier_of(name: &str) -> String {
    format!("_earlier_{name}")
}
