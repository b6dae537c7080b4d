//! Tests of guidelines: the shipped rules, what fires and what must not, and the mistakes in a project's own rules.

use super::*;
use crate::persona::State;
use crate::survey::AspectsDimension;

const ATTITUDES: Domain = Domain::Dimension(AspectsDimension::Attitudes);
const VALUES: Domain = Domain::Dimension(AspectsDimension::SocialValues);
const INTERESTS: Domain = Domain::Dimension(AspectsDimension::PersonalInterests);
const EMOTIONS: Domain = Domain::Dimension(AspectsDimension::Emotions);
const NEEDS: Domain = Domain::Dimension(AspectsDimension::ConsciousNeeds);
const TRAITS: Domain = Domain::Dimension(AspectsDimension::Traits);

fn scale(domain: Domain, scale: &str, g: f64) -> MeasuredScale {
    MeasuredScale {
        domain,
        instrument: "test".to_owned(),
        scale: scale.to_owned(),
        g,
        ci: (g - 0.1, g + 0.1),
        q: 0.001,
        n: 200,
        reliability: 0.81,
        state: State::Measured,
        mean: None,
    }
}

fn goal() -> TestGoal {
    TestGoal::new(0.05, 0.01).unwrap()
}

/// The ids of the rules that fire.
fn fired(measured: &[MeasuredScale]) -> Vec<String> {
    ids(&RuleBook::shipped().fire(measured, &[], goal()).fired)
}

fn ids(fired: &[Fired]) -> Vec<String> {
    fired.iter().map(|fired| fired.rule.id.clone()).collect()
}

#[test]
fn every_shipped_rule_names_scales_that_instruments_have() {
    let book = RuleBook::parse(SHIPPED.0, SHIPPED.1, Instrument::shipped());
    let messages: Vec<String> =
        book.as_ref().err().into_iter().flatten().map(|error| format!("{error} {:?}", error.hint)).collect();
    assert!(messages.is_empty(), "{}", messages.join("\n"));
    let book = RuleBook::shipped();
    assert_eq!(book.rules.len(), 26);
    let grades = Grade::WORDS.map(|(_, grade)| book.rules.iter().filter(|rule| rule.grade == grade).count());
    assert_eq!(grades, [7, 6, 10, 3]);
    let mut n_named = 0;
    for condition in book.rules.iter().flat_map(|rule| rule.when.all.iter().chain(&rule.when.any)) {
        let Some((domain, Some(name))) = condition.scale() else { continue };
        let has = |each: &&Instrument| Domain::of(each) == domain && Domain::scales(each).contains(&name);
        assert!(Instrument::shipped().iter().any(|each| has(&each)), "{domain:?} {name}");
        n_named += 1;
    }
    assert_eq!(n_named, 26);
    assert!(RuleBook::parse("rules.toml", SHIPPED.1, &[]).is_err(), "without instruments no scale is known");
    // Without the thresholds of the file the usual ones hold, and they are the same.
    assert_eq!(book.firing, FiringThresholds::default());
}

/// Price consciousness at the edge of each threshold.
#[test]
fn rules_fire_on_what_is_measured_large_and_certain() {
    let usual = || scale(ATTITUDES, "PRI", 0.5);
    for (what, measured, fires) in [
        ("as it should be", usual(), true),
        ("n = 50", MeasuredScale { n: 50, ..usual() }, true),
        ("n = 49", MeasuredScale { n: 49, ..usual() }, false),
        ("g = 0.30", MeasuredScale { g: 0.3, ..usual() }, true),
        ("g = 0.29", MeasuredScale { g: 0.29, ..usual() }, false),
        ("g = -0.5", scale(ATTITUDES, "PRI", -0.5), false),
        ("q = 0.05", MeasuredScale { q: 0.05, ..usual() }, false),
        ("an interval with 0", MeasuredScale { ci: (0.0, 1.0), ..usual() }, false),
        ("typed", MeasuredScale { state: State::Typed, ..usual() }, false),
        ("inferred", MeasuredScale { state: State::Inferred, ..usual() }, false),
        ("no number", MeasuredScale { q: f64::NAN, ..usual() }, false),
        ("another domain", scale(VALUES, "PRI", 0.5), false),
    ] {
        assert_eq!(fired(&[measured]) == ["att-price"], fires, "{what}");
    }
    let strong =
        |g: f64| RuleBook::shipped().fire(&[scale(ATTITUDES, "PRI", g)], &[], goal()).fired[0].is_strong;
    assert_eq!([strong(0.5), strong(0.49)], [true, false]);
}

#[test]
fn all_and_any_are_asked_together() {
    let (sec, fun, sta) =
        (|g| scale(NEEDS, "SEC", g), |g| scale(NEEDS, "FUN", g), |g| scale(NEEDS, "STA", g));
    assert_eq!(fired(&[sec(0.4), fun(-0.4)]), ["regfit-prevention"]);
    assert_eq!(fired(&[sec(0.4), fun(0.4)]), [""; 0]);
    assert_eq!(fired(&[sec(-0.4), sta(0.4)]), ["regfit-promotion"]);
    assert_eq!(fired(&[sec(-0.4)]), [""; 0]);
    let found = RuleBook::shipped().fire(&[sec(-0.4), sta(0.4), fun(0.6)], &[], goal());
    assert_eq!(found.fired[0].because.len(), 3, "all that speak for it are named");
    // Large interests count from 0.5 on, and the appeals of messages are no interests.
    assert_eq!(fired(&[scale(INTERESTS, "GARD", 0.49)]), [""; 0]);
    assert_eq!(fired(&[scale(INTERESTS, "GARD", 0.5)]), ["interest-lift"]);
    assert_eq!(fired(&[scale(Domain::AdAppeals, "DEAL", 0.9)]), [""; 0]);
}

#[test]
fn the_highest_need_must_also_set_the_segment_apart() {
    let need = |name: &str, g: f64, value: f64| MeasuredScale {
        mean: Some(Reading { value, low: value - 0.1, high: value + 0.1 }),
        ..scale(NEEDS, name, g)
    };
    let found = RuleBook::shipped().fire(&[need("SAV", 0.4, 0.9), need("VAL", 0.6, 0.2)], &[], goal());
    assert_eq!(ids(&found.fired), ["needs-match"]);
    assert_eq!(found.fired[0].because[0].scale, "SAV");
    assert_eq!(fired(&[need("SAV", 0.1, 0.9), need("VAL", 0.6, 0.2)]), [""; 0]);
    let appeal = |value: f64| MeasuredScale {
        mean: Some(Reading { value, low: value - 0.1, high: value + 0.1 }),
        ..scale(Domain::AdAppeals, "DEAL", 0.0)
    };
    assert_eq!((fired(&[appeal(0.33)]), fired(&[appeal(0.32)])), (vec!["ad-appeal".to_owned()], vec![]));
}

#[test]
fn who_is_easily_stressed_is_not_pressed() {
    let (n, open) = (|g| scale(TRAITS, "N", g), scale(VALUES, "OPEN", 0.6));
    let calm = RuleBook::shipped().fire(&[open.clone(), n(0.1)], &[], goal());
    assert_eq!((ids(&calm.fired), ids(&calm.guards)), (vec!["values-open".to_owned()], vec![]));
    let tense = RuleBook::shipped().fire(&[open.clone(), n(0.6)], &[], goal());
    assert_eq!((ids(&tense.fired), ids(&tense.guards)), (vec![], vec!["trait-neuroticism-guard".to_owned()]));
    assert_eq!(tense.guards[0].test, None);
    assert_eq!(
        tense.withheld[0].reason,
        "it plays on scarcity, which `trait-neuroticism-guard` forbids here"
    );
    // Caution needs no proof: few answers and an uncertain difference are enough.
    let few = MeasuredScale { n: 12, q: 0.9, state: State::Inferred, ..n(0.3) };
    let cautious = RuleBook::shipped().fire(&[open, few], &[], goal());
    assert_eq!((cautious.fired.len(), cautious.guards.len(), cautious.withheld.len()), (0, 0, 1));
}

#[test]
fn no_rule_addresses_people_by_what_is_protected() {
    for rule in &RuleBook::shipped().rules {
        let conditions = rule.when.all.iter().chain(&rule.when.any);
        let is_of_feelings = |condition: &Condition| {
            matches!(condition.scale(), Some((EMOTIONS, _)) | Some((TRAITS, Some("N") | None)))
        };
        assert!(rule.guard || !conditions.into_iter().any(is_of_feelings), "{}", rule.id);
    }
    assert_eq!(fired(&[scale(INTERESTS, "RELI", 0.9)]), [""; 0]);
    let valence = |value: f64, high: f64| MeasuredScale {
        mean: Some(Reading { value, low: -1.0, high }),
        ..scale(EMOTIONS, "valence", -0.5)
    };
    let book = RuleBook::shipped();
    assert_eq!(ids(&book.fire(&[valence(-0.5, -0.2)], &[], goal()).guards), ["affect-negative"]);
    assert_eq!(book.fire(&[valence(-0.5, 0.1)], &[], goal()), Firing::default());
}

#[test]
fn what_was_seen_fires_of_fifty_people() {
    let book = RuleBook::shipped();
    let seen = |fact, n| book.fire(&[], &[Seen { fact, n }], goal());
    assert_eq!(ids(&seen(Fact::StuckInConsider, 50).fired), ["stage-consider"]);
    assert_eq!(seen(Fact::StuckInConsider, 49), Firing::default());
    assert_eq!(ids(&seen(Fact::AgeDiffers, 900).guards), ["demographics-age-tone"]);
    assert_eq!(ids(&seen(Fact::NegativeFeedback, 900).guards), ["affect-negative"]);
}

#[test]
fn the_best_six_are_given_by_grade_and_size() {
    let measured = [
        scale(ATTITUDES, "CON", 0.9),
        scale(TRAITS, "O", 0.4),
        scale(TRAITS, "E", 0.8),
        MeasuredScale { reliability: 0.01, ..scale(ATTITUDES, "PRI", 2.0) },
        scale(ATTITUDES, "INN", 0.4),
        scale(VALUES, "TRANS", 0.3),
        scale(ATTITUDES, "ECO", 0.5),
        scale(VALUES, "ENH", 0.35),
    ];
    let found = RuleBook::shipped().fire(&measured, &[], goal());
    let expected =
        ["values-enh", "values-selftrans", "att-innov", "att-price", "trait-extraversion", "att-eco"];
    assert_eq!(ids(&found.fired), expected);
    let withheld: Vec<&str> = found.withheld.iter().map(|each| each.rule.as_str()).collect();
    assert_eq!(withheld, ["trait-openness", "att-convenience"]);
}

#[test]
fn of_two_instruments_the_one_with_more_answers_counts() {
    let few = MeasuredScale { n: 60, ..scale(TRAITS, "E", 0.9) };
    let many = MeasuredScale { n: 600, ..scale(TRAITS, "E", 0.1) };
    assert_eq!(fired(&[few.clone(), many.clone()]), [""; 0]);
    assert_eq!(fired(&[many, few.clone()]), [""; 0]);
    assert_eq!(fired(&[few]), ["trait-extraversion"]);
}

#[test]
fn words_of_dimensions_are_those_of_instruments() {
    let words: Vec<&str> = Domain::all().map(Domain::as_str).collect();
    let expected = AspectsDimension::WORDS.map(|(word, _)| word);
    assert_eq!((&words[..6], words[6..].to_vec()), (&expected[..], vec!["ad_appeals"]));
    let found = RuleBook::shipped().fire(&[scale(ATTITUDES, "PRI", 0.5)], &[], goal());
    assert_eq!(serde_json::to_value(&found).unwrap()["fired"][0]["because"][0]["domain"], "attitudes");
}

#[test]
fn what_is_told_of_a_guideline_has_titles() {
    let book = RuleBook::shipped();
    let price = book.fire(&[scale(ATTITUDES, "PRI", 0.5)], &[], goal());
    let lines = price.fired[0].lines();
    let line = |of: &str| lines.iter().find(|(title, _)| *title == of).map(|(_, line)| line.as_str());
    assert_eq!(line("Because"), Some("PRI (test), g = 0.50, 0.40 to 0.60, n = 200"));
    assert!(line("Test").is_some_and(|test| test.contains("takes 7,600 people in each half")), "{lines:?}");
    assert!(line("Sources").is_some() && line("Tone").is_some() && line("Content").is_none(), "{lines:?}");
    let seen = book.fire(&[], &[Seen { fact: Fact::NegativeFeedback, n: 1_900 }], goal());
    let because =
        ("Because", "what they wrote in the last 30 days is negative on the whole, n = 1,900".to_owned());
    assert!(seen.guards[0].lines().contains(&because), "{:?}", seen.guards[0].lines());
}

#[test]
fn every_guideline_carries_its_test() {
    let found = RuleBook::shipped().fire(&[scale(ATTITUDES, "PRI", 0.5)], &[], goal());
    let test = found.fired[0].test.as_ref().unwrap();
    // 16 · 0.05 · 0.95 / 0.0001.
    assert_eq!((test.n_per_half, test.n_per_group, test.metric.as_str()), (7_600, 15_200, "share who click"));
    assert_eq!(TestGoal::new(0.05, 0.05).unwrap().n_per_half(), 304);
    for (base, uplift) in [(0.0, 0.1), (0.5, 0.0), (0.6, 0.5), (1.0, 0.1), (f64::NAN, 0.1)] {
        let error = TestGoal::new(base, uplift).unwrap_err();
        assert!(error.hint.is_some() && error.message.contains("cannot be tested"), "{error}");
    }
}

#[test]
fn own_rules_stand_beside_the_shipped_ones_or_in_their_place() {
    let text = "schema = 1\n[firing]\nleast_g = 0.4\n[[rules]]\nid = \"att-price\"\nwhen.any = [\"attitudes.PRI low\"]\ncontent = \"c\"\ngrade = \"D\"\n[[rules]]\nid = \"own\"\nwhen = { all = [\"attitudes.PRI low\", \"conscious_needs.VAL low\"] }\ncontent = \"d\"\ngrade = \"D\"\n";
    let own = RuleBook::parse("own.toml", text, Instrument::shipped()).unwrap();
    let book = RuleBook::shipped().with(own);
    assert_eq!(book.rules.len(), 27);
    let price = |g| ids(&book.fire(&[scale(ATTITUDES, "PRI", g)], &[], goal()).fired);
    assert_eq!((price(-0.4), price(-0.35), price(0.9)), (vec!["att-price".to_owned()], vec![], vec![]));
}

#[test]
fn mistakes_have_their_place_and_a_hint() {
    let cases = [
        ("no toml", "[[rules]\n"),
        ("another version", "schema = 2\n"),
        (
            "thresholds that are too low",
            "schema = 1\n[firing]\nmin_measured = 20\nleast_g = 0.2\nmost_q = 0.2\nfoo = 1\n",
        ),
        ("an empty rule", "schema = 1\n[[rules]]\n"),
        (
            "unknown words",
            "schema = 1\n[[rules]]\nid = \"a\"\ncontents = \"c\"\ncontent = \"c\"\ngrade = \"E\"\nappeals = [\"fears\"]\nwhen.al = []\n",
        ),
        (
            "conditions",
            "schema = 1\n[[rules]]\nid = \"a\"\ncontent = \"c\"\ngrade = \"D\"\nwhen.all = [\n  \"attitudes.PRICE high\",\n  \"attitude.PRI high\",\n  \"attitudes.PRI higher\",\n  \"attitudes.PRI highest\",\n  \"PRI low\",\n  \"fact stuck_in_considering\",\n  \"ad_appeals.* at_least much\",\n  \"personal_interests.RELI high\",\n  \"traits.N high\",\n  \"traits.* high\",\n  \"emotions.valence below 0\",\n]\n",
        ),
        (
            "guards",
            "schema = 1\n[[rules]]\nid = \"a\"\ncontent = \"c\"\ngrade = \"D\"\nwhen.all = [\"traits.E high\"]\nsuppresses = [\"fear\"]\n[[rules]]\nid = \"a\"\nguard = true\nappeals = [\"loss\"]\ncontent = \"c\"\ngrade = \"D\"\nwhen.all = [\"traits.N high\"]\n",
        ),
    ];
    let cases = cases.into_iter().chain([(
        "what is played on",
        "schema = 1\n[[rules]]\nid = \"a\"\ncontent = \"Hurry, few left\"\noffer = \"limited drops, in gloss\"\nappeals = [\"scarcity\"]\ngrade = \"D\"\nwhen.all = [\"traits.E high\"]\n",
    )]);
    let mut told = String::new();
    for (name, text) in cases {
        let errors = RuleBook::parse("guidelines.toml", text, Instrument::shipped()).unwrap_err();
        told.push_str(&format!("## {name}\n"));
        for error in errors {
            assert!(error.position.is_some() && error.hint.is_some(), "{name}: {error}");
            told.push_str(&format!("{error}\nhint: {}\n", error.hint.clone().unwrap_or_default()));
        }
    }
    insta::assert_snapshot!(told);
}
