//! What a rule is: when it holds, what it advises, and on what evidence.

use serde::{Deserialize, Serialize, Serializer};

use crate::survey::{AspectsDimension, Content, Instrument};

/// Rules and the thresholds at which they fire.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleBook {
    /// When a difference counts.
    pub firing: FiringThresholds,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

impl RuleBook {
    /// These rules and a project's own: a rule of an id that there is already takes its place, and the project's thresholds count.
    pub fn with(&self, own: RuleBook) -> RuleBook {
        let mut rules = self.rules.clone();
        for rule in own.rules {
            match rules.iter_mut().find(|each| each.id == rule.id) {
                Some(place) => *place = rule,
                None => rules.push(rule),
            }
        }
        RuleBook { firing: own.firing, rules }
    }
}

/// When a difference between a segment and the rest counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiringThresholds {
    /// So many of the segment must have been measured.
    pub min_measured: u64,
    /// The least |g|.
    pub least_g: f64,
    /// The adjusted chance must be below this.
    pub most_q: f64,
    /// From this |g| on a difference is strong.
    pub strong_g: f64,
    /// No segment gets more guidelines.
    pub most_rules: usize,
}

impl Default for FiringThresholds {
    fn default() -> FiringThresholds {
        FiringThresholds { min_measured: 50, least_g: 0.3, most_q: 0.05, strong_g: 0.5, most_rules: 6 }
    }
}

/// Advice, with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// When it holds.
    #[serde(skip)]
    pub when: When,
    /// Whether it protects people instead of addressing them. Only a guard may rest on neuroticism or emotions.
    pub guard: bool,
    /// What it plays on, where that can hurt.
    pub appeals: Vec<Appeal>,
    /// What must not be played on where it holds.
    pub suppresses: Vec<Appeal>,
    /// How to sound.
    pub tone: Option<String>,
    /// What to say.
    pub content: String,
    /// Where to say it.
    pub channel: Option<String>,
    /// When to say it.
    pub timing: Option<String>,
    /// What to offer.
    pub offer: Option<String>,
    /// What the product should be like.
    pub product: Option<String>,
    /// How good the evidence for the principle is.
    pub grade: Grade,
    /// What the evidence says.
    pub effect: Option<String>,
    /// Who says so.
    pub sources: Vec<String>,
    /// What to beware of.
    pub caution: Option<String>,
    /// Whether a source was read for this rule; otherwise it is cited from general knowledge.
    pub verified_here: bool,
    /// The least |g| at which it fires, where that is more than usual.
    pub least_g: Option<f64>,
    /// The share that a test should compare.
    pub metric: Option<String>,
}

impl Rule {
    /// What it advises beside its content, and what is known of it, each with a title.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lines = [
            ("Tone", &self.tone),
            ("Channel", &self.channel),
            ("Timing", &self.timing),
            ("Offer", &self.offer),
            ("Product", &self.product),
            ("Beware", &self.caution),
            ("What is known", &self.effect),
        ];
        lines.into_iter().filter_map(|(title, line)| Some((title, line.as_deref()?)))
    }
}

/// When a rule holds: all of `all`, and one of `any` where there are some.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct When {
    /// What must hold together.
    pub all: Vec<Condition>,
    /// Of these one is enough.
    pub any: Vec<Condition>,
}

/// One thing that must hold of a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Its mean differs from the rest's, to that side.
    Differs(ScaleName, Side),
    /// It differs upwards in the scale in which its own mean is the highest of the domain.
    Highest(Domain),
    /// Its mean is at least this, and certainly above 0.
    AtLeast(ScaleName, f64),
    /// Its mean is below this, certainly.
    Below(ScaleName, f64),
    /// Something was seen.
    Fact(Fact),
}

impl Condition {
    /// The domain and, unless it is any, the scale that it speaks of.
    pub fn scale(&self) -> Option<(Domain, Option<&str>)> {
        match self {
            Condition::Differs(name, _) | Condition::AtLeast(name, _) | Condition::Below(name, _) => {
                Some((name.domain, name.scale.as_deref()))
            }
            Condition::Highest(domain) => Some((*domain, None)),
            Condition::Fact(_) => None,
        }
    }
}

/// A scale, or any of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleName {
    /// What it is of.
    pub domain: Domain,
    /// Its id, as instruments call it; none for any.
    pub scale: Option<String>,
}

/// Above or below the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above.
    High,
    /// Below.
    Low,
}

/// What scales are of: a dimension, or the appeals of messages, which are chosen and not rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// One of the six that describe a person.
    Dimension(AspectsDimension),
    /// Which messages somebody likes best.
    AdAppeals,
}

impl Domain {
    /// Every domain.
    pub fn all() -> impl Iterator<Item = Domain> {
        AspectsDimension::WORDS.into_iter().map(|(_, of)| Domain::Dimension(of)).chain([Domain::AdAppeals])
    }

    /// Its word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Domain::Dimension(of) => of.as_str(),
            Domain::AdAppeals => "ad_appeals",
        }
    }

    /// What an instrument's scales are of.
    pub fn of(instrument: &Instrument) -> Domain {
        match instrument.content {
            Content::BestWorst { .. } => Domain::AdAppeals,
            Content::Rating(_) | Content::Kano(_) => Domain::Dimension(instrument.aspects_dimension),
        }
    }

    /// The title of an instrument's scale; none where it has no such scale.
    pub fn title<'a>(instrument: &'a Instrument, scale: &str) -> Option<&'a str> {
        match &instrument.content {
            Content::Rating(rating) => {
                let scales = rating.scales.iter().map(|each| (&each.id, &each.name));
                let means = rating.higher_order.iter().map(|each| (&each.id, &each.name));
                let contrasts = rating.contrasts.iter().map(|each| (&each.id, &each.name));
                let mut all = scales.chain(means).chain(contrasts);
                all.find(|(id, _)| *id == scale).map(|(_, name)| name.as_str())
            }
            Content::BestWorst { best_worst, .. } => {
                let mut appeals = best_worst.appeals.iter();
                appeals.find(|appeal| appeal.scale.id == scale).map(|appeal| appeal.text.as_str())
            }
            Content::Kano(_) => None,
        }
    }

    /// The ids of an instrument's scales: rated ones, means and contrasts of them, and appeals.
    pub fn scales(instrument: &Instrument) -> Vec<&str> {
        match &instrument.content {
            Content::Rating(rating) => {
                let scales = rating.scales.iter().map(|scale| scale.id.as_str());
                let means = rating.higher_order.iter().map(|mean| mean.id.as_str());
                scales.chain(means).chain(rating.contrasts.iter().map(|each| each.id.as_str())).collect()
            }
            Content::BestWorst { best_worst, .. } => {
                best_worst.appeals.iter().map(|appeal| appeal.scale.id.as_str()).collect()
            }
            Content::Kano(_) => Vec::new(),
        }
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What may be seen of a segment without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// What people wrote in the last 30 days is negative on the whole.
    NegativeFeedback,
    /// People consider longer than three quarters of others did and go no further.
    StuckInConsider,
    /// Members are older or younger than others.
    AgeDiffers,
}

impl Fact {
    /// Every fact with its word in files.
    pub const WORDS: [(&'static str, Fact); 3] = [
        ("negative_feedback", Fact::NegativeFeedback),
        ("stuck_in_consider", Fact::StuckInConsider),
        ("age_differs", Fact::AgeDiffers),
    ];

    /// What was seen, as the end of a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Fact::NegativeFeedback => "what they wrote in the last 30 days is negative on the whole",
            Fact::StuckInConsider => "they consider longer than most and go no further",
            Fact::AgeDiffers => "they are older or younger than others",
        }
    }
}

/// What a message can play on and hurt by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appeal {
    /// What might happen.
    Fear,
    /// That there is little of it.
    Scarcity,
    /// That there is little time, as a countdown says.
    Urgency,
    /// What would be lost.
    Loss,
}

impl Appeal {
    /// Every appeal with its word in files.
    pub const WORDS: [(&'static str, Appeal); 4] = [
        ("fear", Appeal::Fear),
        ("scarcity", Appeal::Scarcity),
        ("urgency", Appeal::Urgency),
        ("loss", Appeal::Loss),
    ];

    /// Its word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Appeal::Fear => "fear",
            Appeal::Scarcity => "scarcity",
            Appeal::Urgency => "urgency",
            Appeal::Loss => "loss",
        }
    }
}

/// How good the evidence for a principle is; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// A meta-analysis of randomised studies.
    A,
    /// Several experiments, or strong evidence from the field.
    B,
    /// Single or contested studies.
    C,
    /// Practice; no direct test was found.
    D,
}

impl Grade {
    /// Every grade with its word in files.
    pub const WORDS: [(&'static str, Grade); 4] =
        [("A", Grade::A), ("B", Grade::B), ("C", Grade::C), ("D", Grade::D)];

    /// What the grade means.
    pub fn meaning(self) -> &'static str {
        match self {
            Grade::A => "a meta-analysis of randomised studies",
            Grade::B => "several experiments, or strong evidence from the field",
            Grade::C => "weak evidence: single or contested studies",
            Grade::D => "weak evidence: practice, no direct test was found",
        }
    }
}
