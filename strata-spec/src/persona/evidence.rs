//! What a sentence rests on: one variable of a segment against the rest, with everything that is printed of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::figure;
use crate::error::SpecError;

/// How the segment differs from the rest in one variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id, unique within the persona.
    pub id: String,
    /// The trait or scale.
    pub variable: String,
    /// Its words in a sentence. Of shares and levels a verb in the plural, as `buy on Sundays` or `live in {level}`; of means and
    /// ranges either a noun, as `order value`, or a verb around the figure, as `place {value}`; of scores a noun, as `price consciousness`.
    pub label: String,
    /// Which side of a customer it shows.
    pub facet: Facet,
    /// Where it comes from: the layer and the table, as `behaviour: orders`.
    pub source: String,
    /// How it is known.
    pub state: State,
    /// Of how many of the segment it is known, …
    pub n: u64,
    /// … and of how many of the rest.
    pub n_rest: u64,
    /// The figures.
    pub value: Value,
    /// How large the difference is.
    pub effect: Effect,
    /// The chance of as much by chance, adjusted for the number of variables looked at; none where that was not tested.
    pub q: Option<f64>,
    /// The share of the segment of whom it is known, 0 to 1.
    pub coverage: f64,
    /// How reliably it was measured, 0 to 1; none where it was counted.
    pub reliability: Option<f64>,
    /// How often the guess is right, 0 to 1; needed where it was inferred.
    pub accuracy: Option<f64>,
    /// As of when.
    pub date: NaiveDate,
}

/// Which side of a customer a sentence shows, in the order in which personas tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Age, region, household.
    Demographics,
    /// Attitudes, values, traits.
    Psychographics,
    /// What they do.
    Behaviours,
    /// What they like.
    Preferences,
    /// What annoys them.
    PainPoints,
    /// What they want.
    Goals,
    /// Where and when they can be reached.
    ChannelAndTime,
    /// What they spend.
    SpendingAndBudget,
}

impl Facet {
    /// Every facet, in the order in which personas tell them.
    pub const ALL: [Facet; 8] = [
        Facet::Demographics,
        Facet::Psychographics,
        Facet::Behaviours,
        Facet::Preferences,
        Facet::PainPoints,
        Facet::Goals,
        Facet::ChannelAndTime,
        Facet::SpendingAndBudget,
    ];

    /// Its title for people.
    pub fn title(self) -> &'static str {
        match self {
            Facet::Demographics => "Who they are",
            Facet::Psychographics => "How they think",
            Facet::Behaviours => "What they do",
            Facet::Preferences => "What they like",
            Facet::PainPoints => "What annoys them",
            Facet::Goals => "What they want",
            Facet::ChannelAndTime => "Where and when to reach them",
            Facet::SpendingAndBudget => "What they spend",
        }
    }
}

/// How something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was counted: orders, visits, messages.
    Observed,
    /// People answered a full scale.
    Measured,
    /// People answered a few questions that tell their type.
    Typed,
    /// It was guessed from people who are alike.
    Inferred,
}

/// The figures of a piece of evidence. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// How many are, do or have something.
    Share {
        /// The segment's share.
        segment: f64,
        /// The rest's.
        rest: f64,
        /// How many people of the segment that is.
        people: u64,
        /// How many of the rest.
        people_rest: u64,
    },
    /// How many have one level of a category.
    Level {
        /// The level.
        level: String,
        /// The segment's share.
        segment: f64,
        /// The rest's.
        rest: f64,
        /// How many people of the segment that is.
        people: u64,
        /// How many of the rest.
        people_rest: u64,
    },
    /// Means of a number.
    Mean {
        /// The segment's mean.
        segment: f64,
        /// The rest's.
        rest: f64,
        /// `EUR`, `orders a year`, or nothing.
        unit: String,
    },
    /// Means of a scale of a questionnaire.
    Score {
        /// The segment's mean.
        segment: f64,
        /// The rest's.
        rest: f64,
        /// The greatest score; none where scores are from each person's own average.
        of: Option<f64>,
    },
    /// Between these lies the middle half of the segment.
    Range {
        /// The lower quartile.
        low: f64,
        /// The upper one.
        high: f64,
        /// `years`, `EUR`, or nothing.
        unit: String,
    },
}

/// How large a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The measure.
    pub kind: EffectKind,
    /// The effect.
    pub value: f64,
    /// Between these it lies with 95 % confidence.
    pub interval: (f64, f64),
}

/// By what an effect is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A difference of means in standard deviations.
    HedgesG,
    /// A difference of shares, `2 asin √p₁ − 2 asin √p₂`.
    CohenH,
}

impl State {
    /// `observed`, `measured`, `typed` or `inferred`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Observed => "observed",
            State::Measured => "measured",
            State::Typed => "typed",
            State::Inferred => "inferred",
        }
    }
}

impl Evidence {
    /// What stands behind a sentence in small print: `n = 400 and 3,600; g = 0.45, 0.34 to 0.56; orders, observed, 2026-09-30`.
    pub fn note(&self) -> String {
        let kind = match self.effect.kind {
            EffectKind::HedgesG => "g",
            EffectKind::CohenH => "h",
        };
        let (low, high) = self.effect.interval;
        format!(
            "n = {} and {}; {kind} = {:.2}, {low:.2} to {high:.2}; {}, {}, {}",
            figure::count(self.n),
            figure::count(self.n_rest),
            self.effect.value,
            self.source,
            self.state.as_str(),
            self.date
        )
    }

    /// `|effect| · √reliability · coverage`, by which evidence is ordered.
    pub fn distinctiveness(&self) -> f64 {
        self.effect.value.abs() * self.reliability.unwrap_or(1.0).clamp(0.0, 1.0).sqrt() * self.coverage
    }

    /// Whether the segment has more than the rest.
    pub(super) fn is_more(&self) -> bool {
        self.effect.value > 0.0
    }

    /// Refuses what cannot be told: figures that are no numbers, shares outside of 0 to 1, an effect that points the other way than the
    /// figures or lies outside of its interval, and guesses whose accuracy nobody knows.
    ///
    /// # Errors
    /// The first such mistake, at the evidence's id.
    pub fn check(&self) -> Result<(), SpecError> {
        let refuse = |message: String, hint: &str| {
            Err(SpecError::new(message).with_hint(hint).in_place(format!("evidence `{}`", self.id)))
        };
        let shares = [
            ("coverage", Some(self.coverage)),
            ("reliability", self.reliability),
            ("accuracy", self.accuracy),
            ("q", self.q),
        ];
        for (what, share) in shares {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return refuse(format!("{what} is {share}"), "give a share from 0 to 1");
            }
        }
        if self.state == State::Inferred && self.accuracy.is_none() {
            return refuse(
                "it was inferred and its accuracy is not known".to_owned(),
                "give the accuracy on held-out customers, or leave it out",
            );
        }
        let (figures, difference) = match &self.value {
            Value::Share { segment, rest, people, people_rest }
            | Value::Level { segment, rest, people, people_rest, .. } => {
                if let Some(share) = [segment, rest].into_iter().find(|share| !(0.0..=1.0).contains(*share)) {
                    return refuse(format!("a share is {share}"), "give shares from 0 to 1");
                }
                if *people > self.n || *people_rest > self.n_rest {
                    return refuse(
                        "more people have it than are known".to_owned(),
                        "`people` is a part of `n`",
                    );
                }
                (vec![*segment, *rest], Some(segment - rest))
            }
            Value::Mean { segment, rest, .. } => (vec![*segment, *rest], Some(segment - rest)),
            Value::Score { segment, rest, of } => {
                let figures = [Some(*segment), Some(*rest), *of];
                (figures.into_iter().flatten().collect(), Some(segment - rest))
            }
            Value::Range { low, high, .. } if low > high => {
                return refuse(format!("a range goes from {low} to {high}"), "give the lower end first");
            }
            Value::Range { low, high, .. } => (vec![*low, *high], None),
        };
        if let Some(figure) = figures.iter().find(|figure| figure.is_nan() || figure.abs() >= MOST) {
            return refuse(
                format!("a figure is {figure}"),
                "give finite numbers below 1e12, in a larger unit where they are more",
            );
        }
        let (low, high) = self.effect.interval;
        let value = self.effect.value;
        if !(low <= value && value <= high && low.is_finite() && high.is_finite()) {
            return refuse(
                format!("the effect {value} is not between {low} and {high}"),
                "give its 95 % interval, the lower end first",
            );
        }
        if difference.is_some_and(|difference| difference * value < 0.0) {
            return refuse(
                format!("the effect {value} points the other way than the figures"),
                "effects are of the segment less the rest",
            );
        }
        Ok(())
    }
}

/// Greater figures cannot be read.
const MOST: f64 = 1e12;
