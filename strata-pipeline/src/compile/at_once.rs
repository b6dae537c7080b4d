//! Figures of one table that are taken at once, by the function `tallies`: counts, sums, least and greatest values whose filters
//! say no more than which text a column has and in which stretch of time a row lies. The engine would look at every row
//! once for each of them.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::{Result, ScalarValue};
use strata_lake::datafusion::functions::core::expr_fn::get_field;
use strata_lake::datafusion::logical_expr::expr::{AggregateFunction, BinaryExpr, InList};
use strata_lake::datafusion::logical_expr::utils::split_conjunction;
use strata_lake::datafusion::logical_expr::{Expr, Operator, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::{Kind, Table};

use super::kind::{data_type, timestamp_type};
use super::plan::Figures;
use crate::function as own;
use crate::function::{Rows, Take, Tally, tally_constants, tally_name};

/// How many filters are worth more than what the engine does for each.
const WORTH_IT: usize = 3;

/// The figures of one scan, as they are planned.
pub(super) struct Planned {
    /// What is aggregated.
    pub(super) aggregates: Vec<Expr>,
    /// Each figure, of what was aggregated.
    pub(super) figures: Vec<Expr>,
}

/// Figures that are taken at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AtOnce {
    /// The text that their filters speak of, if they do.
    pub(crate) key: Option<Expr>,
    /// Their names.
    pub(crate) names: Vec<String>,
    tallies: Vec<Tally>,
    types: Vec<DataType>,
    values: Vec<Expr>,
}

/// Plans the figures of a table.
pub(super) fn planned(table: Table, figures: &Figures) -> Result<Planned> {
    let groups = at_once(table, figures);
    let is_alone = |name: &String| !groups.iter().any(|group| group.names.contains(name));
    let alone = figures.aggregates.iter().filter(|(name, _)| is_alone(name));
    let (mut aggregates, mut columns): (Vec<Expr>, Vec<Expr>) =
        alone.map(|(name, figure)| (figure.clone().alias(name), ident(name))).unzip();
    for (at, group) in groups.iter().enumerate() {
        let name = format!("_at_once_{at}");
        aggregates.push(group.aggregate(table)?.alias(&name));
        let figures = group.names.iter().enumerate();
        columns.extend(figures.map(|(at, figure)| get_field(ident(&name), tally_name(at)).alias(figure)));
    }
    Ok(Planned { aggregates, figures: columns })
}

/// Which figures of a table are taken at once: those whose filters speak of the same text, and with the first of these those
/// that speak of none.
pub(crate) fn at_once(table: Table, figures: &Figures) -> Vec<AtOnce> {
    let taken = figures.aggregates.iter().filter_map(|(name, figure)| {
        let kind = *figures.kinds.get(name)?;
        Some((name, taken(table, figure, kind)?, data_type(kind)))
    });
    let mut taken: Vec<_> = taken.collect();
    taken.sort_by_key(|(_, taken, _)| taken.key.is_none());
    let mut groups: Vec<AtOnce> = Vec::new();
    for (name, Taken { take, of, key, rows }, kind) in taken {
        let place = groups.iter().position(|group| key.is_none() || group.key == key);
        let place = place.unwrap_or_else(|| {
            let (names, tallies, types, values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            groups.push(AtOnce { key, names, tallies, types, values });
            groups.len() - 1
        });
        groups[place].add(name, Tally { take, of: None, rows }, of, kind);
    }
    groups.retain(AtOnce::is_worth_it);
    groups
}

impl AtOnce {
    fn add(&mut self, name: &str, tally: Tally, of: Option<Expr>, kind: DataType) {
        let of = of.map(|of| {
            self.values.iter().position(|value| *value == of).unwrap_or_else(|| {
                self.values.push(of);
                self.values.len() - 1
            })
        });
        self.names.push(name.to_owned());
        self.tallies.push(Tally { of, ..tally });
        self.types.push(kind);
    }

    fn is_worth_it(&self) -> bool {
        self.tallies.iter().filter(|tally| tally.rows != Rows::default()).count() >= WORTH_IT
    }

    fn aggregate(&self, table: Table) -> Result<Expr> {
        let key = self.key.clone().unwrap_or_else(|| lit(ScalarValue::Null));
        let time = cast(ident(table.time_column()), timestamp_type());
        let arguments = tally_constants(&self.tallies, &self.types)?.into_iter().chain([key, time]);
        Ok(own::tallies().call(arguments.chain(self.values.iter().cloned()).collect()))
    }
}

/// What a figure takes.
struct Taken {
    take: Take,
    of: Option<Expr>,
    key: Option<Expr>,
    rows: Rows,
}

/// What a figure takes, if it can be said so.
fn taken(table: Table, figure: &Expr, kind: Kind) -> Option<Taken> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = figure else { return None };
    let (false, [], [value]) = (params.distinct, &params.order_by[..], &params.args[..]) else { return None };
    let is_number = matches!(kind, Kind::Integer | Kind::Number);
    let take = match func.name() {
        "count" => Take::Count,
        "sum" if kind == Kind::Integer => Take::Sum,
        "number_sum" if kind == Kind::Number => Take::Sum,
        "min" if is_number || kind == Kind::Timestamp => Take::Least,
        "max" if is_number || kind == Kind::Timestamp => Take::Greatest,
        _ => return None,
    };
    let of = match (take, value) {
        (Take::Count, Expr::Literal(value, _)) if !value.is_null() => None,
        (Take::Count, value) => Some(value.clone()),
        (_, value) => Some(cast(value.clone(), data_type(kind))),
    };
    let mut taken = Taken { take, of, key: None, rows: Rows::default() };
    for condition in params.filter.iter().flat_map(|filter| split_conjunction(filter)) {
        if !taken.rows.narrow(table, condition) {
            let (key, texts) = texts(condition)?;
            if taken.key.is_some() {
                return None;
            }
            (taken.key, taken.rows.texts) = (Some(key), Some(texts));
        }
    }
    Some(taken)
}

impl Rows {
    /// Narrows the stretch of time, if that is what a condition does.
    fn narrow(&mut self, table: Table, condition: &Expr) -> bool {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = condition else { return false };
        let Expr::Literal(ScalarValue::TimestampMicrosecond(Some(at), _), _) = right.as_ref() else {
            return false;
        };
        if **left != ident(table.time_column()) {
            return false;
        }
        let later = |from: Option<i64>, at: i64| Some(from.map_or(at, |from| from.max(at)));
        let earlier = |until: Option<i64>, at: i64| Some(until.map_or(at, |until| until.min(at)));
        match op {
            Operator::Gt => self.from = later(self.from, at.saturating_add(1)),
            Operator::GtEq => self.from = later(self.from, *at),
            Operator::Lt => self.until = earlier(self.until, at.saturating_sub(1)),
            Operator::LtEq => self.until = earlier(self.until, *at),
            _ => return false,
        }
        true
    }
}

/// The column and the texts that it may have, where that is what a condition says.
fn texts(condition: &Expr) -> Option<(Expr, Vec<String>)> {
    let text = |value: &Expr| match value {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text.clone()),
        _ => None,
    };
    let (key, texts) = match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => (left, vec![text(right)?]),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let ((key, left), (other, right)) = (texts(left)?, texts(right)?);
            return (key == other).then(|| (key, [left, right].concat()));
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            (expr, list.iter().map(text).collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    };
    Some((key.as_ref().clone(), texts))
}
