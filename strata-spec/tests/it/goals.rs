//! Goals: words alone, or a figure that is to move; and what is said of those that cannot be read.

use strata_spec::definition::{Direction, Goal, Metric, Whom};
use strata_spec::error::SpecError;
use strata_spec::manifest::Manifest;

fn goal(text: &str) -> Result<Goal, Vec<SpecError>> {
    let manifest = format!(
        "[project]\ntitle = \"T\"\n[segments.lapsing]\nwhere = \"count(orders) >= 2\"\n[segments.lapsing.goal]\n{text}"
    );
    let manifest = Manifest::parse(&[("strata.toml".to_owned(), manifest)])?;
    Ok(manifest.definitions.segments["lapsing"].goal.clone().unwrap())
}

const WHOLE: &str = "title = \"Win them back\"\nmetric = \"count(orders) filter (where in_last('30 days')) >= 1\"\n\
                     of = \"former_members\"\ndirection = \"increase\"\ntarget = 0.2\nby = \"2026-12-31\"\nfrom = 2026-02-01\n";

#[test]
fn a_goal_with_a_target_has_its_parts() {
    let goal = goal(WHOLE).unwrap();
    let target = goal.target.unwrap();
    assert_eq!(goal.title, "Win them back");
    assert!(matches!(target.metric, Metric::Holds(_)));
    assert_eq!((target.of, target.direction, target.value), (Whom::FormerMembers, Direction::Increase, 0.2));
    assert_eq!(
        (target.by.to_string().as_str(), target.from.unwrap().to_string().as_str()),
        ("2026-12-31", "2026-02-01")
    );
    for (metric, is_as_expected) in [
        ("n_members", (|metric| matches!(metric, Metric::Members)) as fn(&Metric) -> bool),
        ("share", |metric| matches!(metric, Metric::Share)),
        ("revenue", |metric| matches!(metric, Metric::Mean(_))),
        ("sum(orders.amount)", |metric| matches!(metric, Metric::Mean(_))),
        ("n_orders >= 3 and country = 'DE'", |metric| matches!(metric, Metric::Holds(_))),
        // What is measured is not what is defined, so that it may speak of the segment itself.
        ("in_segment('lapsing')", |metric| matches!(metric, Metric::Holds(_))),
    ] {
        let text = format!(
            "title = \"t\"\nmetric = \"{metric}\"\ndirection = \"decrease\"\ntarget = 3\nby = \"2026-12-31\"\n"
        );
        let target = super::goals::goal(&text).unwrap().target.unwrap();
        assert!(is_as_expected(&target.metric), "{metric}: {:?}", target.metric);
    }
}

#[test]
fn the_version_is_that_of_the_condition() {
    let version = |goal: &str| {
        let manifest = format!("[project]\ntitle = \"T\"\n[segments.a]\nwhere = \"n_orders >= 2\"\n{goal}");
        let manifest = Manifest::parse(&[("strata.toml".to_owned(), manifest)]).unwrap();
        manifest.definitions.segments["a"].header.version.clone()
    };
    assert_eq!(version(""), version(&format!("[segments.a.goal]\n{WHOLE}")));
}

#[test]
fn what_is_wrong_has_its_place_and_a_hint() {
    let cases = [
        ("direction = \"increase\"", "direction = \"upwards\"", "cannot be `upwards`"),
        ("direction = \"increase\"\n", "", "`segments.lapsing.goal.direction` is missing"),
        ("target = 0.2", "target = \"a fifth\"", "must be a number"),
        ("target = 0.2\n", "", "`segments.lapsing.goal.target` is missing"),
        ("by = \"2026-12-31\"", "by = \"end of year\"", "`end of year` is not a date"),
        ("by = \"2026-12-31\"\n", "", "`segments.lapsing.goal.by` is missing"),
        ("from = 2026-02-01", "from = \"2027-02-01\"", "does not lie before"),
        ("of = \"former_members\"", "of = \"everybody\"", "cannot be `everybody`"),
        ("title =", "titel =", "unknown key `titel`"),
        ("count(orders)", "count(ordres)", "ordres"),
        (">= 1", ">= = 1", "expected a value"),
    ];
    for (right, wrong, expected) in cases {
        let faults = goal(&WHOLE.replace(right, wrong)).unwrap_err();
        let told = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.contains(expected), "{wrong}: {told}");
        assert!(faults.iter().all(|fault| fault.hint.is_some() && fault.position.is_some()), "{faults:?}");
    }
}
