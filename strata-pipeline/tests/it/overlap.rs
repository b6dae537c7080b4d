//! What segments share, counted over sets of numbers, against the same counted in SQL over memberships.

use std::collections::BTreeMap;

use strata_pipeline::overlap::{Ask, Overlap, Relation, overlap};
use strata_pipeline::run::Session;

use crate::support::{Trial, number, repository, text};

const SEGMENTS: &str = "
[segments.buyers]
where = \"n_orders >= 2\"
[segments.same_buyers]
where = \"not (n_orders < 2)\"
[segments.regulars]
where = \"n_orders >= 4\"
[segments.nearly_buyers]
where = \"n_orders >= 2 and bucket('a tenth') >= 0.05\"
[segments.early]
where = \"created_at < date '1997-02-01'\"
[segments.nobody]
where = \"n_orders < 0\"
";

async fn trial() -> Trial {
    let trial = Trial::example("cdnow");
    let manifest = std::fs::read_to_string(repository().join("examples/cdnow/strata.toml")).unwrap();
    trial.write("strata.toml", &format!("{manifest}{SEGMENTS}"));
    trial
}

/// How many are in both of any two, in SQL.
async fn in_sql(trial: &Trial) -> BTreeMap<[String; 2], u64> {
    let name = |of: &str| {
        format!(
            "case when {of}.segmentation is null then {of}.segment else {of}.segmentation || '/' || {of}.segment end"
        )
    };
    let query = format!(
        "select {} as one, {} as other, count(*) as n from membership a join membership b on a.subject_id = b.subject_id \
         where a.left_at is null and b.left_at is null and a.segment <> 'unassigned' and b.segment <> 'unassigned' \
         and (a.segmentation is null or b.segmentation is null or a.segmentation <> b.segmentation) group by 1, 2",
        name("a"),
        name("b")
    );
    let rows = trial.ask(&query).await;
    let pairs = rows
        .iter()
        .map(|row| ([text(row, "one").to_owned(), text(row, "other").to_owned()], number(row, "n") as u64));
    pairs.filter(|([one, other], _)| one < other).collect()
}

fn counted(overlap: &Overlap) -> BTreeMap<[String; 2], u64> {
    let name = |at: usize| overlap.sets[at].name.clone();
    let pairs = overlap.pairs.iter().map(|pair| {
        let mut names = [name(pair.first), name(pair.second)];
        names.sort_unstable();
        (names, pair.n_both)
    });
    pairs.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_are_those_of_a_join_of_memberships() {
    let trial = trial().await;
    for worth_dividing in [None, Some(100)] {
        trial.run("1997-09-30", &Session { worth_dividing, ..Session::default() }).await;
        let found = overlap(&trial.view().await, &Ask::default()).await.unwrap();
        assert_eq!(counted(&found), in_sql(&trial).await);
        assert_eq!(found.n_subjects, 2_357);
        assert!(found.combinations.is_some() || found.sets.len() > 64);

        let relation = |one: &str, other: &str| {
            let is = |at: usize, name: &str| found.sets[at].name == name;
            let pair = found.pairs.iter().find(|pair| {
                is(pair.first, one) && is(pair.second, other) || is(pair.first, other) && is(pair.second, one)
            });
            pair.map(|pair| if is(pair.first, one) { pair.relation() } else { swapped(pair.relation()) })
        };
        assert_eq!(relation("buyers", "same_buyers"), Some(Relation::Same));
        assert_eq!(relation("regulars", "buyers"), Some(Relation::Within));
        assert_eq!(relation("buyers", "nearly_buyers"), Some(Relation::Contains));
        assert_eq!(relation("buyers", "early"), Some(Relation::Overlaps));
        assert_eq!(relation("buyers", "nobody"), None);
        assert_eq!(found.pairs[0].relation(), Relation::Same);
    }
}

fn swapped(relation: Relation) -> Relation {
    match relation {
        Relation::Within => Relation::Contains,
        Relation::Contains => Relation::Within,
        relation => relation,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn combinations_divide_all_subjects() {
    let trial = trial().await;
    trial.run("1997-09-30", &Session { worth_dividing: Some(100), ..Session::default() }).await;
    let names = ["buyers", "regulars", "early"].map(str::to_owned).to_vec();
    let found = overlap(&trial.view().await, &Ask { names, ..Ask::default() }).await.unwrap();
    let combinations = found.combinations.as_ref().unwrap();
    let by_names: BTreeMap<Vec<&str>, u64> = combinations
        .iter()
        .map(|each| (each.sets.iter().map(|at| found.sets[*at].name.as_str()).collect(), each.n_subjects))
        .collect();
    let rows = trial
        .ask(
            "select names, count(*) as n from ( \
             select p.customer_id, coalesce(string_agg(m.segment, ' ' order by m.segment), '') as names from profile p \
             left join (select * from membership where left_at is null and segmentation is null \
             and segment in ('buyers', 'regulars', 'early')) m on m.subject_id = p.customer_id group by 1) group by 1",
        )
        .await;
    let names = |row| text(row, "names").split(' ').filter(|name| !name.is_empty()).collect();
    let expected: BTreeMap<Vec<&str>, u64> =
        rows.iter().map(|row| (names(row), number(row, "n") as u64)).collect();
    assert_eq!(by_names, expected);
    assert_eq!(by_names.values().sum::<u64>(), 2_357);
    assert!(by_names.contains_key(&Vec::new()), "somebody is in none of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_run_has_sets_of_its_own_and_what_is_not_there_is_said() {
    let trial = trial().await;
    trial.run("1997-06-30", &Session::default()).await;
    let before = in_sql(&trial).await;
    trial.run("1997-09-30", &Session::default()).await;
    let (project, view) = (trial.project(), trial.view().await);
    let at = |date: &str| Some(project.instant(date).unwrap());
    let earlier = overlap(&view, &Ask { at: at("1997-08-01"), ..Ask::default() }).await.unwrap();
    assert_eq!(counted(&earlier), before);
    assert_ne!(counted(&overlap(&view, &Ask::default()).await.unwrap()), before);

    let too_early = overlap(&view, &Ask { at: at("1997-01-01"), ..Ask::default() }).await.unwrap_err();
    assert!(too_early.to_string().contains("no run by"), "{too_early}");
    let names = vec!["regular".to_owned()];
    let unknown = overlap(&view, &Ask { names, ..Ask::default() }).await.unwrap_err();
    assert!(unknown.hint().is_some_and(|hint| hint.contains("regulars")), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_says_what_the_question_says() {
    let trial = Trial::example("cdnow");
    trial.run("1997-09-30", &Session::default()).await;
    let view = trial.view().await;
    let all = overlap(&view, &Ask::default()).await.unwrap();
    let rows = trial.ask("select * from overlap order by jaccard desc, first, second").await;
    assert_eq!(rows.len(), all.pairs.len());
    let mut expected: Vec<String> = all
        .pairs
        .iter()
        .map(|pair| {
            let name = |at: usize| all.sets[at].name.clone();
            format!("{} {} {} {}", name(pair.first), name(pair.second), pair.n_both, pair.relation().as_str())
        })
        .collect();
    let mut found: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {}",
                text(row, "first"),
                text(row, "second"),
                row["n_both"],
                text(row, "relation")
            )
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}
