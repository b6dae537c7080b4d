//! Tables that are read part by part.

use std::collections::BTreeMap;

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Partitioning, ident, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_lake::{Division, Write, WriteMode};

use crate::fixtures::{Fixture, ids, stream};

fn division(rule: &str, n_parts: usize) -> Division {
    Division { rule: rule.to_owned(), n_parts, sorted_by: Some("id".to_owned()) }
}

/// Writes `raw.shop` in parts of these ids.
async fn write(fixture: &Fixture, table: &str, parts: &[&[i64]], divisions: &[Division]) -> u64 {
    let parts = parts.iter().map(|part| stream(vec![ids(part.iter().copied())])).collect();
    let write = Write::replace_by(parts, "run1", 0);
    let write = divisions.iter().cloned().fold(write, Write::divided);
    fixture.lake().write(table, write).await.unwrap().version
}

/// The ids of each part of a version of `raw.shop`.
async fn parts(fixture: &Fixture, version: u64, like: &Division) -> Option<Vec<Vec<i64>>> {
    let parts = fixture.lake().parts("raw.shop", version, like).await.unwrap()?;
    let mut found = Vec::new();
    for part in parts {
        let rows = fixture.engine.context().read_table(part).unwrap();
        found.push(column(rows.collect().await.unwrap()));
    }
    Some(found)
}

fn column(batches: Vec<strata_lake::arrow::array::RecordBatch>) -> Vec<i64> {
    use strata_lake::arrow::{array::AsArray, datatypes::Int64Type};
    let values = |batch: &strata_lake::arrow::array::RecordBatch| {
        batch.column(0).as_primitive::<Int64Type>().values().to_vec()
    };
    batches.iter().flat_map(values).collect()
}

#[tokio::test]
async fn parts_come_back_one_by_one_those_without_rows_too() {
    let fixture = Fixture::new().await;
    let (three, two) = (division("a", 3), division("b", 2));
    let version =
        write(&fixture, "raw.shop", &[&[1, 4], &[], &[2], &[], &[3]], &[three.clone(), two.clone()]).await;
    assert_eq!(parts(&fixture, version, &three).await, Some(vec![vec![1, 4], vec![], vec![2]]));
    assert_eq!(parts(&fixture, version, &two).await, Some(vec![vec![], vec![3]]));
    for other in [division("a", 2), division("c", 3)] {
        assert_eq!(parts(&fixture, version, &other).await, None, "{other:?}");
    }
    assert_eq!(fixture.rows(version).await, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn each_version_has_its_own_division_and_appended_rows_end_it() {
    let fixture = Fixture::new().await;
    let two = division("a", 2);
    let first = write(&fixture, "raw.shop", &[&[1], &[2]], std::slice::from_ref(&two)).await;
    fixture.write(Some(first), WriteMode::Append, "more", ids([3])).await;
    let whole = write(&fixture, "raw.shop", &[&[1], &[2]], &[]).await;
    // Past a checkpoint too.
    let mut last = whole;
    for _ in 0..11 {
        last = write(&fixture, "raw.shop", &[&[7], &[8]], &[]).await;
        last = last.max(write(&fixture, "raw.shop", &[&[1], &[2]], std::slice::from_ref(&two)).await);
    }
    assert_eq!(last, whole + 22);
    for version in [first, last] {
        assert_eq!(parts(&fixture, version, &two).await, Some(vec![vec![1], vec![2]]), "{version}");
    }
    for version in [first + 1, whole, last - 1] {
        assert_eq!(parts(&fixture, version, &two).await, None, "{version}");
    }
}

/// How often each id of `shop` occurs in `visits`, and whether `home` knows it.
async fn counted(fixture: &Fixture) -> DataFrame {
    let table = async |name: &str| fixture.engine.table(name, 0).await.unwrap();
    let visits = table("visits").await.repartition(Partitioning::Hash(vec![ident("id")], 4)).unwrap();
    let visits =
        visits.aggregate(vec![ident("id").alias("visitor")], vec![count(lit(1)).alias("n")]).unwrap();
    let home = table("home").await.select(vec![ident("id").alias("known")]).unwrap();
    let shop = table("shop").await.select(vec![ident("id")]).unwrap();
    let joined = shop.join(visits, JoinType::Left, &["id"], &["visitor"], None).unwrap();
    let joined = joined.join(home, JoinType::Left, &["id"], &["known"], None).unwrap();
    joined.sort(vec![ident("id").sort(true, true)]).unwrap()
}

#[tokio::test]
async fn a_plan_over_parts_gives_the_rows_of_the_plan() {
    let fixture = Fixture::new().await;
    let three = division("a", 3);
    write(&fixture, "shop", &[&[1, 4, 7], &[2, 5], &[]], std::slice::from_ref(&three)).await;
    write(&fixture, "visits", &[&[1, 1, 7], &[5], &[]], std::slice::from_ref(&three)).await;
    write(&fixture, "home", &[&[5, 7]], &[]).await;
    let tables = BTreeMap::from(["shop", "visits", "home"].map(|name| (name.to_owned(), 0)));
    let plan = counted(&fixture).await;
    let whole = plan.clone().collect().await.unwrap();
    let whole = strata_lake::arrow::compute::concat_batches(&whole[0].schema(), &whole).unwrap();

    let divided = fixture.engine.part_by_part(&plan, &tables, &three, &["home"]).await.unwrap().unwrap();
    let mut found = Vec::new();
    for part in divided {
        let stream = part.stream().await.unwrap();
        found.push(strata_lake::datafusion::physical_plan::common::collect(stream).await.unwrap());
    }
    assert_eq!(
        found.iter().map(|part| column(part.clone())).collect::<Vec<_>>(),
        [vec![1, 4, 7], vec![2, 5], vec![]]
    );
    let found: Vec<_> = found.into_iter().flatten().collect();
    let found = strata_lake::arrow::compute::concat_batches(&whole.schema(), &found).unwrap();
    let order = strata_lake::arrow::compute::sort_to_indices(found.column(0), None, None).unwrap();
    assert_eq!(strata_lake::arrow::compute::take_record_batch(&found, &order).unwrap(), whole);

    for (like, read_whole) in [(&three, &[][..]), (&division("b", 3), &["home"][..])] {
        let refused = fixture.engine.part_by_part(&plan, &tables, like, read_whole).await.unwrap();
        assert!(refused.is_none(), "{like:?} {read_whole:?}");
    }
}
