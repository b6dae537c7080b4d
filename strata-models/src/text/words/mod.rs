//! Texts as rows of numbers: which words they hold, weighted by how much a word tells.
//!
//! A word is two or more letters, digits or underscores in a row, in lower case. With n texts of which `df_w` hold the word w, it weighs
//! `tf · idf_w`, where `tf` is how often the text holds it and `idf_w = ln((1 + n) / (1 + df_w)) + 1`; each row is divided by its
//! Euclidean length. These are the weights of scikit-learn's `TfidfVectorizer`.
//!
//! Salton, G. & Buckley, C. (1988). Term-weighting approaches in automatic text retrieval. Information Processing & Management 24,
//! 513–523.

mod sparse;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::sparse::SparseRows;
use super::error::TextError;

/// Which words count.
#[derive(Debug, Clone, PartialEq)]
pub struct WordSettings {
    /// In how many texts a word must be: 1 or more.
    pub fewest_texts: usize,
    /// In which share of the texts a word may be at most, above 0 and up to 1.
    pub most_share: f64,
    /// Words that never count, in lower case.
    pub stop_words: Vec<String>,
}

impl Default for WordSettings {
    fn default() -> WordSettings {
        WordSettings { fewest_texts: 1, most_share: 1.0, stop_words: vec![] }
    }
}

/// Words and their weights, learned from texts. Plain, so that it can be kept anywhere; [`TfIdf::reader`] reads other texts by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TfIdf {
    /// The words, in alphabetical order: the columns.
    pub words: Vec<String>,
    /// The weight of each, `idf`.
    pub weights: Vec<f64>,
}

/// Words made ready for texts.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    places: HashMap<&'a str, u32>,
    weights: &'a [f64],
}

/// Room that reading needs, to be used for one text after another.
#[derive(Debug, Clone, Default)]
pub struct Room {
    lower: String,
    places: Vec<u32>,
}

impl TfIdf {
    /// Learns words and weights.
    ///
    /// # Errors
    /// Settings out of their range; no text with a word that counts.
    pub fn fit<T: AsRef<str> + Sync>(texts: &[T], settings: &WordSettings) -> Result<TfIdf, TextError> {
        if settings.fewest_texts == 0 {
            return Err(TextError::Option { option: "fewest_texts", value: 0.0, hint: "give 1 or more" });
        }
        if !(settings.most_share > 0.0 && settings.most_share <= 1.0) {
            let hint = "give a share above 0 and up to 1";
            return Err(TextError::Option { option: "most_share", value: settings.most_share, hint });
        }
        let n = texts.len() as f64;
        let counts = texts_with(texts);
        let counts_enough = |(word, count): &(String, u64)| {
            *count >= settings.fewest_texts as u64
                && *count as f64 <= settings.most_share * n
                && !settings.stop_words.contains(word)
        };
        let mut kept: Vec<(String, u64)> = counts.into_iter().filter(counts_enough).collect();
        if kept.is_empty() {
            return Err(TextError::NoWords);
        }
        kept.sort_unstable();
        let weights = kept.iter().map(|(_, count)| ((1.0 + n) / (1.0 + *count as f64)).ln() + 1.0).collect();
        Ok(TfIdf { words: kept.into_iter().map(|(word, _)| word).collect(), weights })
    }

    /// Makes the words ready. Words beyond the weights, which a kept model may have lost, do not count.
    pub fn reader(&self) -> Reader<'_> {
        let places = self.words.iter().zip(&self.weights).zip(0_u32..);
        let places = places.map(|((word, _), place)| (word.as_str(), place)).collect();
        Reader { places, weights: &self.weights }
    }

    /// The rows of texts. A text without a word that is known has a row of zeros.
    pub fn rows<T: AsRef<str> + Sync>(&self, texts: &[T]) -> SparseRows {
        let reader = self.reader();
        let of_part = |texts: &[T]| {
            let mut room = Room::default();
            let mut rows = SparseRows::new(self.words.len());
            texts.iter().for_each(|text| rows.push(reader.cells(text.as_ref(), &mut room)));
            rows
        };
        let parts: Vec<SparseRows> = texts.par_chunks(1024).map(of_part).collect();
        SparseRows::joined(self.words.len(), &parts)
    }
}

impl Reader<'_> {
    /// The words of a text that are known, by place and in its order, with their weights in it.
    pub fn cells(&self, text: &str, room: &mut Room) -> impl Iterator<Item = (u32, f64)> {
        let Room { lower, places } = room;
        places.clear();
        each_word(text, lower, |word| places.extend(self.places.get(word)));
        places.sort_unstable();
        let weigh = |run: &[u32]| run.len() as f64 * self.weights[run[0] as usize];
        let length = places.chunk_by(|a, b| a == b).map(|run| weigh(run).powi(2)).sum::<f64>().sqrt();
        places.chunk_by(|a, b| a == b).map(move |run| (run[0], weigh(run) / length))
    }
}

/// The words of a text in their order, in lower case.
pub fn words(text: &str) -> Vec<String> {
    let (mut lower, mut words) = (String::new(), vec![]);
    each_word(text, &mut lower, |word| words.push(word.to_owned()));
    words
}

/// Calls with each word of a text. `lower` is room for the text in lower case.
pub(super) fn each_word(text: &str, lower: &mut String, mut see: impl FnMut(&str)) {
    lower.clear();
    if text.is_ascii() {
        lower.push_str(text);
        lower.make_ascii_lowercase();
        let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        lower
            .split(|character: char| !is_of_word(character as u8))
            .filter(|word| word.len() > 1)
            .for_each(see);
        return;
    }
    lower.extend(text.chars().flat_map(char::to_lowercase));
    for word in lower.split(|character: char| !(character.is_alphanumeric() || character == '_')) {
        if word.chars().nth(1).is_some() {
            see(word);
        }
    }
}

/// In how many texts each word is.
fn texts_with<T: AsRef<str> + Sync>(texts: &[T]) -> HashMap<String, u64> {
    let of_part = |texts: &[T]| {
        let mut counts: HashMap<String, (u64, usize)> = HashMap::new();
        let mut lower = String::new();
        for (place, text) in texts.iter().enumerate() {
            each_word(text.as_ref(), &mut lower, |word| match counts.get_mut(word) {
                Some((_, last)) if *last == place => {}
                Some((count, last)) => (*count, *last) = (*count + 1, place),
                None => drop(counts.insert(word.to_owned(), (1, place))),
            });
        }
        counts
    };
    let parts: Vec<_> = texts.par_chunks(8192).map(of_part).collect();
    let mut all: HashMap<String, u64> = HashMap::new();
    for (word, (count, _)) in parts.into_iter().flatten() {
        *all.entry(word).or_default() += count;
    }
    all
}
