//! What an instrument is: its licence, its scales and items, and what may be answered.

use super::best_worst::{BestWorst, Contact};
use super::kano::Kano;

/// A questionnaire that measures one dimension, or the key of one whose text its user brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Instrument {
    /// Its id, as `attitudes-24-cc0`.
    pub id: String,
    /// Its title for people.
    pub name: String,
    /// What it measures.
    pub aspects_dimension: AspectsDimension,
    /// What its licence allows.
    pub tier: Tier,
    /// Whether it is taken where a project chooses none for the dimension.
    pub default: bool,
    /// Whether published studies support it. The others hold only once a project's own answers pass the gates.
    pub validated: bool,
    /// The licence of its text.
    pub licence: String,
    /// Who thought of it.
    pub citation: String,
    /// Where text and key come from.
    pub source: Option<String>,
    /// What must be printed with it.
    pub credit: Option<String>,
    /// What people are asked to do.
    pub instruction: Option<String>,
    /// What the law on personal data asks for.
    pub gdpr_note: Option<String>,
    /// What else its user should know.
    pub note: Option<String>,
    /// Whether its text was brought by its user.
    pub has_own_text: bool,
    /// What is asked.
    pub content: Content,
}

/// What is asked, and how answers are read.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Items that are rated on one range of answers.
    Rating(Rating),
    /// Sets of which the best and the worst are chosen.
    BestWorst {
        /// The sets.
        best_worst: BestWorst,
        /// What is asked about contact beside them.
        contact: Option<Contact>,
    },
    /// A pair of questions for each feature that a project names.
    Kano(Kano),
}

/// Items that are rated on one range of answers, and the scales that they make.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// What may be answered.
    pub response: ResponseRange,
    /// How answers become scores.
    pub scoring: Scoring,
    /// Its scales.
    pub scales: Vec<Scale>,
    /// Its items, in the order in which they are asked.
    pub items: Vec<Item>,
    /// Means of scales that have a name of their own.
    pub higher_order: Vec<HigherOrder>,
    /// Differences between means of scales.
    pub contrasts: Vec<Contrast>,
}

/// Whole numbers that may be answered, each with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRange {
    /// The least answer.
    pub min: i64,
    /// The greatest answer.
    pub max: i64,
    /// A label for each answer from the least on; empty where only the ends are labelled.
    pub labels: Vec<String>,
}

impl ResponseRange {
    /// Every answer with its label.
    pub fn choices(&self) -> Vec<Choice> {
        (self.min..=self.max)
            .zip(&self.labels)
            .map(|(value, label)| Choice { value, label: label.clone() })
            .collect()
    }
}

/// One answer that may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The number that it stands for.
    pub value: i64,
    /// What people read; empty between labelled ends.
    pub label: String,
}

/// How answers become scores: `mean of keyed answers, if enough are answered`, centred where the block is ipsatised.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoring {
    /// The least share of a scale's items that somebody must have answered to be scored.
    pub min_answered_fraction: f64,
    /// Whether scales are centred on each person's mean over all items of the block.
    pub is_ipsatised: bool,
    /// What scores are compared with.
    pub standardise: Standardise,
}

/// What scores are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standardise {
    /// Nothing: scores stay in units of the answers.
    None,
    /// The respondents of the same survey, or norms where a project gives some.
    WithinSample,
}

/// Items that measure one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Its id within the instrument.
    pub id: String,
    /// Its title for people.
    pub name: String,
    /// How many items it has.
    pub n_items: usize,
    /// What people with low scores are like.
    pub low_label: Option<String>,
    /// What people with high scores are like.
    pub high_label: Option<String>,
    /// Where it stands on the circle of values, in degrees.
    pub angle_deg: Option<f64>,
    /// The reliability that was published for it.
    pub alpha_published: Option<f64>,
    /// Whether it is told of groups only: it would say something of the health or the weakness of a person.
    pub is_of_groups_only: bool,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id, unique among all instruments.
    pub id: String,
    /// The scale that it belongs to.
    pub scale: String,
    /// In which direction it points: 1, or −1 where more of the answer is less of the scale.
    pub key: i64,
    /// What people read; none where only the key may be shipped.
    pub text: Option<String>,
}

/// The mean of some scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HigherOrder {
    /// Its id.
    pub id: String,
    /// Its title for people.
    pub name: String,
    /// The scales.
    pub scales: Vec<String>,
}

/// The mean of some scales less the mean of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    /// Its id.
    pub id: String,
    /// Its title for people.
    pub name: String,
    /// The scales that raise it.
    pub plus: Vec<String>,
    /// The scales that lower it.
    pub minus: Vec<String>,
}

/// What a licence allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The text may be shipped and changed: CC0 or public domain.
    Ship,
    /// The text may be used if its authors are named.
    ByoCredit,
    /// Only keys are facts that anyone may give on; the text is brought by a user who may use it.
    KeyOnly,
}

impl Tier {
    /// Every tier with its word in files.
    pub const WORDS: [(&'static str, Tier); 3] =
        [("ship", Tier::Ship), ("byo_credit", Tier::ByoCredit), ("key_only", Tier::KeyOnly)];

    /// Its word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Ship => "ship",
            Tier::ByoCredit => "byo_credit",
            Tier::KeyOnly => "key_only",
        }
    }
}

/// The six dimensions that describe a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AspectsDimension {
    /// How somebody sees buying, brands and advertising.
    Attitudes,
    /// What guides somebody's life.
    SocialValues,
    /// What somebody likes to do, and to be told.
    PersonalInterests,
    /// How somebody felt at the last contact: a state, never a trait.
    Emotions,
    /// What somebody wants from a purchase.
    ConsciousNeeds,
    /// What somebody is generally like.
    Traits,
}

impl AspectsDimension {
    /// Every dimension with its word in files.
    pub const WORDS: [(&'static str, AspectsDimension); 6] = [
        ("attitudes", AspectsDimension::Attitudes),
        ("social_values", AspectsDimension::SocialValues),
        ("personal_interests", AspectsDimension::PersonalInterests),
        ("emotions", AspectsDimension::Emotions),
        ("conscious_needs", AspectsDimension::ConsciousNeeds),
        ("traits", AspectsDimension::Traits),
    ];

    /// Its word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            AspectsDimension::Attitudes => "attitudes",
            AspectsDimension::SocialValues => "social_values",
            AspectsDimension::PersonalInterests => "personal_interests",
            AspectsDimension::Emotions => "emotions",
            AspectsDimension::ConsciousNeeds => "conscious_needs",
            AspectsDimension::Traits => "traits",
        }
    }
}

impl Instrument {
    /// Its rated items and their scales, where it is of that kind.
    pub fn rating(&self) -> Option<&Rating> {
        match &self.content {
            Content::Rating(rating) => Some(rating),
            Content::BestWorst { .. } | Content::Kano(_) => None,
        }
    }

    /// What it measures on a scale: what is rated, or how much each appeal is preferred. Features of Kano pairs are of kinds, which no
    /// scale has.
    pub fn scales(&self) -> Vec<&Scale> {
        match &self.content {
            Content::Rating(rating) => rating.scales.iter().collect(),
            Content::BestWorst { best_worst, .. } => {
                best_worst.appeals.iter().map(|appeal| &appeal.scale).collect()
            }
            Content::Kano(_) => Vec::new(),
        }
    }

    /// Its sets of appeals, and what is asked of contact beside them, where it is of that kind.
    pub fn best_worst(&self) -> Option<(&BestWorst, Option<&Contact>)> {
        match &self.content {
            Content::BestWorst { best_worst, contact } => Some((best_worst, contact.as_ref())),
            Content::Rating(_) | Content::Kano(_) => None,
        }
    }

    /// How it asks about features, where it is of that kind.
    pub fn kano(&self) -> Option<&Kano> {
        match &self.content {
            Content::Kano(kano) => Some(kano),
            Content::Rating(_) | Content::BestWorst { .. } => None,
        }
    }

    /// Whether every item has a text, so that people can be asked.
    pub fn has_text(&self) -> bool {
        self.rating().is_none_or(|rating| rating.items.iter().all(|item| item.text.is_some()))
    }

    /// Whether its licence gives the text to everyone.
    pub fn is_free(&self) -> bool {
        let licence = self.licence.to_lowercase();
        licence.starts_with("cc0") || licence.starts_with("public domain")
    }
}

impl Rating {
    /// The items of a scale, in the order in which they are asked.
    pub fn items_of<'a>(&'a self, scale: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.scale == scale)
    }
}
