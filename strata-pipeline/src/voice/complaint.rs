//! Who complains of what, for whoever compares groups of customers: the topics that hurt, and who wrote badly of each.

use std::collections::{BTreeMap, BTreeSet};

use strata_models::text::sentiment::CLEAR;
use strata_models::text::topics::{TopicSettings, find};

use super::heard::{Heard, compounds};
use super::topic::topics;
use crate::error::Result;
use crate::project::Project;
use crate::query::View;

/// What customers complain of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Complaints {
    /// The words that tell each topic that hurts, best first.
    pub(crate) topics: Vec<Vec<String>>,
    /// Every customer who wrote something in a language whose feelings are told.
    pub(crate) authors: BTreeMap<String, Author>,
}

/// A customer who wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Author {
    /// The places of the topics of which they wrote badly.
    pub(crate) complains_of: BTreeSet<usize>,
    /// How each text feels that they wrote in the 30 days before the run, from −1 to 1.
    pub(crate) recent: Vec<f64>,
}

/// Who complains of what; nobody of nothing where nobody has written anything. Of very many texts those of some authors are read.
pub(crate) async fn complaints(project: &Project, view: &View) -> Result<Complaints> {
    let mut complaints = Complaints::default();
    let Some(heard) = Heard::enough(project, view).await? else { return Ok(complaints) };
    let compounds = compounds(&heard.told());
    // Of too few texts there are no topics, and nothing is complained of.
    let found = find(&heard.texts(), &TopicSettings::default()).ok();
    // By place of a topic the place of its complaint, where it hurts and words can tell it.
    let mut pains: BTreeMap<u32, usize> = BTreeMap::new();
    if let Some(found) = &found {
        for (topic, place) in topics(found, &heard, &compounds)?.into_iter().zip(0..) {
            // A number among words is no figure of anything.
            let is_word = |word: &String| !word.chars().any(char::is_numeric);
            let words: Vec<String> = topic.words.into_iter().filter(is_word).collect();
            if topic.pain.is_some() && !words.is_empty() {
                pains.insert(place, complaints.topics.len());
                complaints.topics.push(words);
            }
        }
    }
    for (place, compound) in compounds.iter().enumerate().filter(|(_, compound)| !compound.is_nan()) {
        let Some(author) = heard.author(place) else { continue };
        let author = complaints.authors.entry(author.to_owned()).or_default();
        let topic = found.as_ref().and_then(|found| found.labels[place]);
        if let Some(pain) = topic.and_then(|topic| pains.get(&topic)).filter(|_| *compound <= -CLEAR) {
            author.complains_of.insert(*pain);
        }
        if heard.is_recent(place) {
            author.recent.push(*compound);
        }
    }
    Ok(complaints)
}
