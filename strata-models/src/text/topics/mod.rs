//! What texts are about, without labels: groups of texts that share words, and the words that each group has for itself.
//!
//! Each text becomes a row of [`words`](super::words); the rows are turned to the few axes along which they differ most (see `axes`), laid
//! on a sphere, and grouped by k-means. How many groups there are is given, or the number with the highest silhouette is taken. A
//! text that shares little with its group belongs to none.
//!
//! A word w tells a topic t by `W_tw = tf_tw ln(1 + A / f_w)`, with `tf_tw` the share of the topic's words that are w, `f_w` how often w
//! is in all topics, and A the mean number of words of a topic.
//!
//! Deerwester, S. et al. (1990). Indexing by latent semantic analysis. Journal of the American Society for Information Science 41, 391–407.
//! Grootendorst, M. (2022). BERTopic: neural topic modeling with a class-based TF-IDF procedure. arXiv:2203.05794 (the weights of words).

mod axes;
mod find;
mod keywords;
mod stop_words;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::words::{Room, TfIdf, WordSettings};
pub use find::find;

/// How topics are looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicSettings {
    /// How many topics, 2 or more; where it is not given, the number with the highest silhouette.
    pub n_topics: Option<usize>,
    /// The most topics that are tried where their number is not given: 2 or more.
    pub most_topics: usize,
    /// Along how many axes texts are compared: 2 or more.
    pub n_axes: usize,
    /// The least that a text must share with its topic, as the cosine of the angle between them: 0 to 1.
    pub least_fit: f64,
    /// How many words stand for a topic.
    pub n_keywords: usize,
    /// How many texts stand for a topic.
    pub n_representatives: usize,
    /// Texts that are looked at to find topics; all are assigned to them.
    pub most_texts: usize,
    /// Which words count.
    pub words: WordSettings,
    /// What chance is drawn from.
    pub seed: u64,
}

impl Default for TopicSettings {
    fn default() -> TopicSettings {
        TopicSettings {
            n_topics: None,
            most_topics: 15,
            n_axes: 50,
            least_fit: 0.15,
            n_keywords: 10,
            n_representatives: 3,
            most_texts: 20_000,
            words: WordSettings { fewest_texts: 3, most_share: 0.5, stop_words: english_stop_words() },
            seed: 0,
        }
    }
}

/// Topics with the texts that they were found in.
#[derive(Debug, Clone, PartialEq)]
pub struct Topics {
    /// The topics, the one with most texts first.
    pub topics: Vec<Topic>,
    /// Each text's topic by its place; none where it fits nowhere.
    pub labels: Vec<Option<u32>>,
    /// The silhouette of each number of topics that was tried.
    pub tried: Vec<Tried>,
    /// What assigns other texts.
    pub model: TopicModel,
}

/// A group of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// The words that tell it, best first.
    pub keywords: Vec<Keyword>,
    /// How many texts are about it.
    pub n_texts: usize,
    /// The places of the texts that fit it best, best first, no two of the same words.
    pub representatives: Vec<usize>,
}

/// A word that tells a topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Keyword {
    /// The word, in lower case.
    pub word: String,
    /// How well it tells the topic, W.
    pub weight: f64,
}

/// A number of topics that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The number.
    pub n_topics: usize,
    /// The mean silhouette of some of the texts, −1 to 1. Of texts it is low: 0.1 is usual, and near 0 there are no groups.
    pub silhouette: f64,
}

/// What tells the topic of a text. All fields are plain, so that it can be kept anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopicModel {
    /// The words that count.
    pub words: TfIdf,
    /// By word, its place along each axis, word after word.
    pub axes: Vec<f64>,
    /// The centre of each topic along the axes, of length 1.
    pub centres: Vec<Vec<f64>>,
    /// The least cosine at which a text belongs to a topic.
    pub least_fit: f64,
}

/// The nearest topic of a text and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The topic's place.
    pub topic: u32,
    /// The cosine of the angle between the text's words and the topic's centre; 0 of a text without a known word.
    pub fit: f64,
}

impl TopicModel {
    /// The topic of each text; none where it fits nowhere.
    pub fn assign<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Option<u32>> {
        let label =
            |fitted: Fitted| (fitted.fit >= self.least_fit && fitted.fit > 0.0).then_some(fitted.topic);
        self.fitted(texts).into_iter().map(label).collect()
    }

    /// The nearest topic of each text, whether it belongs there or not.
    pub fn fitted<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Fitted> {
        let reader = self.words.reader();
        let width = self.centres.first().map_or(0, Vec::len);
        let of_part = |texts: &[T]| -> Vec<Fitted> {
            let (mut room, mut place) = (Room::default(), vec![0.0; width]);
            let of_text = |text: &T| {
                place.fill(0.0);
                for (word, value) in reader.cells(text.as_ref(), &mut room) {
                    // A word whose axes a kept model has lost tells nothing.
                    let along = self.axes.chunks_exact(width.max(1)).nth(word as usize).unwrap_or(&[]);
                    place.iter_mut().zip(along).for_each(|(sum, axis)| *sum += value * axis);
                }
                self.nearest(&place)
            };
            texts.iter().map(of_text).collect()
        };
        texts.par_chunks(1024).map(of_part).collect::<Vec<_>>().concat()
    }

    fn nearest(&self, place: &[f64]) -> Fitted {
        let mut best = Fitted { topic: 0, fit: 0.0 };
        for (topic, centre) in (0_u32..).zip(&self.centres) {
            let fit: f64 = centre.iter().zip(place).map(|(a, b)| a * b).sum();
            if fit > best.fit {
                best = Fitted { topic, fit };
            }
        }
        best
    }
}

/// English words that say how a sentence is built and not what it is about.
pub fn english_stop_words() -> Vec<String> {
    stop_words::ENGLISH.split_whitespace().map(str::to_owned).collect()
}
