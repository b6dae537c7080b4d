//! What is shown of a clause: the values that it speaks of, what they are held against, and the rows behind its figures.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray};
use strata_lake::arrow::datatypes::{DataType, TimestampMicrosecondType};
use strata_lake::arrow::util::display::{ArrayFormatter, FormatOptions};
use strata_spec::condition::{Change, Column, Condition, Group, Node, Scope, State, Term, Window};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::evidence::{self, Counted};
use super::moment::Moment;
use super::own_rows::OwnRows;
use super::target::{Asked, BEFORE_CLAUSES};
use super::{Clause, Seen, Until};
use crate::error::{Error, Result};
use crate::project::Project;

/// Something that is shown of a clause.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// What has the value; none of a segmentation, whose class is shown.
    pub(super) term: Option<Term>,
    pub(super) group: Option<Group>,
    pub(super) threshold: Option<String>,
}

/// Every clause as it is now.
pub(super) fn all(
    project: &Project,
    rows: &OwnRows<'_>,
    asked: &Asked,
    now: &Moment,
    until: &[Until],
) -> Result<Vec<Clause>> {
    (0..asked.n_clauses())
        .map(|at| {
            let condition = &asked.conditions[BEFORE_CLAUSES + at];
            let truth = now.conditions[BEFORE_CLAUSES + at];
            let seen = asked.shown[at].iter();
            let seen = seen.map(|shown| seen_now(shown, asked, now, project.timezone));
            let counted = asked.evidence[at].iter().map(|place| (&asked.counted[*place], &now.rows[*place]));
            let evidence =
                counted.map(|(counted, places)| evidence::of(rows, counted, places, project.timezone));
            let group = match condition {
                Condition::InSegment(name, _) => Some(Group::Segment(name.clone())),
                Condition::InClass { segmentation, class, .. } => {
                    Some(Group::Class { segmentation: segmentation.clone(), class: class.clone() })
                }
                _ => None,
            };
            Ok(Clause {
                of_earlier_class: asked.earlier[at].clone(),
                text: condition.text(asked.subject),
                sentence: condition.sentence(),
                truth,
                since: group.and_then(|group| rows.since(&group, truth == Some(true))),
                until: until.get(at).copied().unwrap_or(Until::AtLeast(rows.as_of())),
                seen: seen.collect::<Result<_>>()?,
                evidence: evidence.collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn seen_now(shown: &Shown, asked: &Asked, now: &Moment, timezone: Tz) -> Result<Seen> {
    let (text, value) = match (&shown.term, &shown.group) {
        (Some(term), _) => {
            let place = asked.terms.iter().position(|other| other == term);
            match place.and_then(|place| now.terms.get(place)) {
                Some(value) => (for_people(value, 0, timezone)?, for_programs(value)?),
                None => (None, serde_json::Value::Null),
            }
        }
        (None, Some(group)) => {
            let class = now.groups.get(group).map(|is_in| if *is_in { "yes" } else { "no" });
            (class.map(str::to_owned), class.map_or(serde_json::Value::Null, |class| (class == "yes").into()))
        }
        (None, None) => (None, serde_json::Value::Null),
    };
    Ok(Seen { term: shown.text.clone(), text, value, threshold: shown.threshold.clone() })
}

/// A value as people read it: times on the project's clocks.
pub(super) fn for_people(column: &ArrayRef, row: usize, timezone: Tz) -> Result<Option<String>> {
    if column.is_null(row) {
        return Ok(None);
    }
    if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        let at: Option<DateTime<Utc>> = DateTime::from_timestamp_micros(times.value(row));
        return Ok(at.map(|at| at.with_timezone(&timezone).format("%Y-%m-%d %H:%M").to_string()));
    }
    let formatter = ArrayFormatter::try_new(column.as_ref(), &FormatOptions::default())
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot show a value as text").caused_by(error))?;
    let text = formatter.value(row).to_string();
    Ok(Some(match column.data_type() {
        DataType::Float64 => readable(&text),
        _ => text,
    }))
}

/// A number with at most four decimals.
fn readable(number: &str) -> String {
    match (number.split_once('.'), number.parse::<f64>()) {
        (Some((_, decimals)), Ok(value)) if decimals.len() > 4 && value.abs() >= 0.001 => {
            let rounded = format!("{value:.4}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => number.to_owned(),
    }
}

fn for_programs(column: &ArrayRef) -> Result<serde_json::Value> {
    let batch = strata_lake::arrow::array::RecordBatch::try_from_iter_with_nullable([(
        "value",
        column.clone(),
        true,
    )])
    .map_err(|error| Error::new(ErrorCode::Internal, "cannot show a value").caused_by(error))?;
    let row = crate::query::json_rows(&batch)?.into_iter().next();
    Ok(row.and_then(|mut row| row.remove("value")).unwrap_or_default())
}

/// What of a clause is shown, in its order.
pub(super) fn shown_of(clause: &Condition, subject: Subject) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    clause.walk(&mut |node| {
        let Node::Condition(condition) = node else { return false };
        let mut show = |term: &Term, threshold: Option<String>| {
            if is_constant(term) {
                return;
            }
            let shown = Shown { text: term.text(subject), term: Some(term.clone()), group: None, threshold };
            if !found.contains(&shown) {
                found.push(shown);
            }
        };
        match condition {
            Condition::Compare { left, operator, right } => {
                show(left, Some(format!("{} {}", operator.as_str(), right.text(subject))));
                if !is_constant(left) {
                    show(right, None);
                } else {
                    show(right, Some(format!("{} {}", operator.mirrored().as_str(), left.text(subject))));
                }
            }
            Condition::Between { term, low, high, negated } => {
                let not = if *negated { "not " } else { "" };
                show(term, Some(format!("{not}between {} and {}", low.text(subject), high.text(subject))));
                show(low, None);
                show(high, None);
            }
            Condition::In { term, values, negated } => {
                let not = if *negated { "not " } else { "" };
                let values = values.iter().map(|value| value.text(subject)).collect::<Vec<_>>().join(", ");
                show(term, Some(format!("{not}in ({values})")));
            }
            Condition::Like { term, .. } | Condition::IsNull { term, .. } | Condition::Is(term) => {
                show(term, None);
            }
            Condition::InWindow { time: Some(time), window } => show(time, Some(words(*window))),
            Condition::Was { state: State::Value { column, .. }, .. }
            | Condition::Changed { change: Change::Value { column, .. }, .. } => {
                show(&Term::Column(column.clone()), None);
            }
            Condition::InSegment(name, _) => {
                found.push(membership(Group::Segment(name.clone()), format!("in_segment('{name}')")));
            }
            Condition::InClass { segmentation, class, .. } => {
                let group = Group::Class { segmentation: segmentation.clone(), class: class.clone() };
                found.push(membership(group, format!("in_class('{segmentation}', '{class}')")));
            }
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::AtLeast { .. } => {
                return true;
            }
            _ => {}
        }
        false
    });
    // What a clause says in so many words needs no value.
    found.dedup();
    found
}

fn membership(group: Group, text: String) -> Shown {
    Shown { text, term: None, group: Some(group), threshold: None }
}

/// A window as it is written.
fn words(window: Window) -> String {
    window.to_string()
}

fn is_constant(term: &Term) -> bool {
    matches!(term, Term::Literal(_) | Term::AsOf)
}

/// The rows that a clause counts: of its figures, those of the traits that it speaks of, and of its sequences.
pub(super) fn figures_of(clause: &Condition, project: &Project, subject: Subject) -> Vec<Counted> {
    let mut found = Vec::new();
    clause.walk(&mut |node| collect(node, project, subject, 0, &mut found));
    found
}

fn collect(
    node: Node<'_>,
    project: &Project,
    subject: Subject,
    depth: usize,
    found: &mut Vec<Counted>,
) -> bool {
    match node {
        Node::Term(Term::Aggregate(aggregate)) => {
            let counted = Counted {
                of: Term::Aggregate(aggregate.clone()).text(subject),
                table: aggregate.table,
                filter: aggregate.filter.clone(),
                columns: evidence::columns_of_figure(aggregate),
            };
            if !found.contains(&counted) {
                found.push(counted);
            }
            false
        }
        Node::Term(Term::Column(Column { scope: Scope::Subject, name, .. })) if depth < MOST_DEEP => {
            if let Some(definition) = project.manifest.definitions.traits.get(name.as_str()) {
                definition.value.walk(&mut |node| collect(node, project, subject, depth + 1, found));
            }
            false
        }
        Node::Condition(condition @ Condition::Sequence(sequence)) => {
            found.extend(evidence::of_sequence(sequence, &condition.text(subject)));
            false
        }
        _ => true,
    }
}

/// So many traits deep figures are looked for. Traits do not run in circles.
const MOST_DEEP: usize = 8;
