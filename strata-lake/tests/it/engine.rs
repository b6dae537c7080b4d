//! Sessions: SQL over pinned versions, and what is refused there.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::common::{Column, JoinType, TableReference};
use strata_lake::datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use strata_lake::datafusion::physical_plan::{ExecutionPlan, collect};
use strata_lake::datafusion::prelude::col;
use strata_lake::{EngineOptions, Functions, LakeError, Write, WriteMode};

use crate::fixtures::{Fixture, ids, lines, named, stream};

fn pinned(tables: &[(&str, u64)]) -> BTreeMap<String, u64> {
    tables.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect()
}

#[tokio::test]
async fn sql_reads_logical_names_at_pinned_versions() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "b1", named(&[(1, "one")])).await;
    fixture.write(Some(0), WriteMode::Append, "b2", named(&[(2, "two")])).await;
    let write = Write::replace(stream(vec![ids([1, 2, 3])]), "run1", 0);
    fixture.lake().write("profile", write).await.unwrap();
    let query = "with s as (select * from raw.shop)
        select p.id, s.name from profile p left join s on s.id = p.id";
    for (version, expected) in [(0, ["1|one", "2|", "3|"]), (1, ["1|one", "2|two", "3|"])] {
        let frame =
            fixture.engine.sql(query, &pinned(&[("profile", 0), ("raw.shop", version)])).await.unwrap();
        assert_eq!(lines(frame).await, expected);
    }
}

#[tokio::test]
async fn sql_refuses_what_is_not_a_query() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "b1", ids([1])).await;
    let tables = pinned(&[("raw.shop", 0)]);
    for statement in [
        "create table t as select * from raw.shop",
        "create view v as select 1",
        "create external table t stored as csv location '/etc/passwd'",
        "drop table raw.shop",
        "insert into raw.shop values (2)",
        "delete from raw.shop",
        "update raw.shop set id = 2",
        "copy raw.shop to '/tmp/copy.csv'",
        "copy (select 1) to '/tmp/copy.csv'",
        "explain analyze insert into raw.shop values (2)",
        "set datafusion.execution.batch_size = 1",
        "begin transaction",
    ] {
        let refused = fixture.engine.sql(statement, &tables).await;
        assert!(matches!(refused, Err(LakeError::ReadOnly { .. })), "{statement}: {:?}", refused.err());
    }
    assert_eq!(fixture.rows(0).await, ["1"]);
}

#[tokio::test]
async fn sql_says_what_is_wrong() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "b1", ids([1])).await;
    let check = async |query: &str, message: &str, cause: &str| {
        let error = fixture.engine.sql(query, &pinned(&[("raw.shop", 0)])).await.unwrap_err();
        assert_eq!(error.to_string(), message, "{query}");
        let found = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(found.contains(cause), "{query}: {found}");
    };
    check("select * from shop", "there is no table `shop`", "").await;
    check("select * from '/etc/passwd'", "there is no table `/etc/passwd`", "").await;
    check("selec 1", "cannot plan the query", "found: selec").await;
    check("select nme from raw.shop", "cannot plan the query", "nme").await;
    // A clock or a die would make two runs of one query differ.
    for function in ["now()", "today()", "random()", "uuid()"] {
        check(&format!("select {function}"), "cannot plan the query", "Invalid function").await;
    }
    for keyword in ["current_date", "current_timestamp"] {
        check(&format!("select {keyword}"), "cannot plan the query", "No field named current_").await;
    }
}

#[tokio::test]
async fn two_tables_join_without_clashing_names() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "b1", named(&[(1, "one"), (2, "two")])).await;
    let write = Write::replace(stream(vec![named(&[(2, "deux")])]), "run1", 0);
    fixture.lake().write("Profile", write).await.unwrap();
    let left = fixture.engine.table("raw.shop", 0).await.unwrap();
    let right = fixture.engine.table("Profile", 0).await.unwrap();
    let right_id = col(Column::new(Some(TableReference::bare("Profile")), "id"));
    let joined = left.join_on(right, JoinType::Inner, [col("raw.shop.id").eq(right_id)]).unwrap();
    assert_eq!(lines(joined).await, ["2|two|2|deux"]);
}

#[tokio::test]
async fn functions_are_registered_with_the_session() {
    let twice = create_udf(
        "twice",
        vec![DataType::Int64],
        DataType::Int64,
        Volatility::Immutable,
        Arc::new(|arguments: &[ColumnarValue]| {
            let values = ColumnarValue::values_to_arrays(arguments)?;
            let doubled: Int64Array = values[0].as_primitive::<Int64Type>().unary(|value| value * 2);
            Ok(ColumnarValue::Array(Arc::new(doubled)))
        }),
    );
    let functions = Functions { scalar: vec![twice], ..Functions::default() };
    let fixture = Fixture::with(EngineOptions { functions, ..EngineOptions::default() }).await;
    fixture.write(None, WriteMode::Append, "b1", ids([21])).await;
    let frame =
        fixture.engine.sql("select twice(id) from raw.shop", &pinned(&[("raw.shop", 0)])).await.unwrap();
    assert_eq!(lines(frame).await, ["42"]);
}

#[tokio::test]
async fn a_sort_larger_than_its_memory_spills() {
    let spill = tempfile::tempdir().unwrap();
    let options = EngineOptions {
        target_partitions: Some(1),
        memory_limit_bytes: Some(24 << 20),
        temp_dir: Some(spill.path().to_owned()),
        ..EngineOptions::default()
    };
    let fixture = Fixture::with(options).await;
    let rows = 600_000_i64;
    let columns = |from: i64| {
        let key: ArrayRef =
            Arc::new(Int64Array::from_iter_values((from..from + 8_192).map(|n| (n * 7_919) % rows)));
        RecordBatch::try_from_iter([("id", key.clone()), ("a", key.clone()), ("b", key.clone()), ("c", key)])
            .unwrap()
    };
    let parts = (0..rows / 8_192).map(|part| columns(part * 8_192)).collect();
    let write = Write::replace(stream(parts), "run1", 0);
    fixture.lake().write("raw.shop", write).await.unwrap();
    let query =
        "select sum(d) from (select id - lag(id) over (order by id, a desc) as d, b, c from raw.shop)";
    let frame = fixture.engine.sql(query, &pinned(&[("raw.shop", 0)])).await.unwrap();
    let plan = frame.clone().create_physical_plan().await.unwrap();
    let context = Arc::new(frame.task_ctx());
    collect(plan.clone(), context).await.unwrap();
    fn spills(plan: &Arc<dyn ExecutionPlan>) -> usize {
        let own = plan.metrics().and_then(|metrics| metrics.spill_count()).unwrap_or(0);
        own + plan.children().into_iter().map(spills).sum::<usize>()
    }
    assert!(spills(&plan) > 0);
}
