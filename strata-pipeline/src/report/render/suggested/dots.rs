//! Dots with their intervals on a scale that all conditions of a goal share. The numbers stand beside them in the same row.

use super::super::plot::round_up;
use crate::suggest::{Looked, Suggestion};
use strata_models::subgroup::Estimate;

/// Where the scale begins and ends, and where the mean of all lies on it.
pub(super) struct Scale {
    low: f64,
    high: f64,
    all: f64,
}

impl Scale {
    /// From 0, or from the lowest end of an interval below, to a round number above the highest.
    pub(super) fn of(found: &Looked) -> Scale {
        let means = found.suggestions.iter().flat_map(|one| [one.inside, one.outside]);
        let ends: Vec<f64> =
            means.flat_map(|mean| [mean.low, mean.high]).filter(|end| end.is_finite()).collect();
        let highest = ends.iter().copied().fold(0.0, f64::max);
        let lowest = ends.iter().copied().fold(0.0, f64::min);
        let low = if lowest < 0.0 { -round_up(-lowest) } else { 0.0 };
        let high = if highest > 0.0 || low == 0.0 { round_up(highest) } else { 0.0 };
        let high = if found.is_share { high.min(1.0) } else { high };
        Scale { low, high, all: found.mean_of_all }
    }

    pub(super) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// In percent of the width; none of what is no number. Room is left at both ends for half a dot.
    fn at(&self, value: f64) -> Option<f64> {
        let part = (value - self.low) / (self.high - self.low);
        part.is_finite().then(|| 2.0 + 96.0 * part.clamp(0.0, 1.0))
    }

    /// Those who meet a condition above, the others below.
    pub(super) fn dots(&self, one: &Suggestion) -> String {
        let all = self.at(self.all).map_or_else(String::new, |x| {
            format!(r#"<line class="all" x1="{x:.2}%" x2="{x:.2}%" y1="0" y2="30"/>"#)
        });
        let axis = self.at(0.0).filter(|_| self.low < 0.0).map_or_else(String::new, |x| {
            format!(r#"<line class="zero" x1="{x:.2}%" x2="{x:.2}%" y1="0" y2="30"/>"#)
        });
        format!(
            r#"<svg class="dots" width="100%" height="30" aria-hidden="true"><line class="base" x1="0" x2="100%" y1="29.5" y2="29.5"/>{axis}{all}{}{}</svg>"#,
            self.dot(&one.outside, 21, "outside"),
            self.dot(&one.inside, 9, "inside"),
        )
    }

    fn dot(&self, mean: &Estimate, y: u32, kind: &str) -> String {
        let range = self.at(mean.low).zip(self.at(mean.high)).map_or_else(String::new, |(low, high)| {
            format!(r#"<line class="{kind}" x1="{low:.2}%" x2="{high:.2}%" y1="{y}" y2="{y}"/>"#)
        });
        let dot = self
            .at(mean.value)
            .map_or_else(String::new, |x| format!(r#"<circle class="{kind}" cx="{x:.2}%" cy="{y}" r="5"/>"#));
        range + &dot
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::sample::emporium;
    use super::*;

    #[test]
    fn scales_hold_every_interval_and_are_numbers() {
        let data = emporium();
        let scale = |place: usize| Scale::of(&data.suggested[place].found);
        assert_eq!(scale(0).ends(), (0.0, 1.0));
        assert_eq!(scale(1).ends(), (-8.0, 25.0));
        let first = &data.suggested[0].found.suggestions[0];
        let drawn = scale(0).dots(first);
        // 0.766 of the way.
        assert!(drawn.contains(r#"<circle class="inside" cx="75.54%" cy="9" r="5"/>"#), "{drawn}");
        let mut odd = data.suggested[0].found.clone();
        odd.mean_of_all = f64::NAN;
        let nowhere = Estimate { value: f64::NAN, low: f64::NEG_INFINITY, high: f64::INFINITY };
        for one in &mut odd.suggestions {
            (one.inside, one.outside) = (nowhere, nowhere);
        }
        let drawn = Scale::of(&odd).dots(&odd.suggestions[0]);
        assert!(!drawn.contains("circle") && !drawn.contains("NaN"), "{drawn}");
    }
}
