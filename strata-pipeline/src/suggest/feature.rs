//! By what subjects may be told: traits that can be said of the past as they were then.
//!
//! Rows that happened later are left out by the compiled program. What is left are values without a time: columns of the subjects
//! themselves, which are what the last run knew; what became of an order after it was placed; rows that do not say when they were. By any
//! of these the outcome could be told from itself, so traits that rest on them are no features, unless the user says of one that it never
//! changes.

use std::collections::BTreeSet;

use strata_spec::condition::{Condition, Scope, Term};
use strata_spec::definition::Classes;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::{Kind, Subject, Table};

use super::Ask;
use crate::compile::{OverTime, Program, Question, article, compile_only};
use crate::error::{Error, Result};
use crate::preview::{Basis, refused};
use crate::query::ask::{ask as ask_lake, columns_of};

/// A trait by which subjects are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Something by which subjects may be told.
#[derive(Debug, Clone)]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) term: Term,
    pub(super) kind: FeatureKind,
}

/// What its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeatureKind {
    Number,
    Truth,
    Text,
}

/// The features, and what was left out.
pub(super) struct Chosen {
    pub(super) features: Vec<Feature>,
    pub(super) left_out: Vec<LeftOut>,
}

/// What may be spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// Nothing but what was so at the date.
    Feature,
    /// What became of rows by the end of the horizon, too.
    Goal,
    /// Columns of the subjects themselves as well, since they say who is asked about.
    Among,
    /// The same, of a feature that the user vouches for.
    Unchanging,
}

/// Columns of rows that are written after the row's own time.
const WRITTEN_LATER: [(Table, &str); 2] = [(Table::Orders, "refunded_amount"), (Table::Orders, "status")];

/// Chooses the features: those that are named, or all traits of the last run.
///
/// # Errors
/// `NotFound` when there is no such trait; `InvalidDefinition` when a trait that is named cannot be said of the past.
pub(super) async fn choose(past: &Basis<'_>, ask: &Ask) -> Result<Chosen> {
    let subject = ask.subject;
    let known = known_traits(past, subject).await?;
    let timeless = timeless(past).await?;
    let mut chosen = Chosen { features: Vec::new(), left_out: Vec::new() };
    let is_named = !ask.features.is_empty();
    let named = ask.features.iter().map(String::as_str);
    let wanted: Vec<&str> = if is_named { named.collect() } else { known.clone() };
    let mut seen = BTreeSet::new();
    for name in wanted.into_iter().filter(|name| !ask.unchanging.iter().any(|other| other == name)) {
        if !seen.insert(name) {
            continue;
        }
        if !known.contains(&name) {
            return Err(unknown(past, subject, name, &known));
        }
        match feature(past, subject, name, Allowance::Feature, &timeless)? {
            Ok(feature) => chosen.features.push(feature),
            Err(reason) if is_named => {
                let message = format!("`{name}` is no feature: {reason}");
                return Err(Error::new(ErrorCode::InvalidDefinition, message)
                    .with_hint(format!("--unchanging {name} where its values never change")));
            }
            Err(reason) => chosen.left_out.push(LeftOut { name: name.to_owned(), reason }),
        }
    }
    for name in ask.unchanging.iter().map(String::as_str) {
        if !seen.insert(name) {
            continue;
        }
        if !known.contains(&name) && !is_own_column(past, subject, name) {
            return Err(unknown(past, subject, name, &known));
        }
        match feature(past, subject, name, Allowance::Unchanging, &timeless)? {
            Ok(feature) => chosen.features.push(feature),
            Err(reason) => {
                return Err(Error::new(
                    ErrorCode::InvalidDefinition,
                    format!("`{name}` is no feature: {reason}"),
                )
                .with_hint("leave it out"));
            }
        }
    }
    Ok(chosen)
}

/// The traits of the last run.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn known_traits<'a>(past: &Basis<'a>, subject: Subject) -> Result<Vec<&'a str>> {
    let traits = &past.project.manifest.definitions.traits;
    let of_subject = traits.iter().filter(|(_, definition)| definition.header.subject == subject);
    let stored = columns_of(past.view, subject.profile_table()).await?;
    Ok(of_subject.map(|(name, _)| name.as_str()).filter(|name| stored.has(name)).collect())
}

/// One feature, or why it is none.
pub(super) fn feature(
    past: &Basis<'_>,
    subject: Subject,
    name: &str,
    allowance: Allowance,
    timeless: &BTreeSet<Table>,
) -> Result<Result<Feature, String>> {
    let term = Term::parse(name, subject).map_err(|fault| refused(past.project, name, vec![fault]))?;
    let question = Question { terms: std::slice::from_ref(&term), ..Question::default() };
    let program = match compile_only(&past.setting(subject), &question) {
        Ok(program) => program,
        Err(faults) => {
            let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
            return Ok(Err(faults.join("; ")));
        }
    };
    if let Some(reason) = why_not_past(past, subject, &term, &program, allowance) {
        return Ok(Err(reason));
    }
    if let Some(table) = program.scans.keys().find(|table| timeless.contains(table)) {
        return Ok(Err(format!("rows of `{table}` do not say when they were")));
    }
    let kind = match program.asked.kinds.first() {
        Some(Some(Kind::Number | Kind::Integer)) => FeatureKind::Number,
        Some(Some(Kind::Boolean)) => FeatureKind::Truth,
        Some(Some(Kind::Text)) => FeatureKind::Text,
        Some(Some(kind)) => return Ok(Err(format!("it is {}", article(*kind)))),
        _ => return Ok(Err("it is always missing".to_owned())),
    };
    Ok(Ok(Feature { name: name.to_owned(), term, kind }))
}

/// Checks the condition that says who is asked about; what is to be known of it.
///
/// # Errors
/// When it cannot be said of the past.
pub(super) fn check_among(past: &Basis<'_>, subject: Subject, among: &Condition) -> Result<Vec<String>> {
    let question = Question { conditions: std::slice::from_ref(among), ..Question::default() };
    let program = compile_only(&past.setting(subject), &question);
    let text = among.text(subject);
    let program = program.map_err(|faults| refused(past.project, &text, faults))?;
    let term = Term::Truth(Box::new(among.clone()));
    if let Some(reason) = why_not_past(past, subject, &term, &program, Allowance::Among) {
        let message = format!("`--among` cannot be said of the past: {reason}");
        return Err(Error::new(ErrorCode::InvalidDefinition, message)
            .with_hint("speak of columns, traits and rows, not of scores, ranks and earlier memberships"));
    }
    let as_now = as_now(past, subject, &term);
    Ok(as_now.map(|column| format!("`{column}` in --among is what the last run knew")).into_iter().collect())
}

/// Why a term cannot be said of the past as it was then; none when it can.
pub(super) fn why_not_past(
    past: &Basis<'_>,
    subject: Subject,
    term: &Term,
    program: &Program,
    allowance: Allowance,
) -> Option<String> {
    if !OverTime::is_alone(program) {
        return Some(format!("it holds {subject} against each other, as scores and ranks do"));
    }
    if program.asks_for_memberships() {
        return Some("it asks for earlier memberships".to_owned());
    }
    if !program.customer_traits().is_empty() {
        return Some("traits of a company's customers are known at the last run's instant only".to_owned());
    }
    if !matches!(allowance, Allowance::Among | Allowance::Unchanging)
        && let Some(column) = as_now(past, subject, term)
    {
        return Some(format!("`{column}` is what the last run knew, and may have been another"));
    }
    if let Some(table) = program.scans.keys().find(|table| table.subject().is_some()) {
        return Some(format!("`{table}` are what the last run knew"));
    }
    if allowance == Allowance::Feature {
        let later = |name: &str| WRITTEN_LATER.iter().find(|(_, column)| *column == name);
        let (table, column) = columns(past, term).iter().find_map(|(scope, name)| match scope {
            Scope::Row => later(name),
            _ => None,
        })?;
        return Some(format!("`{table}.{column}` may have been written after the date"));
    }
    None
}

/// A column of the subject itself, or of its company, of which only the present value is known.
fn as_now(past: &Basis<'_>, subject: Subject, term: &Term) -> Option<String> {
    // Whoever became known later is not there at all.
    let lasts = [subject.id_column(), subject.table().time_column()];
    let traits = &past.project.manifest.definitions.traits;
    columns(past, term).into_iter().find_map(|(scope, name)| match scope {
        Scope::Company => Some(format!("company.{name}")),
        Scope::Subject if !lasts.contains(&name.as_str()) && !traits.contains_key(name.as_str()) => {
            Some(name)
        }
        _ => None,
    })
}

/// Every column that a term speaks of, with those that its traits, segments and classes speak of.
fn columns(past: &Basis<'_>, term: &Term) -> Vec<(Scope, String)> {
    let definitions = &past.project.manifest.definitions;
    let mut found = Vec::new();
    let mut entered: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut rest: Vec<Term> = vec![term.clone()];
    while let Some(term) = rest.pop() {
        for column in term.columns() {
            found.push((column.scope, column.name.clone()));
            let definition = definitions.traits.get(column.name.as_str());
            if column.scope == Scope::Subject
                && let Some(definition) = definition
                && entered.insert(("trait", column.name.clone()))
            {
                rest.push(definition.value.clone());
            }
        }
        for name in term.segments_used() {
            if let Some(segment) = definitions.segments.get(name.as_str())
                && entered.insert(("segment", name.to_string()))
            {
                rest.push(Term::Truth(Box::new(segment.condition.clone())));
            }
        }
        for name in term.segmentations_used() {
            let Some(segmentation) = definitions.segmentations.get(name.as_str()) else { continue };
            if entered.insert(("segmentation", name.to_string())) {
                match &segmentation.classes {
                    Classes::By(term) => rest.push(term.clone()),
                    Classes::Rules(classes) => {
                        let conditions = classes.iter().map(|class| class.condition.clone());
                        rest.extend(conditions.map(|condition| Term::Truth(Box::new(condition))));
                    }
                }
            }
        }
    }
    found
}

/// The tables some of whose rows have no time: they are counted at any instant, as if they had always been there.
pub(super) async fn timeless(past: &Basis<'_>) -> Result<BTreeSet<Table>> {
    let mut timeless = BTreeSet::new();
    for table in Table::ALL {
        let time = table.time_column();
        let is_required = table.column(time).is_some_and(|column| column.required);
        if is_required || !past.view.complete.tables.contains_key(table.as_str()) {
            continue;
        }
        let query = format!("select count(*) from {table} where {time} is null");
        let rows = ask_lake(past.view, "count rows without a time", &query).await?;
        if rows.first().is_some_and(|row| row.count(0) > 0) {
            timeless.insert(table);
        }
    }
    Ok(timeless)
}

pub(super) fn is_own_column(past: &Basis<'_>, subject: Subject, name: &str) -> bool {
    let setting = past.setting(subject);
    setting.columns_of(subject.table()).contains(&name) && setting.mapped.has(subject.table(), name)
}

pub(super) fn unknown(past: &Basis<'_>, subject: Subject, name: &str, known: &[&str]) -> Error {
    let error = Error::new(ErrorCode::NotFound, format!("the last run had no trait `{name}` of {subject}"));
    if is_own_column(past, subject, name) {
        return error.with_hint(format!("it is a column: --unchanging {name} where its values never change"));
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("docs/segmentations.md lists the traits that come with Strata"),
    }
}
