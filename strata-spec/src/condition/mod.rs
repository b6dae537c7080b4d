//! A condition: a boolean about one subject, in which aggregates range over that subject's rows.
//!
//! There is one [`Condition`], whatever it was written in: text (SQL), or the builder's JSON. It is a tree of words
//! only. What it means over data is decided in one place, the pipeline's `compile`.
//!
//! Text is read by `parse` (over `grammar`) and written by `print`; JSON is read by `json_read` and written by `json`;
//! `build` gives both one normal form. What is written back reads as the same condition again, and the version of a
//! definition is the hash of what is written back. `english` says a condition in a sentence; `visit` finds what it
//! speaks of.

mod build;
mod english;
mod english_term;
mod grammar;
mod interval;
mod json;
mod json_read;
mod parse;
mod parse_aggregate;
mod parse_call;
mod parse_term;
mod print;
pub mod references;
mod visit;

use std::hash::{Hash, Hasher};

use chrono::{DateTime, NaiveDate, Utc};

use crate::name::{SegmentName, SegmentationName};
use crate::table::Table;

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

macro_rules! functions {
    ($(#[$doc:meta])* $enum:ident { $($(#[$each:meta])* $variant:ident = $name:literal ($least:literal ..= $most:literal),)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $($(#[$each])* $variant,)+
        }

        impl $enum {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)+];

            /// The word in text.
            pub fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)+
                }
            }

            /// The function of that name.
            pub fn parse(name: &str) -> Option<$enum> {
                Self::ALL.iter().copied().find(|each| each.name() == name)
            }

            /// The least and the greatest number of arguments.
            pub fn arguments(self) -> std::ops::RangeInclusive<usize> {
                match self {
                    $($enum::$variant => $least..=$most,)+
                }
            }
        }
    };
}

functions! {
    /// Figures over rows. `count` and `sum` over no rows are 0, all others null.
    AggregateFunction {
        /// Rows; or rows where the argument is not null; or its distinct values.
        Count = "count"(0..=1),
        /// Sum.
        Sum = "sum"(1..=1),
        /// Arithmetic mean.
        Avg = "avg"(1..=1),
        /// Least.
        Min = "min"(1..=1),
        /// Greatest.
        Max = "max"(1..=1),
        /// Median.
        Median = "median"(1..=1),
        /// Sample standard deviation.
        StdDev = "stddev"(1..=1),
        /// The value at a share of the way from least to greatest, interpolated: `percentile(orders.amount, 0.9)`.
        Percentile = "percentile"(2..=2),
        /// The most frequent value; of several, the least.
        Mode = "mode"(1..=1),
        /// The share of rows that have the most frequent value, in [0, 1].
        ModeShare = "mode_share"(1..=1),
        /// The value of the earliest row.
        FirstValue = "first_value"(1..=1),
        /// The value of the latest row.
        LastValue = "last_value"(1..=1),
        /// The number of distinct days of a time, in the project's time zone.
        ActiveDays = "active_days"(1..=1),
        /// The median gap in days between consecutive distinct days of a time: `median_gap_days(orders.ordered_at)`.
        MedianGapDays = "median_gap_days"(1..=1),
        /// The coefficient of variation of those gaps (sample standard deviation ÷ mean); 0 is clockwork.
        GapVariation = "gap_variation"(1..=1),
        /// The sum of a value over the rows of the earliest day: `first_day_sum(orders.ordered_at, orders.amount)`.
        FirstDaySum = "first_day_sum"(2..=2),
    }
}

functions! {
    /// Functions of terms. Days, hours and calendar parts are those of the project's time zone.
    Function {
        /// The first that is not null.
        Coalesce = "coalesce"(1..=64),
        /// Null where both are equal, else the first.
        NullIf = "nullif"(2..=2),
        /// Lower case.
        Lower = "lower"(1..=1),
        /// Upper case.
        Upper = "upper"(1..=1),
        /// Without white space at both ends.
        Trim = "trim"(1..=1),
        /// Length in characters.
        Length = "length"(1..=1),
        /// Texts joined; null if any is.
        Concat = "concat"(1..=64),
        /// Absolute value.
        Abs = "abs"(1..=1),
        /// Rounded to a number of decimals (0).
        Round = "round"(1..=2),
        /// The next whole number below.
        Floor = "floor"(1..=1),
        /// The next whole number above.
        Ceil = "ceil"(1..=1),
        /// Natural logarithm; null at or below 0.
        Ln = "ln"(1..=1),
        /// Square root; null below 0.
        Sqrt = "sqrt"(1..=1),
        /// The first to the power of the second.
        Power = "power"(2..=2),
        /// The least that is not null.
        Least = "least"(1..=64),
        /// The greatest that is not null.
        Greatest = "greatest"(1..=64),
        /// Whole days from the first time to the second, rounded down.
        DaysBetween = "days_between"(2..=2),
        /// Whole days from a time to `as_of`, rounded down.
        DaysSince = "days_since"(1..=1),
        /// Completed years from a date to `as_of`.
        YearsSince = "years_since"(1..=1),
        /// Days from `as_of` to the next anniversary of a date, 0 on the day.
        DaysToAnniversary = "days_to_anniversary"(1..=1),
        /// Hour of the day, 0 to 23.
        HourOf = "hour_of"(1..=1),
        /// The calendar day of a time.
        DayOf = "day_of"(1..=1),
        /// Quarter, 1 to 4.
        QuarterOf = "quarter_of"(1..=1),
        /// Day of the week, 1 for Monday to 7.
        WeekdayOf = "weekday_of"(1..=1),
        /// Month, 1 to 12.
        MonthOf = "month_of"(1..=1),
        /// Year.
        YearOf = "year_of"(1..=1),
        /// Great-circle distance in kilometres: `distance_km(latitude, longitude, 52.52, 13.40)`.
        DistanceKm = "distance_km"(4..=4),
        /// A stable number in [0, 1) for the subject and a salt: `bucket('newsletter') < 0.1`.
        Bucket = "bucket"(1..=1),
    }
}
