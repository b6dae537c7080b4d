//! Customers and companies: one row each, whatever number of rows and sources speak of them.
//!
//! Within a source a later row's word counts, column by column; between sources the earlier source's, unless the manifest
//! gives another the priority for the column. Two sources that
//! know one id by different e-mail addresses speak of two persons: then the later source's row is refused. Whoever occurs
//! in the other tables only has a row that holds the id.

use std::collections::BTreeMap;

use strata_lake::arrow::array::AsArray;
use strata_lake::arrow::datatypes::Int64Type;
use strata_lake::datafusion::common::{JoinType, ScalarValue};
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::functions::string::expr_fn::{lower, trim};
use strata_lake::datafusion::functions_aggregate::expr_fn::{count, min};
use strata_lake::datafusion::logical_expr::expr::Case;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::definition::Properties;
use strata_spec::manifest::{Priority, Source};
use strata_spec::table::{Kind, PROPERTIES, SOURCE, Subject};

use super::fingerprint::are_unique;
use super::mapping::raw_column;
use super::parse::{Function, call};
use super::plan::{count_rows, joined, null, table_columns, written_columns};
use super::repeats::Repeats;
use super::typed::TypedRows;
use crate::compile::gathered;
use crate::function::latest_known;

/// The subjects that one mapping declares in its `n_rows` good rows, one row each.
pub(crate) async fn within_source(
    rows: &TypedRows,
    good: DataFrame,
    n_rows: u64,
    subject: Subject,
) -> Result<(DataFrame, Repeats)> {
    let id = subject.id_column();
    if are_unique(&good, vec![raw_column(id)]).await? {
        return Ok((good, Repeats::default()));
    }
    let n_subjects = count_rows(good.clone().select(vec![raw_column(id)])?.distinct()?).await?;
    let filled: Vec<&str> = rows.mapping.columns.iter().map(|column| column.name.as_str()).collect();
    let rank = rank(&good).await?;
    let mut said = Vec::new();
    let mut columns = Vec::new();
    for field in good.schema().fields() {
        let name = field.name().as_str();
        if name == id {
            columns.push(raw_column(name));
        } else if filled.contains(&name) || SPOKEN_BY.contains(&name) {
            said.push(latest_known().call(vec![raw_column(name), rank.clone()]).alias(name));
            columns.push(raw_column(name));
        } else {
            columns.push(lit(ScalarValue::try_from(field.data_type())?).alias(name));
        }
    }
    let once = gathered(good, id)?.aggregate(vec![raw_column(id)], said)?.select(columns)?;
    Ok((once, Repeats { n_identical: 0, n_superseded: n_rows - n_subjects }))
}

/// What a row of a subject has besides the mapped columns.
const SPOKEN_BY: [&str; 6] = [PROPERTIES, SOURCE, GIVEN_ID, "_file", "_batch", "_line"];

/// Lines of a file that can be told apart from those of the next.
const LINES_OF_A_FILE: i64 = 1 << 40;

/// The place of a row among all of its source: files by the time at which they were written, lines as they stand.
async fn rank(rows: &DataFrame) -> Result<Expr> {
    let order = ["_modified", "_file", "_batch"].map(raw_column);
    let files = rows.clone().select(order.to_vec())?.distinct()?;
    let files = files.sort(order.map(|column| column.sort(true, true)).to_vec())?.collect().await?;
    let mut batches: Vec<String> = Vec::new();
    for files in &files {
        batches.extend(files.column(2).as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    if batches.len() < 2 {
        return Ok(raw_column("_line"));
    }
    let places = batches.into_iter().map(lit).zip((0..).map(|place: i64| lit(place * LINES_OF_A_FILE)));
    Ok(lookup(raw_column("_batch"), places)? + raw_column("_line"))
}

/// Adds a later source's subjects to those of the earlier ones: the union, and the later rows that are refused.
pub(crate) fn across_sources(
    earlier: DataFrame,
    later: DataFrame,
    subject: Subject,
    properties: &Properties,
    both_have_email: bool,
) -> Result<(DataFrame, Option<DataFrame>)> {
    let id = subject.id_column();
    let columns = written_columns(subject.table(), properties);
    // Where identifiers join, rows of one customer may have come with different ids; the rule is about one id.
    let has_given = |frame: &DataFrame| frame.schema().has_column_with_unqualified_name(GIVEN_ID);
    let given: &[&str] = if has_given(&earlier) && has_given(&later) { &[GIVEN_ID] } else { &[] };
    let kept = columns.iter().map(|(name, _)| name.as_str()).chain(["_file", "_batch", "_line"]);
    let kept = kept.chain(given.iter().copied());
    let later_words = words(&later);
    let kept = kept.chain(later_words.iter().map(String::as_str));
    let later =
        later.select(kept.map(|name| raw_column(name).alias(later_name(name))).collect::<Vec<_>>())?;
    let joined_rows = earlier.clone().join(later, JoinType::Full, &[id], &[&later_name(id)], None)?;
    let differs = || raw_column("email").not_eq(raw_column(&later_name("email")));
    let same_id = |name: &&str| raw_column(name).eq(raw_column(&later_name(name)));
    let conflict = both_have_email.then(|| given.iter().map(same_id).fold(differs(), Expr::and));
    let mut merged = Vec::with_capacity(columns.len());
    merged.extend(
        given.iter().map(|name| coalesce(vec![raw_column(name), raw_column(&later_name(name))]).alias(*name)),
    );
    let heard = |name: &str| match &conflict {
        Some(conflict) => when(conflict.clone().is_not_true(), raw_column(&later_name(name))).end(),
        None => Ok(raw_column(&later_name(name))),
    };
    merged.extend(words(&earlier).iter().map(|name| raw_column(name)));
    for name in &later_words {
        merged.push(heard(name)?.alias(name));
    }
    for (name, _) in &columns {
        let other = heard(name)?;
        let value = if name == PROPERTIES {
            call(Function::JsonMerge, vec![raw_column(name), other])
        } else {
            coalesce(vec![raw_column(name), other])
        };
        merged.push(value.alias(name));
    }
    let refused = match conflict {
        Some(conflict) => Some(refuse(joined_rows.clone().filter(conflict)?, id)?),
        None => None,
    };
    Ok((joined_rows.select(merged)?, refused))
}

/// What the columns begin with that keep a source's own word on a column of which the manifest says whose word counts.
const WORD: &str = "_word_of_";

fn words(frame: &DataFrame) -> Vec<String> {
    let names = frame.schema().fields().iter().map(|field| field.name());
    names.filter(|name| name.starts_with(WORD)).cloned().collect()
}

fn word(source: &str, column: &str) -> String {
    // A sign that neither names of sources nor names of columns have.
    format!("{WORD}{source}/{column}")
}

/// Keeps a source's word on the columns for which it has a priority beside what the sources before it said.
pub(crate) fn with_words(each: DataFrame, source: &str, priorities: &[&Priority]) -> Result<DataFrame> {
    let is_listed = |priority: &&&Priority| priority.sources.iter().any(|name| name.as_str() == source);
    priorities.iter().filter(is_listed).try_fold(each, |each, priority| {
        each.with_column(&word(source, &priority.column), raw_column(&priority.column))
    })
}

/// Lets the sources that have a priority for a column speak first, in its order.
pub(crate) fn by_priority(all: DataFrame, priorities: &[&Priority]) -> Result<DataFrame> {
    priorities.iter().try_fold(all, |all, priority| {
        let words =
            priority.sources.iter().map(|source| raw_column(&word(source.as_str(), &priority.column)));
        let said = coalesce(words.chain([raw_column(&priority.column)]).collect());
        all.with_column(&priority.column, said)
    })
}

/// Of how many subjects of a source the table of all sources holds another value, by column that the source maps. That
/// value is an earlier source's, or that of one with priority.
pub(crate) async fn inconsistent(
    rows: &TypedRows,
    each: DataFrame,
    all: &DataFrame,
    subject: Subject,
) -> Result<BTreeMap<String, i64>> {
    let id = subject.id_column();
    // Each source has its own day of becoming known, and its own way to write telephone numbers.
    let incomparable = [id, subject.table().time_column(), "phone"];
    let mapped = rows.mapping.columns.iter().filter(|column| !incomparable.contains(&column.name.as_str()));
    let columns: Vec<(&str, Kind)> = mapped.map(|column| (column.name.as_str(), column.kind)).collect();
    if columns.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names = || [id].into_iter().chain(columns.iter().map(|(name, _)| *name));
    let own =
        each.select(names().map(|name| raw_column(name).alias(later_name(name))).collect::<Vec<_>>())?;
    let both = all.clone().select(names().map(raw_column).collect::<Vec<_>>())?.join(
        own,
        JoinType::Inner,
        &[id],
        &[&later_name(id)],
        None,
    )?;
    let mut counts = Vec::with_capacity(columns.len());
    for (name, kind) in &columns {
        let folded = |value: Expr| if *kind == Kind::Text { lower(trim(vec![value])) } else { value };
        let differs = folded(raw_column(name)).not_eq(folded(raw_column(&later_name(name))));
        counts.push(count(when(differs, lit(1_i64)).end()?).alias(format!("_n_{name}")));
    }
    let mut found = BTreeMap::new();
    for batch in both.aggregate(vec![], counts)?.collect().await?.iter().filter(|batch| batch.num_rows() > 0)
    {
        for ((name, _), n) in columns.iter().zip(batch.columns()) {
            found.insert((*name).to_owned(), n.as_primitive::<Int64Type>().value(0));
        }
    }
    found.retain(|_, n| *n > 0);
    Ok(found)
}

fn refuse(conflicts: DataFrame, id: &str) -> Result<DataFrame> {
    let reason = joined(vec![
        lit("claims id "),
        raw_column(id),
        lit(", which source "),
        raw_column(SOURCE),
        lit(" already holds for another e-mail"),
    ]);
    let columns = ["_file", "_batch", "_line", SOURCE].map(|name| raw_column(&later_name(name)).alias(name));
    conflicts.select(columns.into_iter().chain([reason.alias("_reason")]).collect::<Vec<_>>())
}

/// The customer id that a row came with, where identifiers have joined customers.
pub(crate) const GIVEN_ID: &str = "_given_customer_id";

fn later_name(name: &str) -> String {
    format!("_later_{name}")
}

/// Rows for subjects that `mentions` (id, source, when) name and `declared` has not: the source is the earliest in the manifest that
/// names them, and they became known when they were first seen.
pub(crate) fn bare(
    mentions: DataFrame,
    declared: Option<&DataFrame>,
    subject: Subject,
    sources: &[Source],
    properties: &Properties,
) -> Result<DataFrame> {
    let id = subject.id_column();
    let names = || sources.iter().map(|source| lit(source.name.as_str()));
    let ranks = || (0_i64..).map(lit);
    let rank = lookup(raw_column(SOURCE), names().zip(ranks()))?;
    let mut mentions = mentions.filter(raw_column(id).is_not_null())?;
    // Most are declared: those are left out before the others are grouped. The left side is held in memory.
    if let Some(declared) = declared {
        let ids = declared.clone().select(vec![raw_column(id).alias("_known_id")])?;
        mentions = ids.join(mentions, JoinType::RightAnti, &["_known_id"], &[id], None)?;
    }
    let unknown =
        mentions.select(vec![raw_column(id), rank.alias("_rank"), raw_column("_seen")])?.aggregate(
            vec![raw_column(id)],
            vec![min(raw_column("_rank")).alias("_rank"), min(raw_column("_seen")).alias("_seen")],
        )?;
    let columns =
        table_columns(subject.table(), properties).into_iter().map(|(column, kind)| match column.as_str() {
            column if column == id => raw_column(id),
            column if column == subject.table().time_column() => raw_column("_seen").alias(column),
            column => null(kind).alias(column),
        });
    let source = lookup(raw_column("_rank"), ranks().zip(names()))?;
    unknown
        .select(columns.chain([null(Kind::Json).alias(PROPERTIES), source.alias(SOURCE)]).collect::<Vec<_>>())
}

/// What stands beside `key` in a list of pairs.
fn lookup(key: Expr, pairs: impl Iterator<Item = (Expr, Expr)>) -> Result<Expr> {
    let cases = pairs.map(|(from, to)| (Box::new(from), Box::new(to))).collect();
    Ok(Expr::Case(Case { expr: Some(Box::new(key)), when_then_expr: cases, else_expr: None }))
}
