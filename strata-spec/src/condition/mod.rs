//! A condition: a boolean about one subject, in which aggregates range over that subject's rows.
//!
//! There is one [`Condition`], whatever it was written in: text (SQL), or the builder's JSON. It is a tree of words
//! only. What it means over data is decided in one place, the pipeline's `compile`.
//!
//! Text is read by `parse` (over `grammar`) and written by `print`; JSON is read by `json_read` and written by `json`;
//! `build` gives both one normal form. What is written back reads as the same condition again, and the version of a
//! definition is the hash of what is written back; `layout` writes the same over several lines. `english` says a
//! condition in a sentence; `visit` finds what it speaks of; `vocabulary` lists all that can be said.

mod build;
mod english;
mod english_count;
mod english_state;
mod english_term;
mod function;
mod grammar;
mod interval;
mod json;
mod json_leaf;
mod json_object;
mod json_read;
mod json_state;
mod layout;
mod parse;
mod parse_aggregate;
mod parse_call;
mod parse_sequence;
mod parse_state;
mod parse_term;
pub mod polygon;
mod print;
mod print_state;
pub mod references;
mod sequence;
mod state;
mod visit;
pub mod vocabulary;

use std::hash::{Hash, Hasher};

use chrono::{DateTime, NaiveDate, Utc};

use crate::name::{SegmentName, SegmentationName};
use crate::table::Table;

pub use function::{AggregateFunction, Channel, Function};
pub use sequence::{Key, MAX_STEPS, MAX_TABLES, Sequence, Step};
pub use state::{Change, Group, State, When};
pub use visit::Node;

/// A boolean about one subject. Three-valued: `unknown` is not a member.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// True when all are; of none, everyone.
    All(Vec<Condition>),
    /// True when any is; of none, nobody.
    Any(Vec<Condition>),
    /// True when the other is false; unknown stays unknown.
    Not(Box<Condition>),
    /// True when at least `count` are.
    AtLeast {
        /// How many must hold.
        count: u32,
        /// Of which.
        of: Vec<Condition>,
    },
    /// Two terms compared.
    Compare {
        /// The left side.
        left: Term,
        /// How.
        operator: Comparison,
        /// The right side.
        right: Term,
    },
    /// `low <= term and term <= high`.
    Between {
        /// What is compared.
        term: Term,
        /// The lower bound, included.
        low: Term,
        /// The upper bound, included.
        high: Term,
        /// `not between`.
        negated: bool,
    },
    /// The term equals one of a list.
    In {
        /// What is compared.
        term: Term,
        /// The list, not empty.
        values: Vec<Term>,
        /// `not in`.
        negated: bool,
    },
    /// The term, a text, looks like a pattern.
    Like {
        /// What is compared.
        term: Term,
        /// What it is compared with.
        pattern: Pattern,
        /// `not like`.
        negated: bool,
    },
    /// The term is missing.
    IsNull {
        /// What may be missing.
        term: Term,
        /// `is not null`.
        negated: bool,
    },
    /// A time lies in a window relative to `as_of`. Without a term inside an aggregate's filter: the table's own time.
    InWindow {
        /// The time; none for the time column of the aggregate's table.
        time: Option<Term>,
        /// The window.
        window: Window,
    },
    /// The subject is in a segment: `in_segment('vip')`.
    InSegment(SegmentName, At),
    /// The subject is in a class: `in_class('rfm', 'champions')`.
    InClass {
        /// The segmentation.
        segmentation: SegmentationName,
        /// One of its classes, or `unassigned`.
        class: String,
        /// Where it was written.
        at: At,
    },
    /// Rows that follow each other.
    Sequence(Box<Sequence>),
    /// A property, segment or class changed: `changed(plan, in_last('7 days'))`, `entered('vip')`, `left('vip')`.
    Changed {
        /// What happened.
        change: Change,
        /// When; at any time up to `as_of` where nothing is said.
        window: Option<Window>,
        /// Where it was written.
        at: At,
    },
    /// A property had a value, or the subject was in a segment or class: `was(plan, 'free')`, `was_in('vip', …)`.
    Was {
        /// What held.
        state: State,
        /// When.
        when: When,
        /// Where it was written.
        at: At,
    },
    /// A boolean column, constant or function.
    Is(Term),
}

/// A value of one subject, or of one row inside an aggregate.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A column.
    Column(Column),
    /// A constant.
    Literal(Literal),
    /// The instant at which everything is evaluated.
    AsOf,
    /// A figure over the subject's rows.
    Aggregate(Box<Aggregate>),
    /// Two terms combined.
    Arithmetic {
        /// The left side.
        left: Box<Term>,
        /// How.
        operator: Arithmetic,
        /// The right side.
        right: Box<Term>,
    },
    /// A function of terms.
    Call {
        /// Which.
        function: Function,
        /// Its arguments, as many as [`Function::arguments`] says.
        arguments: Vec<Term>,
        /// Where it was written.
        at: At,
    },
    /// The value of the first branch whose condition is true.
    Case {
        /// Conditions and values, in order.
        branches: Vec<(Condition, Term)>,
        /// The value when none is true; missing means null.
        otherwise: Option<Box<Term>>,
    },
    /// The instant since which a state holds without a break; null where it does not hold now: `since(plan, 'free')`,
    /// `member_since('vip')`.
    Since {
        /// What holds.
        state: State,
        /// Where it was written.
        at: At,
    },
    /// The place of the subject among all subjects by a value.
    Rank {
        /// Which place.
        ranking: Ranking,
        /// By what; a subject without it has no place.
        by: Box<Term>,
        /// Among whom; among all where nothing is said. Of others the place is null.
        among: Option<Box<Condition>>,
        /// Where it was written.
        at: At,
    },
    /// A condition as a value.
    Truth(Box<Condition>),
}

/// A column's name and what it is a column of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Of what.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// Where it was written.
    pub at: At,
}

/// What a column is a column of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The subject: its own property, a trait or a score.
    Subject,
    /// The rows of the aggregate in which the column stands.
    Row,
    /// The subject's company, for a customer: `company.industry`.
    Company,
}

/// A place in the text, for errors. Any two are equal: where a condition was written is not part of what it means.
#[derive(Debug, Clone, Copy, Default)]
pub struct At(pub Option<crate::error::Position>);

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}
impl Eq for At {}
impl Hash for At {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Missing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other finite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Timestamp(DateTime<Utc>),
    /// A length of time.
    Interval(Interval),
}

/// A length of time. Months are calendar months; days are days of the project's calendar; the rest is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Calendar months (a year has twelve).
    pub months: i32,
    /// Days (a week has seven).
    pub days: i32,
    /// Seconds (an hour has 3,600).
    pub seconds: i64,
}

/// A window of time relative to `as_of`; half-open, `(from, to]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// `in_last('30 days')`: `(as_of − length, as_of]`.
    Last(Interval),
    /// `in_next('30 days')`: `(as_of, as_of + length]`.
    Next(Interval),
    /// `ago_between('90 days', '30 days')`: `(as_of − from, as_of − to]`, the longer one first.
    Ago {
        /// The older edge.
        from: Interval,
        /// The younger edge.
        to: Interval,
    },
    /// `in_period('last quarter')`: a calendar period in the project's time zone, begin included, end excluded.
    Period {
        /// Which calendar unit.
        unit: CalendarUnit,
        /// 0 for this one, −1 for the last one, 1 for the next.
        offset: i32,
    },
    /// `in_period('last 3 months')`: several whole calendar periods before this one, or after it; edges as for one.
    Periods {
        /// Which calendar unit.
        unit: CalendarUnit,
        /// How many, two at least: negative for those before this one, positive for those after it.
        count: i32,
    },
    /// `in_period('last year to date')`: a calendar period from its begin, included, to the instant in it that is as many
    /// units away from `as_of` as the period is from this one, included.
    ToDate {
        /// Which calendar unit.
        unit: CalendarUnit,
        /// As for one period.
        offset: i32,
    },
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
    /// A quarter of the fiscal year.
    FiscalQuarter,
    /// A fiscal year, from the month that the project says.
    FiscalYear,
}

/// How two terms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`; unknown when a side is missing.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `is distinct from`; never unknown.
    DistinctFrom,
    /// `is not distinct from`; never unknown.
    NotDistinctFrom,
}

/// What a text is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The kind of pattern.
    pub kind: PatternKind,
    /// The pattern.
    pub text: String,
    /// Whether case is ignored.
    pub ignore_case: bool,
}

/// The kinds of pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatternKind {
    /// SQL's `like` (`%`, `_`).
    Like,
    /// A regular expression, found anywhere: `regexp_like(term, '…')`.
    Regex,
    /// `starts_with(term, '…')`.
    StartsWith,
    /// `ends_with(term, '…')`.
    EndsWith,
    /// `contains(term, '…')`.
    Contains,
}

/// How two terms are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`; always a floating-point quotient, null where the divisor is 0.
    Divide,
    /// `%`; null where the divisor is 0.
    Modulo,
}

/// A place among all subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ranking {
    /// `percent_rank(x)`: the share of the others that have less, in [0, 1]; 0 where there are no others.
    PercentRank,
    /// `rank(x)`: 1 and the number of those who have more. Equal values share a place.
    Rank,
    /// `row_number(x)`: the place where the greatest comes first and, of equal values, the least id; no two are equal.
    RowNumber,
}

/// A figure over the rows of a table that belong to the subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which figure.
    pub function: AggregateFunction,
    /// Over distinct values only (`count` alone has it).
    pub distinct: bool,
    /// The table.
    pub table: Table,
    /// The terms over its rows; none for `count(orders)`.
    pub arguments: Vec<Term>,
    /// Which rows.
    pub filter: Option<Condition>,
    /// Where it was written.
    pub at: At,
}
