//! Words and parts of words, and texts as the places of theirs.
//!
//! A word that is not among them is divided into the longest part that is at its beginning, the longest that is at the beginning of the rest,
//! and so on; where a rest has none, the whole word is unknown. Parts that do not begin a word are written with `##` before them.
//!
//! Wu, Y. et al. (2016). Google's neural machine translation system: bridging the gap between human and machine translation. arXiv:1609.08144,
//! section 4.1 (word pieces). Devlin, J. et al. (2019). BERT: pre-training of deep bidirectional transformers for language understanding.
//! NAACL-HLT, 4171–4186.

use std::collections::HashMap;

use serde::Deserialize;

use super::error::EmbedError;
use super::fold::fold;

/// A longer word, in characters, is unknown.
const LONGEST_WORD: usize = 100;

/// Words and parts of words with their places.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    places: HashMap<String, u32>,
    /// The longest of them in bytes.
    longest: usize,
    begin: u32,
    end: u32,
    unknown: u32,
}

/// Room that reading needs, to be used for one text after another.
#[derive(Debug, Default)]
pub(super) struct Room {
    folded: String,
    part: String,
}

impl Vocabulary {
    /// The vocabulary of a file `vocab.txt`: one a line, in the order of their places.
    ///
    /// # Errors
    /// A file without `[CLS]`, `[SEP]` or `[UNK]`.
    pub fn of_lines(text: &str) -> Result<Vocabulary, EmbedError> {
        let places = text.lines().map(|line| line.trim_end_matches('\r').to_owned()).zip(0..).collect();
        Vocabulary::of("vocab.txt", places)
    }

    /// The vocabulary of a file `tokenizer.json`.
    ///
    /// # Errors
    /// A file that is none, or of a model that reads capitals or divides words in another way.
    pub fn of_tokenizer(text: &str) -> Result<Vocabulary, EmbedError> {
        const FILE: &str = "tokenizer.json";
        let read: Tokenizer = serde_json::from_str(text)
            .map_err(|error| EmbedError::new(FILE, format!("cannot be read: {error}")))?;
        if read.model.kind != "WordPiece" || read.model.continuing_subword_prefix != "##" {
            return Err(EmbedError::new(FILE, "does not divide words into word pieces"));
        }
        if !read.normalizer.lowercase {
            return Err(EmbedError::new(FILE, "is of a model that tells capitals apart"));
        }
        Vocabulary::of(FILE, read.model.vocab)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none, which no vocabulary that could be read is.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The places of a text's words and parts of words, `most` at most, with those that begin and end a text.
    pub(super) fn places(&self, text: &str, most: usize, room: &mut Room) -> Vec<u32> {
        let Room { folded, part } = room;
        fold(text, folded);
        let mut places = vec![self.begin];
        for word in folded.split_ascii_whitespace() {
            if places.len() + 1 >= most {
                break;
            }
            self.divide(word, part, &mut places);
        }
        places.truncate(most.saturating_sub(1));
        places.push(self.end);
        places
    }

    fn of(file: &'static str, places: HashMap<String, u32>) -> Result<Vocabulary, EmbedError> {
        let place = |word: &str| {
            let found = places.get(word).copied();
            found.ok_or_else(|| EmbedError::new(file, format!("has no `{word}`")))
        };
        let (begin, end, unknown) = (place("[CLS]")?, place("[SEP]")?, place("[UNK]")?);
        if let Some(place) = places.values().find(|place| **place as usize >= places.len()) {
            return Err(EmbedError::new(file, format!("names place {place} of {}", places.len())));
        }
        let longest = places.keys().map(String::len).max().unwrap_or(0);
        Ok(Vocabulary { places, longest, begin, end, unknown })
    }

    fn divide(&self, word: &str, part: &mut String, places: &mut Vec<u32>) {
        let before = places.len();
        let mut rest = word;
        while !rest.is_empty() {
            let prefix = if rest.len() == word.len() { "" } else { "##" };
            let Some((end, place)) = self.longest_part(prefix, rest, part) else { break };
            places.push(place);
            rest = &rest[end..];
        }
        if !rest.is_empty() || word.chars().count() > LONGEST_WORD {
            places.truncate(before);
            places.push(self.unknown);
        }
    }

    /// The longest part at the beginning, by where it ends and its place.
    fn longest_part(&self, prefix: &str, rest: &str, part: &mut String) -> Option<(usize, u32)> {
        part.clear();
        part.push_str(prefix);
        let most = rest.len().min(self.longest.saturating_sub(prefix.len()));
        (1..=most).rev().filter(|end| rest.is_char_boundary(*end)).find_map(|end| {
            part.truncate(prefix.len());
            part.push_str(&rest[..end]);
            Some((end, *self.places.get(part.as_str())?))
        })
    }
}

#[derive(Deserialize)]
struct Tokenizer {
    model: Pieces,
    normalizer: Normalizer,
}

#[derive(Deserialize)]
struct Pieces {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    continuing_subword_prefix: String,
    vocab: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct Normalizer {
    #[serde(default)]
    lowercase: bool,
}
