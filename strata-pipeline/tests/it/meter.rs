//! The meter against over-segmentation, on real purchases: slices that mean nothing, a division that does, and segments of all kinds.

use std::fmt::Write;

use strata_pipeline::meter::{Criterion, Metered, Verdict, overview, read, worst};
use strata_pipeline::run::Session;

use crate::support::{Trial, number, repository, text};

/// Twelve slices by chance, a sound division, and segments that repeat each other, have no goal or are used.
fn definitions() -> String {
    let mut manifest = std::fs::read_to_string(repository().join("examples/cdnow/strata.toml")).unwrap();
    manifest.push_str("\n[segmentations.slices]\ntitle = \"Slices\"\n");
    for slice in 1..=12 {
        writeln!(
            manifest,
            "[[segmentations.slices.classes]]\nname = \"slice_{slice}\"\nwhere = \"bucket('slices') < {slice} / 12.0\""
        )
        .unwrap();
    }
    manifest.push_str(
        r#"
[segmentations.spending]
title = "What they spend"
[[segmentations.spending.classes]]
name = "much"
where = "revenue >= 70"
[[segmentations.spending.classes]]
name = "little"
where = "revenue < 70"

[segments.buyers]
where = "n_orders >= 2"
goal = "Keep them"
[segments.same_buyers]
where = "not (n_orders < 2)"
[segments.nearly_buyers]
where = "n_orders >= 2 and bucket('a tenth') >= 0.05"
[segments.used]
where = "n_orders >= 3"
[segments.user]
where = "in_segment('used') and revenue > 50 and in_class('spending', 'much')"
[segments.nobody]
where = "n_orders < 0"
"#,
    );
    manifest
}

async fn trial(more: &str, session: &Session) -> (Trial, Vec<Metered>) {
    let trial = Trial::example("cdnow");
    trial.write("strata.toml", &format!("{}{more}", definitions()));
    trial.run("1997-09-30", session).await;
    let all = overview(read(&trial.view().await).await.unwrap());
    (trial, all)
}

fn of<'a>(all: &'a [Metered], name: &str) -> &'a Metered {
    all.iter().find(|metered| metered.name() == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_that_mean_nothing_are_told_and_merged_and_a_sound_division_is_not() {
    let (trial, all) = trial("", &Session::default()).await;
    let slices = of(&all, "slices");
    assert_eq!(slices.verdict(), Verdict::Failed);
    assert!(slices.meter().unwrap() >= 50.0, "{:?}", slices.meter());
    assert_eq!((slices.n_segments(), slices.n_left()), (12, 1));
    assert_eq!(slices.tally(Criterion::Substantial).n_failed, 12);
    assert_eq!(slices.tally(Criterion::Differentiable).n_failed, 12);
    assert_eq!(slices.tally(Criterion::Measurable).n_met, 12);
    assert_eq!(slices.merges().count(), 11);
    let first = slices.merges().next().unwrap();
    assert!(first.segment.as_deref().is_some_and(|name| name.starts_with("slice_")), "{first:?}");
    assert!(first.reason.contains("members"), "{first:?}");
    let merged = slices.merged();
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].0.split(" + ").count(), 12);

    let spending = of(&all, "spending");
    assert_eq!(spending.verdict(), Verdict::Met, "{:?}", spending.sentences());
    assert_eq!(spending.merges().count(), 0);
    assert!(spending.meter().unwrap() < 34.0, "{:?}", spending.meter());
    for class in ["much", "little"] {
        let verdict = |criterion| spending.of(class, criterion).unwrap().verdict;
        assert_eq!(verdict(Criterion::Substantial), Verdict::Met);
        assert_eq!(verdict(Criterion::Differentiable), Verdict::Met);
        assert_eq!(verdict(Criterion::MadeOf), Verdict::Met, "revenue differs, which is no news");
        assert_eq!(verdict(Criterion::Accessible), Verdict::Unknown, "no contact is mapped");
    }
    assert_eq!(spending.of("much", Criterion::Actionable).unwrap().verdict, Verdict::Met, "user uses it");

    let worst = worst(&all, &trial.project().manifest.definitions);
    assert!(
        worst.iter().any(|line| line.starts_with("slices: 12 classes where 1 would do, meter ")),
        "{worst:?}"
    );
    assert!(worst.iter().all(|line| !line.starts_with("spending")), "{worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_that_repeat_are_not_used_or_have_no_goal_are_told() {
    let (_, all) = trial("", &Session::default()).await;
    let segments = of(&all, "segments");
    let redundant: Vec<(&str, &str)> = segments
        .findings
        .iter()
        .filter(|finding| finding.criterion == Criterion::Redundant)
        .map(|finding| (finding.segment.as_deref().unwrap(), finding.other.as_deref().unwrap()))
        .collect();
    for pair in [("buyers", "same_buyers"), ("buyers", "nearly_buyers"), ("nearly_buyers", "same_buyers")] {
        assert!(redundant.contains(&pair), "{pair:?} is not among {redundant:?}");
    }
    assert!(!redundant.iter().any(|(one, other)| *one == "user" || *other == "user"), "{redundant:?}");
    let verdict = |segment, criterion| segments.of(segment, criterion).unwrap().verdict;
    assert_eq!(verdict("used", Criterion::Used), Verdict::Met);
    assert_eq!(verdict("user", Criterion::Used), Verdict::Failed);
    assert_eq!(verdict("buyers", Criterion::Goal), Verdict::Met);
    assert_eq!(verdict("used", Criterion::Goal), Verdict::Failed);
    assert_eq!(verdict("used", Criterion::Actionable), Verdict::Met);
    assert_eq!(verdict("nobody", Criterion::Substantial), Verdict::Failed);
    assert_eq!(verdict("nobody", Criterion::Differentiable), Verdict::Unknown);
    assert_eq!(verdict("same_buyers", Criterion::Differentiable), Verdict::Failed);
    let sentences = segments.sentences();
    let says = |part: &str| sentences.iter().any(|sentence| sentence.contains(part));
    assert!(says("buyers has the same members as same_buyers"), "{sentences:?}");
    assert!(says("no other definition refers to "), "{sentences:?}");
    assert!(says("no `goal` is said of "), "{sentences:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_those_that_sql_computes_and_thresholds_are_the_projects() {
    let meter = "\n[meter]\nbase_rate = 0.5\nuplift = 0.1\nmin_value_share = 0.5\nmax_classes = 3\n";
    let (trial, all) = trial(meter, &Session::default()).await;
    let spending = of(&all, "spending");
    let sums = trial
        .ask(
            "select segment, count(*) as n, sum(p.revenue) / (select sum(revenue) from profile) as share \
             from membership m join profile p on p.customer_id = m.subject_id \
             where segmentation = 'spending' and left_at is null group by 1",
        )
        .await;
    assert_eq!(sums.len(), 2);
    for row in &sums {
        let finding = |criterion| spending.of(text(row, "segment"), criterion).unwrap();
        let substantial = finding(Criterion::Substantial);
        assert_eq!(substantial.value, Some(number(row, "n")));
        assert_eq!(substantial.threshold, Some(800.0), "32 · 0.25 / 0.01");
        let share = finding(Criterion::ValueShare).value.unwrap();
        assert!((share - number(row, "share")).abs() < 1e-9, "{share} {row:?}");
        let uplift = finding(Criterion::Detectable).value.unwrap();
        assert!((uplift - (8.0 / number(row, "n")).sqrt()).abs() < 1e-12);
        let is_worth = number(row, "share") >= 0.5 && number(row, "n") >= 800.0;
        assert_eq!(substantial.verdict == Verdict::Met, is_worth, "{substantial:?}");
    }
    let slices = of(&all, "slices");
    assert_eq!(slices.whole(Criterion::Classes).unwrap().threshold, Some(3.0));
    assert_eq!(slices.whole(Criterion::Coverage).unwrap().value, Some(1.0));
    let rows = trial.ask("select count(*) as n from meter where run_id is not null").await;
    let n: usize = all.iter().map(|metered| metered.findings.len()).sum();
    assert_eq!(number(&rows[0], "n"), n as f64);
}

#[tokio::test(flavor = "multi_thread")]
async fn turnover_needs_an_earlier_run_and_nothing_depends_on_how_tables_lie() {
    let (trial, all) = trial("", &Session::default()).await;
    let before = of(&all, "spending").whole(Criterion::Turnover).unwrap().clone();
    assert_eq!(before.verdict, Verdict::Unknown);
    let divided = Session { worth_dividing: Some(100), ..Session::default() };
    let (_, parts) = self::trial("", &divided).await;
    assert_eq!(all, parts, "a large project's meter is that of a small one");

    trial.run("1997-12-31", &Session::default()).await;
    let later = overview(read(&trial.view().await).await.unwrap());
    let much = of(&later, "spending").of("much", Criterion::Turnover).unwrap();
    let row = trial
        .ask_one("select n_members, n_entered, n_left from segment where segmentation = 'spending' and segment = 'much'")
        .await;
    let (members, entered, left) =
        (number(&row, "n_members"), number(&row, "n_entered"), number(&row, "n_left"));
    let expected = (entered + left) / (members + left);
    assert!(entered > 0.0 && (much.value.unwrap() - expected).abs() < 1e-12, "{much:?} {row:?}");
    assert_eq!(much.verdict, Verdict::Met);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_is_mapped_is_held_against_the_threshold() {
    let mut people = "id,mail,yes\n".to_owned();
    for who in 0..100 {
        writeln!(people, "c{who},{},{}", if who % 10 == 0 { "" } else { "a@example.org" }, who % 2 == 1)
            .unwrap();
    }
    let manifest = r#"
[project]
title = "Consent"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
email = "mail"
accepts_marketing = "yes"
[identity]
join_by = []
[segments.willing]
where = "accepts_marketing"
[segments.all]
where = "customer_id is not null"
"#;
    let trial = Trial::new(manifest);
    trial.write("people.csv", &people);
    trial.run("2025-01-01", &Session::default()).await;
    let all = overview(read(&trial.view().await).await.unwrap());
    let segments = of(&all, "segments");
    let accessible = |segment| segments.of(segment, Criterion::Accessible).unwrap();
    assert_eq!(accessible("willing").value, Some(1.0));
    assert_eq!(accessible("willing").verdict, Verdict::Met);
    assert_eq!(accessible("all").value, Some(0.5));
    assert_eq!(accessible("all").verdict, Verdict::Failed);
    assert!(accessible("all").reason.contains("by email"), "{:?}", accessible("all"));
}
