//! What the stage `score` writes, read back and put into words.

use serde_json::{Value, json};

use super::table::kind;
use super::*;

/// A model of purchases whose predictions of money came out so.
fn model(verdict: &str, comparisons: &Value) -> Model {
    let measures = |gini: f64, error: f64, top: f64| {
        json!({
            "mean_predicted": 42.0, "mean_actual": 40.0, "mean_absolute_error": 20.0, "root_mean_squared_error": error,
            "bias": 2.0, "relative_bias": 0.05, "spearman": 0.5, "normalised_gini": gini, "top_decile": top,
            "top_decile_best": 0.7,
        })
    };
    let rule = |name: &str, gini: f64, error: f64, top: f64| {
        let mut told = measures(gini, error, top);
        told["baseline"] = json!(name);
        told
    };
    let contest = |verdict: &str, comparisons: &Value| {
        json!({
            "verdict": verdict,
            "model": measures(0.62, 80.0, 0.44),
            "baselines": [rule("last_period", 0.66, 78.0, 0.47), rule("formula", 0.5, 90.0, 0.3)],
            "comparisons": comparisons,
            "by_prediction": [{ "part": 1, "n": 20, "expected": 1.0, "actual": 2.0 }],
        })
    };
    let diagnostics = json!({
        "among": null,
        "timing": {
            "log_likelihood": -1234.5, "standard_errors": { "r": 0.1, "alpha": 2.0, "a": null, "b": null },
            "n_steps": 7, "is_regular": false,
            "converged": false, "at_boundary": ["a"], "not_identified": ["b"], "n_customers": 200, "n_repeaters": 90, "n_distinct": 180,
        },
        "spend": { "reason": "nobody bought twice" },
        "holdout": {
            "at": "2025-04-01T00:00:00+00:00", "days": 365.0, "n_customers": 180, "is_everybody": true,
            "parameters": {},
            "purchases": contest("no_worse", &json!([])),
            "value": contest(verdict, comparisons),
            "by_frequency": [{ "frequency": 0, "and_more": false, "n": 90, "expected": 0.3, "actual": 0.2, "standard_error": null }],
            "course": { "held_out_from": 365.0, "points": [{ "days": 30.0, "expected": 1.5, "actual": 2 }], "final_error": 0.1 },
        },
    });
    let parameters = json!({ "timing": { "a": 0.5, "alpha": 20.0, "b": 1.5, "r": 0.4 } });
    let is = kind(Subject::Customers, "mbg_nbd", &parameters.to_string(), &diagnostics.to_string()).unwrap();
    Model { name: "mbg_nbd".to_owned(), subject: Subject::Customers, version: "1".to_owned(), is }
}

fn lost(measure: &str) -> Value {
    json!([{
        "measure": measure, "baseline": "last_period", "advantage": -0.04, "low": -0.06, "high": -0.01,
        "outcome": "baseline",
    }])
}

fn told(model: &Model) -> Vec<String> {
    sentences(model.purchases().unwrap(), &|amount| format!("EUR {amount:.2}"))
}

#[test]
fn a_row_is_read_as_it_was_written() {
    let model = model("better", &json!([]));
    let purchases = model.purchases().unwrap();
    let fit = purchases.timing.get().unwrap();
    let letters: Vec<&str> = fit.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(letters, ["r", "alpha", "a", "b"]);
    assert_eq!(fit.parameters[0].standard_error, Some(0.1));
    assert_eq!(purchases.spend.as_ref().unwrap().reason(), Some("nobody bought twice"));
    let holdout = purchases.held_out().unwrap();
    assert_eq!(holdout.value.as_ref().unwrap().of("formula").unwrap().top_decile, Some(0.3));
    assert_eq!(holdout.course.as_ref().unwrap().points[0].actual, Some(2.0));
    assert_eq!(model.json()["holdout"]["value"]["baselines"][1]["baseline"], "formula");
    assert_eq!(
        warnings(&model),
        [
            "no model of spend: nobody bought twice",
            "a goes to nothing, as far as the search lets it; b is not identified: the data say nothing of its value; \
             the fit did not come to rest: more steps might change its figures"
        ]
    );
}

#[test]
fn a_rank_and_a_prediction_are_read_too() {
    let rank = r#"{"by":"clv","tiles":2,"descending":false,"cuts":[{"value":3.5,"n_ties":2,"n_ties_below":1,"last_id":"x"}]}"#;
    let Kind::Rank(rank) =
        kind(Subject::Customers, "rank", rank, r#"{"n_ranked":7,"n_split_ties":1}"#).unwrap()
    else {
        panic!()
    };
    assert_eq!((rank.n_ranked, rank.cuts[0].value), (7, 3.5));
    let asks = r#"{"model":"mbg_nbd","predicts":"churn_risk","horizon_days":90,"discount_rate":0.1}"#;
    let is = kind(Subject::Customers, "prediction", asks, "{}").unwrap();
    let score = Model { name: "churn_risk".to_owned(), is, ..model("better", &json!([])) };
    let all = [model("better", &json!([])), score];
    assert_eq!(scores_of(&all, &all[0]), [&all[1]]);
    assert_eq!(asked_by(&all, &all[1]), Some(&all[0]));
    let untrained = kind(Subject::Customers, "classifier", "{}", r#"{"reason":"nobody left"}"#).unwrap();
    let Kind::Classifier(told) = &untrained else { panic!() };
    assert_eq!(told.reason(), Some("nobody left"));
    assert!(kind(Subject::Customers, "oracle", "{}", "{}").is_err());
}

#[test]
fn the_verdict_comes_first_and_names_the_rule_that_wins() {
    for (verdict, comparisons, first, then) in [
        (
            "better",
            json!([]),
            "The MBG/NBD model beats every rule of thumb by more than chance",
            "A year ago, it would",
        ),
        (
            "no_worse",
            json!([]),
            "The MBG/NBD model is no worse than any rule of thumb",
            "A year ago, it would",
        ),
        (
            "worse",
            lost("normalised_gini"),
            "The MBG/NBD model loses to a rule of thumb: the revenue of the year before puts customers in a better order (0.66 of the best order there can be, the model's 0.62).",
            "Rank customers by `revenue_365d` instead.",
        ),
        (
            "worse",
            lost("root_mean_squared_error"),
            "The MBG/NBD model loses to a rule of thumb: the revenue of the year before is less far off (root mean square of the errors EUR 78.00, the model's EUR 80.00).",
            "For amounts, take `revenue_365d` instead; whom the model puts first is no worse chosen.",
        ),
    ] {
        let said = told(&model(verdict, &comparisons));
        assert!(said[0].starts_with(first), "{said:?}");
        assert!(said[1].starts_with(then), "{said:?}");
    }
    let said = told(&model("better", &json!([])));
    assert_eq!(
        said[1],
        "A year ago, it would have put first a tenth of customers who brought 44 % of the revenue since; the tenth that \
         leads by the revenue of the year before brought 47 %; the best tenth, known only now, 70 %."
    );
    assert_eq!(
        said[2],
        "Of the mean customer it expected EUR 42.00 in that time, and EUR 40.00 came; 5.0 % too much."
    );
}

#[test]
fn what_was_not_fitted_or_not_validated_says_so_first() {
    let mut unfitted = model("better", &json!([]));
    let Kind::Purchases(purchases) = &mut unfitted.is else { panic!() };
    purchases.holdout = Some(Told::Not { reason: "customers have been known for 12 days".to_owned() });
    assert!(told(&unfitted)[0].starts_with("Not validated: customers have been known for 12 days."));
    let Kind::Purchases(purchases) = &mut unfitted.is else { panic!() };
    purchases.timing = Told::Not { reason: "nobody came back".to_owned() };
    assert_eq!(told(&unfitted), ["No MBG/NBD model could be fitted: nobody came back."]);
    assert_eq!(standing(unfitted.purchases().unwrap()), "not fitted");
}

#[test]
fn parameters_mean_something_here() {
    let model = model("better", &json!([]));
    let fit = model.purchases().unwrap().timing.get().unwrap().clone();
    for (letter, expected) in [("alpha", "a purchase in 50 days"), ("a", "the first included: 25.0 %")] {
        let said = meaning(Family::MbgNbd, &fit, letter).unwrap();
        assert!(said.contains(expected), "{said}");
    }
    let letter = |name: &str, value| Parameter { name: name.to_owned(), value, standard_error: None };
    let pareto = Fit { parameters: vec![letter("s", 1.0), letter("beta", 80.0)], ..Fit::default() };
    assert_eq!(
        meaning(Family::ParetoNbd, &pareto, "beta").unwrap(),
        "with s, how soon: half are gone after 80 days"
    );
    assert_eq!(meaning(Family::ParetoNbd, &pareto, "z"), None);
}

/// Groups as the stage `score` writes them.
fn groups() -> Value {
    json!({
        "segmentation": "habits", "title": "Habits", "model": "kmeans", "features": ["n_orders", "city", "is_member"],
        "n_rows": 20_000, "is_everybody": false, "verdict": "natural_groups",
        "sentence": "There are 2 natural groups.", "reasons": ["the smallest has 3 % of customers"], "n_clusters": 2,
        "choices": [
            { "n_clusters": 2, "criterion": null, "silhouette": 0.41, "prediction_strength": 0.9, "jaccard": 0.93,
              "jaccard_null": 0.71, "explained": 0.52, "explained_null": 0.31, "smallest_share": 0.03 },
            { "n_clusters": 3, "criterion": 12.5, "silhouette": null, "prediction_strength": null, "jaccard": 0.5,
              "jaccard_null": 0.7, "explained": 0.6, "explained_null": 0.4, "smallest_share": 0.01 },
        ],
        "clusters": [
            { "name": "often", "title": "Often", "n": 600, "share": 0.03, "silhouette": null,
              "typical": { "n_orders": 5, "city": "Berlin", "is_member": true }, "standardised": { "n_orders": 1.2 },
              "known_before": true, "rules": [{ "text": "n_orders >= 4", "precision": 0.92, "coverage": null }] },
            { "name": "seldom", "title": "", "n": 19_400, "share": 0.97, "silhouette": 0.4,
              "typical": { "n_orders": null, "city": "Bonn", "is_member": false }, "standardised": { "n_orders": -0.1 },
              "known_before": null, "rules": [] },
        ],
        "fidelity": 0.93, "readable": true, "map": [[0.5, -1, 0], [1e-3, 2.5, 1]], "axes": [0.61, 0.22],
        "matching": { "adjusted_rand": 0.97, "new": ["seldom"], "gone": ["rare"] },
    })
}

fn clusters(diagnostics: &Value) -> Model {
    let is = kind(Subject::Customers, "clusters", "{}", &diagnostics.to_string()).unwrap();
    Model { name: "habits_cluster".to_owned(), is, ..model("better", &json!([])) }
}

#[test]
fn groups_are_read_as_they_were_written() {
    let model = clusters(&groups());
    let found = model.clusters().unwrap();
    assert_eq!(
        (model.kind(), model.n_customers(), model.verdict()),
        ("clusters", Some(20_000), Some("natural_groups"))
    );
    assert_eq!(found.chosen().unwrap().jaccard_null, Some(0.71));
    assert_eq!(found.clusters[0].typical["n_orders"], Some(Typical::Number(5.0)));
    assert_eq!(found.clusters[0].typical["city"], Some(Typical::Text("Berlin".to_owned())));
    assert_eq!(found.clusters[0].typical["is_member"], Some(Typical::Truth(true)));
    assert_eq!(found.map, [[Some(0.5), Some(-1.0), Some(0.0)], [Some(1e-3), Some(2.5), Some(1.0)]]);
    assert_eq!(
        (found.title_of("often"), found.title_of("seldom"), found.title_of("rare")),
        ("Often", "seldom", "rare")
    );
    assert_eq!(model.json()["clusters"]["matching"]["gone"], json!(["rare"]));
    assert_eq!(warnings(&model), ["the smallest has 3 % of customers"]);
    // What was not found says why, and little else.
    let none = clusters(
        &json!({ "segmentation": "habits", "title": "Habits", "reason": "only 12 customers have all features." }),
    );
    assert_eq!((none.verdict(), none.n_customers(), standing_of(&none)), (None, None, Some("no groups")));
    assert_eq!(warnings(&none), ["no groups: only 12 customers have all features"]);
    assert!(kind(Subject::Customers, "clusters", "{}", r#"{"verdict":"perhaps"}"#).is_err());
}

#[test]
fn groups_are_told_with_the_verdict_first() {
    let mut diagnostics = groups();
    let of = |diagnostics: &Value| clusters(diagnostics).clusters().unwrap().clone();
    let found = of(&diagnostics);
    assert_eq!(
        group_sentences(&found),
        ["There are 2 natural groups.", "The smallest has 3 % of customers."]
    );
    assert_eq!(
        group_changes(&found),
        [
            "Kept since the run before: Often.",
            "New: seldom.",
            "Gone: rare.",
            "Adjusted Rand index 0.97: 1 is everybody with the same customers as before, 0 no more than chance.",
        ]
    );
    assert!(told_by_rules(&found).unwrap().contains("right group for 93 %"));
    for (fidelity, readable, has_rules) in [
        (json!(0.8), true, true),
        (json!(null), true, true),
        (json!(0.79), true, false),
        (json!(0.9), false, false),
    ] {
        (diagnostics["fidelity"], diagnostics["readable"]) = (fidelity, json!(readable));
        let found = of(&diagnostics);
        assert_eq!(found.has_rules(), has_rules);
        assert_eq!(told_by_rules(&found).unwrap().contains("only be shown as a scored list"), !has_rules);
    }
    for (verdict, title) in [
        ("natural_groups", "Natural groups"),
        ("useful_cuts", "Useful cuts of a continuum"),
        ("do_not_segment", "Do not segment on this"),
        ("as_told", "2 groups, as the definition says"),
    ] {
        (diagnostics["verdict"], diagnostics["sentence"]) = (json!(verdict), json!(""));
        let found = of(&diagnostics);
        assert_eq!(verdict_title(&found), title);
        assert_eq!(group_sentences(&found).len(), 2, "each verdict has a sentence of its own");
    }
    // Nothing is told twice.
    diagnostics["verdict"] = json!("do_not_segment");
    diagnostics["sentence"] = json!("Do not segment. There are no gaps; the smallest has 3 % of customers.");
    let said = group_sentences(&of(&diagnostics));
    assert_eq!(said, ["There are no gaps; the smallest has 3 % of customers."]);
    let none = of(&json!({ "title": "Habits", "reason": "only 12 customers have all features" }));
    assert_eq!(group_sentences(&none), ["No groups could be found: only 12 customers have all features."]);
    assert_eq!((told_by_rules(&none), group_changes(&none)), (None, Vec::new()));
}
