//! Aggregate functions over one subject's rows: distinct days and the gaps between them, modes, distinct texts, the first
//! day's sum, the latest known value, and what is asked of all rows together.
//!
//! Each keeps the rows of all groups together, so that a row costs a push and not an accumulator of its own.

mod bag;
mod first_day;
mod gather;
mod latest;
mod latest_mean;
mod sum;
mod tallies;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use strata_lake::arrow::compute::take;
use strata_lake::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_err};
use strata_lake::datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use strata_lake::datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use strata_lake::datafusion::physical_expr::expressions::Literal;

use super::sequence::Moment;
use super::stretch::Stretch;
use super::tally;
use bag::{Bags, Figure};
use first_day::FirstDaySums;
use gather::Gathered;
use latest::LatestKnown;
use latest_mean::LatestMeans;
use sum::NumberSums;
use tallies::Tallies;

pub(super) use gather::{Piece, decoded};

/// `active_days(day)`: the number of distinct days.
pub(crate) fn active_days() -> AggregateUDF {
    over_bags("active_days", DataType::Date32, Figure::DistinctCount)
}

/// `frequent_days(day, n)`: the number of days that occur at least a constant number of times.
pub(crate) fn frequent_days() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "frequent_days",
        signature: Signature::exact(vec![DataType::Date32, DataType::Int64], Volatility::Immutable),
        figure: Kind::FrequentDays,
    })
}

/// `median_gap_days(day)`: the median gap between consecutive distinct days; null with fewer than two.
pub(crate) fn median_gap_days() -> AggregateUDF {
    over_bags("median_gap_days", DataType::Date32, Figure::MedianGap)
}

/// `gap_variation(day)`: sample standard deviation ÷ mean of those gaps; null with fewer than two gaps.
pub(crate) fn gap_variation() -> AggregateUDF {
    over_bags("gap_variation", DataType::Date32, Figure::GapVariation)
}

/// `distinct_texts(value)`: the number of different texts.
pub(crate) fn distinct_texts() -> AggregateUDF {
    over_bags("distinct_texts", DataType::Utf8, Figure::DistinctCount)
}

/// `mode_text(value)`: the most frequent text; of several, the least.
pub(crate) fn mode_text() -> AggregateUDF {
    over_bags("mode_text", DataType::Utf8, Figure::Mode)
}

/// `mode_integer(value)`: the most frequent whole number; of several, the least.
pub(crate) fn mode_integer() -> AggregateUDF {
    over_bags("mode_integer", DataType::Int64, Figure::Mode)
}

/// `mode_share(value)`: the share of rows with the most frequent text among those with any.
pub(crate) fn mode_share() -> AggregateUDF {
    over_bags("mode_share", DataType::Utf8, Figure::ModeShare)
}

/// `first_day_sum(day, value)`: the sum of the values of the earliest day.
pub(crate) fn first_day_sum() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "first_day_sum",
        signature: Signature::exact(vec![DataType::Date32, DataType::Float64], Volatility::Immutable),
        figure: Kind::FirstDaySum,
    })
}

/// `number_sum(value)`: the sum, the same in whatever order rows come; null of none.
pub(crate) fn number_sum() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "number_sum",
        signature: Signature::exact(vec![DataType::Float64], Volatility::Immutable),
        figure: Kind::NumberSum,
    })
}

/// `latest_known(value, rank)`: of the values that are not null, that of the greatest rank (a whole number).
pub(crate) fn latest_known() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "latest_known",
        signature: Signature::any(2, Volatility::Immutable),
        figure: Kind::LatestKnown,
    })
}

/// `latest_mean(key, time, value, n)`: the mean of the latest value of each key; null with fewer than a constant number of keys.
pub(crate) fn latest_mean() -> AggregateUDF {
    let takes = vec![DataType::Int64, instant(), DataType::Float64, DataType::Int64];
    AggregateUDF::new_from_impl(OverGroups {
        name: "latest_mean",
        signature: Signature::exact(takes, Volatility::Immutable),
        figure: Kind::LatestMean,
    })
}

/// `sequence_moments(time, steps, key)`: the rows that could be a step, in the order of their times; `steps` has the bit of each
/// step that a row could be.
pub(crate) fn sequence_moments() -> AggregateUDF {
    let takes = vec![instant(), DataType::Int64, DataType::Int64];
    AggregateUDF::new_from_impl(OverGroups {
        name: "sequence_moments",
        signature: Signature::exact(takes, Volatility::Immutable),
        figure: Kind::Moments,
    })
}

/// `stretches(from, to)`: stretches of time in order, each with its end excluded; null is the end of one that lasts. Those that
/// touch are one.
pub(crate) fn stretches() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "stretches",
        signature: Signature::exact(vec![instant(), instant()], Volatility::Immutable),
        figure: Kind::Stretches,
    })
}

/// `tallies(nothing, tallies, key, time, value, …)`: many filtered counts, sums, least and greatest values in one pass, as a struct. The
/// first two are the constants that [`tally::constants`] gives.
pub(crate) fn tallies() -> AggregateUDF {
    AggregateUDF::new_from_impl(OverGroups {
        name: "tallies",
        signature: Signature::variadic_any(Volatility::Immutable),
        figure: Kind::Tallies,
    })
}

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn over_bags(name: &'static str, takes: DataType, figure: Figure) -> AggregateUDF {
    let signature = Signature::exact(vec![takes.clone()], Volatility::Immutable);
    AggregateUDF::new_from_impl(OverGroups { name, signature, figure: Kind::OverBags { takes, figure } })
}

/// An aggregate function of this module.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OverGroups {
    name: &'static str,
    signature: Signature,
    figure: Kind,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Kind {
    OverBags { takes: DataType, figure: Figure },
    FrequentDays,
    FirstDaySum,
    NumberSum,
    LatestKnown,
    LatestMean,
    Moments,
    Stretches,
    Tallies,
}

impl OverGroups {
    fn accumulate(&self, args: &AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator + Sync>> {
        Ok(match &self.figure {
            Kind::OverBags { takes, figure } => Box::new(Bags::new(takes.clone(), *figure)),
            Kind::FrequentDays => {
                let at_least = constant_argument(args, 1)?;
                Box::new(Bags::new(DataType::Date32, Figure::FrequentCount { at_least }))
            }
            Kind::FirstDaySum => Box::new(FirstDaySums::default()),
            Kind::NumberSum => Box::new(NumberSums::default()),
            Kind::LatestKnown => Box::new(LatestKnown::new(args.return_field.data_type().clone())),
            Kind::LatestMean => Box::new(LatestMeans::new(constant_argument(args, 3)?)),
            Kind::Moments => Box::new(Gathered::<Moment>::new()),
            Kind::Stretches => Box::new(Gathered::<Stretch>::new()),
            Kind::Tallies => {
                let constant = args.exprs.get(1).and_then(|given| given.downcast_ref::<Literal>());
                let Some(constant) = constant else { return exec_err!("`{}` needs a constant", args.name) };
                let fields = tally::fields(args.return_field.data_type());
                Box::new(Tallies::new(&tally::read(constant.value())?, &fields)?)
            }
        })
    }
}

/// A whole number that is given as a literal.
fn constant_argument(args: &AccumulatorArgs<'_>, at: usize) -> Result<u64> {
    let literal = args.exprs.get(at).and_then(|given| given.downcast_ref::<Literal>());
    match literal.map(Literal::value) {
        Some(ScalarValue::Int64(Some(number @ 0..))) => Ok(number.unsigned_abs()),
        _ => exec_err!("argument {} of `{}` is not a whole number", at + 1, args.name),
    }
}

impl AggregateUDFImpl for OverGroups {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match (&self.figure, given) {
            (Kind::OverBags { takes, figure }, _) => Ok(figure.returns(takes)),
            (Kind::FrequentDays, _) => Ok(DataType::Int64),
            (Kind::FirstDaySum | Kind::NumberSum | Kind::LatestMean, _) => Ok(DataType::Float64),
            (Kind::Moments | Kind::Stretches, _) => Ok(DataType::Binary),
            (Kind::Tallies, [shape, ..]) => Ok(DataType::Struct(tally::fields(shape))),
            (Kind::Tallies, []) => exec_err!("tallies need constants"),
            (Kind::LatestKnown, [value, DataType::Int64]) => Ok(value.clone()),
            (Kind::LatestKnown, other) => {
                exec_err!("latest_known takes a value and a whole number, not {other:?}")
            }
        }
    }

    /// Each figure within may be null, and never all of them as one.
    fn is_nullable(&self) -> bool {
        self.figure != Kind::Tallies
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(self.accumulate(&args)?)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let types = match &self.figure {
            Kind::OverBags { takes, .. } => {
                vec![DataType::List(Arc::new(Field::new_list_field(takes.clone(), true)))]
            }
            Kind::FrequentDays => {
                vec![DataType::List(Arc::new(Field::new_list_field(DataType::Date32, true)))]
            }
            // A sum is two numbers.
            Kind::FirstDaySum => vec![DataType::Date32, DataType::Float64, DataType::Float64],
            Kind::NumberSum => vec![DataType::Float64; 2],
            Kind::LatestMean | Kind::Moments | Kind::Stretches => vec![DataType::Binary],
            Kind::LatestKnown => vec![args.return_field.data_type().clone(), DataType::Int64],
            Kind::Tallies => tallies::state_types(&tally::fields(args.return_field.data_type())),
        };
        let named = types.into_iter().enumerate();
        Ok(named.map(|(at, kind)| Arc::new(Field::new(format!("{}[{at}]", args.name), kind, true))).collect())
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(self.accumulate(&args)?)
    }
}

/// The figure of all rows, where there are no groups.
struct OneGroup(Box<dyn GroupsAccumulator + Sync>);

impl std::fmt::Debug for OneGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneGroup")
    }
}

impl OneGroup {
    fn groups(columns: &[ArrayRef]) -> Vec<usize> {
        vec![0; columns.first().map_or(0, |column| column.len())]
    }

    /// The one group has to be known of even when it has no rows.
    fn make(&mut self) -> Result<()> {
        self.0.merge_batch(&[], &[], 1)
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values, &OneGroup::groups(values), None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states, &OneGroup::groups(states), 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.make()?;
        ScalarValue::try_from_array(&self.0.evaluate(EmitTo::All)?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.make()?;
        self.0.state(EmitTo::All)?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}

/// The groups of the rows that count: those that a filter lets through and whose `column` is not null.
fn counted<'a>(
    column: &'a dyn Array,
    groups: &'a [usize],
    filter: Option<&'a BooleanArray>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let passes = move |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
    groups
        .iter()
        .enumerate()
        .filter(move |(row, _)| column.is_valid(*row) && passes(*row))
        .map(|(row, group)| (row, *group))
}

/// A column with nulls in place of what a filter keeps out.
fn let_through(column: &ArrayRef, filter: Option<&BooleanArray>) -> Result<ArrayRef> {
    let Some(filter) = filter else { return Ok(Arc::clone(column)) };
    let passing = filter.iter().zip(0_i64..).map(|(passes, row)| passes.unwrap_or(false).then_some(row));
    Ok(take(column, &passing.collect::<Int64Array>(), None)?)
}
