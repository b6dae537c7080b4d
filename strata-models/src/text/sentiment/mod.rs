//! How a text feels, from −1 to 1: the rules of VADER over a lexicon of rated words.
//!
//! Each word has a mean rating between −4 and 4. Rules shift it: words that strengthen or weaken stand before it ("very", "kind of"), it is
//! negated, written in capitals, part of an idiom, or stands before or after a "but"; exclamation and question marks add to the whole
//! (see `rules`). With s the sum over the words and their shifts, `compound = s / √(s² + 15)`.
//!
//! Hutto, C. J. & Gilbert, E. E. (2014). VADER: a parsimonious rule-based model for sentiment analysis of social media text. Eighth
//! International AAAI Conference on Weblogs and Social Media. The rules are those of the Python package vaderSentiment 3.3.2, whose
//! figures come out to its last digit.
//!
//! English only. A single text's figure is often wrong (about one in five labelled sentences); means over groups are what it is for.

mod rules;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::HashMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::vocabulary::{Word, grammar};
use super::error::TextError;

/// Rated words, and what emoji say in words.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// By the word in lower case: its rating, and what else the rules know of it.
    words: HashMap<Box<str>, Word>,
    emoji: HashMap<char, Box<str>>,
    /// Whether a text of ASCII alone can hold what [`Lexicon::emoji`] knows.
    has_ascii_emoji: bool,
}

/// How a text feels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Sentiment {
    /// The share of what is said that is negative.
    pub negative: f64,
    /// The share that is neither.
    pub neutral: f64,
    /// The share that is positive. The three add up to 1, but in a text without words, where all are 0.
    pub positive: f64,
    /// The whole, from −1 (as bad as can be) to 1 (as good as can be).
    pub compound: f64,
}

/// From this compound on, up and down, a text is called positive or negative: the authors' own cut.
pub const CLEAR: f64 = 0.05;

impl Lexicon {
    /// Reads a lexicon: lines of a term, a tab and its mean rating (what follows behind another tab is not looked at), and lines of an emoji,
    /// a tab and its description. Terms count as they stand and are found by words in lower case, so one with capitals is never
    /// found; of equal ones the last counts. An emoji of several characters is never found either.
    ///
    /// # Errors
    /// A line without a tab; a rating that is no number.
    pub fn parse(words: &str, emoji: &str) -> Result<Lexicon, TextError> {
        let mut lexicon = Lexicon::empty();
        for (place, line) in words.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let refuse = |reason| TextError::Lexicon {
                lexicon: "the lexicon of words",
                line: place + 1,
                reason,
                expected: "a number",
            };
            let mut cells = line.trim().split('\t');
            let (Some(term), Some(rating)) = (cells.next(), cells.next()) else {
                return Err(refuse("there is no tab"));
            };
            let rating = rating.trim().parse::<f64>().ok().filter(|rating| rating.is_finite());
            lexicon.rate(term, rating.ok_or_else(|| refuse("the rating is no number"))?);
        }
        for (place, line) in emoji.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut cells = line.trim().split('\t');
            let (Some(term), Some(description)) = (cells.next(), cells.next()) else {
                return Err(TextError::Lexicon {
                    lexicon: "the lexicon of emoji",
                    line: place + 1,
                    reason: "there is no tab",
                    expected: "its description",
                });
            };
            lexicon.describe(term, description);
        }
        Ok(lexicon)
    }

    /// The lexicon of VADER 3.3.2: 7,492 terms that words in lower case can be, 1,212 emoji. English.
    ///
    /// It is taken from the crate `vader_sentiment` 0.1.1 (MIT), which holds an earlier state of it and joins terms that differ in capitals
    /// alone. Where 3.3.2 (MIT as well) differs, its ratings are put in.
    pub fn shipped() -> Lexicon {
        let mut lexicon = Lexicon::empty();
        for (term, rating) in vader_sentiment::LEXICON.iter() {
            lexicon.rate(&term.to_lowercase(), *rating);
        }
        for (term, rating) in LATER_RATINGS {
            lexicon.rate(term, rating);
        }
        for term in ONLY_WITH_CAPITALS {
            lexicon.words.remove(term);
        }
        for (emoji, description) in vader_sentiment::EMOJI_LEXICON.iter() {
            lexicon.describe(emoji, description);
        }
        lexicon
    }

    /// How a text feels; a text without a rated word is neutral, one without words nothing at all.
    pub fn sentiment(&self, text: &str) -> Sentiment {
        rules::sentiment(self, text)
    }

    /// How each of many texts feels, worked on side by side.
    pub fn sentiments<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Sentiment> {
        texts.par_iter().with_min_len(64).map(|text| self.sentiment(text.as_ref())).collect()
    }

    /// How many terms have a rating.
    pub fn n_rated(&self) -> usize {
        self.words.values().filter(|word| word.rating.is_some()).count()
    }

    /// How many emoji have a description.
    pub fn n_emoji(&self) -> usize {
        self.emoji.len()
    }

    fn empty() -> Lexicon {
        Lexicon { words: grammar(), emoji: HashMap::new(), has_ascii_emoji: false }
    }

    fn rate(&mut self, term: &str, rating: f64) {
        self.words.entry(term.into()).or_default().rating = Some(rating);
    }

    fn describe(&mut self, emoji: &str, description: &str) {
        let mut characters = emoji.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            self.has_ascii_emoji |= character.is_ascii();
            self.emoji.insert(character, description.into());
        }
    }
}

/// Ratings of 3.3.2 that the crate has otherwise or not at all.
const LATER_RATINGS: [(&str, f64); 3] = [("heart", 3.2), ("hearts", 3.3), (":p", 1.0)];

/// Terms that stand in 3.3.2 with capitals alone, so that no word in lower case is one.
const ONLY_WITH_CAPITALS: [&str; 2] = [":-þ", ":þ"];
