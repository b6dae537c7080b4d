//! How large every class and segment is, who came and went at this run, and who could not be decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::definition::{Classes, Header};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use crate::compile::{DivisionKind, Program, column_name, instant};
use crate::error::{Context, Result};
use crate::run::Run;

/// A class or a segment, measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Size {
    subject: Subject,
    segmentation: Option<String>,
    segment: String,
    /// The class's place in its segmentation; segments have none.
    position: Option<i64>,
    title: String,
    layer: &'static str,
    goal: Option<String>,
    version: String,
    counts: Counts,
    n_undecided: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Counts {
    n_members: i64,
    n_entered: i64,
    n_left: i64,
}

type Key = (String, Option<String>, String);

/// Measures every class and segment.
pub(super) async fn rows(
    run: &Run,
    divided: &[(&Program, DataFrame)],
    memberships: DataFrame,
) -> Result<Vec<Size>> {
    let mut counts = count(run, memberships).await?;
    let mut sizes = Vec::new();
    for (program, divisions) in divided {
        let undecided = undecided(program, divisions.clone()).await?;
        for division in program.levels.iter().flatten() {
            let definitions = &run.project.manifest.definitions;
            let of =
                |segment: String, title: String, position: Option<i64>, header: &Header, counts: Counts| {
                    Size {
                        subject: program.subject,
                        segmentation: None,
                        segment,
                        position,
                        title,
                        layer: header.layer.as_str(),
                        goal: None,
                        version: header.version.0.clone(),
                        counts,
                        n_undecided: 0,
                    }
                };
            let subject = program.subject.to_string();
            match &division.kind {
                DivisionKind::Members { .. } => {
                    let Some(segment) = definitions.segments.get(division.name.as_str()) else { continue };
                    let counts = counts.remove(&(subject, None, division.name.clone())).unwrap_or_default();
                    sizes.push(Size {
                        goal: segment.goal.clone(),
                        n_undecided: undecided.get(&division.name).copied().unwrap_or(0),
                        ..of(
                            division.name.clone(),
                            segment.header.title.clone(),
                            None,
                            &segment.header,
                            counts,
                        )
                    });
                }
                DivisionKind::Classes(names) => {
                    let Some(segmentation) = definitions.segmentations.get(division.name.as_str()) else {
                        continue;
                    };
                    let names = match names {
                        Some(names) => names.clone(),
                        None => values_of(&counts, &subject, &division.name),
                    };
                    for (position, class) in names.into_iter().enumerate() {
                        let key = (subject.clone(), Some(division.name.clone()), class.clone());
                        let counts = counts.remove(&key).unwrap_or_default();
                        let title = class_title(&segmentation.classes, &class);
                        sizes.push(Size {
                            segmentation: Some(division.name.clone()),
                            ..of(class, title, Some(position as i64), &segmentation.header, counts)
                        });
                    }
                }
            }
        }
    }
    Ok(sizes)
}

/// Sums over everything, for the run's summary.
pub(super) fn totals(sizes: &[Size]) -> [(&'static str, i64); 4] {
    let sum = |of: fn(&Size) -> i64| sizes.iter().map(of).sum();
    let mut segmentations: Vec<_> = sizes.iter().filter_map(|size| size.segmentation.as_ref()).collect();
    segmentations.dedup();
    [
        ("n_segmentations", segmentations.len() as i64),
        ("n_segments", sizes.iter().filter(|size| size.segmentation.is_none()).count() as i64),
        ("n_entered", sum(|size| size.counts.n_entered)),
        ("n_left", sum(|size| size.counts.n_left)),
    ]
}

/// The rows of the table `segment`.
pub(super) fn batch(run: &Run, sizes: &[Size]) -> strata_lake::datafusion::error::Result<RecordBatch> {
    let text = |read: fn(&Size) -> Option<String>| {
        Arc::new(sizes.iter().map(read).collect::<StringArray>()) as ArrayRef
    };
    let number =
        |read: fn(&Size) -> Option<i64>| Arc::new(sizes.iter().map(read).collect::<Int64Array>()) as ArrayRef;
    let run_id = Arc::new(StringArray::from(vec![run.run_id.as_str(); sizes.len()])) as ArrayRef;
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("subject", text(|size| Some(size.subject.to_string())), true),
        ("segmentation", text(|size| size.segmentation.clone()), true),
        ("segment", text(|size| Some(size.segment.clone())), true),
        ("position", number(|size| size.position), true),
        ("title", text(|size| Some(size.title.clone())), true),
        ("layer", text(|size| Some(size.layer.to_owned())), true),
        ("goal", text(|size| size.goal.clone()), true),
        ("version", text(|size| Some(size.version.clone())), true),
        ("n_members", number(|size| Some(size.counts.n_members)), true),
        ("n_undecided", number(|size| Some(size.n_undecided)), true),
        ("n_entered", number(|size| Some(size.counts.n_entered)), true),
        ("n_left", number(|size| Some(size.counts.n_left)), true),
        ("run_id", run_id, true),
    ])?)
}

/// Members now, and who entered and left at this run. A member whose interval only passes to a new version of the definition has
/// neither entered nor left.
async fn count(run: &Run, memberships: DataFrame) -> Result<BTreeMap<Key, Counts>> {
    let operation = "cannot count memberships";
    let as_of = || instant(run.as_of);
    let entered = ident("entered_at").eq(as_of()).and(ident("left_at").is_null());
    let left = ident("left_at").eq(as_of());
    let key = || ["subject", "segmentation", "segment"].map(ident).to_vec();
    let one = |condition: Expr| aggregates::max(cast(condition.is_true(), DataType::Int64));
    let mut by_subject = key();
    by_subject.push(ident("subject_id"));
    let changes = memberships
        .clone()
        .filter(entered.clone().or(left.clone()))
        .and_then(|rows| {
            rows.aggregate(by_subject, vec![one(entered).alias("entered"), one(left).alias("left")])
        })
        .and_then(|rows| {
            let only = |this: &str, other: &str| ident(this).eq(lit(1_i64)).and(ident(other).eq(lit(0_i64)));
            let counted = |condition: Expr| aggregates::count(lit(1_i64)).filter(condition).build();
            let entered = counted(only("entered", "left"))?.alias("n_entered");
            let left = counted(only("left", "entered"))?.alias("n_left");
            rows.aggregate(key(), vec![entered, left])
        })
        .context(operation)?;
    let members = memberships
        .filter(ident("left_at").is_null())
        .and_then(|rows| rows.aggregate(key(), vec![aggregates::count(lit(1_i64)).alias("n_members")]))
        .context(operation)?;
    let mut counts: BTreeMap<Key, Counts> = BTreeMap::new();
    for batch in members.collect().await.context(operation)? {
        for (row, key) in keys(&batch).into_iter().enumerate() {
            counts.entry(key).or_default().n_members = batch.column(3).as_primitive::<Int64Type>().value(row);
        }
    }
    for batch in changes.collect().await.context(operation)? {
        for (row, key) in keys(&batch).into_iter().enumerate() {
            let counts = counts.entry(key).or_default();
            counts.n_entered = batch.column(3).as_primitive::<Int64Type>().value(row);
            counts.n_left = batch.column(4).as_primitive::<Int64Type>().value(row);
        }
    }
    Ok(counts)
}

fn keys(batch: &RecordBatch) -> Vec<Key> {
    let [subjects, segmentations, segments] = [0, 1, 2].map(|column| batch.column(column).as_string::<i32>());
    (0..batch.num_rows())
        .map(|row| {
            let segmentation = segmentations.is_valid(row).then(|| segmentations.value(row).to_owned());
            (subjects.value(row).to_owned(), segmentation, segments.value(row).to_owned())
        })
        .collect()
}

/// Per segment, how many subjects its condition leaves undecided for want of data.
async fn undecided(program: &Program, divisions: DataFrame) -> Result<BTreeMap<String, i64>> {
    let segments: Vec<&str> = program
        .levels
        .iter()
        .flatten()
        .filter(|division| matches!(division.kind, DivisionKind::Members { .. }))
        .map(|division| division.name.as_str())
        .collect();
    if segments.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sums = segments
        .iter()
        .map(|name| {
            aggregates::sum(cast(ident(column_name::undecided_of(name)), DataType::Int64)).alias(*name)
        })
        .collect();
    let operation = "cannot count who is undecided";
    let batches = divisions.aggregate(vec![], sums).context(operation)?.collect().await.context(operation)?;
    let mut counts = BTreeMap::new();
    for batch in batches.iter().filter(|batch| batch.num_rows() > 0) {
        for (column, name) in segments.iter().enumerate() {
            counts.insert((*name).to_owned(), batch.column(column).as_primitive::<Int64Type>().value(0));
        }
    }
    Ok(counts)
}

/// The classes of a segmentation by value: the largest first, `unassigned` last.
fn values_of(counts: &BTreeMap<Key, Counts>, subject: &str, segmentation: &str) -> Vec<String> {
    let mut values: Vec<(&String, i64)> = counts
        .iter()
        .filter(|((of, within, class), _)| {
            of == subject && within.as_deref() == Some(segmentation) && class != UNASSIGNED
        })
        .map(|((_, _, class), counts)| (class, counts.n_members))
        .collect();
    values.sort_by(|(a, size_a), (b, size_b)| size_b.cmp(size_a).then(a.cmp(b)));
    values.into_iter().map(|(class, _)| class.clone()).chain([UNASSIGNED.to_owned()]).collect()
}

fn class_title(classes: &Classes, class: &str) -> String {
    if class == UNASSIGNED {
        return "Unassigned".to_owned();
    }
    match classes {
        Classes::By(_) => classes.value_title(class),
        Classes::Rules(rules) => rules
            .iter()
            .find(|rule| rule.name == class)
            .map_or_else(|| class.to_owned(), |rule| rule.title.clone()),
    }
}
