//! What customers say in their own words: in which languages, how they feel, what they talk about, and what hurts.
//!
//! Read are the texts of the table `feedback` as the last run left it. Sentiment is of English texts alone; of others there is none. Figures are
//! of groups, and a word is shown only where at least [`FEWEST_AUTHORS`] customers used it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;
use strata_models::text::error::TextError;
use strata_models::text::keywords::FEWEST_AUTHORS;
use strata_models::text::language::language;
pub use strata_models::text::pain::{Feeling, Lift};
use strata_models::text::pain::{feelings, pain_points};
use strata_models::text::sentiment::Lexicon;
use strata_models::text::topics::{TopicSettings, Topics, find};
use strata_models::text::words::words;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::ask::{Row, ask};
use crate::query::{View, quoted};

/// Draws by which the interval of a mean is told.
const DRAWS: usize = 1_000;
/// The language that sentiment is told of.
const ENGLISH: &str = "eng";
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

/// A topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicFound {
    /// The words that tell it, of those that enough customers used.
    pub words: Vec<String>,
    /// How many texts are about it.
    pub n_texts: usize,
    /// How they feel.
    pub feeling: Option<Feeling>,
    /// How much more of them are negative than elsewhere, where that hurts.
    pub pain: Option<Lift>,
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
    let rows = rows(project, view, asked.by).await?;
    let texts: Vec<&str> = rows.iter().map(|row| row.text(2)).collect();
    let lexicon = Lexicon::shipped();
    // A language takes longer to tell than a sentiment, so each text's is told once.
    let spoken: Vec<&str> = texts.iter().map(|text| language(text).unwrap_or(UNKNOWN)).collect();
    let felt = texts.iter().zip(&spoken);
    let felt = felt.map(|(text, spoken)| (*spoken == ENGLISH).then(|| lexicon.sentiment(text).compound));
    let compounds: Vec<f64> = felt.map(|felt| felt.unwrap_or(f64::NAN)).collect();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for spoken in &spoken {
        *languages.entry((*spoken).to_owned()).or_default() += 1;
    }
    let settings = TopicSettings { n_topics: asked.n_topics, ..TopicSettings::default() };
    let (found, no_topics) = match find(&texts, &settings) {
        Ok(found) => (Some(found), None),
        // What was asked for cannot be; otherwise there is too little to tell.
        Err(error) if asked.n_topics.is_some() => return Err(refused(&error)),
        Err(error) => (None, Some(error.to_string())),
    };
    let labels = found.as_ref().map_or_else(|| vec![None; texts.len()], |found| found.labels.clone());
    let everything: Vec<usize> = (0..texts.len()).collect();
    let feel =
        |groups: &[Vec<usize>]| feelings(&compounds, groups, DRAWS, 1).map_err(|error| refused(&error));
    let classes = by_class(&rows);
    let of_classes = feel(&classes.values().cloned().collect::<Vec<_>>())?;
    Ok(Voice {
        n_texts: texts.len(),
        n_authors: rows.iter().filter_map(|row| row.maybe(1)).collect::<BTreeSet<_>>().len(),
        languages,
        feeling: feel(&[everything])?.into_iter().next().flatten(),
        topics: match &found {
            Some(found) => topics(found, &rows, &compounds)?,
            None => Vec::new(),
        },
        no_topics,
        n_elsewhere: labels.iter().filter(|label| label.is_none()).count(),
        classes: classes
            .into_iter()
            .zip(of_classes)
            .map(|((class, texts), feeling)| ClassVoice { class, n_texts: texts.len(), feeling })
            .collect(),
        texts: rows
            .iter()
            .zip(&compounds)
            .zip(&labels)
            .map(|((row, compound), label)| TextFound {
                feedback_id: row.text(0).to_owned(),
                sentiment: Some(*compound).filter(|compound| !compound.is_nan()),
                topic: *label,
            })
            .collect(),
    })
}

fn refused(error: &TextError) -> Error {
    Error::new(ErrorCode::InvalidInput, error.to_string())
        .with_hint("`strata sql \"select text from feedback\"` shows the texts")
}

/// The id, author, text and class of each text.
async fn rows(project: &Project, view: &View, by: Option<&str>) -> Result<Vec<Row>> {
    if !view.complete.tables.contains_key("feedback") {
        let error = Error::new(ErrorCode::NotFound, "the last run has no feedback");
        return Err(error.with_hint("map a source's column to feedback.text: reviews, tickets, comments"));
    }
    let (class, joined) = match by {
        None => ("cast(null as varchar)".to_owned(), String::new()),
        Some(name) => {
            check_segmentation(project, name)?;
            let joined = format!(
                "left join (select subject_id, segment from membership where subject = 'customers' \
                 and segmentation = {} and left_at is null) m on m.subject_id = f.customer_id",
                quoted(name)
            );
            (format!("coalesce(m.segment, '{UNASSIGNED}')"), joined)
        }
    };
    let query = format!(
        "select f.feedback_id, f.customer_id, f.text, {class} from feedback f {joined} \
         where f.text is not null and f.text <> '' order by f.feedback_id, f.text"
    );
    let rows = ask(view, "read what customers say", &query).await?;
    if rows.is_empty() {
        let error = Error::new(ErrorCode::NotFound, "nobody has written anything");
        return Err(error.with_hint("map a source's column to feedback.text: reviews, tickets, comments"));
    }
    Ok(rows)
}

fn check_segmentation(project: &Project, name: &str) -> Result<()> {
    let all = &project.manifest.definitions.segmentations;
    let known = || {
        all.iter()
            .filter(|(_, this)| this.header.subject == Subject::Customers)
            .map(|(name, _)| name.as_str())
    };
    if known().any(|known| known == name) {
        return Ok(());
    }
    let error = Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}` of customers"));
    Err(match nearest(name, known()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata segments list` lists them"),
    })
}

/// The places of the texts of each class.
fn by_class(rows: &[Row]) -> BTreeMap<String, Vec<usize>> {
    let mut classes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(class) = row.maybe(3) {
            classes.entry(class.to_owned()).or_default().push(place);
        }
    }
    classes
}

fn topics(found: &Topics, rows: &[Row], compounds: &[f64]) -> Result<Vec<TopicFound>> {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); found.topics.len()];
    for (place, label) in found.labels.iter().enumerate() {
        if let Some(own) = label.and_then(|label| members.get_mut(label as usize)) {
            own.push(place);
        }
    }
    let felt = feelings(compounds, &members, DRAWS, 1).map_err(|error| refused(&error))?;
    let pains = pain_points(&found.labels, compounds).map_err(|error| refused(&error))?;
    let told = found.topics.iter().zip(&members).zip(felt).zip(0_u32..);
    Ok(told
        .map(|(((topic, members), feeling), place)| {
            let wanted: Vec<&str> = topic.keywords.iter().map(|keyword| keyword.word.as_str()).collect();
            TopicFound {
                words: shared(&wanted, members, rows),
                n_texts: topic.n_texts,
                feeling,
                pain: pains.iter().find(|pain| pain.topic == place).map(|pain| pain.lift),
            }
        })
        .collect())
}

/// Of some words those that enough authors of the texts used.
fn shared(wanted: &[&str], members: &[usize], rows: &[Row]) -> Vec<String> {
    let mut authors: Vec<HashSet<&str>> = vec![HashSet::new(); wanted.len()];
    for place in members {
        let open = authors.iter().any(|authors| authors.len() < FEWEST_AUTHORS);
        // A text whose author is not known counts as one of its own.
        let author = rows[*place].maybe(1).unwrap_or_else(|| rows[*place].text(0));
        if !open {
            break;
        }
        let said: HashSet<String> = words(rows[*place].text(2)).into_iter().collect();
        for (authors, word) in authors.iter_mut().zip(wanted) {
            if said.contains(*word) {
                authors.insert(author);
            }
        }
    }
    let told = wanted.iter().zip(&authors).filter(|(_, authors)| authors.len() >= FEWEST_AUTHORS);
    told.map(|(word, _)| (*word).to_owned()).collect()
}
