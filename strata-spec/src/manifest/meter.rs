//! Reads `[meter]`: from what on a segment is worth having, by the five criteria of segmentation.

use crate::document::{Entry, Errors, Section};

/// The thresholds by which segmentations and segments are measured. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// Measurable: the share of subjects that can be placed.
    pub min_coverage: f64,
    /// Substantial: the share of all subjects that a segment has, …
    pub min_share: f64,
    /// … of the revenue, where there is any, …
    pub min_value_share: f64,
    /// … and members enough to test whether a share rises from this …
    pub base_rate: f64,
    /// … by this.
    pub uplift: f64,
    /// Accessible: the share of members who can be reached with consent.
    pub min_reachable: f64,
    /// Differentiable: the least difference of means in standard deviations (Hedges' g), …
    pub min_hedges_g: f64,
    /// … the least association with a category (Cramér's V), …
    pub min_cramers_v: f64,
    /// … and divergence of its distribution (Jensen–Shannon), in bits, …
    pub min_divergence: f64,
    /// … in so many categories.
    pub min_categories: u64,
    /// A trait that correlates more strongly with what a definition is made of says the same.
    pub max_correlation: f64,
    /// More classes or segments are too many.
    pub max_classes: u64,
    /// A larger share of members who entered or left in a run is worth a word.
    pub max_turnover: f64,
}

impl Default for Meter {
    fn default() -> Meter {
        Meter {
            min_coverage: 0.8,
            min_share: 0.02,
            min_value_share: 0.02,
            base_rate: 0.05,
            uplift: 0.05,
            min_reachable: 0.7,
            min_hedges_g: 0.5,
            min_cramers_v: 0.3,
            min_divergence: 0.05,
            min_categories: 2,
            max_correlation: 0.7,
            max_classes: 8,
            max_turnover: 0.5,
        }
    }
}

const KNOWN: [&str; 13] = [
    "min_coverage",
    "min_share",
    "min_value_share",
    "base_rate",
    "uplift",
    "min_reachable",
    "min_hedges_g",
    "min_cramers_v",
    "min_divergence",
    "min_categories",
    "max_correlation",
    "max_classes",
    "max_turnover",
];

pub(super) fn meter(section: &Section, errors: &mut Errors) -> Meter {
    section.only(&KNOWN, errors);
    let mut meter = Meter::default();
    let shares = [
        ("min_coverage", &mut meter.min_coverage),
        ("min_share", &mut meter.min_share),
        ("min_value_share", &mut meter.min_value_share),
        ("min_reachable", &mut meter.min_reachable),
        ("min_cramers_v", &mut meter.min_cramers_v),
        ("min_divergence", &mut meter.min_divergence),
        ("max_correlation", &mut meter.max_correlation),
        ("max_turnover", &mut meter.max_turnover),
    ];
    for (key, value) in shares {
        let what = "a share from 0 to 1";
        number(section, key, value, (what, |number| (0.0..=1.0).contains(&number)), errors);
    }
    let inner = |number: f64| number > 0.0 && number < 1.0;
    for (key, value) in [("base_rate", &mut meter.base_rate), ("uplift", &mut meter.uplift)] {
        number(section, key, value, ("a share above 0 and below 1", inner), errors);
    }
    let positive = |number: f64| number.is_finite() && number > 0.0;
    number(section, "min_hedges_g", &mut meter.min_hedges_g, ("a number above 0", positive), errors);
    let wholes = [("min_categories", &mut meter.min_categories), ("max_classes", &mut meter.max_classes)];
    for (key, value) in wholes {
        if let Some(whole) = section.get(key).and_then(|entry| entry.whole(1, errors)) {
            *value = whole;
        }
    }
    if let Some(entry) = section.get("uplift").filter(|_| meter.base_rate + meter.uplift > 1.0) {
        errors.push(entry.error(
            format!("a share of {} cannot rise by {}", meter.base_rate, meter.uplift),
            "`base_rate` and `uplift` together are at most 1",
        ));
    }
    meter
}

/// A number that must be as said.
fn number(
    section: &Section,
    key: &str,
    value: &mut f64,
    (what, is_right): (&str, fn(f64) -> bool),
    errors: &mut Errors,
) {
    let Some(entry) = section.get(key) else { return };
    let number = entry.number();
    match number.filter(|number| is_right(*number)) {
        Some(number) => *value = number,
        None => errors.push(wrong(&entry, what, *value)),
    }
}

fn wrong(entry: &Entry, what: &str, default: f64) -> crate::error::SpecError {
    entry.wrong(what, &format!("write it as a number, as `{default}`, which it is unless said"))
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Manifest, Meter};

    fn parse(section: &str) -> Result<Meter, Vec<String>> {
        let text = format!("[project]\ntitle = \"T\"\n{section}");
        let manifest = Manifest::parse(&[("strata.toml".to_owned(), text)]);
        manifest.map(|manifest| manifest.meter).map_err(|errors| {
            errors
                .iter()
                .map(|error| {
                    let (line, column) = error.position.map(|at| (at.line, at.column)).unwrap_or_default();
                    let hint = error.hint.as_deref().unwrap_or_default();
                    format!("{line}:{column}: {} | {hint}", error.message)
                })
                .collect()
        })
    }

    #[test]
    fn thresholds_are_read_and_have_defaults() {
        assert_eq!(parse(""), Ok(Meter::default()));
        let read = parse("[meter]\nmin_reachable = 0.5\nmin_hedges_g = 1\nmax_classes = 12\n");
        let expected = Meter { min_reachable: 0.5, min_hedges_g: 1.0, max_classes: 12, ..Meter::default() };
        assert_eq!(read, Ok(expected));
        let all = super::KNOWN.map(|key| match key {
            "min_categories" | "max_classes" => format!("{key} = 1\n"),
            key => format!("{key} = 0.25\n"),
        });
        let read = parse(&format!("[meter]\n{}", all.concat())).unwrap();
        assert_eq!((read.base_rate, read.max_turnover, read.min_categories), (0.25, 0.25, 1));
    }

    #[test]
    fn mistakes_have_a_place_and_a_hint() {
        for (section, expected) in [
            (
                "[meter]\nmin_sharee = 0.1",
                "4:1: unknown key `min_sharee` in [meter] | did you mean `min_share`?",
            ),
            (
                "[meter]\nmin_coverage = 80",
                "4:16: `meter.min_coverage` must be a share from 0 to 1, not 80 | write it as a number, as `0.8`, which it is unless said",
            ),
            (
                "[meter]\nuplift = \"5 %\"",
                "4:10: `meter.uplift` must be a share above 0 and below 1, not a text | write it as a number, as `0.05`, which it is unless said",
            ),
            (
                "[meter]\nmax_classes = 0",
                "4:15: `meter.max_classes` must be a whole number from 1, not 0 | write it as `1`, without quotes",
            ),
            (
                "[meter]\nbase_rate = 0.9\nuplift = 0.2",
                "5:10: a share of 0.9 cannot rise by 0.2 | `base_rate` and `uplift` together are at most 1",
            ),
        ] {
            assert_eq!(parse(section), Err(vec![expected.to_owned()]), "{section}");
        }
    }
}
