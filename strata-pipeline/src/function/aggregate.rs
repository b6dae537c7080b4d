//! Aggregate functions over one subject's rows: distinct days and the gaps between them, modes, the first day's sum.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray};
use strata_lake::arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int64Type};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_err};
use strata_lake::datafusion::logical_expr::{Accumulator, AggregateUDF, Volatility, create_udaf};

/// `active_days(day)`: the number of distinct days.
pub(crate) fn active_days() -> AggregateUDF {
    days_udaf("active_days", DataType::Int64, |days| ScalarValue::Int64(Some(days.len() as i64)))
}

/// `median_gap_days(day)`: the median gap between consecutive distinct days; null with fewer than two.
pub(crate) fn median_gap_days() -> AggregateUDF {
    days_udaf("median_gap_days", DataType::Float64, |days| {
        let mut gaps = gaps(days);
        gaps.sort_unstable_by(f64::total_cmp);
        let middle = gaps.len() / 2;
        ScalarValue::Float64(match gaps.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(gaps[middle]),
            _ => Some((gaps[middle - 1] + gaps[middle]) / 2.0),
        })
    })
}

/// `gap_variation(day)`: sample standard deviation ÷ mean of those gaps; null with fewer than two gaps.
pub(crate) fn gap_variation() -> AggregateUDF {
    days_udaf("gap_variation", DataType::Float64, |days| {
        let gaps = gaps(days);
        if gaps.len() < 2 {
            return ScalarValue::Float64(None);
        }
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / (n - 1.0);
        ScalarValue::Float64(Some(variance.sqrt() / mean))
    })
}

/// `first_day_sum(day, value)`: the sum of the values of the earliest day.
pub(crate) fn first_day_sum() -> AggregateUDF {
    create_udaf(
        "first_day_sum",
        vec![DataType::Date32, DataType::Float64],
        Arc::new(DataType::Float64),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(FirstDaySum::default()))),
        Arc::new(vec![DataType::Date32, DataType::Float64]),
    )
}

/// `mode_text(value)`: the most frequent text; of several, the least.
pub(crate) fn mode_text() -> AggregateUDF {
    mode_udaf("mode_text", DataType::Utf8, DataType::Utf8, |counts: &BTreeMap<String, i64>| {
        ScalarValue::Utf8(most_frequent(counts).map(|(value, _)| value.clone()))
    })
}

/// `mode_integer(value)`: the most frequent whole number; of several, the least.
pub(crate) fn mode_integer() -> AggregateUDF {
    mode_udaf("mode_integer", DataType::Int64, DataType::Int64, |counts: &BTreeMap<i64, i64>| {
        ScalarValue::Int64(most_frequent(counts).map(|(value, _)| *value))
    })
}

/// `mode_share(value)`: the share of rows with the most frequent text among those with any.
pub(crate) fn mode_share() -> AggregateUDF {
    mode_udaf("mode_share", DataType::Utf8, DataType::Float64, |counts: &BTreeMap<String, i64>| {
        let total: i64 = counts.values().sum();
        ScalarValue::Float64(most_frequent(counts).map(|(_, count)| count as f64 / total as f64))
    })
}

fn gaps(days: &BTreeSet<i32>) -> Vec<f64> {
    days.iter().zip(days.iter().skip(1)).map(|(earlier, later)| f64::from(later - earlier)).collect()
}

fn most_frequent<K: Ord>(counts: &BTreeMap<K, i64>) -> Option<(&K, i64)> {
    counts.iter().map(|(value, count)| (value, *count)).rev().max_by_key(|(_, count)| *count)
}

fn days_udaf(name: &str, returns: DataType, figure: fn(&BTreeSet<i32>) -> ScalarValue) -> AggregateUDF {
    create_udaf(
        name,
        vec![DataType::Date32],
        Arc::new(returns),
        Volatility::Immutable,
        Arc::new(move |_| Ok(Box::new(Days { days: BTreeSet::new(), figure }))),
        Arc::new(vec![list_of(DataType::Date32)]),
    )
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

#[derive(Debug)]
struct Days {
    days: BTreeSet<i32>,
    figure: fn(&BTreeSet<i32>) -> ScalarValue,
}

impl Days {
    fn insert(&mut self, days: &ArrayRef) {
        self.days.extend(days.as_primitive::<Date32Type>().iter().flatten());
    }
}

impl Accumulator for Days {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.insert(&values[0]);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok((self.figure)(&self.days))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.days.len() * 12
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let days: Vec<_> = self.days.iter().map(|day| ScalarValue::Date32(Some(*day))).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&days, &DataType::Date32))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for days in states[0].as_list::<i32>().iter().flatten() {
            self.insert(&days);
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct FirstDaySum {
    day: Option<i32>,
    sum: f64,
}

impl FirstDaySum {
    fn add(&mut self, states: &[ArrayRef]) {
        let days = states[0].as_primitive::<Date32Type>();
        let values = states[1].as_primitive::<Float64Type>();
        for (day, value) in days.iter().zip(values.iter()) {
            let (Some(day), value) = (day, value.unwrap_or(0.0)) else { continue };
            match self.day {
                Some(first) if first < day => {}
                Some(first) if first == day => self.sum += value,
                _ => (self.day, self.sum) = (Some(day), value),
            }
        }
    }
}

impl Accumulator for FirstDaySum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(values);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.day.map(|_| self.sum)))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Date32(self.day), ScalarValue::Float64(Some(self.sum))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(states);
        Ok(())
    }
}

trait ModeKey: Ord + Clone + Debug + Send + Sync + 'static {
    fn read(values: &ArrayRef) -> Result<Vec<Option<Self>>>;
    fn scalar(&self) -> ScalarValue;
    fn size(&self) -> usize;
}

impl ModeKey for String {
    fn read(values: &ArrayRef) -> Result<Vec<Option<String>>> {
        match values.as_string_opt::<i32>() {
            Some(texts) => Ok(texts.iter().map(|text| text.map(str::to_owned)).collect()),
            None => exec_err!("mode of {}", values.data_type()),
        }
    }

    fn scalar(&self) -> ScalarValue {
        ScalarValue::Utf8(Some(self.clone()))
    }

    fn size(&self) -> usize {
        size_of::<String>() + self.len()
    }
}

impl ModeKey for i64 {
    fn read(values: &ArrayRef) -> Result<Vec<Option<i64>>> {
        match values.as_primitive_opt::<Int64Type>() {
            Some(numbers) => Ok(numbers.iter().collect()),
            None => exec_err!("mode of {}", values.data_type()),
        }
    }

    fn scalar(&self) -> ScalarValue {
        ScalarValue::Int64(Some(*self))
    }

    fn size(&self) -> usize {
        size_of::<i64>()
    }
}

fn mode_udaf<K: ModeKey>(
    name: &str,
    takes: DataType,
    returns: DataType,
    figure: fn(&BTreeMap<K, i64>) -> ScalarValue,
) -> AggregateUDF {
    let state = vec![list_of(takes.clone()), list_of(DataType::Int64)];
    create_udaf(
        name,
        vec![takes.clone()],
        Arc::new(returns),
        Volatility::Immutable,
        Arc::new(move |_| Ok(Box::new(Mode::<K> { counts: BTreeMap::new(), kind: takes.clone(), figure }))),
        Arc::new(state),
    )
}

#[derive(Debug)]
struct Mode<K> {
    counts: BTreeMap<K, i64>,
    kind: DataType,
    figure: fn(&BTreeMap<K, i64>) -> ScalarValue,
}

impl<K: ModeKey> Accumulator for Mode<K> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in K::read(&values[0])?.into_iter().flatten() {
            *self.counts.entry(value).or_default() += 1;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok((self.figure)(&self.counts))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.counts.keys().map(|key| key.size() + 8).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<_> = self.counts.keys().map(ModeKey::scalar).collect();
        let counts: Vec<_> = self.counts.values().map(|count| ScalarValue::Int64(Some(*count))).collect();
        Ok(vec![
            ScalarValue::List(ScalarValue::new_list_nullable(&values, &self.kind)),
            ScalarValue::List(ScalarValue::new_list_nullable(&counts, &DataType::Int64)),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let values = states[0].as_list::<i32>();
        let counts = states[1].as_list::<i32>();
        for (values, counts) in values.iter().zip(counts.iter()) {
            let (Some(values), Some(counts)) = (values, counts) else { continue };
            let counts = counts.as_primitive::<Int64Type>();
            for (value, count) in K::read(&values)?.into_iter().zip(counts.iter()) {
                if let (Some(value), Some(count)) = (value, count) {
                    *self.counts.entry(value).or_default() += count;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use strata_lake::arrow::array::{Date32Array, Float64Array, Int64Array, StringArray};
    use strata_lake::datafusion::logical_expr::AggregateUDFImpl;
    use strata_lake::datafusion::logical_expr::function::AccumulatorArgs;
    use strata_lake::datafusion::physical_expr::PhysicalExpr;

    use super::*;

    /// Feeds one half of the rows to one accumulator and the other half to another, merges both, and reads the figure.
    fn check(function: &AggregateUDF, columns: &[ArrayRef], expected: ScalarValue) {
        let half = columns[0].len() / 2;
        let mut first = accumulator(function);
        let mut second = accumulator(function);
        let slice =
            |from, length| columns.iter().map(|column| column.slice(from, length)).collect::<Vec<_>>();
        first.update_batch(&slice(0, half)).unwrap();
        second.update_batch(&slice(half, columns[0].len() - half)).unwrap();
        let state: Vec<ArrayRef> =
            second.state().unwrap().iter().map(|scalar| scalar.to_array().unwrap()).collect();
        first.merge_batch(&state).unwrap();
        assert_eq!(first.evaluate().unwrap(), expected, "{}", function.name());
    }

    fn accumulator(function: &AggregateUDF) -> Box<dyn Accumulator> {
        let schema = strata_lake::arrow::datatypes::Schema::empty();
        let exprs: [Arc<dyn PhysicalExpr>; 0] = [];
        let implementation: &dyn AggregateUDFImpl = function.inner().as_ref();
        implementation
            .accumulator(AccumulatorArgs {
                return_field: Arc::new(Field::new("figure", DataType::Null, true)),
                schema: &schema,
                expr_fields: &[],
                ignore_nulls: false,
                order_bys: &[],
                is_reversed: false,
                name: "figure",
                is_distinct: false,
                exprs: &exprs,
            })
            .unwrap()
    }

    #[test]
    fn figures_over_days() {
        let days: ArrayRef =
            Arc::new(Date32Array::from(vec![Some(40), Some(0), None, Some(10), Some(10), Some(20)]));
        check(&active_days(), std::slice::from_ref(&days), ScalarValue::Int64(Some(4)));
        check(&median_gap_days(), std::slice::from_ref(&days), ScalarValue::Float64(Some(10.0)));
        // Gaps 10, 10, 20: mean 40/3, sample variance 100/3.
        let variation = 3.0_f64.sqrt() / 4.0;
        check(&gap_variation(), &[days], ScalarValue::Float64(Some(variation)));
        let one: ArrayRef = Arc::new(Date32Array::from(vec![7, 7]));
        check(&median_gap_days(), std::slice::from_ref(&one), ScalarValue::Float64(None));
        check(&gap_variation(), &[one], ScalarValue::Float64(None));
    }

    #[test]
    fn the_first_day_is_summed_whatever_the_order() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![5, 3, 4, 3]));
        let values: ArrayRef =
            Arc::new(Float64Array::from(vec![Some(100.0), Some(1.0), Some(50.0), Some(2.0)]));
        check(&first_day_sum(), &[days, values], ScalarValue::Float64(Some(3.0)));
    }

    #[test]
    fn of_equally_frequent_values_the_least_is_the_mode() {
        let texts: ArrayRef =
            Arc::new(StringArray::from(vec![Some("b"), Some("a"), None, Some("b"), Some("a"), Some("c")]));
        check(&mode_text(), std::slice::from_ref(&texts), ScalarValue::Utf8(Some("a".into())));
        check(&mode_share(), &[texts], ScalarValue::Float64(Some(0.4)));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![10, 9, 9, 10]));
        check(&mode_integer(), &[numbers], ScalarValue::Int64(Some(9)));
        let none: ArrayRef = Arc::new(Int64Array::from(vec![None, None]));
        check(&mode_integer(), &[none], ScalarValue::Int64(None));
    }
}
