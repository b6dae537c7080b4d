//! Columns that are of one type at first and of another later on, within a file and between files: what can be read is, and
//! what cannot is told.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use strata_lake::arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use strata_lake::arrow::datatypes::{Field, Int32Type, Schema};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;
use strata_pipeline::error::Error;
use strata_pipeline::run::{Options, Session, run};

use crate::support::{Trial, number, text};

/// A project whose source `orders` is read from `path`.
fn shop(path: &str) -> Trial {
    Trial::new(&format!(
        r#"
[project]
title = "Shop"
[sources.orders]
path = "{path}"
[sources.orders.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "date"
amount = "amount"
"#
    ))
}

/// Reasons of `rejected` without the values that they quote, each with how often it occurs.
async fn rejected(trial: &Trial) -> Vec<(String, f64)> {
    let rows = trial
        .ask("select split_part(reason, ': `', 1) as reason, count(*) as n from rejected group by 1 order by 1")
        .await;
    rows.iter().map(|row| (text(row, "reason").to_owned(), number(row, "n"))).collect()
}

/// How many orders there are, how many with an amount, and what these add up to.
async fn orders(trial: &Trial) -> (f64, f64, f64) {
    let row = trial
        .ask_one("select count(*) as n, count(amount) as n_amounts, sum(amount) as sum from orders")
        .await;
    (number(&row, "n"), number(&row, "n_amounts"), number(&row, "sum"))
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_become_words_after_thousands_of_rows() {
    let trial = shop("orders.csv");
    let mut csv = "id,customer,date,amount\n".to_owned();
    (0..5_000).for_each(|row| csv += &format!("{row},c{},2025-03-01,2\n", row % 50));
    (5_000..5_100).for_each(|row| csv += &format!("{row},c1,2025-03-01,free of charge\n"));
    csv += "5100,c1,2025-03-01,n/a\n5101,c1,soon,3\n5102,c1,2025-03-01,4.5\n";
    trial.write("orders.csv", &csv);
    trial.run("2026-01-01", &Session::default()).await;
    assert_eq!(orders(&trial).await, (5_102.0, 5_001.0, 10_004.5), "an order without a sum is an order");
    assert_eq!(
        rejected(&trial).await,
        [
            ("ordered_at is not a date".to_owned(), 1.0),
            ("value dropped: amount is not a number".to_owned(), 100.0)
        ]
    );
    let row = trial.ask_one("select line, text from rejected where reason like '%soon%'").await;
    assert_eq!(number(&row, "line"), 5_103.0);
    assert!(text(&row, "text").contains("soon"), "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_a_number_then_a_text_then_an_object() {
    // Keys beyond the first 1,000 lines are no columns any more, and not lost either.
    for n_numbers in [2, 1_500] {
        let trial = shop("orders.jsonl");
        let line = |id: usize, amount: &str| {
            format!(
                "{{\"id\": {id}, \"customer\": \"c1\", \"date\": \"2025-03-01\", \"amount\": {amount}}}\n"
            )
        };
        let mut lines: String = (0..n_numbers).map(|id| line(id, "2")).collect();
        lines += &line(n_numbers, "\"3.50\"");
        lines += &line(n_numbers + 1, "{\"value\": 7, \"currency\": \"EUR\"}");
        lines += &line(n_numbers + 2, "[1, 2]");
        lines += &line(n_numbers + 3, "null");
        trial.write("orders.jsonl", &lines);
        trial.run("2026-01-01", &Session::default()).await;
        let n = n_numbers as f64;
        assert_eq!(orders(&trial).await, (n + 4.0, n + 1.0, 2.0 * n + 3.5), "{n_numbers}");
        assert_eq!(
            rejected(&trial).await,
            [("value dropped: amount is not a number".to_owned(), 1.0)],
            "{n_numbers}"
        );
        let row = trial
            .ask_one(&format!("select amount, properties from orders where order_id = '{}'", n_numbers + 1))
            .await;
        assert!(
            text(&row, "properties").contains('7') && text(&row, "properties").contains("EUR"),
            "{row:?}"
        );
    }
}

fn parquet(path: &Path, ids: ArrayRef, amounts: ArrayRef) {
    let n = ids.len();
    let texts = |value: &str| Arc::new(StringArray::from(vec![value; n])) as ArrayRef;
    let columns =
        [("id", ids), ("customer", texts("c1")), ("date", texts("2025-03-01")), ("amount", amounts)];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns.map(|(_, array)| array).to_vec()).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_source_that_hold_a_column_in_different_types() {
    let trial = shop("orders-*.parquet");
    let path = |name: &str| trial.folder().join(name);
    let numbers = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    parquet(&path("orders-1.parquet"), numbers(), Arc::new(Float64Array::from(vec![2.5, 0.1])));
    trial.run("2026-01-01", &Session::default()).await;
    assert_eq!(orders(&trial).await, (2.0, 2.0, 2.6));
    // Ids become texts and amounts whole numbers, then texts; what was read before is read again, and the same comes out.
    let texts = Arc::new(StringArray::from(vec!["2", "A-3", "4"]));
    parquet(&path("orders-2.parquet"), texts, Arc::new(Int64Array::from(vec![Some(2), Some(3), None])));
    trial.run("2026-01-02", &Session::default()).await;
    assert_eq!(orders(&trial).await, (4.0, 3.0, 7.5), "order 2 is one order, as the later file has it");
    let texts = Arc::new(StringArray::from(vec![Some("1.25"), Some("?")]));
    parquet(&path("orders-3.parquet"), Arc::new(Int64Array::from(vec![5, 6])), texts);
    trial.run("2026-01-03", &Session::default()).await;
    assert_eq!(orders(&trial).await, (6.0, 4.0, 8.75));
    assert_eq!(rejected(&trial).await, [("value dropped: amount is not a number".to_owned(), 1.0)]);
    // The files agree again once the others are gone.
    fs::remove_file(path("orders-2.parquet")).unwrap();
    fs::remove_file(path("orders-3.parquet")).unwrap();
    trial.run("2026-01-04", &Session::default()).await;
    assert_eq!(orders(&trial).await, (2.0, 2.0, 2.6));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_read_as_one_table_are_named_with_a_way_out() {
    let trial = shop("orders-*.parquet");
    let path = |name: &str| trial.folder().join(name);
    let ids = || Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    parquet(&path("orders-1.parquet"), ids(), Arc::new(Float64Array::from(vec![2.5])));
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)])]);
    let structs = strata_lake::arrow::array::StructArray::from(vec![(
        Arc::new(Field::new("list", list.data_type().clone(), true)),
        Arc::new(list) as ArrayRef,
    )]);
    parquet(&path("orders-2.parquet"), ids(), Arc::new(structs));
    let project = trial.project();
    let options = Options { as_of: project.instant("2026-01-01").unwrap(), ..Options::default() };
    let error: Error = run(project, options, Arc::new(|_| ())).await.unwrap_err();
    let told = format!("{error:?}");
    assert!(told.contains("orders-2.parquet") && told.contains("amount"), "{told}");
    assert!(error.hint().is_some_and(|hint| hint.contains("one type")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_that_change_the_way_they_are_written() {
    let trial = shop("orders.csv");
    let mut csv = "id,customer,date,amount\n".to_owned();
    (1..=600).for_each(|row| csv += &format!("{row},c1,2025-03-{:02},1\n", row % 28 + 1));
    (601..=1_200).for_each(|row| csv += &format!("{row},c1,{:02}/04/2025,1\n", row % 28 + 1));
    csv += "1201,c1,31/02/2025,1\n";
    trial.write("orders.csv", &csv);
    trial.run("2026-01-01", &Session::default()).await;
    let row = trial
        .ask_one(
            "select count(*) filter (where ordered_at >= '2025-03-01' and ordered_at < '2025-04-01') as march, \
             count(*) filter (where ordered_at >= '2025-04-01' and ordered_at < '2025-05-01') as april, \
             count(*) as n from orders",
        )
        .await;
    assert_eq!((number(&row, "march"), number(&row, "april"), number(&row, "n")), (600.0, 600.0, 1_200.0));
    assert_eq!(rejected(&trial).await, [("ordered_at is not a date".to_owned(), 1.0)]);
    let decisions = &trial.view().await.complete.summaries["canonical"].facts["report"]["decisions"];
    let reading = decisions.as_array().unwrap().iter().find(|each| each["column"] == "date").unwrap();
    assert_eq!(
        (&reading["reading"], &reading["basis"]),
        (&"day_first".into(), &"evidence".into()),
        "{decisions}"
    );
}
