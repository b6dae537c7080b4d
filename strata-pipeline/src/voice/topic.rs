//! Topics as they are shown: by words that several customers used, with how their texts feel and whether that hurts.

use std::collections::HashSet;

use serde::Serialize;
use strata_models::text::keywords::FEWEST_AUTHORS;
use strata_models::text::pain::{Feeling, Lift, feelings, pain_points};
use strata_models::text::topics::Topics;
use strata_models::text::words::words;

use super::DRAWS;
use super::heard::{Heard, refused};
use crate::error::Result;

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

/// What was found, as it is shown.
pub(super) fn topics(found: &Topics, heard: &Heard, compounds: &[f64]) -> Result<Vec<TopicFound>> {
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
                words: shared(&wanted, members, heard),
                n_texts: topic.n_texts,
                feeling,
                pain: pains.iter().find(|pain| pain.topic == place).map(|pain| pain.lift),
            }
        })
        .collect())
}

/// Of some words those that enough authors of the texts used.
fn shared(wanted: &[&str], members: &[usize], heard: &Heard) -> Vec<String> {
    let mut authors: Vec<HashSet<&str>> = vec![HashSet::new(); wanted.len()];
    for place in members {
        let open = authors.iter().any(|authors| authors.len() < FEWEST_AUTHORS);
        if !open {
            break;
        }
        // A text whose author is not known counts as one of its own.
        let author = heard.author(*place).unwrap_or_else(|| heard.id(*place));
        let said: HashSet<String> = words(heard.text(*place)).into_iter().collect();
        for (authors, word) in authors.iter_mut().zip(wanted) {
            if said.contains(*word) {
                authors.insert(author);
            }
        }
    }
    let told = wanted.iter().zip(&authors).filter(|(_, authors)| authors.len() >= FEWEST_AUTHORS);
    told.map(|(word, _)| (*word).to_owned()).collect()
}
