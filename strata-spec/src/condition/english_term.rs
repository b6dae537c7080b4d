//! Terms as plain English: `number of orders in the last 90 days`, `60 days ago`, `days since birth date`.

use super::english::window_phrase;
use super::english_count::the_row;
use super::english_state::{held, ranking_phrase, since};
use super::{
    Aggregate, AggregateFunction, Arithmetic, Column, Condition, Function, Interval, Literal, Scope, Term,
};
use crate::table::Table;

impl Term {
    /// The term as a noun phrase.
    pub fn phrase(&self) -> String {
        self.said(false)
    }

    /// The phrase, outside or inside an aggregate, where a bare name is a row's.
    pub(super) fn said(&self, inside: bool) -> String {
        match self {
            Term::Column(column) => column_phrase(column, inside),
            Term::Literal(literal) => literal_phrase(literal),
            Term::AsOf => "the present".to_owned(),
            Term::Aggregate(aggregate) => aggregate_phrase(aggregate),
            Term::Arithmetic { left, operator, right } => match self.ago() {
                Some(length) => format!("{length} ago"),
                None => arithmetic_phrase(left, *operator, right, inside),
            },
            Term::Call { function, arguments, .. } => call_phrase(*function, arguments, inside),
            Term::Case { branches, otherwise } => {
                let mut parts: Vec<String> = branches
                    .iter()
                    .map(|(condition, value)| format!("{} if {}", value.said(inside), condition.said(inside)))
                    .collect();
                let otherwise = otherwise.as_ref().map_or("nothing".to_owned(), |value| value.said(inside));
                parts.push(format!("otherwise {otherwise}"));
                format!("({})", parts.join("; "))
            }
            Term::Since { state, .. } => since(state),
            Term::Rank { ranking, by, among, .. } => ranking_phrase(*ranking, by, among.as_deref()),
            Term::Truth(condition) => format!("whether {}", condition.said(inside)),
        }
    }
}

impl Term {
    /// The length of `as_of - interval '…'`, which reads as `… ago`.
    pub(super) fn ago(&self) -> Option<Interval> {
        match self {
            Term::Arithmetic { left, operator: Arithmetic::Subtract, right } => match (&**left, &**right) {
                (Term::AsOf, Term::Literal(Literal::Interval(length))) if length.is_positive() => {
                    Some(*length)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Several terms with a word before the last: `DE, AT or CH`.
pub(super) fn joined(terms: &[Term], word: &str, inside: bool) -> String {
    match terms {
        [] => String::new(),
        [only] => only.said(inside),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|each| each.said(inside)).collect();
            format!("{} {word} {}", first.join(", "), last.said(inside))
        }
    }
}

/// Whether a term is a point in time, as far as its words tell.
pub(super) fn is_time(term: &Term) -> bool {
    match term {
        Term::AsOf | Term::Literal(Literal::Date(_) | Literal::Timestamp(_)) => true,
        Term::Arithmetic { left, operator: Arithmetic::Add | Arithmetic::Subtract, right } => {
            is_time(left) && matches!(**right, Term::Literal(Literal::Interval(_)))
        }
        Term::Aggregate(aggregate) => {
            use AggregateFunction::{FirstValue, LastValue, Max, Min};
            matches!(aggregate.function, FirstValue | LastValue | Max | Min)
                && aggregate.arguments.iter().all(|each| is_row_time(aggregate.table, each))
        }
        _ => false,
    }
}

/// A text constant: bare where it cannot be mistaken, in quotes otherwise.
pub(super) fn constant(text: &str) -> String {
    let plain =
        |each: char| each.is_alphanumeric() || matches!(each, '_' | '-' | '.' | '@' | '+' | '/' | '&');
    let words = ["and", "or", "not", "missing", "known", "true", "false", "nothing"];
    let clear = !text.is_empty()
        && text.split(' ').all(|word| !word.is_empty() && word.chars().all(plain) && !words.contains(&word));
    if clear { text.to_owned() } else { format!("“{text}”") }
}

/// A name as words: `n_orders` is `number of orders`, `birth_date` is `birth date`.
pub(super) fn words(name: &str) -> String {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit())
    };
    if !name.split('_').all(word) {
        return format!("“{name}”");
    }
    match name.strip_prefix("n_") {
        Some(counted) if !counted.is_empty() => format!("number of {}", counted.replace('_', " ")),
        _ => name.replace('_', " "),
    }
}

fn column_phrase(column: &Column, inside: bool) -> String {
    match column.scope {
        Scope::Subject if inside => format!("the subject's own {}", words(&column.name)),
        Scope::Subject | Scope::Row => words(&column.name),
        Scope::Company => format!("the company's {}", words(&column.name)),
    }
}

fn literal_phrase(literal: &Literal) -> String {
    match literal {
        Literal::Null => "nothing".to_owned(),
        Literal::Text(text) => constant(text),
        Literal::Integer(number) => number.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Timestamp(instant) => instant.format("%Y-%m-%d %H:%M:%S%.f UTC").to_string(),
        Literal::Interval(interval) => interval.to_string(),
    }
}

fn arithmetic_phrase(left: &Term, operator: Arithmetic, right: &Term, inside: bool) -> String {
    let side = |term: &Term| match term {
        Term::Arithmetic { .. } => format!("({})", term.said(inside)),
        other => other.said(inside),
    };
    if let (Term::Aggregate(part), Arithmetic::Divide, Term::Aggregate(whole)) = (left, operator, right)
        && let (Some(filter), None) = (&part.filter, &whole.filter)
        && (Aggregate { filter: None, ..(**part).clone() }) == **whole
    {
        return format!("share{} in {}", filter_phrase(filter), right.said(inside));
    }
    let (left, right) = (side(left), side(right));
    match operator {
        Arithmetic::Add => format!("{left} plus {right}"),
        Arithmetic::Subtract => format!("{left} minus {right}"),
        Arithmetic::Multiply => format!("{left} times {right}"),
        Arithmetic::Divide => format!("{left} divided by {right}"),
        Arithmetic::Modulo => format!("the remainder of {left} divided by {right}"),
    }
}

/// Whether a term is the time of the aggregate's own table.
pub(super) fn is_row_time(table: Table, term: &Term) -> bool {
    matches!(term, Term::Column(Column { scope: Scope::Row, name, .. }) if name == table.time_column())
}

fn aggregate_phrase(aggregate: &Aggregate) -> String {
    use AggregateFunction as Figure;
    let (one, rows) = table_words(aggregate.table);
    let say = |term: &Term| match term {
        Term::Arithmetic { .. } => format!("({})", term.said(true)),
        other => other.said(true),
    };
    let value = aggregate.arguments.first().map(say).unwrap_or_default();
    let second = aggregate.arguments.get(1).map(say).unwrap_or_default();
    let own_time = aggregate.arguments.iter().all(|each| is_row_time(aggregate.table, each));
    let figure = match aggregate.function {
        Figure::Count if aggregate.arguments.is_empty() => format!("number of {rows}"),
        Figure::Count if aggregate.distinct => format!("number of different values of {value} among {rows}"),
        Figure::Count => format!("number of {rows} with known {value}"),
        Figure::Sum => format!("total {value} of {rows}"),
        Figure::Avg => format!("average {value} of {rows}"),
        // The table's own time says no more than the row itself.
        Figure::Min if own_time => format!("time of the first {one}"),
        Figure::Max if own_time => format!("time of the last {one}"),
        Figure::Min => format!("least {value} of {rows}"),
        Figure::Max => format!("greatest {value} of {rows}"),
        Figure::Median => format!("median {value} of {rows}"),
        Figure::StdDev => format!("standard deviation of {value} of {rows}"),
        Figure::Percentile => format!("{value} below which a share of {second} of {rows} lies"),
        Figure::Mode => format!("most frequent {value} of {rows}"),
        Figure::ModeShare => format!("share of {rows} that have the most frequent {value}"),
        Figure::FirstValue => format!("{value} of the first {one}"),
        Figure::LastValue => format!("{value} of the last {one}"),
        Figure::Every => format!("whether of every {one} {value}").replacen(" whether ", " ", 1),
        Figure::ActivePeriods => {
            let least = aggregate
                .arguments
                .get(2)
                .map_or(String::new(), |least| format!("at least {} ", least.said(true)));
            match aggregate.arguments.first() {
                Some(time) if is_row_time(aggregate.table, time) => {
                    format!("number of {second}s with {least}{rows}")
                }
                _ => format!("number of {second}s of {value} with {least}{rows}"),
            }
        }
        Figure::ActiveDays if own_time => format!("number of days with {rows}"),
        Figure::ActiveDays => format!("number of different days of {value} of {rows}"),
        Figure::MedianGapDays if own_time => format!("median number of days between days with {rows}"),
        Figure::MedianGapDays => format!("median number of days between days of {value} of {rows}"),
        Figure::GapVariation if own_time => format!("variation of the gaps between days with {rows}"),
        Figure::GapVariation => format!("variation of the gaps between days of {value} of {rows}"),
        Figure::FirstDaySum => format!("total {second} of {rows} on the first day of {value}"),
        Figure::LatestMean => {
            let least = aggregate.arguments.get(2).map_or(String::new(), |least| least.said(true));
            format!("mean of the latest {value} of each {second} of {rows}, of {least} at least")
        }
    };
    match &aggregate.filter {
        None => figure,
        Some(filter) => format!("{figure}{}", filter_phrase(filter)),
    }
}

/// A row of a table, and its rows.
pub(super) fn table_words(table: Table) -> (&'static str, &'static str) {
    match table {
        Table::Customers => ("customer", "customers"),
        Table::Companies => ("company", "companies"),
        Table::Orders => ("order", "orders"),
        Table::OrderLines => ("order line", "order lines"),
        Table::Events => ("event", "events"),
        Table::Responses => ("response", "responses"),
        Table::Feedback => ("feedback text", "feedback texts"),
    }
}

/// ` in the last 30 days where name is Email Opened`: the windows first.
pub(super) fn filter_phrase(filter: &Condition) -> String {
    let parts = match filter {
        Condition::All(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let (mut when, mut rest) = (String::new(), Vec::new());
    for part in parts {
        match part {
            Condition::InWindow { time: None, window } => {
                when.push_str(&format!(" {}", window_phrase(*window)))
            }
            other => rest.push(other.clone()),
        }
    }
    if rest.is_empty() {
        return when;
    }
    format!("{when} where ({})", Condition::all(rest).said(true))
}

fn call_phrase(function: Function, arguments: &[Term], inside: bool) -> String {
    let first = arguments.first().map(|each| each.said(inside)).unwrap_or_default();
    let second = arguments.get(1).map(|each| each.said(inside)).unwrap_or_default();
    let zone = if arguments.len() > 1 { format!(" in the time zone {second}") } else { String::new() };
    let third = arguments.get(2).map(|each| each.said(inside)).unwrap_or_default();
    let fourth = arguments.get(3).map(|each| each.said(inside)).unwrap_or_default();
    match function {
        Function::Coalesce => format!("the first known of {}", joined(arguments, "and", inside)),
        Function::NullIf => format!("{first} (missing where it is {second})"),
        Function::Lower => format!("{first} in lower case"),
        Function::Upper => format!("{first} in upper case"),
        Function::Trim => format!("{first} without spaces around it"),
        Function::Length => format!("length of {first}"),
        Function::Concat => format!("{} joined together", joined(arguments, "and", inside)),
        Function::Abs => format!("size of {first} regardless of sign"),
        Function::Round if arguments.len() > 1 => format!("{first} rounded to {second} decimals"),
        Function::Round => format!("{first} rounded"),
        Function::Floor => format!("{first} rounded down"),
        Function::Ceil => format!("{first} rounded up"),
        Function::Ln => format!("natural logarithm of {first}"),
        Function::Sqrt => format!("square root of {first}"),
        Function::Power => format!("{first} to the power of {second}"),
        Function::Least => format!("the least of {}", joined(arguments, "and", inside)),
        Function::Greatest => format!("the greatest of {}", joined(arguments, "and", inside)),
        Function::DaysBetween => format!("days from {first} to {second}"),
        Function::DaysSince => {
            format!("days since {}", arguments.first().and_then(the_row).unwrap_or(first))
        }
        Function::YearsSince => format!("years since {first}"),
        Function::DaysToAnniversary => format!("days to the next anniversary of {first}"),
        Function::HourOf => format!("hour of {first}{zone}"),
        Function::DayOf => format!("day of {first}{zone}"),
        Function::MonthDayOf => format!("day of the month of {first}{zone}"),
        Function::QuarterOf => format!("quarter of {first}{zone}"),
        Function::WeekdayOf => format!("weekday of {first} (1 is Monday){zone}"),
        Function::MonthOf => format!("month of {first}{zone}"),
        Function::YearOf => format!("year of {first}{zone}"),
        Function::DistanceKm => format!("kilometres from ({first}, {second}) to ({third}, {fourth})"),
        Function::Bucket => format!("place from 0 to 1 in the sample {first}"),
        Function::ArrayLength => format!("number of elements of {first}"),
        Function::Consent => format!("consent to {first}"),
        Function::WithinPolygon
        | Function::ArrayHas
        | Function::ArrayHasAny
        | Function::ArrayHasAll
        | Function::Reachable => {
            format!("whether {}", held(function, arguments, true, inside))
        }
    }
}
