//! Figures over the bag of values that each group has: how many different ones, the most frequent, the gaps between days.
//!
//! A row is one number, the group above and the value's code below, so that sorting the numbers brings each group's values
//! together and in order. Days are their own codes; whole numbers and texts are numbered as they come.

use std::cmp::Ordering;
use std::sync::Arc;

use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, StringArray,
};
use strata_lake::arrow::buffer::OffsetBuffer;
use strata_lake::arrow::compute::{filter as arrow_filter, is_not_null};
use strata_lake::arrow::datatypes::{DataType, Date32Type, Field, Int64Type};
use strata_lake::datafusion::common::{HashMap, Result, exec_datafusion_err, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::{counted, let_through};

/// What is said of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Figure {
    /// The number of different values.
    DistinctCount,
    /// The number of values that occur so often.
    FrequentCount {
        /// How often.
        at_least: u64,
    },
    /// The median gap between consecutive different days.
    MedianGap,
    /// Sample standard deviation ÷ mean of those gaps.
    GapVariation,
    /// The most frequent value; of several, the least.
    Mode,
    /// The share of the most frequent value among all.
    ModeShare,
}

impl Figure {
    /// The type of the figure over values of type `takes`.
    pub(super) fn returns(self, takes: &DataType) -> DataType {
        match self {
            Figure::DistinctCount | Figure::FrequentCount { .. } => DataType::Int64,
            Figure::MedianGap | Figure::GapVariation | Figure::ModeShare => DataType::Float64,
            Figure::Mode => takes.clone(),
        }
    }

    /// Whether a value counts once however often it occurs.
    fn is_of_a_set(self) -> bool {
        matches!(self, Figure::DistinctCount | Figure::MedianGap | Figure::GapVariation)
    }
}

/// How many rows are worth looking through for repeated values.
const WORTH_COMPACTING: usize = 1 << 16;

/// The bags of all groups.
pub(super) struct Bags {
    takes: DataType,
    figure: Figure,
    codes: Codes,
    /// `group << 32 | code`
    rows: Vec<u64>,
    n_groups: usize,
    /// How many rows there may be before sets are freed of repeats.
    full_at: usize,
}

/// The codes of values.
enum Codes {
    Days,
    Integers { code_of: HashMap<i64, u32>, values: Vec<i64> },
    Texts { code_of: HashMap<Arc<str>, u32>, values: Vec<Arc<str>>, bytes: usize },
}

impl Codes {
    /// The most frequent code of a bag and how often it occurs; of several, that of the least value.
    fn mode(&self, bag: &[u64]) -> Option<(u32, usize)> {
        let runs = bag.chunk_by(|a, b| a == b).map(|run| (code_of(run[0]), run.len()));
        // Groups that come in order are finished a few at a time: values are compared where two tie, and never all put in order.
        runs.max_by(|(code, n), (other, m)| n.cmp(m).then_with(|| self.compare(*other, *code)))
    }

    fn compare(&self, a: u32, b: u32) -> Ordering {
        let (at_a, at_b) = (a as usize, b as usize);
        match self {
            Codes::Days => a.cmp(&b),
            Codes::Integers { values, .. } => values[at_a].cmp(&values[at_b]),
            Codes::Texts { values, .. } => values[at_a].cmp(&values[at_b]),
        }
    }
}

impl Bags {
    /// Empty bags of dates, whole numbers or texts.
    pub(super) fn new(takes: DataType, figure: Figure) -> Bags {
        let codes = match takes {
            DataType::Date32 => Codes::Days,
            DataType::Int64 => Codes::Integers { code_of: HashMap::new(), values: Vec::new() },
            _ => Codes::Texts { code_of: HashMap::new(), values: Vec::new(), bytes: 0 },
        };
        Bags { takes, figure, codes, rows: Vec::new(), n_groups: 0, full_at: WORTH_COMPACTING }
    }

    fn add(&mut self, column: &ArrayRef, groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        self.rows.reserve(groups.len());
        let rows = &mut self.rows;
        let mut push = |group: usize, code: u32| rows.push((group as u64) << 32 | u64::from(code));
        let counted = counted(column.as_ref(), groups, filter);
        match &mut self.codes {
            Codes::Days => {
                let Some(days) = column.as_primitive_opt::<Date32Type>() else {
                    return unexpected(column, &self.takes);
                };
                counted.for_each(|(row, group)| push(group, code_of_day(days.value(row))));
            }
            Codes::Integers { code_of, values } => {
                let Some(numbers) = column.as_primitive_opt::<Int64Type>() else {
                    return unexpected(column, &self.takes);
                };
                for (row, group) in counted {
                    let number = numbers.value(row);
                    push(group, *code_of.entry(number).or_insert_with(|| next(values, number)));
                }
            }
            Codes::Texts { code_of, values, bytes } => {
                let Some(texts) = column.as_string_opt::<i32>() else {
                    return unexpected(column, &self.takes);
                };
                for (row, group) in counted {
                    let text = texts.value(row);
                    let code = match code_of.get(text) {
                        Some(code) => *code,
                        None => {
                            let text: Arc<str> = Arc::from(text);
                            *bytes += text.len();
                            let code = next(values, Arc::clone(&text));
                            code_of.insert(text, code);
                            code
                        }
                    };
                    push(group, code);
                }
            }
        }
        if self.figure.is_of_a_set() && self.rows.len() > self.full_at {
            sort(&mut self.rows);
            self.rows.dedup();
            self.full_at = WORTH_COMPACTING.max(2 * self.rows.len());
        }
        Ok(())
    }

    /// The sorted rows of the groups to be emitted, which are forgotten, and how many groups they are.
    fn emitted(&mut self, emit_to: EmitTo) -> (Vec<u64>, usize) {
        sort(&mut self.rows);
        if self.figure.is_of_a_set() {
            self.rows.dedup();
        }
        let n_groups = match emit_to {
            EmitTo::All => self.n_groups,
            EmitTo::First(n) => n,
        };
        let end = self.rows.partition_point(|row| group_of(*row) < n_groups);
        let rest = self.rows.split_off(end);
        let emitted = std::mem::replace(&mut self.rows, rest);
        self.rows.iter_mut().for_each(|row| *row -= (n_groups as u64) << 32);
        self.n_groups -= n_groups;
        (emitted, n_groups)
    }

    fn values(&self, codes: impl Iterator<Item = Option<u32>>) -> ArrayRef {
        match &self.codes {
            Codes::Days => Arc::new(codes.map(|code| code.map(day_of_code)).collect::<Date32Array>()),
            Codes::Integers { values, .. } => {
                Arc::new(codes.map(|code| code.map(|code| values[code as usize])).collect::<Int64Array>())
            }
            Codes::Texts { values, .. } => {
                Arc::new(codes.map(|code| code.map(|code| &*values[code as usize])).collect::<StringArray>())
            }
        }
    }
}

impl GroupsAccumulator for Bags {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.n_groups = n_groups;
        self.add(&values[0], groups, filter)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (rows, n_groups) = self.emitted(emit_to);
        let bags = in_groups(&rows, n_groups);
        Ok(match self.figure {
            Figure::DistinctCount => Arc::new(bags.map(|bag| bag.len() as i64).collect::<Int64Array>()),
            Figure::FrequentCount { at_least } => {
                let frequent = |bag: &[u64]| {
                    bag.chunk_by(|a, b| a == b).filter(|run| run.len() as u64 >= at_least).count() as i64
                };
                Arc::new(bags.map(frequent).collect::<Int64Array>())
            }
            Figure::MedianGap => Arc::new(bags.map(median_gap).collect::<Float64Array>()),
            Figure::GapVariation => Arc::new(bags.map(gap_variation).collect::<Float64Array>()),
            Figure::Mode => self.values(bags.map(|bag| self.codes.mode(bag).map(|(code, _)| code))),
            Figure::ModeShare => {
                let share = |bag: &[u64]| self.codes.mode(bag).map(|(_, n)| n as f64 / bag.len() as f64);
                Arc::new(bags.map(share).collect::<Float64Array>())
            }
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (rows, n_groups) = self.emitted(emit_to);
        let lengths = in_groups(&rows, n_groups).map(<[u64]>::len);
        let offsets = OffsetBuffer::from_lengths(lengths);
        let values = self.values(rows.iter().map(|row| Some(code_of(*row))));
        let field = Arc::new(Field::new_list_field(self.takes.clone(), true));
        Ok(vec![Arc::new(ListArray::try_new(field, offsets, values, None)?)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.n_groups = n_groups;
        let Some(state) = states.first() else { return Ok(()) };
        let lists = state
            .as_list_opt::<i32>()
            .ok_or_else(|| exec_datafusion_err!("a bag travels as a list, not as {}", state.data_type()))?;
        for (row, group) in groups.iter().enumerate().filter(|(row, _)| lists.is_valid(*row)) {
            let values = lists.value(row);
            self.add(&values, &vec![*group; values.len()], None)?;
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let values = let_through(&values[0], filter)?;
        let known = is_not_null(&values)?;
        let offsets = OffsetBuffer::from_lengths(known.values().iter().map(usize::from));
        let field = Arc::new(Field::new_list_field(self.takes.clone(), true));
        let known = arrow_filter(&values, &known)?;
        Ok(vec![Arc::new(ListArray::try_new(field, offsets, known, None)?)])
    }

    fn size(&self) -> usize {
        let codes = match &self.codes {
            Codes::Days => 0,
            Codes::Integers { values, .. } => values.capacity() * 32,
            Codes::Texts { values, bytes, .. } => values.capacity() * 64 + bytes,
        };
        size_of_val(self) + self.rows.capacity() * size_of::<u64>() + codes
    }
}

fn unexpected(column: &ArrayRef, wanted: &DataType) -> Result<()> {
    exec_err!("a figure over {wanted} was given {}", column.data_type())
}

fn next<V>(values: &mut Vec<V>, value: V) -> u32 {
    values.push(value);
    values.len() as u32 - 1
}

/// Codes of days are in the order of days, those before 1970 too.
fn code_of_day(day: i32) -> u32 {
    day as u32 ^ (1 << 31)
}

fn day_of_code(code: u32) -> i32 {
    (code ^ (1 << 31)) as i32
}

fn group_of(row: u64) -> usize {
    (row >> 32) as usize
}

fn code_of(row: u64) -> u32 {
    row as u32
}

/// Puts rows in order. Where groups come one after the other, only the few rows of each are still to be sorted.
fn sort(rows: &mut [u64]) {
    match rows.is_sorted_by_key(|row| group_of(*row)) {
        true => rows.chunk_by_mut(|a, b| group_of(*a) == group_of(*b)).for_each(<[u64]>::sort_unstable),
        false => rows.sort_unstable(),
    }
}

/// The rows of each group, also of those that have none.
fn in_groups(rows: &[u64], n_groups: usize) -> impl Iterator<Item = &[u64]> {
    let mut rest = rows;
    (0..n_groups).map(move |group| {
        let length = rest.iter().take_while(|row| group_of(**row) == group).count();
        let (bag, after) = rest.split_at(length);
        rest = after;
        bag
    })
}

fn gaps(days: &[u64]) -> impl ExactSizeIterator<Item = f64> + Clone + '_ {
    days.windows(2).map(|pair| f64::from(code_of(pair[1]) - code_of(pair[0])))
}

fn median_gap(days: &[u64]) -> Option<f64> {
    let mut gaps: Vec<f64> = gaps(days).collect();
    let middle = gaps.len() / 2;
    let (lower, median, _) = match gaps.len() {
        0 => return None,
        _ => gaps.select_nth_unstable_by(middle, f64::total_cmp),
    };
    let median = *median;
    let lower = lower.iter().copied().max_by(f64::total_cmp).unwrap_or(median);
    Some(if days.len().is_multiple_of(2) { median } else { (lower + median) / 2.0 })
}

fn gap_variation(days: &[u64]) -> Option<f64> {
    let gaps = gaps(days);
    if gaps.len() < 2 {
        return None;
    }
    let n = gaps.len() as f64;
    let mean = gaps.clone().sum::<f64>() / n;
    let variance = gaps.map(|gap| (gap - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some(variance.sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_whether_groups_come_in_order_or_not() {
        let rows = |group: &dyn Fn(u64) -> u64| -> Vec<u64> {
            (0..1_000).map(|row| (group(row) << 32) | (row * 7_919 % 13)).collect()
        };
        for mut rows in [rows(&|row| row / 10), rows(&|row| row * 31 % 17), rows(&|_| 3), Vec::new()] {
            let mut expected = rows.clone();
            expected.sort_unstable();
            sort(&mut rows);
            assert_eq!(rows, expected);
        }
    }
}
