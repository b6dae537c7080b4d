//! A condition that is not saved yet: who would be in, what each clause removes, and whom the data leaves undecided.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Map, Value, json};
use strata_lake::arrow::array::{Array, BooleanArray, RecordBatch};
use strata_lake::arrow::compute::{and_kleene, concat_batches};
use strata_lake::arrow::datatypes::{Field, Schema, SchemaRef};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{At, Column, Condition, Node, Scope, Term};
use strata_spec::error::{ErrorCode, Position, SpecError};
use strata_spec::table::{Subject, Table};

use super::basis::Basis;
use super::draw::Draw;
use super::{SAMPLE, texts, truths};
use crate::compile::{ASKED, Program, Question, compile_only};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::{Rows, View, json_rows};
use crate::run;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The condition.
    pub text: &'a str,
    /// Whom it is about.
    pub subject: Subject,
    /// The instant at which it is evaluated, the last run's or an earlier one; the last run's where none is given. Rows after it
    /// do not exist; what is known of the subjects themselves, as their city, is what the last run knew.
    pub as_of: Option<DateTime<Utc>>,
}

/// Whom a condition holds for.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Whom it is about.
    pub subject: Subject,
    /// The instant at which it was evaluated.
    pub as_of: DateTime<Utc>,
    /// The condition in its normal form.
    pub text: String,
    /// The condition in plain English.
    pub sentence: String,
    /// How many subjects there are.
    pub n_subjects: u64,
    /// How many of them it holds for.
    pub n_members: u64,
    /// How many it is undecided for, for want of data. They are not members.
    pub n_undecided: u64,
    /// Its clauses, in order: whatever `and` joins.
    pub clauses: Vec<Clause>,
    /// A few members, with what the condition speaks of.
    pub sample: Rows,
    /// The same, as JSON objects.
    pub sample_json: Vec<Map<String, Value>>,
    /// The canonical tables that had to be scanned, since no run has stored what was asked of them.
    pub scanned: Vec<Table>,
}

/// A clause of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The clause in its normal form.
    pub text: String,
    /// The clause in plain English.
    pub sentence: String,
    /// How many subjects it holds for, taken alone.
    pub n_alone: u64,
    /// How many it is undecided for, taken alone.
    pub n_undecided: u64,
    /// How many are left with this clause and all before it.
    pub n_left: u64,
    /// How many it removes of those whom the clauses before it left.
    pub n_removed: u64,
}

/// So many of the columns and figures that a condition speaks of are shown with its members.
const TERMS_SHOWN: usize = 5;

/// What else is shown of members, where the last run's profile has it.
const fn usual(subject: Subject) -> [&'static str; 4] {
    match subject {
        Subject::Customers => ["n_orders", "revenue", "days_since_last_order", "country"],
        Subject::Companies => ["name", "industry", "n_people", "company_revenue"],
    }
}

/// Evaluates a condition over the tables of the last complete run.
///
/// # Errors
/// `InvalidDefinition` with the place of every fault of the text; `NotFound` where the run has no such subjects, or lacks a
/// column that the text speaks of.
pub async fn condition(project: &Project, view: &View, ask: &Ask<'_>) -> Result<Preview> {
    let Ask { text, subject, as_of } = *ask;
    let basis = Basis::open(project, view, as_of).await?;
    if !basis.has(subject) {
        return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {subject}"))
            .with_hint("`strata check` says what the sources map"));
    }
    let manifest = &project.manifest;
    let condition = manifest.definitions.read_condition(text, subject, &manifest.properties);
    let condition = condition.map_err(|faults| refused(project, text, faults))?;
    let clauses = clauses_of(&condition);
    let asked = [clauses, std::slice::from_ref(&condition)].concat();
    let terms = shown_terms(&condition);
    let question = Question { conditions: &asked, terms: &terms, ..Question::default() };
    let program = compile_only(&basis.setting(subject), &question);
    let program = program.map_err(|faults| refused(project, text, faults))?;
    let also = usual(subject).map(str::to_owned).into();
    let (program, rows) = basis.evaluate(program, &also).await?;
    let usual: Vec<&str> = usual(subject).into_iter().filter(|name| program.taken.contains(*name)).collect();

    let planning = || format!("cannot plan what is asked of {subject}");
    let columns = [subject.id_column()].into_iter().chain(usual.iter().copied());
    let columns: Vec<Expr> = columns.map(|name| ident(name).alias(name)).collect();
    let memberships = basis.memberships(&program).await?;
    let answer = program.answer(rows, &memberships, columns).context(planning())?;
    let place = Place { n_usual: usual.len(), n_clauses: clauses.len() };
    let mut count = Count::new(clauses.len());
    let mut members = Draw::of(SAMPLE);
    let shown = place.shown(subject, &usual, &terms, answer.schema().inner());
    let mut answers = run::stream(answer).await.context("cannot evaluate the condition")?;
    while let Some(batch) = answers.try_next().await.context("cannot evaluate the condition")? {
        let whole = count.add(&batch, &place)?;
        let ids = texts(&batch, 0)?;
        let row = |row: usize| shown.row(&batch, row);
        for at in (0..batch.num_rows()).filter(|at| whole.is_valid(*at) && whole.value(*at)) {
            members.offer(ids.value(at), || row(at));
        }
    }
    let members = members.finish().into_iter().map(|(_, row)| row).collect::<Result<Vec<_>>>()?;
    let members = concat_batches(&shown.schema, &members)
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot show the members").caused_by(error))?;
    Ok(Preview {
        subject,
        as_of: basis.as_of,
        text: condition.text(subject),
        sentence: condition.sentence(),
        n_subjects: count.n_subjects,
        n_members: count.n_members,
        n_undecided: count.n_undecided,
        clauses: count.clauses(clauses, subject),
        sample: Rows::of(&members)?,
        sample_json: json_rows(&members)?,
        scanned: scanned(&program),
    })
}

/// Faults of the text shown in it, and those of definitions that it uses in theirs.
pub(crate) fn refused(project: &Project, text: &str, faults: Vec<SpecError>) -> Error {
    let shown = |fault: SpecError| {
        let fault = fault.in_place(ASKED);
        if fault.place.as_deref() != Some(ASKED) {
            return fault;
        }
        let position = fault.position.unwrap_or(Position { line: 1, column: 1 });
        let line = text.lines().nth(position.line - 1).map(str::to_owned);
        SpecError { position: Some(position), line, ..fault }
    };
    project.refused(faults.into_iter().map(shown).collect())
}

impl Preview {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let clauses: Vec<Value> = self
            .clauses
            .iter()
            .map(|clause| {
                json!({
                    "condition": clause.text,
                    "sentence": clause.sentence,
                    "n_alone": clause.n_alone,
                    "n_undecided": clause.n_undecided,
                    "n_left": clause.n_left,
                    "n_removed": clause.n_removed,
                })
            })
            .collect();
        json!({
            "subject": self.subject.as_str(),
            "as_of": self.as_of.to_rfc3339(),
            "condition": self.text,
            "sentence": self.sentence,
            "n_subjects": self.n_subjects,
            "n_members": self.n_members,
            "n_undecided": self.n_undecided,
            "clauses": clauses,
            "sample": self.sample_json,
            "scanned": self.scanned.iter().map(|table| table.as_str()).collect::<Vec<_>>(),
        })
    }
}

/// What `and` joins, or the whole where it joins nothing.
pub(crate) fn clauses_of(condition: &Condition) -> &[Condition] {
    match condition {
        Condition::All(of) if of.len() > 1 => of,
        other => std::slice::from_ref(other),
    }
}

/// The tables that are scanned for more than what the subjects themselves are.
pub(super) fn scanned(program: &Program) -> Vec<Table> {
    program.scans.keys().copied().collect()
}

/// The columns and figures that a condition speaks of, in its order.
fn shown_terms(condition: &Condition) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    condition.walk(&mut |node| {
        let is_shown = match node {
            Node::Term(Term::Aggregate(_)) => true,
            Node::Term(Term::Column(Column { scope, .. })) => *scope != Scope::Row,
            _ => false,
        };
        if let (true, Node::Term(term)) = (is_shown, node)
            && terms.len() < TERMS_SHOWN
            && !terms.contains(term)
        {
            terms.push(term.clone());
        }
        // What stands inside a figure is of its rows.
        !is_shown
    });
    terms
}

/// Where the columns of an answer stand: the id, the usual ones, the clauses, the whole condition, the terms.
struct Place {
    n_usual: usize,
    n_clauses: usize,
}

impl Place {
    fn clause(&self, n: usize) -> usize {
        1 + self.n_usual + n
    }

    fn whole(&self) -> usize {
        self.clause(self.n_clauses)
    }

    /// The columns that are shown of a member: those that the condition speaks of first.
    fn shown(&self, subject: Subject, usual: &[&str], terms: &[Term], answer: &SchemaRef) -> Shown {
        let id = subject.id_column();
        let mut columns = vec![(0, id.to_owned())];
        let terms = terms.iter().enumerate().filter(|(_, term)| **term != of_subject(id));
        columns.extend(terms.map(|(n, term)| (self.whole() + 1 + n, term.text(subject))));
        for (n, name) in usual.iter().enumerate() {
            if columns.iter().all(|(_, shown)| shown != name) {
                columns.push((1 + n, (*name).to_owned()));
            }
        }
        let field =
            |(at, name): &(usize, String)| Field::new(name, answer.field(*at).data_type().clone(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Shown { columns: columns.into_iter().map(|(at, _)| at).collect(), schema }
    }
}

fn of_subject(name: &str) -> Term {
    Term::Column(Column { scope: Scope::Subject, name: name.to_owned(), at: At::default() })
}

struct Shown {
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl Shown {
    fn row(&self, batch: &RecordBatch, row: usize) -> Result<RecordBatch> {
        let columns = self.columns.iter().map(|at| batch.column(*at).slice(row, 1)).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| Error::new(ErrorCode::Internal, "cannot show a member").caused_by(error))
    }
}

/// What is counted on the way.
struct Count {
    n_subjects: u64,
    n_members: u64,
    n_undecided: u64,
    /// Per clause: how many it holds for alone, is undecided for alone, and leaves with those before it.
    clauses: Vec<[u64; 3]>,
}

impl Count {
    fn new(n_clauses: usize) -> Count {
        Count { n_subjects: 0, n_members: 0, n_undecided: 0, clauses: vec![[0; 3]; n_clauses] }
    }

    /// Counts the rows of an answer; returns whom the whole condition holds for.
    fn add<'b>(&mut self, batch: &'b RecordBatch, place: &Place) -> Result<&'b BooleanArray> {
        let mut left: Option<BooleanArray> = None;
        for (n, counts) in self.clauses.iter_mut().enumerate() {
            let clause = truths(batch, place.clause(n))?;
            let with_it = match &left {
                None => clause.clone(),
                Some(left) => and_kleene(left, clause).map_err(|error| {
                    Error::new(ErrorCode::Internal, "cannot count what a clause leaves").caused_by(error)
                })?,
            };
            let counted = [clause.true_count(), clause.null_count(), with_it.true_count()];
            counts.iter_mut().zip(counted).for_each(|(sum, n)| *sum += n as u64);
            left = Some(with_it);
        }
        let whole = truths(batch, place.whole())?;
        self.n_subjects += batch.num_rows() as u64;
        self.n_members += whole.true_count() as u64;
        self.n_undecided += whole.null_count() as u64;
        Ok(whole)
    }

    fn clauses(&self, clauses: &[Condition], subject: Subject) -> Vec<Clause> {
        let mut before = self.n_subjects;
        let clause = |(clause, [n_alone, n_undecided, n_left]): (&Condition, &[u64; 3])| {
            let n_removed = before.saturating_sub(*n_left);
            before = *n_left;
            Clause {
                text: clause.text(subject),
                sentence: clause.sentence(),
                n_alone: *n_alone,
                n_undecided: *n_undecided,
                n_left: *n_left,
                n_removed,
            }
        };
        clauses.iter().zip(&self.clauses).map(clause).collect()
    }
}
