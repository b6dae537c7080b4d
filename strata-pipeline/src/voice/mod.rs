//! What customers say in their own words: in which languages, how they feel, what they talk about, and what hurts.
//!
//! Read are the texts of the table `feedback` as the last run left it. Sentiment is of English texts alone; of others there is none. Figures are
//! of groups, and a word is shown only where at least five customers used it.
//!
//! | module | its part |
//! | --- | --- |
//! | `heard` | the texts, with their authors' classes |
//! | `topic` | topics, and which of them hurt |
//! | `complaint` | who complains of what, for personas |
//! | `embed` | texts as points, by a model of English sentences |
//! | `train` | a classifier of the project's own labels, trained and held against texts that it has not seen |
//! | `kept` | trained classifiers as files of the project |
//! | `sort` | the texts, sorted by such a classifier |

mod complaint;
mod embed;
mod heard;
mod kept;
mod sort;
mod topic;
mod train;

use std::collections::BTreeMap;

use serde::Serialize;
use strata_models::text::pain::feelings;
pub use strata_models::text::pain::{Feeling, Lift};
use strata_models::text::topics::{TopicSettings, find};

use crate::error::Result;
use crate::project::Project;
use crate::query::View;
pub(crate) use complaint::{Author, Complaints, complaints};
use heard::{Heard, compounds, refused};
pub use kept::Kept;
pub use sort::{ClassLabels, LabelShare, Sorted, Sorting, TextLabel, sort};
pub use topic::TopicFound;
use topic::topics;
pub use train::{Labels, train};

/// Draws by which the interval of a mean is told.
pub(crate) const DRAWS: usize = 1_000;
/// What texts in no language that can be told are under.
const UNKNOWN: &str = "unknown";

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    /// The segmentation of customers whose classes are compared.
    pub by: Option<&'a str>,
    /// How many topics; the texts say unless given.
    pub n_topics: Option<usize>,
}

/// What customers say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Voice {
    /// How many texts there are.
    pub n_texts: usize,
    /// How many customers wrote them, as far as they are known.
    pub n_authors: usize,
    /// How many texts are in each language, by its three-letter code, or `unknown`.
    pub languages: BTreeMap<String, usize>,
    /// How all texts feel; none where none is in English.
    pub feeling: Option<Feeling>,
    /// What they are about, the most frequent first.
    pub topics: Vec<TopicFound>,
    /// Why there are no topics.
    pub no_topics: Option<String>,
    /// How many texts are about none of them.
    pub n_elsewhere: usize,
    /// How the customers of each class feel.
    pub classes: Vec<ClassVoice>,
    /// Each text: its sentiment and topic.
    pub texts: Vec<TextFound>,
}

/// What the customers of a class say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassVoice {
    /// The class.
    pub class: String,
    /// How many texts they wrote.
    pub n_texts: usize,
    /// How they feel; none where none of their texts is in English.
    pub feeling: Option<Feeling>,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextFound {
    /// Its id.
    pub feedback_id: String,
    /// From −1 to 1; none of a text that is not in English.
    pub sentiment: Option<f64>,
    /// The place of its topic; none where it fits nowhere.
    pub topic: Option<u32>,
}

/// Reads what customers say.
///
/// # Errors
/// `NotFound` where the last run has no texts, or no such segmentation; `InvalidInput` for a number of topics that there cannot be.
pub async fn voice(project: &Project, view: &View, asked: Ask<'_>) -> Result<Voice> {
    let heard = Heard::of(project, view, asked.by).await?;
    let told = heard.told();
    let compounds = compounds(&told);
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for told in &told {
        *languages.entry(told.language.unwrap_or(UNKNOWN).to_owned()).or_default() += 1;
    }
    let settings = TopicSettings { n_topics: asked.n_topics, ..TopicSettings::default() };
    let (found, no_topics) = match find(&heard.texts(), &settings) {
        Ok(found) => (Some(found), None),
        // What was asked for cannot be; otherwise there is too little to tell.
        Err(error) if asked.n_topics.is_some() => return Err(refused(&error)),
        Err(error) => (None, Some(error.to_string())),
    };
    let labels = found.as_ref().map_or_else(|| vec![None; heard.len()], |found| found.labels.clone());
    let everything: Vec<usize> = (0..heard.len()).collect();
    let feel =
        |groups: &[Vec<usize>]| feelings(&compounds, groups, DRAWS, 1).map_err(|error| refused(&error));
    let classes = heard.by_class();
    let of_classes = feel(&classes.values().cloned().collect::<Vec<_>>())?;
    Ok(Voice {
        n_texts: heard.len(),
        n_authors: heard.n_authors(),
        languages,
        feeling: feel(&[everything])?.into_iter().next().flatten(),
        topics: match &found {
            Some(found) => topics(found, &heard, &compounds)?,
            None => Vec::new(),
        },
        no_topics,
        n_elsewhere: labels.iter().filter(|label| label.is_none()).count(),
        classes: classes
            .into_iter()
            .zip(of_classes)
            .map(|((class, texts), feeling)| ClassVoice { class, n_texts: texts.len(), feeling })
            .collect(),
        texts: compounds
            .iter()
            .zip(&labels)
            .enumerate()
            .map(|(place, (compound, label))| TextFound {
                feedback_id: heard.id(place).to_owned(),
                sentiment: Some(*compound).filter(|compound| !compound.is_nan()),
                topic: *label,
            })
            .collect(),
    })
}
