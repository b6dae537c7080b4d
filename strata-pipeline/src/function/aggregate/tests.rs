//! Each figure over rows that arrive in two halves, one of which travels as a state; as one group and as many.

use strata_lake::arrow::array::{
    BooleanArray, Date32Array, Float64Array, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::Schema;
use strata_lake::datafusion::physical_expr::PhysicalExpr;

use super::*;

/// Feeds the first rows to one accumulator and the others to another, merges both, and reads the figure: as one group,
/// and again as the second of three groups whose first and last have no rows and other rows.
#[track_caller]
fn check(function: &AggregateUDF, columns: &[ArrayRef], expected: ScalarValue) {
    let half = columns[0].len() / 2;
    let slice = |from, length| columns.iter().map(|column| column.slice(from, length)).collect::<Vec<_>>();
    let (first, second) = (slice(0, half), slice(half, columns[0].len() - half));

    let (mut all, mut part) = (one(function, columns), one(function, columns));
    all.update_batch(&first).unwrap();
    part.update_batch(&second).unwrap();
    let state: Vec<ArrayRef> = part.state().unwrap().iter().map(|one| one.to_array().unwrap()).collect();
    all.merge_batch(&state).unwrap();
    assert_eq!(all.evaluate().unwrap(), expected, "{} of one group", function.name());

    let (mut all, mut part) = (many(function, columns), many(function, columns));
    all.update_batch(&first, &vec![1; half], None, 2).unwrap();
    part.update_batch(&second, &vec![1; second[0].len()], None, 3).unwrap();
    all.merge_batch(&part.state(EmitTo::All).unwrap(), &[0, 1, 2], 3).unwrap();
    // Rows as states of their own, all of another group.
    let rows = many(function, columns).convert_to_state(columns, None).unwrap();
    all.merge_batch(&rows, &vec![2; columns[0].len()], 3).unwrap();
    // What a filter keeps out changes nothing.
    let none = BooleanArray::from(vec![Some(false); half]);
    all.update_batch(&first, &vec![0; half], Some(&none), 3).unwrap();
    let none_as_states = many(function, columns).convert_to_state(&first, Some(&none)).unwrap();
    all.merge_batch(&none_as_states, &vec![0; half], 3).unwrap();
    let early = all.evaluate(EmitTo::First(2)).unwrap();
    let late = all.evaluate(EmitTo::All).unwrap();
    assert_eq!((early.len(), late.len()), (2, 1), "{}", function.name());
    let empty = one(function, columns).evaluate().unwrap();
    for (group, figure, expected) in [
        ("empty", early.slice(0, 1), &empty),
        ("second", early.slice(1, 1), &expected),
        ("last", late, &expected),
    ] {
        let figure = ScalarValue::try_from_array(&figure, 0).unwrap();
        assert_eq!(&figure, expected, "{} of the {group} group", function.name());
    }
}

fn with_args<T>(
    function: &AggregateUDF,
    columns: &[ArrayRef],
    make: impl FnOnce(AccumulatorArgs<'_>) -> T,
) -> T {
    let types: Vec<DataType> = columns.iter().map(|column| column.data_type().clone()).collect();
    let returns = function.return_type(&types).unwrap();
    // Constants of the functions tested stand in their second or fourth argument.
    let two: Arc<dyn PhysicalExpr> = Arc::new(Literal::new(ScalarValue::Int64(Some(2))));
    let exprs = [Arc::clone(&two), Arc::clone(&two), Arc::clone(&two), two];
    make(AccumulatorArgs {
        return_field: Arc::new(Field::new("figure", returns, true)),
        schema: &Schema::empty(),
        expr_fields: &[],
        ignore_nulls: false,
        order_bys: &[],
        is_reversed: false,
        name: "figure",
        is_distinct: false,
        exprs: &exprs,
    })
}

fn one(function: &AggregateUDF, columns: &[ArrayRef]) -> Box<dyn Accumulator> {
    with_args(function, columns, |args| function.accumulator(args).unwrap())
}

fn many(function: &AggregateUDF, columns: &[ArrayRef]) -> Box<dyn GroupsAccumulator> {
    with_args(function, columns, |args| function.create_groups_accumulator(args).unwrap())
}

#[test]
fn figures_over_days() {
    let days: ArrayRef =
        Arc::new(Date32Array::from(vec![Some(30), Some(-10), None, Some(0), Some(0), Some(10)]));
    check(&active_days(), std::slice::from_ref(&days), ScalarValue::Int64(Some(4)));
    check(&median_gap_days(), std::slice::from_ref(&days), ScalarValue::Float64(Some(10.0)));
    // Gaps 10, 10, 20: mean 40/3, sample variance 100/3.
    let variation = 3.0_f64.sqrt() / 4.0;
    check(&gap_variation(), &[days], ScalarValue::Float64(Some(variation)));
    let two: ArrayRef = Arc::new(Date32Array::from(vec![9, 7, 2]));
    check(&median_gap_days(), &[two], ScalarValue::Float64(Some(3.5)));
    let one: ArrayRef = Arc::new(Date32Array::from(vec![7, 7]));
    check(&median_gap_days(), std::slice::from_ref(&one), ScalarValue::Float64(None));
    check(&gap_variation(), &[one], ScalarValue::Float64(None));
}

#[test]
fn the_first_day_is_summed_whatever_the_order() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![5, 3, 4, 3]));
    let values: ArrayRef = Arc::new(Float64Array::from(vec![Some(100.0), Some(1.0), None, Some(2.0)]));
    check(&first_day_sum(), &[days, values], ScalarValue::Float64(Some(3.0)));
}

#[test]
fn sums_are_the_same_whatever_the_order() {
    let values: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.5), None, Some(-0.25), Some(4.0)]));
    check(&number_sum(), &[values], ScalarValue::Float64(Some(5.25)));
    // Added one by one, ten tenths are 0.9999999999999999, and what is small is lost beside what is large.
    let tenths: ArrayRef = Arc::new(Float64Array::from(vec![0.1; 10]));
    check(&number_sum(), &[tenths], ScalarValue::Float64(Some(1.0)));
    let mut far_apart = vec![1e16, 0.7, -1e16, 2.15, 45.9, 0.3, 1e15, -0.05];
    for _ in 0..far_apart.len() {
        far_apart.rotate_left(3);
        let (days, values): (ArrayRef, ArrayRef) =
            (Arc::new(Date32Array::from(vec![1; 8])), Arc::new(Float64Array::from(far_apart.clone())));
        let sum = ScalarValue::Float64(Some(1e15 + 49.0));
        check(&first_day_sum(), &[days, Arc::clone(&values)], sum.clone());
        check(&number_sum(), &[values], sum);
    }
    for beyond in
        [[f64::MAX, f64::MAX, 1.0, -5.0], [1.0, -5.0, f64::MAX, f64::MAX], [f64::INFINITY, 1.0, 2.0, 3.0]]
    {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![7; 4]));
        let beyond: ArrayRef = Arc::new(Float64Array::from(beyond.to_vec()));
        check(&first_day_sum(), &[days, Arc::clone(&beyond)], ScalarValue::Float64(Some(f64::INFINITY)));
        check(&number_sum(), &[beyond], ScalarValue::Float64(Some(f64::INFINITY)));
    }
    let negative: ArrayRef = Arc::new(Float64Array::from(vec![-0.0, -0.0]));
    check(&number_sum(), &[negative], ScalarValue::Float64(Some(0.0)));
}

#[test]
fn of_each_key_the_latest_value_counts() {
    let twice = |n: usize| -> ArrayRef { Arc::new(Int64Array::from(vec![2; n])) };
    let columns: [ArrayRef; 4] = [
        Arc::new(Int64Array::from(vec![Some(1), Some(2), Some(1), Some(2), Some(2), None, Some(3), Some(1)])),
        times(&[Some(5), Some(1), Some(9), None, Some(1), Some(9), Some(9), Some(-3)]),
        Arc::new(Float64Array::from(vec![
            Some(4.0),
            Some(-2.0),
            Some(-1.5),
            Some(9.0),
            Some(-1.0),
            Some(7.0),
            None,
            Some(3.0),
        ])),
        twice(8),
    ];
    // Of the first key −1.5 is the latest, of the second −1, the greater of two at one instant; the third has no value.
    check(&latest_mean(), &columns, ScalarValue::Float64(Some(-1.25)));
    let one: [ArrayRef; 4] = [
        Arc::new(Int64Array::from(vec![1, 1])),
        times(&[Some(5), None]),
        Arc::new(Float64Array::from(vec![4.0, 2.0])),
        twice(2),
    ];
    check(&latest_mean(), &one, ScalarValue::Float64(None));
}

#[test]
fn of_equally_frequent_values_the_least_is_the_mode() {
    let texts: ArrayRef =
        Arc::new(StringArray::from(vec![Some("b"), Some("a"), None, Some("b"), Some("a"), Some("c")]));
    check(&mode_text(), std::slice::from_ref(&texts), ScalarValue::Utf8(Some("a".into())));
    check(&mode_share(), std::slice::from_ref(&texts), ScalarValue::Float64(Some(0.4)));
    check(&distinct_texts(), &[texts], ScalarValue::Int64(Some(3)));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![10, 9, 9, 10]));
    check(&mode_integer(), &[numbers], ScalarValue::Int64(Some(9)));
    let none: ArrayRef = Arc::new(Int64Array::from(vec![None, None]));
    check(&mode_integer(), &[none], ScalarValue::Int64(None));
}

#[test]
fn the_latest_known_value_is_that_of_the_greatest_rank() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("old"), Some("new"), Some("older"), None]));
    let ranks: ArrayRef = Arc::new(Int64Array::from(vec![2, 3, 1, 4]));
    check(&latest_known(), &[texts, ranks], ScalarValue::Utf8(Some("new".into())));
}

#[test]
fn many_rows_of_few_values_are_kept_small() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![1; 100_000]));
    let mut sets = many(&active_days(), std::slice::from_ref(&days));
    let ranks: ArrayRef = Arc::new((0..100_000).collect::<Int64Array>());
    let columns = [Arc::clone(&days), ranks];
    let mut latest = many(&latest_known(), &columns);
    for _ in 0..20 {
        sets.update_batch(&columns[..1], &vec![0; 100_000], None, 1).unwrap();
        latest.update_batch(&columns, &vec![0; 100_000], None, 1).unwrap();
    }
    for (kept, bytes) in [(sets.size(), 4_000_000), (latest.size(), 4_000_000)] {
        assert!(kept < bytes, "{kept} bytes");
    }
    assert_eq!(sets.evaluate(EmitTo::All).unwrap().as_ref(), &Int64Array::from(vec![1]));
}

#[test]
fn days_that_occur_twice_are_counted_over_parts() {
    let days: ArrayRef =
        Arc::new(Date32Array::from(vec![Some(3), Some(1), None, Some(3), Some(-1), None, Some(3)]));
    let twice: ArrayRef = Arc::new(Int64Array::from(vec![2; 7]));
    check(&frequent_days(), &[days, twice], ScalarValue::Int64(Some(1)));
    let days: ArrayRef = Arc::new(Date32Array::from(vec![1, 2, 2, 1]));
    let twice: ArrayRef = Arc::new(Int64Array::from(vec![2; 4]));
    check(&frequent_days(), &[days, twice], ScalarValue::Int64(Some(2)));
}

fn times(times: &[Option<i64>]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(times.to_vec()).with_timezone("UTC"))
}

fn bytes(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[test]
fn moments_are_gathered_in_order_and_those_of_one_instant_are_one() {
    let columns: [ArrayRef; 3] = [
        times(&[Some(5), Some(2), None, Some(5), Some(1), Some(5)]),
        Arc::new(Int64Array::from(vec![Some(1), Some(2), Some(1), Some(4), Some(0), Some(1)])),
        Arc::new(Int64Array::from(vec![Some(7), Some(7), Some(7), Some(7), Some(7), None])),
    ];
    let expected = [bytes(&[7, 2]), vec![2, 0], bytes(&[7, 5]), vec![5, 0]].concat();
    check(&sequence_moments(), &columns, ScalarValue::Binary(Some(expected)));
    let nothing: [ArrayRef; 3] =
        [times(&[Some(5)]), Arc::new(Int64Array::from(vec![0])), Arc::new(Int64Array::from(vec![7]))];
    check(&sequence_moments(), &nothing, ScalarValue::Binary(None));
}

#[test]
fn stretches_that_touch_are_one() {
    let columns = [
        times(&[Some(9), Some(1), Some(4), Some(20), None]),
        times(&[None, Some(4), Some(6), None, Some(3)]),
    ];
    let expected = bytes(&[1, 6, 9, i64::MAX]);
    check(&stretches(), &columns, ScalarValue::Binary(Some(expected)));
}
