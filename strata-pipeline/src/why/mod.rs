//! Why one customer is in a segment or not: every clause with the values seen, the rows that count as evidence, since when, and
//! until when if nothing happens.
//!
//! Only what belongs to the subject is read, of the part of each table in which its rows lie, and the program that `compile`
//! makes for any run is run over that in memory: once at the instant that is asked about, and then at one wake time after the
//! other, until something changes. What hangs on other subjects, as scores do, is held as the last run left it.

mod clause;
mod evidence;
mod held;
mod later;
mod moment;
mod own_rows;
mod show;
mod target;

use chrono::{DateTime, Utc};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use crate::error::{Error, Result};
use crate::preview::Basis;
use crate::project::Project;
use crate::query::{Rows, View};

use moment::Moment;
use own_rows::OwnRows;
pub(crate) use target::{Target, find};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// A segment, a class written `segmentation/class`, or a segmentation, which stands for the class that the subject is in.
    pub segment: &'a str,
    /// The id of a customer or company.
    pub id: &'a str,
    /// The instant at which it is asked, the last run's or an earlier one; the last run's where none is given.
    pub as_of: Option<DateTime<Utc>>,
}

/// Why a subject is in a segment or class, or is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// What kind of subject.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// The segment, or `segmentation/class`.
    pub segment: String,
    /// Its title.
    pub title: String,
    /// The instant.
    pub as_of: DateTime<Utc>,
    /// Where the subject stands.
    pub standing: Standing,
    /// Of a class: the one that the subject is in.
    pub class: Option<String>,
    /// Since when it stands there, as runs have noted; none where no run has.
    pub since: Option<DateTime<Utc>>,
    /// Until when, if nothing happens.
    pub until: Until,
    /// What `and` joins; of a class, those that come before it too.
    pub clauses: Vec<Clause>,
    /// What is to be known besides.
    pub notes: Vec<String>,
}

/// Where a subject stands to a segment or class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In it.
    Member,
    /// Not in it.
    NotAMember,
    /// Not in it, since something is missing that it speaks of.
    Undecided,
    /// In it by the list `include`, whatever the condition says.
    Included,
    /// Not in it by the list `exclude`, whatever the condition says.
    Excluded,
}

impl Standing {
    /// `member`, `not a member`, `undecided`, `included`, `excluded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Member => "member",
            Standing::NotAMember => "not a member",
            Standing::Undecided => "undecided",
            Standing::Included => "included",
            Standing::Excluded => "excluded",
        }
    }

    /// Whether the subject is in it.
    pub fn is_in(self) -> bool {
        matches!(self, Standing::Member | Standing::Included)
    }
}

/// Until when something stays as it is, if no row comes and no property changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until this instant, at which time alone changes it.
    Then(DateTime<Utc>),
    /// Time alone never changes it.
    Always,
    /// It stays so up to this instant at least; nobody has looked further.
    AtLeast(DateTime<Utc>),
}

/// A clause of a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The class whose condition it is, where that comes before the one that is asked about: it has to be untrue.
    pub of_earlier_class: Option<String>,
    /// The clause in its normal form.
    pub text: String,
    /// The clause in plain English.
    pub sentence: String,
    /// True, false or undecided.
    pub truth: Option<bool>,
    /// Since when the subject is in the segment or class that the clause asks for, as runs have noted.
    pub since: Option<DateTime<Utc>>,
    /// Until when, if nothing happens.
    pub until: Until,
    /// What was seen.
    pub seen: Vec<Seen>,
    /// The rows that were counted.
    pub evidence: Vec<Evidence>,
}

/// A value that a clause speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What has it.
    pub term: String,
    /// The value for people; none where it is missing.
    pub text: Option<String>,
    /// The value.
    pub value: serde_json::Value,
    /// What it is held against: `>= 3`.
    pub threshold: Option<String>,
}

/// The rows from which a figure is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The figure, or the sequence.
    pub of: String,
    /// The table.
    pub table: Table,
    /// How many rows they are.
    pub n_rows: usize,
    /// The newest of them.
    pub newest: Rows,
    /// The same, as JSON objects with all columns.
    pub newest_json: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Says why.
///
/// # Errors
/// `NotFound` when there is no such subject, segment or class; `InvalidDefinition` when a definition has a fault or the instant is
/// later than the last run's.
pub async fn why(project: &Project, view: &View, ask: &Ask<'_>) -> Result<Why> {
    let basis = Basis::open(project, view, ask.as_of).await?;
    let (target, class) = target::find(project, ask.segment)?;
    let subject = target.header().subject;
    if !basis.has(subject) {
        return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {subject}"))
            .with_hint("`strata check` says what the sources map"));
    }
    let mut rows = OwnRows::open(&basis, subject, ask.id).await?;
    let class = match class {
        Some(class) => Some(class),
        None => target::own_class(&basis, &mut rows, &target).await?,
    };
    let asked = target.asked(class.as_deref(), project, subject);
    let program = moment::compile(&basis, &asked, basis.as_of)?;
    rows.read_for(&program).await?;
    let mut memberships = rows.memberships();
    let now = Moment::of(&rows, program, &asked, &mut memberships).await?;
    let stays = later::stays(&basis, &rows, &asked, &now, memberships.clone()).await?;
    let group = asked.group.clone();
    let standing = asked.standing(&now, ask.id);
    Ok(Why {
        subject,
        id: ask.id.to_owned(),
        segment: asked.name.clone(),
        title: asked.title.clone(),
        as_of: basis.as_of,
        standing,
        class: asked.segmentation.as_ref().and(now.class.clone()),
        since: rows.since(&group, standing.is_in()),
        until: stays.whole,
        clauses: clause::all(project, &rows, &asked, &now, &stays.clauses)?,
        notes: rows.notes(&basis, &target, standing),
    })
}

/// The name of a definition in words, for errors.
fn unknown_subject(subject: Subject, id: &str, at: Option<String>) -> Error {
    let one = subject.singular();
    match at {
        Some(at) => Error::new(ErrorCode::NotFound, format!("the {one} `{id}` was not known yet on {at}"))
            .with_hint("leave --as-of out, or give a later date"),
        None => {
            let hint = match subject {
                Subject::Customers => format!(
                    "`strata identity show {id}` looks for other identifiers; the segment is one of customers"
                ),
                Subject::Companies => "the segment is one of companies: give the id of a company".to_owned(),
            };
            Error::new(ErrorCode::NotFound, format!("the last run knew no {one} `{id}`")).with_hint(hint)
        }
    }
}
