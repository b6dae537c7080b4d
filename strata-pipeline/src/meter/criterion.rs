//! What is measured, and what is said of it.

/// What a finding is about. The first five are the criteria; the others say more of a class, a segment or a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// It can be said who is in it.
    Measurable,
    /// It is large enough, and worth enough.
    Substantial,
    /// Its members can be reached.
    Accessible,
    /// It differs from the others.
    Differentiable,
    /// Something can be done with it.
    Actionable,
    /// It differs from the others in what it is made of, which says little.
    MadeOf,
    /// The smallest uplift that a test among its members can detect.
    Detectable,
    /// Its share of the revenue.
    ValueShare,
    /// The share of members who entered or left at the run.
    Turnover,
    /// Whether anything refers to it.
    Used,
    /// Whether it says what the business wants of it.
    Goal,
    /// Another segment or class with nearly the same members.
    Redundant,
    /// The share of subjects that are in a class or segment at all.
    Coverage,
    /// How many classes or segments there are.
    Classes,
    /// Two that are to be merged.
    Merge,
    /// The share of criteria that are failed, from 0 to 100.
    Meter,
}

impl Criterion {
    /// The criteria of Kotler and Keller, in their order.
    pub const FIVE: [Criterion; 5] = [
        Criterion::Measurable,
        Criterion::Substantial,
        Criterion::Accessible,
        Criterion::Differentiable,
        Criterion::Actionable,
    ];

    /// Everything that is measured.
    pub const ALL: [Criterion; 16] = [
        Criterion::Measurable,
        Criterion::Substantial,
        Criterion::Accessible,
        Criterion::Differentiable,
        Criterion::Actionable,
        Criterion::MadeOf,
        Criterion::Detectable,
        Criterion::ValueShare,
        Criterion::Turnover,
        Criterion::Used,
        Criterion::Goal,
        Criterion::Redundant,
        Criterion::Coverage,
        Criterion::Classes,
        Criterion::Merge,
        Criterion::Meter,
    ];

    /// Its name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Criterion::Measurable => "measurable",
            Criterion::Substantial => "substantial",
            Criterion::Accessible => "accessible",
            Criterion::Differentiable => "differentiable",
            Criterion::Actionable => "actionable",
            Criterion::MadeOf => "made_of",
            Criterion::Detectable => "detectable",
            Criterion::ValueShare => "value_share",
            Criterion::Turnover => "turnover",
            Criterion::Used => "used",
            Criterion::Goal => "goal",
            Criterion::Redundant => "redundant",
            Criterion::Coverage => "coverage",
            Criterion::Classes => "classes",
            Criterion::Merge => "merge",
            Criterion::Meter => "meter",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Criterion> {
        Criterion::ALL.into_iter().find(|criterion| criterion.as_str() == name)
    }
}

/// Whether a criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    Failed,
    /// The data does not tell.
    Unknown,
}

impl Verdict {
    /// `met`, `failed` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Failed => "failed",
            Verdict::Unknown => "unknown",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Verdict> {
        [Verdict::Met, Verdict::Failed, Verdict::Unknown].into_iter().find(|verdict| verdict.as_str() == name)
    }

    /// Met or not.
    pub(super) fn of(is_met: bool) -> Verdict {
        if is_met { Verdict::Met } else { Verdict::Failed }
    }
}

/// What is said by a criterion.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgement {
    pub(super) value: Option<f64>,
    pub(super) threshold: Option<f64>,
    pub(super) verdict: Verdict,
    pub(super) reason: String,
}

impl Judgement {
    /// That the data does not tell, and why.
    pub(super) fn unknown(threshold: Option<f64>, reason: impl Into<String>) -> Judgement {
        Judgement { value: None, threshold, verdict: Verdict::Unknown, reason: reason.into() }
    }

    /// A value that must be at least so much.
    pub(super) fn at_least(value: f64, threshold: f64, reason: impl Into<String>) -> Judgement {
        Judgement {
            value: Some(value),
            threshold: Some(threshold),
            verdict: Verdict::of(value >= threshold),
            reason: reason.into(),
        }
    }

    /// A value that must be at most so much.
    pub(super) fn at_most(value: f64, threshold: f64, reason: impl Into<String>) -> Judgement {
        Judgement {
            value: Some(value),
            threshold: Some(threshold),
            verdict: Verdict::of(value <= threshold),
            reason: reason.into(),
        }
    }
}
