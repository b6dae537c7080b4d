//! What a scale may be used for: everything, means of segments, or nothing, with the reasons in plain sentences.

use serde::{Deserialize, Serialize};

/// What is known of a scale; none of what could not be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The scale.
    pub scale: String,
    /// How many clean respondents have a score.
    pub n_clean: usize,
    /// How many items it has.
    pub n_items: usize,
    /// Whether its items make the scale up rather than reflect it, such as a list of activities: then they need not agree.
    pub is_formative: bool,
    /// Total ω.
    pub omega: Option<f64>,
    /// α, which stands where ω is missing.
    pub alpha: Option<f64>,
    /// The Spearman-Brown coefficient of two items.
    pub spearman_brown: Option<f64>,
    /// The items with their item-rest correlations.
    pub item_rest: Vec<(String, f64)>,
    /// The first two eigenvalues of its items' correlations.
    pub eigenvalues: Option<(f64, f64)>,
    /// How many dimensions parallel analysis finds in its items.
    pub n_dimensions: Option<usize>,
    /// Of a scale of values: how the values fit their circle ([`circumplex_fit`](super::scoring::circle::circumplex_fit)).
    pub circumplex_r: Option<f64>,
}

/// What a scale may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Use {
    /// Scores of persons, segments, models.
    Usable,
    /// Means of segments, with wider intervals; not for clustering persons.
    SegmentMeansOnly,
    /// Nothing.
    Dropped,
}

/// The use of a scale, with reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What it may be used for.
    pub usage: Use,
    /// Why, gate by gate: what was passed and what was not.
    pub reasons: Vec<String>,
}

/// The thresholds of the gates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gates {
    /// The fewest clean respondents.
    pub least_n: usize,
    /// From this reliability on a scale is usable.
    pub usable_reliability: f64,
    /// Below this one it is dropped.
    pub least_reliability: f64,
    /// The least item-rest correlation of an item that belongs.
    pub least_item_rest: f64,
    /// The least ratio of the first to the second eigenvalue of a single dimension.
    pub least_eigenvalue_ratio: f64,
    /// The least fit of values to their circle.
    pub least_circumplex_r: f64,
    /// The least Spearman-Brown coefficient of two items.
    pub least_spearman_brown: f64,
}

impl Default for Gates {
    fn default() -> Gates {
        Gates {
            least_n: 200,
            usable_reliability: 0.70,
            least_reliability: 0.60,
            least_item_rest: 0.20,
            least_eigenvalue_ratio: 3.0,
            least_circumplex_r: 0.60,
            least_spearman_brown: 0.60,
        }
    }
}

impl Gates {
    /// Decides on a scale. Too few respondents, too little agreement, an item against the rest (its key is probably wrong) and values
    /// that do not lie on their circle drop it; a weak item, more than one dimension and agreement between the two thresholds leave means
    /// of segments. What cannot be known does not pass.
    pub fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut verdict = Verdict { usage: Use::Usable, reasons: vec![] };
        let n = evidence.n_clean;
        if n >= self.least_n {
            verdict
                .note(Use::Usable, format!("{n} clean respondents, at least {} are needed.", self.least_n));
        } else {
            verdict.note(
                Use::Dropped,
                format!("Only {n} clean respondents, at least {} are needed.", self.least_n),
            );
        }
        if evidence.is_formative {
            verdict.note(
                Use::Usable,
                "Its items make the scale up rather than reflect it, so that they need not agree.".to_owned(),
            );
            return verdict;
        }
        if evidence.n_items == 2 {
            self.judge_two_items(evidence, &mut verdict);
        } else {
            self.judge_reliability(evidence, &mut verdict);
            self.judge_dimensions(evidence, &mut verdict);
        }
        self.judge_items(evidence, &mut verdict);
        if let Some(r) = evidence.circumplex_r {
            let least = self.least_circumplex_r;
            if r >= least {
                verdict.note(
                    Use::Usable,
                    format!("The values fit their circle with r {r:.2}, at least {least:.2} is needed."),
                );
            } else {
                verdict.note(
                    Use::Dropped,
                    format!("The values fit their circle with r {r:.2} only, at least {least:.2} is needed."),
                );
            }
        }
        verdict
    }

    /// Decides on the preference for an appeal, which was the best or the worst of a few sets: as [`judge`](Gates::judge) does by the number
    /// of respondents. How far its sets agree tells how sure the score of one person is, and not what is measured, so that little agreement
    /// leaves means of segments.
    pub fn judge_preference(&self, evidence: &Evidence) -> Verdict {
        let mut verdict = Verdict { usage: Use::Usable, reasons: vec![] };
        let (n, least) = (evidence.n_clean, self.least_n);
        match n >= least {
            true => verdict.note(Use::Usable, format!("{n} clean respondents, at least {least} are needed.")),
            false => verdict
                .note(Use::Dropped, format!("Only {n} clean respondents, at least {least} are needed.")),
        }
        let usable = self.usable_reliability;
        match evidence.alpha {
            Some(alpha) if alpha >= usable => verdict.note(
                Use::Usable,
                format!("Its sets agree with alpha {alpha:.3}, at least {usable:.2} is needed."),
            ),
            Some(alpha) => verdict.note(
                Use::SegmentMeansOnly,
                format!(
                    "Its sets agree with alpha {alpha:.3}: below {usable:.2} the score of one person is chance in good part, and means of segments are not."
                ),
            ),
            None => verdict.note(Use::SegmentMeansOnly, "How far its sets agree is not known.".to_owned()),
        }
        verdict
    }

    fn judge_two_items(&self, evidence: &Evidence, verdict: &mut Verdict) {
        let least = self.least_spearman_brown;
        match evidence.spearman_brown {
            Some(r) if r >= least => verdict.note(
                Use::Usable,
                format!("The two items agree with a Spearman-Brown coefficient of {r:.2}, at least {least:.2} is needed."),
            ),
            Some(r) => verdict.note(
                Use::Dropped,
                format!("The two items agree with a Spearman-Brown coefficient of {r:.2} only, at least {least:.2} is needed."),
            ),
            None => verdict.note(Use::Dropped, "How far the two items agree is not known.".to_owned()),
        }
    }

    fn judge_reliability(&self, evidence: &Evidence, verdict: &mut Verdict) {
        let (usable, least) = (self.usable_reliability, self.least_reliability);
        let (name, found) = match (evidence.omega, evidence.alpha) {
            (Some(omega), _) => ("omega", omega),
            (None, Some(alpha)) => ("alpha", alpha),
            (None, None) => {
                return verdict.note(Use::Dropped, "How far its items agree is not known.".to_owned());
            }
        };
        if found >= usable {
            verdict.note(
                Use::Usable,
                format!("Reliability ({name}) is {found:.3}, at least {usable:.2} is needed."),
            );
        } else if found >= least {
            verdict.note(
                Use::SegmentMeansOnly,
                format!(
                    "Reliability ({name}) is {found:.3}: between {least:.2} and {usable:.2} only means of segments are sure enough, with wider intervals."
                ),
            );
        } else {
            verdict.note(
                Use::Dropped,
                format!(
                    "Reliability ({name}) is {found:.3}, below {least:.2} a scale is not used for clustering."
                ),
            );
        }
    }

    fn judge_dimensions(&self, evidence: &Evidence, verdict: &mut Verdict) {
        let least = self.least_eigenvalue_ratio;
        let ratio =
            evidence.eigenvalues.filter(|(_, second)| *second > 0.0).map(|(first, second)| first / second);
        match (ratio, evidence.n_dimensions) {
            (Some(ratio), _) if ratio >= least => verdict.note(
                Use::Usable,
                format!("It has one dimension: the first eigenvalue is {ratio:.1} times the second, at least {least:.1} is needed."),
            ),
            (_, Some(1)) => {
                verdict.note(Use::Usable, "It has one dimension by parallel analysis.".to_owned());
            }
            (None, None) => verdict.note(
                Use::SegmentMeansOnly,
                "Whether it has one dimension is not known, so that only means of segments are shown.".to_owned(),
            ),
            (ratio, n_dimensions) => {
                let by_ratio = ratio.map(|ratio| format!("the first eigenvalue is {ratio:.1} times the second, below {least:.1}"));
                let by_number = n_dimensions.map(|n| format!("parallel analysis finds {n} dimensions"));
                let both = [by_ratio, by_number].into_iter().flatten().collect::<Vec<String>>().join(", and ");
                verdict.note(
                    Use::SegmentMeansOnly,
                    format!("It may not be one thing: {both}. Only means of segments are shown."),
                );
            }
        }
    }

    fn judge_items(&self, evidence: &Evidence, verdict: &mut Verdict) {
        let least = self.least_item_rest;
        for (item, r) in &evidence.item_rest {
            if *r < 0.0 {
                verdict.note(
                    Use::Dropped,
                    format!("Item `{item}` goes against the rest (r {r:.2}): its key is probably wrong."),
                );
            } else if *r < least && evidence.n_items > 2 {
                verdict.note(
                    Use::SegmentMeansOnly,
                    format!(
                        "Item `{item}` hardly goes with the rest (r {r:.2}), at least {least:.2} is needed."
                    ),
                );
            }
        }
    }
}

impl Verdict {
    fn note(&mut self, usage: Use, reason: String) {
        self.usage = self.usage.max(usage);
        self.reasons.push(reason);
    }
}

/// The fewest respondents for clusters by so many variables: 70 for each where there are 20 or more, which is why one clusters by scales and
/// not by items; none is asked below 20 variables.
///
/// Dolnicar, S., Grün, B., Leisch, F. and Schmidt, K. (2014). Required sample sizes for data-driven market segmentation analyses in
/// tourism. Journal of Travel Research 53, 296–306.
pub fn respondents_to_cluster(n_variables: usize) -> Option<usize> {
    (n_variables >= 20).then_some(70 * n_variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Evidence {
        Evidence {
            scale: "A".to_owned(),
            n_clean: 200,
            n_items: 5,
            is_formative: false,
            omega: Some(0.70),
            alpha: Some(0.5),
            spearman_brown: None,
            item_rest: vec![("A1".to_owned(), 0.20), ("A2".to_owned(), 0.6)],
            eigenvalues: Some((3.0, 1.0)),
            n_dimensions: Some(2),
            circumplex_r: None,
        }
    }

    #[track_caller]
    fn check(evidence: &Evidence, usage: Use, text: &str) {
        let verdict = Gates::default().judge(evidence);
        assert_eq!(verdict.usage, usage, "{verdict:?}");
        assert!(verdict.reasons.iter().any(|reason| reason.contains(text)), "{verdict:?}");
        assert!(verdict.reasons.iter().all(|reason| reason.ends_with('.')), "{verdict:?}");
    }

    #[test]
    fn each_gate_has_its_boundary() {
        use Use::{Dropped, SegmentMeansOnly, Usable};
        let with = |change: &dyn Fn(&mut Evidence)| {
            let mut evidence = good();
            change(&mut evidence);
            evidence
        };
        check(&good(), Usable, "Reliability (omega) is 0.700");
        check(&with(&|e| e.n_clean = 199), Dropped, "Only 199 clean respondents");
        check(&with(&|e| e.omega = Some(0.6999)), SegmentMeansOnly, "only means of segments");
        check(&with(&|e| e.omega = Some(0.60)), SegmentMeansOnly, "0.600");
        check(&with(&|e| e.omega = Some(0.5999)), Dropped, "below 0.60");
        check(&with(&|e| e.omega = None), Dropped, "(alpha) is 0.500");
        check(&with(&|e| (e.omega, e.alpha) = (None, None)), Dropped, "not known");
        check(&with(&|e| e.item_rest[0].1 = 0.19), SegmentMeansOnly, "Item `A1` hardly");
        check(&with(&|e| e.item_rest[0].1 = -0.01), Dropped, "Item `A1` goes against the rest (r -0.01)");
        check(&with(&|e| e.eigenvalues = Some((2.9, 1.0))), SegmentMeansOnly, "finds 2 dimensions");
        check(
            &with(&|e| (e.eigenvalues, e.n_dimensions) = (Some((2.9, 1.0)), Some(1))),
            Usable,
            "by parallel",
        );
        check(&with(&|e| (e.eigenvalues, e.n_dimensions) = (None, None)), SegmentMeansOnly, "not known");
        check(&with(&|e| e.circumplex_r = Some(0.60)), Usable, "fit their circle with r 0.60,");
        check(&with(&|e| e.circumplex_r = Some(0.59)), Dropped, "r 0.59 only");
        check(&with(&|e| (e.is_formative, e.omega) = (true, Some(0.2))), Usable, "need not agree");
        check(&with(&|e| (e.is_formative, e.n_clean) = (true, 10)), Dropped, "Only 10");
    }

    #[test]
    fn two_items_have_their_own_gate() {
        let two = |spearman_brown: Option<f64>| Evidence {
            n_items: 2,
            omega: None,
            spearman_brown,
            item_rest: vec![("a".to_owned(), 0.43), ("b".to_owned(), 0.43)],
            ..good()
        };
        check(&two(Some(0.60)), Use::Usable, "Spearman-Brown coefficient of 0.60,");
        check(&two(Some(0.59)), Use::Dropped, "0.59 only");
        check(&two(None), Use::Dropped, "not known");
    }

    #[test]
    fn items_need_more_respondents_than_scales() {
        assert_eq!((respondents_to_cluster(19), respondents_to_cluster(25)), (None, Some(1750)));
    }
}
