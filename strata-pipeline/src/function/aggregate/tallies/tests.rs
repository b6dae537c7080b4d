//! What tallies take of rows that come whole and as states, by dictionaries and by plain texts.

use strata_lake::arrow::array::{
    DictionaryArray, Float64Array, Int64Array, NullArray, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::{Field, Int8Type, TimeUnit};
use strata_lake::arrow::util::pretty::pretty_format_columns;

use super::super::super::tally::Rows;
use super::*;

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn tally(take: Take, of: Option<usize>, texts: &[&str], within: Option<(i64, i64)>) -> Tally {
    let texts = (!texts.is_empty()).then(|| texts.iter().map(|text| (*text).to_owned()).collect());
    Tally { take, of, rows: Rows { texts, from: within.map(|at| at.0), until: within.map(|at| at.1) } }
}

/// Figures over value 0, which is the time, 1, a number, and 2, a whole number.
fn tallies() -> Tallies {
    let of = |kind: DataType, tally| (kind, tally);
    let within = Some((10, 20));
    let figures = [
        of(DataType::Int64, tally(Take::Count, None, &["a"], within)),
        of(DataType::Int64, tally(Take::Count, Some(1), &["a", "b"], None)),
        of(DataType::Float64, tally(Take::Sum, Some(1), &["b", "a"], within)),
        of(instant(), tally(Take::Greatest, Some(0), &["b"], None)),
        of(DataType::Float64, tally(Take::Least, Some(1), &[], None)),
        of(DataType::Int64, tally(Take::Sum, Some(2), &[], within)),
        of(DataType::Int64, tally(Take::Greatest, Some(2), &["a"], None)),
    ];
    let fields = figures.iter().enumerate();
    let fields =
        fields.map(|(at, (kind, tally))| Field::new(at.to_string(), kind.clone(), tally.take != Take::Count));
    Tallies::new(&figures.clone().map(|figure| figure.1), &fields.collect()).unwrap()
}

/// A text, a time, a number and a whole number.
type TestRow = (Option<&'static str>, Option<i64>, Option<f64>, Option<i64>);

/// Rows of group 0 and group 1, in turn: on the window's edges and just outside, without a time, a text, a value.
const ROWS: [TestRow; 12] = [
    (Some("a"), Some(10), Some(1.0), Some(1)),
    (Some("a"), Some(9), Some(1.5), Some(-5)),
    (Some("a"), Some(20), Some(2.0), Some(2)),
    (Some("b"), Some(21), Some(-3.0), Some(4)),
    (Some("a"), Some(21), Some(4.0), None),
    (Some("b"), None, Some(5.0), Some(8)),
    (None, Some(15), Some(-8.0), Some(16)),
    (Some("c"), Some(15), None, Some(32)),
    (Some("b"), Some(12), Some(0.5), Some(64)),
    (None, None, None, None),
    (Some("b"), Some(11), None, Some(128)),
    (Some("c"), Some(30), Some(9.0), Some(256)),
];

const EXPECTED: [[&str; 7]; 2] =
    [["2", "4", "3.5", "12", "-8.0", "211", "2"], ["0", "3", "", "21", "-3.0", "32", "-5"]];

fn columns(key: impl Fn(Vec<Option<&'static str>>) -> ArrayRef) -> Vec<ArrayRef> {
    let constants: [ArrayRef; 2] = [(); 2].map(|()| Arc::new(NullArray::new(ROWS.len())) as ArrayRef);
    let key = key(ROWS.iter().map(|row| row.0).collect());
    let time: ArrayRef =
        Arc::new(ROWS.iter().map(|row| row.1).collect::<TimestampMicrosecondArray>().with_timezone("UTC"));
    let number: ArrayRef = Arc::new(ROWS.iter().map(|row| row.2).collect::<Float64Array>());
    let integer: ArrayRef = Arc::new(ROWS.iter().map(|row| row.3).collect::<Int64Array>());
    constants.into_iter().chain([key, Arc::clone(&time), time, number, integer]).collect()
}

fn plain(texts: Vec<Option<&'static str>>) -> ArrayRef {
    Arc::new(StringArray::from(texts))
}

fn dictionary(texts: Vec<Option<&'static str>>) -> ArrayRef {
    Arc::new(texts.into_iter().collect::<DictionaryArray<Int8Type>>())
}

#[track_caller]
fn check(figures: &ArrayRef, expected: &[[&str; 7]]) {
    let figures = figures.as_struct();
    assert_eq!(figures.len(), expected.len());
    for (at, figure) in figures.columns().iter().enumerate() {
        let figure = match figure.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => Arc::new(times.reinterpret_cast::<Int64Type>()) as ArrayRef,
            None => Arc::clone(figure),
        };
        let shown = pretty_format_columns("", &[figure]).unwrap().to_string();
        let shown: Vec<&str> = shown.lines().skip(3).filter_map(|line| line.strip_prefix('|')).collect();
        let shown: Vec<&str> = shown.iter().map(|cell| cell.trim_matches(['|', ' '])).collect();
        let expected: Vec<&str> = expected.iter().map(|group| group[at]).collect();
        assert_eq!(shown, expected, "figure {at}");
    }
}

fn slices(columns: &[ArrayRef], from: usize, n: usize) -> Vec<ArrayRef> {
    columns.iter().map(|column| column.slice(from, n)).collect()
}

#[test]
fn edges_count_and_what_is_missing_does_not() {
    let groups: Vec<usize> = (0..ROWS.len()).map(|row| row % 2).collect();
    for columns in [columns(plain), columns(dictionary)] {
        let mut whole = tallies();
        whole.update_batch(&columns, &groups, None, 2).unwrap();
        check(&whole.evaluate(EmitTo::All).unwrap(), &EXPECTED);
    }
}

#[test]
fn a_filter_keeps_rows_out() {
    let columns = columns(dictionary);
    let even: BooleanArray = (0..ROWS.len()).map(|row| (row != 3).then_some(row % 2 == 0)).collect();
    let mut filtered = tallies();
    filtered.update_batch(&columns, &[0; ROWS.len()], Some(&even), 2).unwrap();
    check(&filtered.evaluate(EmitTo::All).unwrap(), &[EXPECTED[0], ["0", "0", "", "", "", "", ""]]);
}

#[test]
fn states_come_together_and_groups_leave_in_order() {
    let columns = columns(dictionary);
    // Many groups before them, so that they leave from the middle of a chunk and from another one.
    let n_before = GROUPS_OF_A_CHUNK + 500;
    let groups: Vec<usize> = (0..ROWS.len()).map(|row| n_before + row % 2).collect();
    let (mut all, mut part) = (tallies(), tallies());
    all.update_batch(&slices(&columns, 0, 5), &groups[..5], None, n_before + 2).unwrap();
    let early = all.evaluate(EmitTo::First(n_before)).unwrap();
    assert_eq!(early.as_struct().column(0).as_primitive::<Int64Type>().values().iter().sum::<i64>(), 0);
    assert_eq!(early.as_struct().column(2).null_count(), n_before);
    part.update_batch(&slices(&columns, 5, 4), &[1, 0, 1, 0], None, 2).unwrap();
    all.merge_batch(&part.state(EmitTo::All).unwrap(), &[0, 1], 2).unwrap();
    let rows = tallies().convert_to_state(&slices(&columns, 9, 3), None).unwrap();
    all.merge_batch(&rows, &[1, 0, 1], 2).unwrap();
    check(&all.evaluate(EmitTo::First(1)).unwrap(), &EXPECTED[..1]);
    check(&all.evaluate(EmitTo::All).unwrap(), &EXPECTED[1..]);
    assert!(all.size() < 1_000, "nothing is kept of groups that left");
}

#[test]
fn sums_do_not_depend_on_where_rows_were_added() {
    let amounts = [1e16, 0.7, -1e16, 2.15, 45.9, 0.3, 1e15, -0.05];
    for split in 0..=amounts.len() {
        let tally = [tally(Take::Sum, Some(0), &[], None), tally(Take::Least, Some(0), &[], None)];
        let fields: Fields =
            ["0", "1"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect();
        let (mut one, mut other) =
            (Tallies::new(&tally, &fields).unwrap(), Tallies::new(&tally, &fields).unwrap());
        for (tallies, amounts) in [(&mut one, &amounts[..split]), (&mut other, &amounts[split..])] {
            let n = amounts.len();
            let nothing: ArrayRef = Arc::new(NullArray::new(n));
            let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![7; n]).with_timezone("UTC"));
            let amounts: ArrayRef = Arc::new(Float64Array::from(amounts.to_vec()));
            let columns = [&nothing, &nothing, &nothing, &time, &amounts].map(Arc::clone);
            tallies.update_batch(&columns, &vec![0; n], None, 1).unwrap();
        }
        let states = other.state(EmitTo::All).unwrap();
        let types: Vec<DataType> = states.iter().map(|state| state.data_type().clone()).collect();
        assert_eq!(types, state_types(&fields));
        one.merge_batch(&states, &[0], 1).unwrap();
        let figures = one.evaluate(EmitTo::All).unwrap();
        let figure = |at: usize| figures.as_struct().column(at).as_primitive::<Float64Type>().value(0);
        assert_eq!((figure(0), figure(1)), (1e15 + 49.0, -1e16), "{split} rows before the others");
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    let mut columns = columns(plain);
    columns[5] = Arc::clone(&columns[6]);
    let error = tallies().update_batch(&columns, &[0; ROWS.len()], None, 1).unwrap_err();
    assert!(error.to_string().contains("LeastFloat cannot be taken of Int64"), "{error}");
}
