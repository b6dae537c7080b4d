//! Suggested segments of a made-up shop, in which it is known who buys again and who does not.

use std::fmt::Write;

use serde_json::Value;
use strata_pipeline::error::{Error, Result};
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::suggest::traits::{KeyTraits, TraitAsk, Verdict, key_traits};
use strata_pipeline::suggest::{self as suggest_table, Ask, Suggestions, suggest};

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Suggestions"
[sources.shop]
path = "orders.csv"
[sources.shop.orders.columns]
order_id = "order"
customer_id = "customer"
ordered_at = "day"
amount = "amount"
channel = "channel"

[segments.of_the_app]
where = "main_channel = 'app'"
"#;

/// On 1 July, with a horizon of 60 days, it is searched as of 3 March and checked as of 2 May.
const AS_OF: &str = "2024-07-01";
const N_CUSTOMERS: u64 = 900;

/// A number from 0 to 1 that depends on nothing but its seeds (Steele, Lea and Flood 2014, SplitMix).
fn chance(customer: u64, what: u64) -> f64 {
    let mut mixed = (customer * 1_000 + what + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Orders of January and February by chance; then in April and in June of those whom `buys` says, by their channel, how often
/// they have bought so far, and chance.
fn orders(buys: impl Fn(&str, u64, f64) -> bool) -> String {
    let mut rows = "order,customer,day,amount,channel\n".to_owned();
    for customer in 0..N_CUSTOMERS {
        let channel = ["web", "shop", "app"][(chance(customer, 0) * 3.0) as usize];
        let mut n = 1 + (chance(customer, 1) * 5.0) as u64;
        let mut order = |nth: u64, day: String| {
            let amount = 10.0 + (chance(customer, 10 + nth) * 90.0).floor();
            writeln!(rows, "{customer}-{nth},c{customer},{day},{amount},{channel}").unwrap();
        };
        for nth in 0..n {
            let days = (chance(customer, 20 + nth) * 50.0) as u64;
            let (month, day) = if days < 25 { (1, 1 + days) } else { (2, days - 24) };
            order(nth, format!("2024-{month:02}-{day:02}"));
        }
        for (period, month) in [(40, 4), (41, 6)] {
            if buys(channel, n, chance(customer, period)) {
                order(n, format!("2024-{month:02}-{:02}", 1 + (chance(customer, 50 + period) * 28.0) as u64));
                n += 1;
            }
        }
    }
    rows
}

async fn shop(manifest: &str, orders: &str) -> Trial {
    let trial = Trial::new(manifest);
    trial.write("orders.csv", orders);
    trial.run(AS_OF, &Session::default()).await;
    trial
}

/// Whoever uses the app and has bought three times buys again, and few others do.
fn planted() -> String {
    orders(|channel, n, chance| chance < if channel == "app" && n >= 3 { 0.8 } else { 0.15 })
}

fn wanted(goal: &str) -> Ask {
    Ask { goal: goal.to_owned(), horizon_days: 60, ..Ask::default() }
}

fn few(goal: &str) -> Ask {
    let features = ["n_orders", "main_channel", "mean_order_value", "main_quarter"].map(str::to_owned);
    Ask { features: features.to_vec(), ..wanted(goal) }
}

async fn asked(trial: &Trial, ask: &Ask) -> Result<Suggestions> {
    suggest(&trial.project(), &trial.view().await, ask).await
}

fn hint(error: &Error) -> &str {
    error.hint().unwrap_or_default()
}

const PLANTED: &str = "main_channel = 'app' and n_orders >= 3";

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_segment_is_suggested_and_its_likeness_is_exact() {
    let trial = shop(MANIFEST, &planted()).await;
    let found = asked(&trial, &few("repeat_purchase")).await.unwrap();
    assert_eq!(found.searched_at.to_rfc3339(), "2024-03-03T00:00:00+00:00");
    assert_eq!(found.checked_at.to_rfc3339(), "2024-05-02T00:00:00+00:00");
    assert_eq!((found.n_searched + found.n_checked) as u64, N_CUSTOMERS);
    let first = &found.suggestions[0];
    assert_eq!(first.condition, PLANTED);
    assert_eq!(first.name, "main_channel_app_and_n_orders_from_3");
    assert!((0.65..0.95).contains(&first.mean), "{}", first.mean);
    let lift = first.lift.unwrap();
    assert!(lift.low > 1.5 && lift.low < lift.value && lift.value < lift.high, "{lift:?}");
    assert!((lift.value - first.mean / found.mean_of_all).abs() < 1e-9);
    // The least there is: chances among so few customers are counted in draws.
    assert_eq!(first.chance, 1.0 / 5_000.0);
    assert!(first.chance <= first.adjusted_chance && first.adjusted_chance < 1e-3);

    // What the run says of it and of everything that it is held against.
    let size = format!("select count(*) as n from profile where {PLANTED}");
    assert_eq!(first.n_members as f64, number(&trial.ask_one(&size).await, "n"));
    let like = first.most_like.as_ref().unwrap();
    let shared = trial
        .ask(
            "select coalesce(m.segmentation || '/', '') || m.segment as name, count(*) as n, \
             sum(case when p.main_channel = 'app' and p.n_orders >= 3 then 1 else 0 end) as n_both \
             from membership m join profile p on p.customer_id = m.subject_id \
             where m.left_at is null and m.segment <> 'unassigned' group by 1",
        )
        .await;
    let likeness = |row| {
        let both = number(row, "n_both");
        both / (first.n_members as f64 + number(row, "n") - both)
    };
    let best = shared.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap();
    assert!((like.jaccard - likeness(best)).abs() < 1e-12, "{like:?} {best:?}");
    let same = shared.iter().find(|row| text(row, "name") == like.name).unwrap();
    assert_eq!((like.n_both as f64, like.jaccard), (number(same, "n_both"), likeness(same)));
    assert!(shared.iter().any(|row| text(row, "name") == "of_the_app"));

    // The same by all traits of the run: others say the same of these customers in other words, as how often they have bought on
    // different days.
    let by_all = asked(&trial, &wanted("repeat_purchase")).await.unwrap();
    assert!(by_all.features.len() > 20, "{:?}", by_all.features);
    assert!(by_all.suggestions[0].condition.contains("main_channel = 'app'"), "{:?}", by_all.suggestions[0]);
    // The dates of purchases are no numbers, and nothing that ranks customers can be said of the past.
    assert!(by_all.suggestions.iter().all(|one| one.condition.split(" and ").count() <= 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_goals_of_the_same_shop() {
    let trial = shop(MANIFEST, &planted()).await;
    // Who does not buy: everybody but those.
    let churn = asked(&trial, &few("churn")).await.unwrap();
    let repeat = asked(&trial, &few("repeat_purchase")).await.unwrap();
    assert!((churn.mean_of_all + repeat.mean_of_all - 1.0).abs() < 1e-12);
    assert!(churn.suggestions.iter().all(|one| one.mean > churn.mean_of_all && one.condition != PLANTED));
    assert!(!churn.suggestions.is_empty());

    let revenue = asked(&trial, &few("revenue")).await.unwrap();
    assert!(!revenue.is_share && revenue.suggestions[0].condition == PLANTED, "{:?}", revenue.suggestions);
    let own = "count(orders) filter (where channel = 'app' and in_last('60 days')) > 0";
    let own = asked(&trial, &few(own)).await.unwrap();
    assert_eq!(own.suggestions[0].condition, PLANTED);

    // Among the customers of the app only the number of orders tells; the condition says among whom.
    let among = Ask { among: Some("main_channel = 'app'".to_owned()), ..few("repeat_purchase") };
    let among = asked(&trial, &among).await.unwrap();
    assert!(among.n_checked < repeat.n_checked);
    assert_eq!(among.suggestions[0].condition, PLANTED);
    let becomes = asked(&trial, &few("in_segment('of_the_app')")).await.unwrap();
    assert_eq!(becomes.suggestions[0].condition, "main_channel = 'app'");
    assert!(becomes.suggestions[0].mean > 0.99);

    let json = repeat.json();
    assert_eq!(json["suggestions"][0]["where"], PLANTED);
    assert_eq!(json["suggestions"][0]["most_like"]["name"], Value::from(like(&repeat)));
    // What is written can be read and has those members.
    let manifest = format!("{MANIFEST}\n{}", repeat.definitions());
    trial.write("strata.toml", &manifest);
    trial.run(AS_OF, &Session::default()).await;
    let name = &repeat.suggestions[0].name;
    let row = trial.ask_one(&format!("select n_members from segment where segment = '{name}'")).await;
    assert_eq!(number(&row, "n_members"), repeat.suggestions[0].n_members as f64);
    // It is its own likeness then, and its name is taken.
    let again = asked(&trial, &few("repeat_purchase")).await.unwrap();
    assert_eq!(again.suggestions[0].name, format!("{name}_2"));
    let like = again.suggestions[0].most_like.clone().unwrap();
    assert_eq!((like.name, like.jaccard), (name.clone(), 1.0));
}

fn like(found: &Suggestions) -> &str {
    found.suggestions[0].most_like.as_ref().map_or("", |like| like.name.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_suggested_for_a_goal_that_traits_do_not_tell() {
    // Whether they buy is chance alone; what they have bought by the end says so exactly, and what they had bought before does not.
    let trial = shop(MANIFEST, &orders(|_, _, chance| chance < 0.3)).await;
    for goal in ["repeat_purchase", "churn", "revenue"] {
        let found = asked(&trial, &wanted(goal)).await.unwrap();
        assert_eq!(found.suggestions, vec![], "{goal}");
    }
    let mut n_told = 0;
    for salt in 0..10 {
        let found = asked(&trial, &few(&format!("bucket('shuffled {salt}') < 0.3"))).await.unwrap();
        n_told += usize::from(!found.suggestions.is_empty());
    }
    assert!(n_told <= 2, "{n_told} of 10");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_known_later_tells_nothing() {
    let people = "[sources.people]\npath = \"people.csv\"\n[sources.people.customers.columns]\n\
                  customer_id = \"id\"\ncountry = \"country\"\ncity = \"fate\"\n\
                  [traits.fate]\nvalue = \"city\"\n[traits.fated_orders]\nvalue = \"case when fate = 'buys' then n_orders else 0 end\"\n";
    let manifest = format!("{MANIFEST}\n{people}");
    let orders = orders(|_, _, chance| chance < 0.3);
    // Their city was written when it was known who buys in June. And there are customers whom nobody knew before.
    let mut rows = "id,country,fate\n".to_owned();
    for customer in 0..N_CUSTOMERS {
        let fate = if chance(customer, 41) < 0.3 { "buys" } else { "does_not" };
        let country = if chance(customer, 60) < 0.5 { "DE" } else { "AT" };
        writeln!(rows, "c{customer},{country},{fate}").unwrap();
    }
    let mut late = String::new();
    for customer in 0..300 {
        writeln!(rows, "late{customer},DE,buys").unwrap();
        writeln!(late, "late-{customer},late{customer},2024-06-10,20,web").unwrap();
    }
    let trial = Trial::new(&manifest);
    trial.write("orders.csv", &format!("{orders}{late}"));
    trial.write("people.csv", &rows);
    trial.run(AS_OF, &Session::default()).await;

    for goal in ["repeat_purchase", "revenue"] {
        let found = asked(&trial, &wanted(goal)).await.unwrap();
        assert_eq!(found.suggestions, vec![], "{goal}");
        assert_eq!((found.n_searched + found.n_checked) as u64, N_CUSTOMERS, "{goal}");
        for name in ["fate", "fated_orders"] {
            let left = found.left_out.iter().find(|left| left.name == name).unwrap();
            assert!(left.reason.contains("`city` is what the last run knew"), "{}", left.reason);
            assert!(!found.features.contains(&left.name));
        }
    }
    let named = Ask { features: vec!["fated_orders".to_owned()], ..wanted("repeat_purchase") };
    let error = asked(&trial, &named).await.unwrap_err();
    assert!(error.to_string().contains("what the last run knew"), "{error}");
    assert!(hint(&error).contains("--unchanging fated_orders"), "{}", hint(&error));
    let error = asked(&trial, &wanted("city = 'buys'")).await.unwrap_err();
    assert!(error.to_string().contains("cannot be said of the past"), "{error}");

    // Of what the user vouches for it is taken as it is now.
    let vouched = Ask { unchanging: vec!["country".to_owned()], ..few("bucket('x') < 0.5") };
    let found = asked(&trial, &vouched).await.unwrap();
    assert!(found.features.contains(&"country".to_owned()), "{:?}", found.features);
    let column = Ask { features: vec!["country".to_owned()], ..wanted("churn") };
    let error = asked(&trial, &column).await.unwrap_err();
    assert_eq!(hint(&error), "it is a column: --unchanging country where its values never change");
    let among = Ask { among: Some("country = 'DE'".to_owned()), ..few("churn") };
    let found = asked(&trial, &among).await.unwrap();
    assert!(found.notes[0].contains("`country` in --among is what the last run knew"), "{:?}", found.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_with_a_hint() {
    let trial = shop(MANIFEST, &planted()).await;
    for (ask, code, says, hints) in [
        (wanted("response"), ErrorCode::NotFound, "no source maps", "map events"),
        (wanted("churm"), ErrorCode::InvalidDefinition, "churm", "did you mean `churn`?"),
        (wanted("mode(orders.channel)"), ErrorCode::InvalidDefinition, "is a text", "as --goal"),
        (wanted("n_orders > 1000"), ErrorCode::InvalidDefinition, "it holds for none of", "--horizon-days"),
        (
            wanted("r_score >= 4"),
            ErrorCode::InvalidDefinition,
            "cannot be said of the past",
            "speak of orders",
        ),
        (
            Ask { horizon_days: 200, ..wanted("churn") },
            ErrorCode::InvalidDefinition,
            "0 customers to be asked about were known on 2023-05-28",
            "shorter horizon",
        ),
        (Ask { horizon_days: 0, ..wanted("churn") }, ErrorCode::InvalidDefinition, "no horizon", "90"),
        (Ask { most: 0, ..wanted("churn") }, ErrorCode::InvalidDefinition, "no segment at all", "--most"),
        (
            Ask { features: vec!["n_order".to_owned()], ..wanted("churn") },
            ErrorCode::NotFound,
            "no trait `n_order`",
            "did you mean `n_orders`?",
        ),
        (
            Ask { among: Some("n_order > 1".to_owned()), ..wanted("churn") },
            ErrorCode::InvalidDefinition,
            "n_order",
            "n_orders",
        ),
        (
            Ask { subject: strata_pipeline::spec::table::Subject::Companies, ..wanted("churn") },
            ErrorCode::NotFound,
            "knew no companies",
            "strata check",
        ),
    ] {
        let error = asked(&trial, &ask).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{says:?} is not in {error}");
        assert!(hint(&error).contains(hints), "{hints:?} is not in {:?}", error.hint());
    }
}

/// The rows of the table of suggestions as the last run wrote them.
async fn stored(trial: &Trial) -> Vec<suggest_table::Looked> {
    suggest_table::read(&trial.view().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_looks_at_what_goals_state_and_else_at_buying_again() {
    // 90 days twice reach back before the first orders, so that nobody can look.
    let trial = Trial::new(MANIFEST);
    trial.write("orders.csv", &planted());
    trial.run("2024-04-20", &Session::default()).await;
    let found = stored(&trial).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].goal.as_str(), found[0].segment.as_deref()), ("repeat_purchase", None));
    let reason = found[0].reason.as_deref().unwrap();
    assert!(reason.contains("were known on 2023-10-23 in one half"), "{reason}");

    // Later there is enough, and what the run stores is what is found when asked.
    trial.run("2024-08-20", &Session::default()).await;
    let found = stored(&trial).await;
    let ask = Ask { goal: "repeat_purchase".to_owned(), ..Ask::default() };
    let asked = asked(&trial, &ask).await.unwrap();
    assert_eq!(found[0].suggestions, asked.suggestions);
    assert!(found[0].suggestions[0].condition.contains("main_channel = 'app'"), "{:?}", found[0].suggestions);
    let counted = [found[0].n_searched, found[0].n_checked, found[0].n_features];
    assert_eq!(counted, [asked.n_searched as u64, asked.n_checked as u64, asked.features.len() as u64]);
    assert_eq!(
        (found[0].mean_of_all, found[0].at),
        (asked.mean_of_all, Some([asked.searched_at, asked.checked_at]))
    );

    // A goal of a segment is looked at instead, of those who may come in.
    let manifest = format!(
        "{MANIFEST}\n[segments.of_the_app.goal]\ntitle = \"More of them\"\nmetric = \"n_members\"\ndirection = \"increase\"\n\
         target = 500\nby = \"2025-01-01\"\n"
    );
    let trial = shop(&manifest, &planted()).await;
    trial.run("2024-08-20", &Session::default()).await;
    let found = stored(&trial).await;
    let first = found.iter().find(|looked| looked.segment.as_deref() == Some("of_the_app")).unwrap();
    assert_eq!(
        (first.goal.as_str(), first.among.as_deref()),
        ("in_segment('of_the_app')", Some("not in_segment('of_the_app')"))
    );
    // Nobody changes channels here, so that nobody comes in.
    assert!(first.reason.as_deref().unwrap().contains("it holds for none of"), "{:?}", first.reason);
    assert_eq!((found[0].goal.as_str(), found[0].reason.as_deref()), ("repeat_purchase", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_are_taken_or_left_out_for_their_reason() {
    let trial = shop(MANIFEST, &planted()).await;
    let ask = |goal: Option<&str>, traits: &[&str]| TraitAsk {
        goal: goal.map(str::to_owned),
        horizon_days: 60,
        traits: traits.iter().map(|name| (*name).to_owned()).collect(),
        ..TraitAsk::default()
    };
    let project = trial.project();
    let view = trial.view().await;
    let known = ["n_orders", "main_channel", "customer_id"];
    let found = key_traits(&project, &view, &ask(Some("repeat_purchase"), &known)).await.unwrap();
    let of =
        |found: &KeyTraits, name: &str| found.traits.iter().find(|one| one.name == name).unwrap().clone();
    assert_eq!(of(&found, "main_channel").verdict, Verdict::Take, "{:?}", found.traits);
    assert!(
        of(&found, "main_channel").relevance.unwrap() > 0.02
            && of(&found, "main_channel").stability.unwrap() > 0.9
    );
    assert_eq!(found.at.to_rfc3339(), "2024-05-02T00:00:00+00:00");
    assert_eq!((found.n_rows as u64, found.is_everybody), (N_CUSTOMERS, true));
    // The id is none, whichever way it is looked at.
    for goal in [None, Some("repeat_purchase")] {
        let found = key_traits(&project, &view, &ask(goal, &["customer_id", "n_orders"])).await.unwrap();
        let id = of(&found, "customer_id");
        assert_eq!(id.verdict, Verdict::NoTrait, "{id:?}");
        assert!(id.sentence.contains("it is an id"), "{id:?}");
    }

    // All traits without a goal: nothing that is taken is the same as another, and what is constant is refused.
    let all = key_traits(&project, &view, &ask(None, &[])).await.unwrap();
    assert_eq!((all.goal.as_deref(), all.at.to_rfc3339().as_str()), (None, "2024-07-01T00:00:00+00:00"));
    assert!(all.traits.iter().all(|one| one.relevance.is_none()));
    let n_taken = all.taken().count();
    assert!((2..=12).contains(&n_taken), "{n_taken}");
    for one in &all.traits {
        match one.verdict {
            Verdict::Redundant => {
                let (with, strength) = one.same_as.clone().unwrap();
                assert!(strength > 0.7 && all.taken().any(|taken| taken.name == with), "{one:?}");
            }
            Verdict::Unstable => assert!(one.stability.unwrap() < 0.4, "{one:?}"),
            Verdict::Missing => assert!(one.known.unwrap() < 0.8, "{one:?}"),
            _ => {}
        }
    }
    assert!(
        all.traits.iter().any(|one| one.verdict == Verdict::NoTrait && one.sentence.contains("one value"))
    );
    let n_json = all.json()["traits"].as_array().unwrap().len();
    assert_eq!(n_json, all.traits.len());

    // A number as the goal is split, and chance tells nothing.
    let found =
        key_traits(&project, &view, &ask(Some("revenue"), &["n_orders", "main_channel"])).await.unwrap();
    assert!(found.goal_above.is_some(), "{found:?}");
    let by_chance = key_traits(&project, &view, &ask(Some("bucket('by chance') < 0.4"), &[])).await.unwrap();
    assert_eq!(by_chance.taken().count(), 0, "{:?}", by_chance.taken().collect::<Vec<_>>());
    assert!(by_chance.traits.iter().any(|one| one.verdict == Verdict::Irrelevant));

    for (wrong, code, expected) in [
        (ask(None, &["n_order"]), ErrorCode::NotFound, "no trait `n_order`"),
        (ask(Some("revenu"), &[]), ErrorCode::InvalidDefinition, "revenu"),
        (ask(Some("count(orders) >= 0"), &[]), ErrorCode::InvalidDefinition, "the same for all of"),
        (TraitAsk { most: 0, ..TraitAsk::default() }, ErrorCode::InvalidDefinition, "no trait at all"),
        (
            TraitAsk { among: Some("n_orders > 99".to_owned()), ..TraitAsk::default() },
            ErrorCode::InvalidDefinition,
            "0 customers",
        ),
    ] {
        let error = key_traits(&project, &view, &wrong).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
