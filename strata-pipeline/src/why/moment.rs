//! What a program says of the subject at one instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Group};
use strata_spec::error::ErrorCode;
use strata_spec::table::Table;

use super::own_rows::{Memberships, OwnRows};
use super::target::Asked;
use super::unknown_subject;
use crate::compile::{self, Program, Question, Setting, column_name};
use crate::error::{Context, Error, Result};
use crate::preview::{Basis, texts, truths};

/// What is said at one instant.
pub(super) struct Moment {
    /// The truth of each condition.
    pub(super) conditions: Vec<Option<bool>>,
    /// When time alone can change each.
    pub(super) wakes: Vec<Option<DateTime<Utc>>>,
    /// The value of each term, as a column of one row.
    pub(super) terms: Vec<ArrayRef>,
    /// The rows that each figure counts.
    pub(super) rows: Vec<Vec<u32>>,
    /// The class in the segmentation that is asked about.
    pub(super) class: Option<String>,
    /// Whether the subject is in each segment and class that is spoken of.
    pub(super) groups: BTreeMap<Group, bool>,
}

/// Compiles what is asked, at an instant.
pub(super) fn compile(basis: &Basis<'_>, asked: &Asked, as_of: DateTime<Utc>) -> Result<Program> {
    let rows: Vec<(Table, Option<Condition>)> =
        asked.counted.iter().map(|counted| (counted.table, counted.filter.clone())).collect();
    // When the condition holds is asked by when the subject is in.
    let wakes: Vec<Condition> = asked
        .conditions
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != 1)
        .map(|(_, each)| each.clone())
        .collect();
    let question = Question {
        nodes: asked.nodes(),
        conditions: &asked.conditions,
        terms: &asked.terms,
        wakes: &wakes,
        rows: &rows,
    };
    let setting = Setting { as_of, ..basis.setting(asked.subject) };
    compile::compile_only(&setting, &question).map_err(Error::of_definitions)
}

/// A moment that is being computed.
pub(super) struct Begun {
    as_of: DateTime<Utc>,
    groups: Vec<Group>,
    answer: SpawnedTask<Result<Vec<RecordBatch>>>,
}

impl Begun {
    /// Begins to run a program over the subject's rows, after memberships as they were before. It is planned and computed beside:
    /// planning takes longer than anything else.
    pub(super) fn of(
        rows: &OwnRows<'_>,
        program: Program,
        asked: &Asked,
        memberships: &Memberships,
    ) -> Begun {
        let groups = groups(asked, &program);
        let id = asked.subject.id_column();
        let mut also: Vec<Expr> = vec![ident(id)];
        also.extend(groups.iter().map(|group| {
            ident(match group {
                Group::Segment(name) => column_name::segment(name),
                Group::Class { segmentation, .. } => column_name::segmentation(segmentation),
            })
        }));
        // The same column twice would have one name.
        let also = also.into_iter().enumerate().map(|(at, column)| column.alias(format!("_also_{at}")));
        let also = also.collect();
        let (as_of, held, memberships) = (program.as_of, Arc::clone(rows.held()), memberships.clone());
        let answer = async move {
            let plan = || {
                let earlier = memberships.earlier(&held.context)?;
                program.answer(held.profile(&program)?, &earlier, also)
            };
            let answer = plan().context(format!("cannot plan what is asked of {}", held.subject))?;
            answer.collect().await.context("cannot evaluate the definition")
        };
        Begun { as_of, groups, answer: SpawnedTask::spawn(answer) }
    }

    /// The moment. Memberships go on as if a run had noted it.
    pub(super) async fn end(
        self,
        rows: &OwnRows<'_>,
        asked: &Asked,
        memberships: &mut Memberships,
    ) -> Result<Moment> {
        let batches = self.answer.join().await;
        let batches = batches
            .map_err(|error| Error::new(ErrorCode::Internal, "an evaluation stopped").caused_by(error))??;
        let mut found = batches.into_iter().filter(|batch| batch.num_rows() > 0);
        let Some(batch) = found.next() else {
            let at = rows.on_the_clock(self.as_of);
            return Err(unknown_subject(asked.subject, rows.id(), Some(at)));
        };
        let moment = Moment::read(&batch, asked, &self.groups)?;
        memberships.note(&moment.groups, self.as_of);
        Ok(moment)
    }
}

impl Moment {
    /// Runs a program over the subject's rows. Memberships go on as if a run had noted this moment.
    pub(super) async fn of(
        rows: &OwnRows<'_>,
        program: Program,
        asked: &Asked,
        memberships: &mut Memberships,
    ) -> Result<Moment> {
        Begun::of(rows, program, asked, memberships).end(rows, asked, memberships).await
    }

    fn read(batch: &RecordBatch, asked: &Asked, groups: &[Group]) -> Result<Moment> {
        let mut of_groups = BTreeMap::new();
        let mut class = None;
        for (at, group) in groups.iter().enumerate().map(|(at, group)| (1 + at, group)) {
            let is_in = match group {
                Group::Segment(_) => {
                    let truths = truths(batch, at)?;
                    truths.is_valid(0) && truths.value(0)
                }
                Group::Class { segmentation, class: wanted } => {
                    let own = texts(batch, at)?;
                    let own = own.is_valid(0).then(|| own.value(0));
                    if Some(segmentation.as_str()) == asked.segmentation.as_deref() {
                        class = own.map(str::to_owned);
                    }
                    own == Some(wanted.as_str())
                }
            };
            of_groups.insert(group.clone(), is_in);
        }
        let mut next = 1 + groups.len();
        let mut columns = |n: usize| {
            let columns = next..next + n;
            next += n;
            columns
        };
        let truth = |at: usize| {
            let truths = truths(batch, at)?;
            Ok(truths.is_valid(0).then(|| truths.value(0)))
        };
        let conditions = columns(asked.conditions.len()).map(truth).collect::<Result<Vec<_>>>()?;
        let terms = columns(asked.terms.len()).map(|at| batch.column(at).slice(0, 1)).collect();
        let wake = |at: usize| {
            let wakes = batch.column(at).as_primitive_opt::<TimestampMicrosecondType>()?;
            wakes.is_valid(0).then(|| DateTime::from_timestamp_micros(wakes.value(0)))?
        };
        let mut wakes: Vec<_> = columns(asked.conditions.len() - 1).map(wake).collect();
        wakes.insert(1, None);
        let places = |at: usize| -> Vec<u32> {
            let lists = batch.column(at).as_list::<i32>();
            if lists.is_null(0) {
                return Vec::new();
            }
            let places = lists.value(0);
            let places = places.as_primitive::<Int64Type>().iter().flatten();
            let mut places: Vec<u32> = places.filter_map(|place| u32::try_from(place).ok()).collect();
            places.sort_unstable();
            places
        };
        let rows = columns(asked.counted.len()).map(places).collect();
        Ok(Moment { conditions, wakes, terms, rows, class, groups: of_groups })
    }
}

/// The segments and classes of which it is to be known whether the subject is in them.
fn groups(asked: &Asked, program: &Program) -> Vec<Group> {
    let mut groups = vec![asked.group.clone()];
    groups.extend(program.groups.values().cloned());
    groups.extend(asked.shown.iter().flatten().filter_map(|shown| shown.group.clone()));
    let mut known = Vec::new();
    for group in groups {
        if !known.contains(&group) {
            known.push(group);
        }
    }
    known
}
