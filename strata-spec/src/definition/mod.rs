//! Definitions: the traits, scores, segmentations and segments of a project, the shipped ones and its own.

pub(crate) mod check;
mod example;
pub mod format;
mod goal;
mod locate;
pub mod order;
pub(crate) mod parse;
mod read_clusters;
mod read_score;
mod score;
pub(crate) mod shipped;
mod version;
pub(crate) mod withheld;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::condition::references::Reference;
use crate::condition::{At, Condition, Term};
use crate::document::Text;
use crate::name::{ScoreName, SegmentName, SegmentationName, TraitName};
use crate::table::{Kind, Subject};

pub use goal::{Direction, Goal, Metric, Target, Whom};
pub use locate::located;
pub use score::{
    Bound, Classifier, ClusterLayer, ClusterModel, Clusters, End, Model, Prediction, Predicts, Scoring,
    purchases_of, spend_of,
};

/// A way in which marketing divides customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Who they are.
    Demographic,
    /// Where they are.
    Geographic,
    /// What company they are or work for.
    Firmographic,
    /// What they do.
    Behavioural,
    /// How far along they are.
    Journey,
    /// What they are worth.
    Value,
    /// What they think and feel.
    Psychometric,
    /// Layers combined.
    Composite,
}

impl Layer {
    /// Every layer, in the order of reports.
    pub const ALL: [Layer; 8] = [
        Layer::Demographic,
        Layer::Geographic,
        Layer::Firmographic,
        Layer::Behavioural,
        Layer::Journey,
        Layer::Value,
        Layer::Psychometric,
        Layer::Composite,
    ];

    /// The layer's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Demographic => "demographic",
            Layer::Geographic => "geographic",
            Layer::Firmographic => "firmographic",
            Layer::Behavioural => "behavioural",
            Layer::Journey => "journey",
            Layer::Value => "value",
            Layer::Psychometric => "psychometric",
            Layer::Composite => "composite",
        }
    }
}

/// Whose definition it is. A shipped one is left out, with the reason, where the data cannot support it; a project's
/// own is always computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Comes with Strata.
    Shipped,
    /// Written in the project, or overriding a shipped one of the same name.
    Project,
}

/// The hash of a definition's normalised form: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(pub String);

/// What every definition has.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// A title for people.
    pub title: String,
    /// One sentence more, if it needs one.
    pub about: Option<String>,
    /// The layer.
    pub layer: Layer,
    /// What it speaks of.
    pub subject: Subject,
    /// Whose it is.
    pub origin: Origin,
    /// A shipped definition is supported when at least one of these is (`table.column` mapped by a source, or the
    /// name of a supported trait). Empty: when everything it uses is.
    pub needs_any: Vec<String>,
    /// The hash of the normalised definition.
    pub version: Version,
}

/// A typed column about a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Trait {
    /// Its name and column.
    pub name: TraitName,
    /// What every definition has.
    pub header: Header,
    /// The unit of its values: `days`, `orders`, `currency`, `share`, `years`, `km`; none for categories.
    pub unit: Option<String>,
    /// How it is computed.
    pub value: Term,
}

/// A score: what is known of a subject only beside all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Its name and column.
    pub name: ScoreName,
    /// What every definition has.
    pub header: Header,
    /// How it comes about.
    pub how: Scoring,
    /// Who is ranked, or whom a model is fitted on and speaks of; none for everyone who has the values.
    pub among: Option<Condition>,
}

impl Score {
    /// The segmentations that have to be known before a segmentation's clusters, if that is what the score is of.
    pub fn needed_by(
        &self,
        segmentation: &SegmentationName,
    ) -> Option<impl Iterator<Item = &SegmentationName>> {
        (self.segmentation() == Some(segmentation.as_str())).then(|| self.how.segmentations())
    }

    /// The segmentation whose clusters it says, if that is what it is of.
    pub fn segmentation(&self) -> Option<&str> {
        match &self.how {
            Scoring::Clusters(_) => self.name.as_str().strip_suffix(read_clusters::SUFFIX),
            _ => None,
        }
    }

    /// The traits or columns of its subject that it is made of.
    pub fn columns(&self) -> Vec<&str> {
        self.how.columns(self.header.subject)
    }

    /// What it yields.
    pub fn kind(&self) -> Kind {
        match self.how {
            Scoring::Rank { .. } => Kind::Integer,
            Scoring::Prediction(_) | Scoring::Classifier(_) => Kind::Number,
            Scoring::Clusters(_) => Kind::Text,
        }
    }

    /// The number of parts, of one that ranks.
    pub fn tiles(&self) -> Option<u32> {
        match self.how {
            Scoring::Rank { tiles, .. } => Some(tiles),
            Scoring::Prediction(_) | Scoring::Classifier(_) | Scoring::Clusters(_) => None,
        }
    }
}

/// A partition of subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmentation {
    /// Its name.
    pub name: SegmentationName,
    /// What every definition has.
    pub header: Header,
    /// How subjects fall into classes.
    pub classes: Classes,
}

/// How subjects fall into the classes of a segmentation.
#[derive(Debug, Clone, PartialEq)]
pub enum Classes {
    /// The first class whose condition is true; `unassigned` where none is.
    Rules(Vec<Class>),
    /// One class for each value of a column (`by = "country"`); `unassigned` where it is missing.
    By(Term),
}

impl Classes {
    /// What the class of a value is called: a country's code by the country's name, any other value by itself.
    pub fn value_title(&self, value: &str) -> String {
        let by_country = matches!(self, Classes::By(Term::Column(column)) if column.name == "country");
        let name = if by_country { crate::country::name(value) } else { None };
        name.unwrap_or(value).to_owned()
    }
}

/// One class of a segmentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// A title for people.
    pub title: String,
    /// Who is in it, unless an earlier class has them.
    pub condition: Condition,
}

/// A named set of subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name.
    pub name: SegmentName,
    /// What every definition has.
    pub header: Header,
    /// What the business wants of it.
    pub goal: Option<Goal>,
    /// Who is in it.
    pub condition: Condition,
    /// Ids that are in it whatever the condition says.
    pub include: Vec<String>,
    /// Ids that are not in it whatever the condition says; stronger than `include`.
    pub exclude: Vec<String>,
    /// Unit tests of the definition.
    pub examples: Vec<Example>,
}

/// A subject made up to test a segment's definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The instant at which it is evaluated, a date or an RFC 3339 time; that of its latest row unless said.
    pub as_of: Option<String>,
    /// Its columns.
    pub subject: BTreeMap<String, serde_json::Value>,
    /// Its scores, since a score ranks a subject among others, whom an example does not have.
    pub scores: BTreeMap<String, f64>,
    /// Its rows, by table.
    pub rows: BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>,
    /// Whether it is a member; none when the definition must leave it undecided.
    pub member: Option<bool>,
}

/// Everything that is defined in a project, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Definitions {
    /// Traits.
    pub traits: BTreeMap<TraitName, Trait>,
    /// Scores.
    pub scores: BTreeMap<ScoreName, Score>,
    /// Segmentations.
    pub segmentations: BTreeMap<SegmentationName, Segmentation>,
    /// Segments.
    pub segments: BTreeMap<SegmentName, Segment>,
}

/// Properties that a project declares beyond the canonical columns, by table and name.
pub type Properties = BTreeMap<crate::table::Table, BTreeMap<String, Kind>>;

/// The families of definitions, by the section of a file that holds them.
pub(crate) const FAMILIES: [(&str, Family); 4] = [
    ("traits", Family::Trait),
    ("scores", Family::Score),
    ("segmentations", Family::Segmentation),
    ("segments", Family::Segment),
];

/// A family of definitions; names are unique within each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Trait,
    Score,
    Segmentation,
    Segment,
}

impl Family {
    /// The word for one of them.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Family::Trait => "trait",
            Family::Score => "score",
            Family::Segmentation => "segmentation",
            Family::Segment => "segment",
        }
    }
}

/// A definition of any family.
#[derive(Debug, Clone)]
pub(crate) enum Definition {
    Trait(Trait),
    Score(Score),
    Segmentation(Segmentation),
    Segment(Segment),
}

impl Definition {
    fn header_mut(&mut self) -> &mut Header {
        match self {
            Definition::Trait(this) => &mut this.header,
            Definition::Score(this) => &mut this.header,
            Definition::Segmentation(this) => &mut this.header,
            Definition::Segment(this) => &mut this.header,
        }
    }
}

/// A definition with the places of its texts, as checking it against the others needs them.
#[derive(Debug, Clone)]
pub(crate) struct Parsed<'d> {
    pub(crate) family: Family,
    pub(crate) name: Text<'d>,
    /// None where it cannot be told.
    pub(crate) subject: Option<Subject>,
    pub(crate) origin: Origin,
    /// None where it is wrong in itself.
    pub(crate) definition: Option<Definition>,
    pub(crate) parts: Vec<Part<'d>>,
    /// What a goal says: it speaks of the same names, and nothing rests on it.
    pub(crate) aims: Vec<Part<'d>>,
    /// The texts of `needs_any`.
    pub(crate) needs: Vec<Text<'d>>,
}

/// A condition or term of a definition: its text, and what it speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Part<'d> {
    pub(crate) text: Text<'d>,
    pub(crate) references: Vec<(Reference, At)>,
}

impl Definitions {
    pub(crate) fn collect(all: Vec<Parsed>) -> Definitions {
        let mut definitions = Definitions::default();
        for parsed in all {
            match parsed.definition {
                Some(Definition::Trait(this)) => {
                    definitions.traits.insert(this.name.clone(), this);
                }
                Some(Definition::Score(this)) => {
                    definitions.scores.insert(this.name.clone(), this);
                }
                Some(Definition::Segmentation(this)) => {
                    definitions.segmentations.insert(this.name.clone(), this);
                }
                Some(Definition::Segment(this)) => {
                    definitions.segments.insert(this.name.clone(), this);
                }
                None => {}
            }
        }
        definitions
    }
}
