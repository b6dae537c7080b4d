//! The order of a part's rows: by subject, then by time, then by whatever tells rows of one subject and time apart.
//!
//! A part has few subjects and many rows. Subjects are put in order once; the rows of one then compare as numbers, and texts
//! are looked at only where these are equal.

use std::cmp::Ordering;

use strata_lake::arrow::array::{
    Array, AsArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::{DataType, Float64Type, Schema, TimestampMicrosecondType};
use strata_lake::datafusion::common::{HashMap, exec_err};
use strata_lake::datafusion::error::Result;

/// Where a row is: the batch, and the row within.
pub(super) type Place = (usize, usize);

/// The places of all rows in ascending order of the columns, nulls first.
pub(super) fn sorted(schema: &Schema, batches: &[RecordBatch], order: &[&str]) -> Result<Vec<Place>> {
    let columns = order.iter().map(|name| Column::of(schema, batches, name)).collect::<Result<Vec<_>>>()?;
    let Some((first, rest)) = columns.split_first() else {
        return Ok(places(batches).collect());
    };
    let (ranks, n_subjects) = first.ranks(order[0])?;
    // Counted first, each subject's rows have their place: what is left to sort are the few rows of one. `ends` are counts,
    // then where each subject's rows begin, and end once all are placed.
    let mut ends = vec![0_usize; n_subjects + 1];
    ranks.iter().for_each(|rank| ends[*rank as usize] += 1);
    let mut begin = 0;
    for end in &mut ends {
        (*end, begin) = (begin, begin + *end);
    }
    let mut keys = vec![Key::default(); ranks.len()];
    for ((batch, row), rank) in places(batches).zip(ranks) {
        let time = rest.first().map_or(0, |time| time.number(batch, row));
        let end = &mut ends[rank as usize];
        keys[*end] = Key { time, batch: batch as u32, row: row as u32 };
        *end += 1;
    }
    let rest = |a: &Key, b: &Key| {
        let compared = rest.iter().map(|column| column.compare(a.place(), b.place()));
        compared.fold(Ordering::Equal, Ordering::then)
    };
    let mut begin = 0;
    for end in ends {
        keys[begin..end].sort_unstable_by(|a, b| a.time.cmp(&b.time).then_with(|| rest(a, b)));
        begin = end;
    }
    Ok(keys.iter().map(Key::place).collect())
}

fn places(batches: &[RecordBatch]) -> impl Iterator<Item = Place> {
    batches.iter().enumerate().flat_map(|(at, batch)| (0..batch.num_rows()).map(move |row| (at, row)))
}

/// What most rows of a subject are told apart by, and where the row is.
#[derive(Clone, Default)]
struct Key {
    time: u64,
    batch: u32,
    row: u32,
}

impl Key {
    fn place(&self) -> Place {
        (self.batch as usize, self.row as usize)
    }
}

/// A column of all batches.
enum Column<'a> {
    Text(Vec<&'a StringArray>),
    Instant(Vec<&'a TimestampMicrosecondArray>),
    Number(Vec<&'a Float64Array>),
}

impl<'a> Column<'a> {
    fn of(schema: &Schema, batches: &'a [RecordBatch], name: &str) -> Result<Column<'a>> {
        let at = schema.index_of(name)?;
        let arrays = batches.iter().map(|batch| batch.column(at));
        Ok(match schema.field(at).data_type() {
            DataType::Utf8 => Column::Text(arrays.map(|array| array.as_string()).collect()),
            DataType::Timestamp(..) => Column::Instant(
                arrays.map(|array| array.as_primitive::<TimestampMicrosecondType>()).collect(),
            ),
            DataType::Float64 => {
                Column::Number(arrays.map(|array| array.as_primitive::<Float64Type>()).collect())
            }
            other => return exec_err!("rows are not laid out by `{name}`, which is {other}"),
        })
    }

    /// The place of each row's value in the order of all different values, row by row, 0 for a null; and how many values there
    /// are.
    fn ranks(&self, name: &str) -> Result<(Vec<u32>, usize)> {
        let Column::Text(arrays) = self else {
            return exec_err!("`{name}` is no subject's id: it is not a text");
        };
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut texts: Vec<&str> = Vec::new();
        let mut ranks: Vec<u32> = Vec::with_capacity(arrays.iter().map(|array| array.len()).sum());
        for text in arrays.iter().flat_map(|array| array.iter()) {
            ranks.push(match text {
                None => 0,
                Some(text) => *numbers.entry(text).or_insert_with(|| {
                    texts.push(text);
                    texts.len() as u32
                }),
            });
        }
        let mut in_order: Vec<u32> = (0..texts.len() as u32).collect();
        in_order.sort_unstable_by_key(|number| texts[*number as usize]);
        let mut rank_of = vec![0; texts.len() + 1];
        for (rank, number) in (1..).zip(in_order) {
            rank_of[number as usize + 1] = rank;
        }
        ranks.iter_mut().for_each(|rank| *rank = rank_of[*rank as usize]);
        Ok((ranks, texts.len()))
    }

    /// A time as a number in the same order, but for the ends of the calendar; 0 for a null and for all else.
    fn number(&self, batch: usize, row: usize) -> u64 {
        match self {
            Column::Instant(arrays) if arrays[batch].is_valid(row) => {
                (arrays[batch].value(row) ^ i64::MIN).cast_unsigned().max(1)
            }
            _ => 0,
        }
    }

    fn compare(&self, a: Place, b: Place) -> Ordering {
        match self {
            Column::Text(arrays) => value(arrays, a).cmp(&value(arrays, b)),
            Column::Instant(arrays) => value(arrays, a).cmp(&value(arrays, b)),
            Column::Number(arrays) => match (value(arrays, a), value(arrays, b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
        }
    }
}

/// A row's value; none for a null, which is less than any.
fn value<'a, A>(
    arrays: &[&'a A],
    (batch, row): Place,
) -> Option<<&'a A as strata_lake::arrow::array::ArrayAccessor>::Item>
where
    A: Array,
    &'a A: strata_lake::arrow::array::ArrayAccessor,
{
    use strata_lake::arrow::array::ArrayAccessor;
    let array = arrays[batch];
    array.is_valid(row).then(|| ArrayAccessor::value(&array, row))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use strata_lake::arrow::array::ArrayRef;
    use strata_lake::arrow::compute::{
        SortColumn, SortOptions, concat_batches, interleave_record_batch, lexsort_to_indices,
        take_record_batch,
    };

    use super::*;

    type Row = (Option<String>, Option<i64>, Option<f64>, Option<String>);

    const ORDER: [&str; 4] = ["who", "at", "amount", "what"];

    fn batch(rows: &[Row]) -> RecordBatch {
        let who: StringArray = rows.iter().map(|row| row.0.as_deref()).collect();
        let at: TimestampMicrosecondArray = rows.iter().map(|row| row.1).collect();
        let amount: Float64Array = rows.iter().map(|row| row.2).collect();
        let what: StringArray = rows.iter().map(|row| row.3.as_deref()).collect();
        let columns = [Arc::new(who) as ArrayRef, Arc::new(at), Arc::new(amount), Arc::new(what)];
        RecordBatch::try_from_iter_with_nullable(
            ORDER.into_iter().zip(columns).map(|(name, column)| (name, column, true)),
        )
        .unwrap()
    }

    proptest! {
        /// Few different values, so that many rows are equal in all columns but the last.
        #[test]
        fn rows_lie_as_the_engine_would_sort_them(
            batches in prop::collection::vec(
                prop::collection::vec(
                    (
                        prop::option::of("[ab]{0,2}"),
                        prop::option::of(prop_oneof![Just(i64::MIN), Just(0), Just(1), Just(i64::MAX)]),
                        prop::option::of(prop_oneof![Just(-0.0), Just(0.0), Just(f64::NAN), Just(2.5)]),
                        prop::option::of("[xyz]"),
                    ),
                    0..20,
                ),
                1..5,
            )
        ) {
            let batches: Vec<RecordBatch> = batches.iter().map(|rows| batch(rows)).collect();
            let schema = batches[0].schema();
            let places = sorted(&schema, &batches, &ORDER).unwrap();
            let all = concat_batches(&schema, &batches).unwrap();
            let options = Some(SortOptions { descending: false, nulls_first: true });
            let columns: Vec<SortColumn> =
                all.columns().iter().map(|values| SortColumn { values: Arc::clone(values), options }).collect();
            let expected = take_record_batch(&all, &lexsort_to_indices(&columns, None).unwrap()).unwrap();
            let found = match places.is_empty() {
                true => RecordBatch::new_empty(schema),
                false => interleave_record_batch(&batches.iter().collect::<Vec<_>>(), &places).unwrap(),
            };
            // As text: one NaN is not equal to another.
            prop_assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn what_has_no_order_is_an_error() {
        let rows = RecordBatch::try_from_iter([(
            "n",
            Arc::new(strata_lake::arrow::array::Int32Array::from(vec![1])) as ArrayRef,
        )]);
        let rows = [rows.unwrap()];
        let error = sorted(&rows[0].schema(), &rows, &["n"]).unwrap_err();
        assert!(error.to_string().contains("rows are not laid out by `n`, which is Int32"), "{error}");
    }
}
