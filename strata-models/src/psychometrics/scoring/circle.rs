//! The circle of values: ten values whose neighbours go together and whose opposites exclude each other.
//!
//! Directions are for groups. A single person's ten scores fit the circle too badly (on `smacof::PVQ40` with an R² of .44 on average) for
//! an angle to mean anything.
//!
//! Schwartz, S. H. (1992). Universals in the content and structure of values. Advances in Experimental Social Psychology 25, 1–65.

use serde::{Deserialize, Serialize};

use crate::clv::symmetric::Symmetric;
use crate::psychometrics::error::PsychometricsError;

/// The ten values in their order on the circle, 36 degrees apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// SD, at 0 degrees.
    SelfDirection,
    /// ST, at 36.
    Stimulation,
    /// HE, at 72.
    Hedonism,
    /// AC, at 108.
    Achievement,
    /// PO, at 144.
    Power,
    /// SE, at 180.
    Security,
    /// CO, at 216.
    Conformity,
    /// TR, at 252.
    Tradition,
    /// BE, at 288.
    Benevolence,
    /// UN, at 324.
    Universalism,
}

/// All values in the order of the circle.
pub const VALUES: [Value; 10] = [
    Value::SelfDirection,
    Value::Stimulation,
    Value::Hedonism,
    Value::Achievement,
    Value::Power,
    Value::Security,
    Value::Conformity,
    Value::Tradition,
    Value::Benevolence,
    Value::Universalism,
];

impl Value {
    /// Its published abbreviation.
    pub fn code(self) -> &'static str {
        ["SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE", "UN"][self as usize]
    }

    /// The value of an abbreviation.
    pub fn of(code: &str) -> Option<Value> {
        VALUES.into_iter().find(|value| value.code() == code)
    }

    /// Where it lies, in degrees.
    pub fn degrees(self) -> f64 {
        36.0 * f64::from(self as u8)
    }
}

/// The four higher-order values and the two axes between them, from centred scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HigherOrder {
    /// Openness to change: the mean of self-direction and stimulation.
    pub openness: f64,
    /// Conservation: the mean of security, conformity and tradition.
    pub conservation: f64,
    /// Self-enhancement: the mean of achievement and power.
    pub enhancement: f64,
    /// Self-transcendence: the mean of benevolence and universalism.
    pub transcendence: f64,
}

impl HigherOrder {
    /// From centred scores in the order of [`VALUES`]; hedonism belongs to none. A value that is NaN makes what it belongs to NaN.
    pub fn of(centred: &[f64; 10]) -> HigherOrder {
        let [sd, st, _, ac, po, se, co, tr, be, un] = *centred;
        HigherOrder {
            openness: (sd + st) / 2.0,
            conservation: (se + co + tr) / 3.0,
            enhancement: (ac + po) / 2.0,
            transcendence: (be + un) / 2.0,
        }
    }

    /// Openness minus conservation.
    pub fn change_axis(&self) -> f64 {
        self.openness - self.conservation
    }

    /// Transcendence minus enhancement.
    pub fn transcendence_axis(&self) -> f64 {
        self.transcendence - self.enhancement
    }
}

/// Where a segment's mean lies on the circle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// From 0 to 360 degrees; meaningless where the length is 0.
    pub degrees: f64,
    /// How clearly: in units of the answers.
    pub length: f64,
}

/// The direction of a segment's mean centred scores: `x = 2/10 Σ cᵥ cos aᵥ`, `y` with sines, `angle = atan2(y, x)`,
/// `length = √(x² + y²)`. None where a score is NaN.
pub fn direction(segment_means: &[f64; 10]) -> Option<Direction> {
    let along = |of: fn(f64) -> f64| {
        let each = VALUES.iter().zip(segment_means);
        0.2 * each.map(|(value, mean)| mean * of(value.degrees().to_radians())).sum::<f64>()
    };
    let (x, y) = (along(f64::cos), along(f64::sin));
    let degrees = y.atan2(x).to_degrees().rem_euclid(360.0);
    (x.is_finite() && y.is_finite()).then(|| Direction { degrees, length: x.hypot(y) })
}

/// How well the correlations of values fit the circle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CircumplexFit {
    /// Pearson's correlation between the correlations of pairs and the cosines of the angles between them.
    pub pearson: f64,
    /// The same of ranks.
    pub spearman: f64,
}

/// The fit of a matrix of correlations between centred values, in the order of [`VALUES`]. Refuses another order than 10, and
/// correlations that are all one.
pub fn circumplex_fit(correlations: &Symmetric) -> Result<CircumplexFit, PsychometricsError> {
    let refuse = |reason: String| PsychometricsError::Design {
        place: "the circle of values".to_owned(),
        reason,
        hint: "give the correlations of the ten centred values in the circle's order",
    };
    if correlations.order() != VALUES.len() {
        return Err(refuse(format!("correlations of {} scales", correlations.order())));
    }
    let (mut found, mut expected) = (vec![], vec![]);
    for one in 0..VALUES.len() {
        for other in 0..one {
            found.push(correlations.at(one, other));
            // By steps along the shorter way, so that equal angles tie exactly.
            let steps = (one - other).min(VALUES.len() - (one - other)) as f64;
            expected.push((36.0 * steps).to_radians().cos());
        }
    }
    let both = crate::group::correlation(&found, &expected)
        .zip(crate::group::correlation(&ranks(&found), &ranks(&expected)));
    let (pearson, spearman) = both.ok_or_else(|| refuse("correlations that do not differ".to_owned()))?;
    Ok(CircumplexFit { pearson, spearman })
}

/// Ranks from 1, the mean rank where values tie.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tie in order.chunk_by(|one, other| values[*one] == values[*other]) {
        let rank = first as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|place| ranks[*place] = rank);
        first += tie.len();
    }
    ranks
}
