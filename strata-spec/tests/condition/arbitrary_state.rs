//! Any sequence, and anything about other times and other subjects, in its normal form.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use strata_spec::condition::{
    Arithmetic, At, Change, Column, Comparison, Condition, Group, Interval, Key, Literal, Ranking, Scope,
    Sequence, State, Step, Term, When, Window,
};
use strata_spec::name::{SegmentName, SegmentationName};
use strata_spec::table::Table;

use crate::arbitrary::{Place, condition, length, literal, name, row_tables, term, window};

/// Conditions that stand outside of aggregates only.
pub(crate) fn beyond_rows(place: Place, depth: u32) -> BoxedStrategy<Condition> {
    let at = At::default();
    prop_oneof![
        2 => sequence(place, depth).prop_map(|sequence| Condition::Sequence(Box::new(sequence))),
        1 => (change(), prop::option::of(past())).prop_map(move |(change, window)| Condition::Changed { change, window, at }),
        1 => (state(), when()).prop_map(move |(state, when)| Condition::Was { state, when, at }),
        1 => (state(), duration(), length()).prop_map(move |(state, operator, length)| Condition::Compare {
            left: Term::Since { state, at },
            operator,
            right: before(length),
        }),
    ]
    .boxed()
}

/// Terms that stand outside of aggregates only, and not in rankings.
pub(crate) fn places(place: Place, depth: u32) -> BoxedStrategy<Term> {
    let at = At::default();
    let ranked = (select(Ranking::ALL.to_vec()), plain(term(place, depth.saturating_sub(2)))).prop_flat_map(
        move |(ranking, by)| {
            let among =
                condition(place, depth.saturating_sub(2)).prop_filter("no rank among ranks", |among| {
                    let mut plain = true;
                    among.walk(&mut |node| {
                        plain &= !matches!(node, strata_spec::condition::Node::Term(Term::Rank { .. }));
                        true
                    });
                    plain
                });
            prop::option::of(among).prop_map(move |among| Term::Rank {
                ranking,
                by: Box::new(by.clone()),
                among: among.map(Box::new),
                at,
            })
        },
    );
    prop_oneof![state().prop_map(move |state| Term::Since { state, at }), ranked].boxed()
}

fn plain(term: BoxedStrategy<Term>) -> BoxedStrategy<Term> {
    term.prop_filter("no rank of ranks", |term| {
        let mut plain = true;
        term.walk(&mut |node| {
            plain &= !matches!(node, strata_spec::condition::Node::Term(Term::Rank { .. }));
            true
        });
        plain
    })
    .boxed()
}

fn sequence(place: Place, depth: u32) -> BoxedStrategy<Sequence> {
    let tables = vec(select(row_tables(place.subject)), 1..=2);
    (tables, 2..5_usize)
        .prop_flat_map(move |(tables, length)| {
            let steps =
                (0..length).map(|index| step(place, tables.clone(), index, depth)).collect::<Vec<_>>();
            (steps, prop::option::of(self::length()), any::<prop::sample::Index>())
        })
        .prop_flat_map(move |(steps, within, kept)| {
            let within = within.filter(|_| steps.iter().filter(|step| !step.absent).count() > 1);
            let sequence = Sequence { steps, same: Vec::new(), within, filter: None, at: At::default() };
            let tables = sequence.tables();
            let keys = vec(key(tables.clone()), kept.index(3));
            (Just(sequence), keys, prop::option::of(filter(place, tables, depth)))
        })
        .prop_map(|(sequence, same, filter)| Sequence { same, filter, ..sequence })
        .boxed()
}

fn step(place: Place, tables: Vec<Table>, index: usize, depth: u32) -> BoxedStrategy<Step> {
    (select(tables), any::<bool>(), prop::option::of(length()))
        .prop_flat_map(move |(table, absent, within)| {
            let inside = Place { rows: Some(table), ..place };
            let any_row = |condition: &Condition| *condition != Condition::All(Vec::new());
            let rows = condition(inside, depth.saturating_sub(1)).prop_filter("says something", any_row);
            prop::option::of(rows).prop_map(move |condition| Step {
                absent: absent && index > 0,
                table,
                condition,
                within: within.filter(|_| index > 0),
                at: At::default(),
            })
        })
        .boxed()
}

fn key(tables: Vec<Table>) -> BoxedStrategy<Key> {
    let column =
        || name().prop_map(|name| Term::Column(Column { scope: Scope::Row, name, at: At::default() }));
    let shared = {
        let tables = tables.clone();
        column()
            .prop_map(move |term| Key { terms: tables.iter().map(|table| (*table, term.clone())).collect() })
    };
    let sum = (column(), literal()).prop_map(|(left, right)| Term::Arithmetic {
        left: Box::new(left),
        operator: Arithmetic::Add,
        right: Box::new(Term::Literal(right)),
    });
    let each = vec(prop_oneof![column(), sum], tables.len())
        .prop_map(move |terms| Key { terms: tables.iter().copied().zip(terms).collect() });
    prop_oneof![shared, each].boxed()
}

fn filter(place: Place, tables: Vec<Table>, depth: u32) -> BoxedStrategy<Condition> {
    match tables.as_slice() {
        [only] => condition(Place { rows: Some(*only), ..place }, depth.saturating_sub(1)),
        _ => window().prop_map(|window| Condition::InWindow { time: None, window }).boxed(),
    }
}

fn change() -> BoxedStrategy<Change> {
    let values = (property(), prop::option::of(value()), prop::option::of(value()));
    prop_oneof![
        values.prop_map(|(column, from, to)| Change::Value { column, from, to }),
        group().prop_map(Change::Entered),
        group().prop_map(Change::Left),
    ]
    .boxed()
}

fn state() -> BoxedStrategy<State> {
    prop_oneof![
        (property(), value()).prop_map(|(column, value)| State::Value { column, value }),
        group().prop_map(State::Member),
    ]
    .boxed()
}

fn group() -> BoxedStrategy<Group> {
    let word = "[a-z][a-z0-9_]{0,9}";
    // A class called like a day would be taken for one.
    let class = any::<String>()
        .prop_filter("no day", |class| !class.starts_with(|first: char| first.is_ascii_digit()));
    prop_oneof![
        word.prop_map(|name| Group::Segment(SegmentName::new(name).unwrap())),
        (word, class).prop_map(|(name, class)| Group::Class {
            segmentation: SegmentationName::new(name).unwrap(),
            class,
        }),
    ]
    .boxed()
}

fn when() -> BoxedStrategy<When> {
    let instant = literal()
        .prop_filter("an instant", |literal| matches!(literal, Literal::Date(_) | Literal::Timestamp(_)));
    prop_oneof![
        Just(When::Ever),
        instant.prop_map(|literal| When::At(Term::Literal(literal))),
        length().prop_map(|length| When::At(before(length))),
        past().prop_map(When::In),
    ]
    .boxed()
}

/// A window in which something can have happened.
fn past() -> BoxedStrategy<Window> {
    let ahead = |window: &Window| match window {
        Window::Next(_) => true,
        Window::Period { offset, .. } | Window::ToDate { offset, .. } => *offset > 0,
        Window::Periods { count, .. } => *count > 0,
        Window::Last(_) | Window::Ago { .. } => false,
    };
    window().prop_filter("lies in the past", move |window| !ahead(window)).boxed()
}

fn property() -> BoxedStrategy<Column> {
    name().prop_map(|name| Column { scope: Scope::Subject, name, at: At::default() }).boxed()
}

fn value() -> BoxedStrategy<Literal> {
    literal()
        .prop_filter("a value of a property", |literal| {
            !matches!(literal, Literal::Null | Literal::Interval(_))
        })
        .boxed()
}

fn duration() -> BoxedStrategy<Comparison> {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    select(vec![Less, LessOrEqual, Greater, GreaterOrEqual]).boxed()
}

fn before(length: Interval) -> Term {
    Term::Arithmetic {
        left: Box::new(Term::AsOf),
        operator: Arithmetic::Subtract,
        right: Box::new(Term::Literal(Literal::Interval(length))),
    }
}
