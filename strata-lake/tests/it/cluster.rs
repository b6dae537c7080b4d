//! The same plans give the same rows embedded and on a cluster.

use std::collections::BTreeMap;

use strata_lake::arrow::util::pretty::pretty_format_batches;
use strata_lake::{Engine, EngineOptions, Mode, Write};

use crate::fixtures::{Fixture, named, stream};

#[tokio::test(flavor = "multi_thread")]
async fn both_modes_give_equal_batches() {
    let fixture = Fixture::new().await;
    let rows: Vec<_> = (0..1000).map(|n| (n, ["ann", "bob", "eve"][n as usize % 3])).collect();
    let parts = rows.chunks(300).map(named).collect();
    let write = Write { max_rows_per_file: 300, ..Write::replace(stream(parts), "run1", 0) };
    fixture.lake().write("raw.shop", write).await.unwrap();
    let options =
        EngineOptions { mode: Mode::Standalone, target_partitions: Some(2), ..EngineOptions::default() };
    let cluster = Engine::new(fixture.lake().clone(), options).await.unwrap();
    let tables = BTreeMap::from([("raw.shop".to_owned(), 0)]);
    for query in [
        "select name, count(*) as n, sum(id) filter (where id % 7 = 0) as sevens,
            median(id) as middle
         from raw.shop group by name order by name",
        "select id, name, row_number() over (partition by name order by id desc) as place, lag(id) over (order by id) as before
         from raw.shop where id < 50 order by id",
        "select count(*) from raw.shop where name like 'z%'",
    ] {
        let embedded = fixture.engine.sql(query, &tables).await.unwrap().collect().await.unwrap();
        let distributed = cluster.sql(query, &tables).await.unwrap().collect().await.unwrap();
        assert_eq!(embedded[0].schema().fields(), distributed[0].schema().fields(), "{query}");
        assert_eq!(
            pretty_format_batches(&embedded).unwrap().to_string(),
            pretty_format_batches(&distributed).unwrap().to_string(),
            "{query}"
        );
    }
}
