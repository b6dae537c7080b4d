//! Examples of segments: made-up subjects with their rows, for whom a definition must say what its author expects.
//!
//! An example is evaluated at its `as_of`, or else at the instant of its latest row, so that it says the same for ever. Examples of
//! one instant are evaluated together: their rows become canonical tables in memory, and the program that runs over them is
//! the one that `compile` makes for any run. A score ranks a subject among others; an example has the scores that it gives.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::{Array, BooleanArray, RecordBatch};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::{SessionConfig, SessionContext, ident};
use strata_spec::condition::Condition;
use strata_spec::definition::{Example, Segment};
use strata_spec::error::{ErrorCode, SpecError};
use strata_spec::table::Subject;

use crate::compile::{self, Earlier, Mapped, Node, Question, Setting, Stored, column_name, left_join};
use crate::error::{Context, Error, Result};
use crate::preview::{clauses_of, texts, truths};
use crate::project::Project;

/// An example, on its way to be evaluated.
struct Case<'p> {
    segment: &'p Segment,
    /// From 1 on.
    number: usize,
    example: &'p Example,
    as_of: DateTime<Utc>,
    rows: rows::Rows,
}

/// What a definition says of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Member,
    NotAMember,
    Undecided,
}

/// Evaluates the examples of all segments; returns how many they are.
///
/// # Errors
/// `InvalidDefinition` with every example whose rows cannot be, and every one of which its definition does not say what is expected.
pub async fn evaluate(project: &Project) -> Result<usize> {
    let mut faults = Vec::new();
    let mut groups: BTreeMap<(Subject, DateTime<Utc>), Vec<Vec<Case>>> = BTreeMap::new();
    let mut n_examples = 0;
    for segment in project.manifest.definitions.segments.values() {
        for (number, example) in (1..).zip(&segment.examples) {
            n_examples += 1;
            match case(project, segment, number, example) {
                Ok(case) => add(groups.entry((segment.header.subject, case.as_of)).or_default(), case),
                Err(error) => faults.push(error),
            }
        }
    }
    let mapped = Mapped::of(&project.manifest);
    for ((subject, as_of), tables) in groups {
        let setting = Setting::of(project, &mapped, subject, as_of);
        for cases in tables {
            faults.extend(failed(&setting, &cases).await?);
        }
    }
    // In the order of the segments, not of the instants.
    faults.sort_by(|one, other| one.place.cmp(&other.place));
    if faults.is_empty() { Ok(n_examples) } else { Err(Error::of_definitions(faults)) }
}

fn case<'p>(
    project: &'p Project,
    segment: &'p Segment,
    number: usize,
    example: &'p Example,
) -> Result<Case<'p>, SpecError> {
    let rows = rows::Rows::of(project, segment, number, example)?;
    let as_of = match &example.as_of {
        Some(text) => {
            project.instant(text).map_err(|error| rows::fault(segment, number, error.to_string()))?
        }
        None => rows.latest().unwrap_or(DateTime::UNIX_EPOCH),
    };
    Ok(Case { segment, number, example, as_of, rows })
}

/// Adds a case to the first tables in which nobody has one of its ids.
fn add<'p>(tables: &mut Vec<Vec<Case<'p>>>, case: Case<'p>) {
    let fits = |cases: &&mut Vec<Case>| cases.iter().all(|other| other.rows.ids.is_disjoint(&case.rows.ids));
    match tables.iter_mut().find(fits) {
        Some(cases) => cases.push(case),
        None => tables.push(vec![case]),
    }
}

/// The cases in which a definition does not say what is expected.
async fn failed(setting: &Setting<'_>, cases: &[Case<'_>]) -> Result<Vec<SpecError>> {
    let segments: BTreeMap<&str, &Segment> =
        cases.iter().map(|case| (case.segment.name.as_str(), case.segment)).collect();
    let clauses: Vec<Condition> =
        segments.values().flat_map(|segment| clauses_of(&segment.condition)).cloned().collect();
    let nodes: BTreeSet<Node> = segments.keys().map(|name| Node::Segment(name)).collect();
    let question = Question { nodes, conditions: &clauses, ..Question::default() };
    let program = compile::compile_only(setting, &question).map_err(Error::of_definitions)?;
    if program.asks_for_properties() || program.asks_for_memberships() {
        let message = "an example cannot say who was in a segment, or what a property was, before";
        return Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(
            "leave the examples of segments out that speak of earlier times, or move what they say of the present into a segment of \
             its own",
        ));
    }
    // Scores are given, never fitted.
    let given = program.scores.iter().map(|score| score.name.clone()).collect();
    let program = program.resting_on(&Stored { scores: given, ..Stored::default() }, &BTreeSet::new());

    let evaluating = || "cannot evaluate the examples of segments";
    let session = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let tables = rows::tables(&session, setting, cases).context(evaluating())?;
    let mut rows = program.profile(&tables).context(evaluating())?;
    let id = setting.subject.id_column();
    if !program.taken_scores.is_empty() {
        let scores = rows::scores(setting, &program.taken_scores, cases).context(evaluating())?;
        let scores = session.read_batch(scores).context(evaluating())?;
        rows = left_join(rows, scores, id).context(evaluating())?;
    }
    let results =
        segments.keys().flat_map(|name| [column_name::member_of(name), column_name::undecided_of(name)]);
    let columns: Vec<Expr> = [id.to_owned()].into_iter().chain(results).map(ident).collect();
    let answer = program.answer(rows, &Earlier::Unavailable, columns).context(evaluating())?;
    let batches = answer.collect().await.context(evaluating())?;

    let mut first_clause = 1 + 2 * segments.len();
    let mut faults = Vec::new();
    for (place, segment) in segments.values().enumerate() {
        let n_clauses = clauses_of(&segment.condition).len();
        for case in cases.iter().filter(|case| case.segment.name == segment.name) {
            let outcome = outcome(&batches, case, 1 + 2 * place, first_clause..first_clause + n_clauses)?;
            faults.extend(fault(setting, case, outcome));
        }
        first_clause += n_clauses;
    }
    Ok(faults)
}

/// What was said of a case, and the truth of each clause; none of a subject who does not exist at that instant.
fn outcome(
    batches: &[RecordBatch],
    case: &Case<'_>,
    member: usize,
    clauses: std::ops::Range<usize>,
) -> Result<Option<(Said, Vec<Option<bool>>)>> {
    let truth = |column: &BooleanArray, row: usize| column.is_valid(row).then(|| column.value(row));
    for batch in batches {
        let Some(row) = texts(batch, 0)?.iter().position(|id| id == Some(case.rows.id.as_str())) else {
            continue;
        };
        let is = |at: usize| truths(batch, at).map(|column| truth(column, row) == Some(true));
        let said = match (is(member)?, is(member + 1)?) {
            (true, _) => Said::Member,
            (false, true) => Said::Undecided,
            (false, false) => Said::NotAMember,
        };
        let clauses = clauses.map(|at| Ok(truth(truths(batch, at)?, row))).collect::<Result<_>>()?;
        return Ok(Some((said, clauses)));
    }
    Ok(None)
}

fn fault(
    setting: &Setting<'_>,
    case: &Case<'_>,
    outcome: Option<(Said, Vec<Option<bool>>)>,
) -> Option<SpecError> {
    let expected = match case.example.member {
        Some(true) => Said::Member,
        Some(false) => Said::NotAMember,
        None => Said::Undecided,
    };
    let said = outcome.as_ref().map_or(Said::NotAMember, |(said, _)| *said);
    if said == expected {
        return None;
    }
    let at = case.as_of.with_timezone(&setting.timezone).format("%Y-%m-%d %H:%M");
    let mut message = format!("expected {}, found {} (as of {at})", expected.as_str(), said.as_str());
    let truths = match outcome {
        Some((_, truths)) => truths,
        None => {
            message.push_str("\n  who is created later, and does not exist then");
            Vec::new()
        }
    };
    for (clause, truth) in clauses_of(&case.segment.condition).iter().zip(truths) {
        let truth = match truth {
            Some(true) => "true",
            Some(false) => "false",
            None => "unknown",
        };
        message.push_str(&format!("\n  {truth:<7}  {}", clause.text(setting.subject)));
    }
    let hint = match case.example.as_of {
        Some(_) => "correct the condition or the example",
        None => "correct the condition or the example; without `as_of` it is evaluated at its latest row",
    };
    Some(rows::fault(case.segment, case.number, message).with_hint(hint))
}

impl Said {
    fn as_str(self) -> &'static str {
        match self {
            Said::Member => "a member",
            Said::NotAMember => "not a member",
            Said::Undecided => "undecided",
        }
    }
}
