//! Any condition in its normal form, with names and constants chosen to be awkward.

use chrono::{DateTime, NaiveDate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sqlparser::keywords::ALL_KEYWORDS;
use strata_spec::condition::{
    Aggregate, AggregateFunction, Arithmetic, At, CalendarUnit, Channel, Column, Comparison, Condition,
    Function, Interval, Literal, Pattern, PatternKind, Scope, Term, Window,
};
use strata_spec::name::{SegmentName, SegmentationName};
use strata_spec::table::{Subject, Table};

use crate::arbitrary_state::{beyond_rows, places};

/// Where a part stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) subject: Subject,
    pub(crate) rows: Option<Table>,
}

pub(crate) fn condition(place: Place, depth: u32) -> BoxedStrategy<Condition> {
    if depth == 0 {
        return leaf(place, 0);
    }
    // One kind is chosen before its parts are built: all kinds of all parts would be very many.
    let inner = move || condition(place, depth - 1);
    let term = move || term(place, depth - 1);
    let strategy = move |kind| match kind {
        0..4 => leaf(place, depth),
        4..6 => vec(inner(), 0..4).prop_map(Condition::all).boxed(),
        6..8 => vec(inner(), 0..4).prop_map(Condition::any).boxed(),
        8..10 => inner().prop_map(Condition::not).boxed(),
        10 => (vec(inner(), 1..4), any::<prop::sample::Index>())
            .prop_map(|(of, index)| Condition::at_least(index.index(of.len()) as u32 + 1, of).unwrap())
            .boxed(),
        11..13 => (known(term()), comparison(), known(term()))
            .prop_map(|(left, operator, right)| Condition::Compare { left, operator, right })
            .boxed(),
        13 => (term(), select(&[Comparison::DistinctFrom, Comparison::NotDistinctFrom][..]), term())
            .prop_map(|(left, operator, right)| Condition::Compare { left, operator, right })
            .boxed(),
        14 => (term(), known(term()), known(term()), any::<bool>())
            .prop_map(|(term, low, high, negated)| Condition::Between { term, low, high, negated })
            .boxed(),
        _ => (term(), vec(known(term()), 1..4), any::<bool>())
            .prop_map(|(term, values, negated)| Condition::In { term, values, negated })
            .boxed(),
    };
    (0..16).prop_flat_map(strategy).boxed()
}

fn leaf(place: Place, depth: u32) -> BoxedStrategy<Condition> {
    let term = move || term(place, depth.saturating_sub(1));
    let kinds = [
        PatternKind::Like,
        PatternKind::Regex,
        PatternKind::StartsWith,
        PatternKind::EndsWith,
        PatternKind::Contains,
    ];
    let expressions = vec!["", "^[a-z]+@", "a|b", "\\d{2,3}", "('|\")", "[^äß]*$", "(?i)x", "\\p{L}"];
    let pattern = (select(kinds.to_vec()), any::<String>(), select(expressions), any::<bool>()).prop_map(
        |(kind, text, expression, ignore_case)| {
            let text = if kind == PatternKind::Regex { expression.to_owned() } else { text };
            Pattern { kind, text, ignore_case }
        },
    );
    let strategy = move |kind| match kind {
        0 => (term(), pattern.clone(), any::<bool>())
            .prop_map(|(term, pattern, negated)| Condition::Like { term, pattern, negated })
            .boxed(),
        1 => (term(), any::<bool>()).prop_map(|(term, negated)| Condition::IsNull { term, negated }).boxed(),
        2 => {
            let time = if place.rows.is_some() {
                prop::option::of(term()).boxed()
            } else {
                term().prop_map(Some).boxed()
            };
            (time, window()).prop_map(|(time, window)| Condition::InWindow { time, window }).boxed()
        }
        3 => column(place).prop_map(|column| Condition::is(Term::Column(column)).unwrap()).boxed(),
        4 => vec(term(), 1..3)
            .prop_map(|arguments| {
                Condition::is(Term::Call { function: Function::Coalesce, arguments, at: At::default() })
                    .unwrap()
            })
            .boxed(),
        5 => case(place, depth).prop_map(|case| Condition::is(case).unwrap()).boxed(),
        6 => beyond_rows(place, depth),
        7 => "[a-z][a-z0-9_]{0,9}"
            .prop_map(|name| Condition::InSegment(SegmentName::new(name).unwrap(), At::default()))
            .boxed(),
        _ => ("[a-z][a-z0-9_]{0,9}", any::<String>())
            .prop_map(|(segmentation, class)| Condition::InClass {
                segmentation: SegmentationName::new(segmentation).unwrap(),
                class,
                at: At::default(),
            })
            .boxed(),
    };
    // Memberships are of subjects, not of rows.
    let kinds = if place.rows.is_some() { 6 } else { 9 };
    (0..kinds).prop_flat_map(strategy).boxed()
}

pub(crate) fn term(place: Place, depth: u32) -> BoxedStrategy<Term> {
    let small = prop_oneof![
        4 => column(place).prop_map(Term::Column),
        4 => literal().prop_map(Term::Literal),
        1 => Just(Term::AsOf),
    ];
    if depth == 0 {
        return small.boxed();
    }
    let inner = move || term(place, depth - 1);
    let strategy = move |kind| match kind {
        0..4 => column(place).prop_map(Term::Column).boxed(),
        4..7 => literal().prop_map(Term::Literal).boxed(),
        7..9 => arithmetic(inner(), inner()),
        9..11 => {
            select(Function::ALL.to_vec()).prop_flat_map(move |function| call(function, place, depth)).boxed()
        }
        11 => case(place, depth),
        12 => condition(place, depth - 1).prop_map(Term::truth).boxed(),
        13 => places(place, depth),
        _ => aggregate(place.subject, depth),
    };
    // Aggregates do not nest.
    let kinds = if place.rows.is_some() { 13 } else { 18 };
    (0..kinds).prop_flat_map(strategy).boxed()
}

fn call(function: Function, place: Place, depth: u32) -> BoxedStrategy<Term> {
    let (least, most) = function.arguments().into_inner();
    let text = |text: String| Term::Literal(Literal::Text(text));
    let of_customers = match place.rows {
        None => place.subject == Subject::Customers,
        Some(table) => table == Table::Customers,
    };
    let arguments = match function {
        Function::Bucket => any::<String>().prop_map(move |salt| vec![text(salt)]).boxed(),
        Function::Consent | Function::Reachable if !of_customers => {
            return column(place).prop_map(Term::Column).boxed();
        }
        Function::Consent | Function::Reachable => select(Channel::ALL.to_vec())
            .prop_map(move |channel| vec![text(channel.as_str().to_owned())])
            .boxed(),
        Function::WithinPolygon => vec(term(place, depth - 1), 2)
            .prop_map(move |mut point| {
                point.push(text("POLYGON ((0 0, 10 0, 10 10.5, 0 0))".to_owned()));
                point
            })
            .boxed(),
        zoned if zoned.takes_timezone() => {
            let zone = prop_oneof![any::<String>().prop_map(text), column(place).prop_map(Term::Column)];
            (term(place, depth - 1), vec(zone, 0..=1))
                .prop_map(|(time, zone)| [time].into_iter().chain(zone).collect())
                .boxed()
        }
        _ => vec(term(place, depth - 1), least..=most.min(least + 2)).boxed(),
    };
    arguments.prop_map(move |arguments| Term::Call { function, arguments, at: At::default() }).boxed()
}

/// The tables with many rows of a subject.
pub(crate) fn row_tables(subject: Subject) -> Vec<Table> {
    let has_rows = |table: &Table| match table {
        Table::Companies => false,
        Table::Customers => subject == Subject::Companies,
        _ => true,
    };
    Table::ALL.into_iter().filter(has_rows).collect()
}

fn aggregate(subject: Subject, depth: u32) -> BoxedStrategy<Term> {
    (select(AggregateFunction::ALL.to_vec()), select(row_tables(subject)), any::<bool>())
        .prop_flat_map(move |(function, table, distinct)| {
            let inside = Place { subject, rows: Some(table) };
            let own =
                name().prop_map(|name| Term::Column(Column { scope: Scope::Row, name, at: At::default() }));
            let sum = arithmetic(own.clone().boxed(), term(inside, depth - 1));
            let argument = prop_oneof![3 => own, 1 => sum];
            let arguments = match function {
                AggregateFunction::Count => vec(argument, 0..=1).boxed(),
                AggregateFunction::Percentile => (argument, 0.0..=1.0)
                    .prop_map(|(argument, share)| vec![argument, Term::Literal(Literal::Number(share))])
                    .boxed(),
                AggregateFunction::ActivePeriods => {
                    let least =
                        vec((1..9_i64).prop_map(|least| Term::Literal(Literal::Integer(least))), 0..=1);
                    (argument, select(CalendarUnit::ALL.to_vec()), least)
                        .prop_map(|(argument, unit, least)| {
                            let unit = Term::Literal(Literal::Text(unit.as_str().to_owned()));
                            [argument, unit].into_iter().chain(least).collect()
                        })
                        .boxed()
                }
                AggregateFunction::Every => (name(), known(literal().prop_map(Term::Literal).boxed()))
                    .prop_map(|(name, right)| {
                        let left = Term::Column(Column { scope: Scope::Row, name, at: At::default() });
                        let operator = Comparison::Equal;
                        vec![Term::truth(Condition::Compare { left, operator, right })]
                    })
                    .boxed(),
                _ => vec(argument, *function.arguments().start()).boxed(),
            };
            let filter = prop::option::of(condition(inside, depth - 1));
            (arguments, filter).prop_map(move |(arguments, filter)| {
                let distinct = distinct && function == AggregateFunction::Count && !arguments.is_empty();
                let at = At::default();
                Term::Aggregate(Box::new(Aggregate { function, distinct, table, arguments, filter, at }))
            })
        })
        .boxed()
}

fn arithmetic(left: BoxedStrategy<Term>, right: BoxedStrategy<Term>) -> BoxedStrategy<Term> {
    use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
    (left, select(vec![Add, Subtract, Multiply, Divide, Modulo]), right)
        .prop_map(|(left, operator, right)| Term::Arithmetic {
            left: Box::new(left),
            operator,
            right: Box::new(right),
        })
        .boxed()
}

fn case(place: Place, depth: u32) -> BoxedStrategy<Term> {
    if depth == 0 {
        return column(place).prop_map(Term::Column).boxed();
    }
    let branch = (condition(place, depth - 1), term(place, depth - 1));
    (vec(branch, 1..3), prop::option::of(term(place, depth - 1)))
        .prop_map(|(branches, otherwise)| Term::Case { branches, otherwise: otherwise.map(Box::new) })
        .boxed()
}

fn column(place: Place) -> BoxedStrategy<Column> {
    let mut scopes = vec![Scope::Subject];
    if place.subject == Subject::Customers {
        scopes.push(Scope::Company);
    }
    if place.rows.is_some() {
        scopes.extend([Scope::Row, Scope::Row]);
    }
    (select(scopes), name()).prop_map(|(scope, name)| Column { scope, name, at: At::default() }).boxed()
}

pub(crate) fn name() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-z_][a-z0-9_]{0,8}",
        2 => select(ALL_KEYWORDS.to_vec()).prop_map(str::to_lowercase),
        1 => select(ALL_KEYWORDS.to_vec()).prop_map(str::to_owned),
        1 => select(Table::ALL.map(Table::as_str).to_vec()).prop_map(str::to_owned),
        1 => select(vec!["as_of", "customer", "company", "subject", "at_least", "in_last", "count"])
            .prop_map(str::to_owned),
        1 => any::<String>().prop_filter("a name is not empty", |name| !name.is_empty()),
    ]
    .boxed()
}

pub(crate) fn literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        1 => Just(Literal::Null),
        2 => any::<String>().prop_map(Literal::Text),
        2 => any::<i64>().prop_map(Literal::Integer),
        1 => select(vec![0, 1, -1, i64::MIN, i64::MAX]).prop_map(Literal::Integer),
        2 => any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Literal::Number),
        1 => select(vec![f64::MAX, f64::MIN, f64::MIN_POSITIVE, 1e16, 0.1, 1.0, 5e-324]).prop_map(Literal::Number),
        1 => any::<bool>().prop_map(Literal::Boolean),
        1 => (1..=3_652_059).prop_map(|day| {
            Literal::Date(NaiveDate::from_num_days_from_ce_opt(day).unwrap())
        }),
        1 => (-62_135_596_800_i64..253_402_300_800, 0..1_000_000_000_u32).prop_map(|(seconds, nanoseconds)| {
            Literal::Timestamp(DateTime::from_timestamp(seconds, nanoseconds).unwrap())
        }),
        1 => (any::<i32>(), any::<i32>(), any::<i64>())
            .prop_map(|(months, days, seconds)| Literal::Interval(Interval { months, days, seconds })),
    ]
    .boxed()
}

/// A length of time that a window can have.
pub(crate) fn length() -> BoxedStrategy<Interval> {
    (0..=3_000, 0..=90_000, 0..=9_000_000_000_i64)
        .prop_map(|(months, days, seconds)| Interval { months, days, seconds })
        .prop_filter("holds time", |length| length.is_positive())
        .boxed()
}

pub(crate) fn window() -> BoxedStrategy<Window> {
    let unit = || select(CalendarUnit::ALL.to_vec());
    prop_oneof![
        length().prop_map(Window::Last),
        length().prop_map(Window::Next),
        (0..1_000, 1..1_000).prop_map(|(to, more)| Window::Ago {
            from: Interval { days: to + more, ..Interval::default() },
            to: Interval { days: to, ..Interval::default() },
        }),
        (unit(), -999..999).prop_map(|(unit, offset)| Window::Period { unit, offset }),
        (unit(), 2..999, any::<bool>()).prop_map(|(unit, count, ahead)| Window::Periods {
            unit,
            count: if ahead { count } else { -count },
        }),
        (unit(), -999..999).prop_map(|(unit, offset)| Window::ToDate { unit, offset }),
    ]
    .boxed()
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

/// Comparisons with a null constant are refused.
fn known(term: BoxedStrategy<Term>) -> BoxedStrategy<Term> {
    term.prop_filter("not null", |term| *term != Term::Literal(Literal::Null)).boxed()
}
