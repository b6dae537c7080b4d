//! Phrases that stand for texts, and which of them may be shown.
//!
//! Phrases are found by YAKE, through the crate `yake-rust`: a word tells more the earlier, the more often, the more in capitals and in
//! the fewer different neighbourhoods it occurs. Campos, R. et al. (2020). YAKE! Keyword extraction from single documents using multiple
//! local features. Information Sciences 509, 257–289.
//!
//! A phrase that one person used may say who that is. [`shareable`] lets through only what several people said.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde::{Deserialize, Serialize};
use yake_rust::{Config, ResultItem, StopWords, get_n_best};

use super::error::TextError;

/// A phrase of one to three words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Keyphrase {
    /// In lower case.
    pub phrase: String,
    /// YAKE's score: 0 or more, and the lower the more it tells.
    pub score: f64,
}

/// A phrase that so many people used that it may be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shareable {
    /// The phrase.
    pub keyphrase: Keyphrase,
    /// How many different authors used it.
    pub n_authors: usize,
    /// In how many texts it is.
    pub n_texts: usize,
}

/// Phrases of fewer different authors are never shown.
pub const FEWEST_AUTHORS: usize = 5;

/// The phrases that tell most of a text, best first, at most `most` of them.
///
/// # Errors
/// A language without stop words; it is given by its two-letter code (ISO 639-1).
pub fn keyphrases(text: &str, language: &str, most: usize) -> Result<Vec<Keyphrase>, TextError> {
    keyphrases_of(&[text], language, most)
}

/// The phrases that tell most of many texts together, best first, at most `most` of them. No phrase goes from one text to the next. Time
/// and memory grow with the texts; some thousands of short ones are plenty.
///
/// # Errors
/// As [`keyphrases`].
pub fn keyphrases_of<T: AsRef<str>>(
    texts: &[T],
    language: &str,
    most: usize,
) -> Result<Vec<Keyphrase>, TextError> {
    let stop_words = StopWords::predefined(language)
        .ok_or_else(|| TextError::Language { language: language.to_owned() })?;
    let mut all = String::new();
    for text in texts.iter().map(|text| text.as_ref().trim()).filter(|text| !text.is_empty()) {
        all.push_str(text);
        // One text alone stays as it is.
        if texts.len() > 1 && !text.ends_with(['.', '!', '?']) {
            all.push('.');
        }
        if texts.len() > 1 {
            all.push('\n');
        }
    }
    // Without a word there is nothing to score.
    if !all.chars().any(char::is_alphanumeric) {
        return Ok(vec![]);
    }
    // The crate sums in the order of a hash table that differs from run to run, so that the last digits of scores do as well. They are
    // rounded off, and equal scores are put in alphabetical order; some more are asked for, lest that order decide who is left out.
    let some_more = most.saturating_mul(2).saturating_add(10);
    let found = get_n_best(some_more, &all, &stop_words, &Config::default());
    let keyphrase =
        |item: ResultItem| Keyphrase { phrase: item.keyword, score: to_twelve_digits(item.score) };
    let mut found: Vec<Keyphrase> = found.into_iter().map(keyphrase).collect();
    found.sort_by(|one, other| one.score.total_cmp(&other.score).then_with(|| one.phrase.cmp(&other.phrase)));
    found.truncate(most);
    Ok(found)
}

/// The phrases that at least `fewest_authors` different people used, in their order; each text has one author.
///
/// A text uses a phrase if its words stand in it in a row, whatever the capitals and the punctuation.
///
/// # Errors
/// Authors that are not one a text; fewer authors asked for than [`FEWEST_AUTHORS`].
pub fn shareable<T: AsRef<str>, A: Eq + Hash>(
    phrases: &[Keyphrase],
    texts: &[T],
    authors: &[A],
    fewest_authors: usize,
) -> Result<Vec<Shareable>, TextError> {
    if authors.len() != texts.len() {
        return Err(TextError::Lengths { what: "authors", found: authors.len(), expected: texts.len() });
    }
    if fewest_authors < FEWEST_AUTHORS {
        let hint = "give 5 or more: what fewer people said may say who they are";
        return Err(TextError::Option { option: "fewest_authors", value: fewest_authors as f64, hint });
    }
    let in_words: Vec<Vec<String>> = phrases.iter().map(|keyphrase| parts(&keyphrase.phrase)).collect();
    let mut by_first: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, phrase) in in_words.iter().enumerate() {
        if let Some(first) = phrase.first() {
            by_first.entry(first).or_default().push(place);
        }
    }
    let mut people: Vec<HashSet<&A>> = phrases.iter().map(|_| HashSet::new()).collect();
    let mut n_texts = vec![0; phrases.len()];
    for (text, author) in texts.iter().zip(authors) {
        let words = parts(text.as_ref());
        let mut used: HashSet<usize> = HashSet::new();
        for (start, word) in words.iter().enumerate() {
            let places = by_first.get(word.as_str()).into_iter().flatten();
            used.extend(places.filter(|place| words[start..].starts_with(&in_words[**place])));
        }
        for place in used {
            people[place].insert(author);
            n_texts[place] += 1;
        }
    }
    let counted = phrases.iter().zip(people).zip(n_texts);
    let counted = counted.map(|((keyphrase, people), n_texts)| Shareable {
        keyphrase: keyphrase.clone(),
        n_authors: people.len(),
        n_texts,
    });
    Ok(counted.filter(|phrase| phrase.n_authors >= fewest_authors).collect())
}

fn to_twelve_digits(score: f64) -> f64 {
    format!("{score:.11e}").parse().unwrap_or(score)
}

/// The words of a text, single letters among them, in lower case.
fn parts(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::chance::Places;

    /// Python, yake 0.7.3, `KeywordExtractor(lan="en", n=3, top=5)`.
    #[test]
    fn phrases_have_the_scores_of_the_python_package() {
        let text = "The delivery was late again. I called about the late delivery twice, and the delivery company \
            blamed the warehouse. Late delivery is why I cancelled my subscription.";
        let found = keyphrases(text, "en", 5).unwrap();
        let expected: [(&str, f64); 5] = [
            ("delivery", 0.113_328_054_6),
            ("late delivery", 0.124_911_936_0),
            ("late", 0.146_982_774_0),
            ("delivery company blamed", 0.233_204_432_3),
            ("blamed the warehouse", 0.276_078_830_4),
        ];
        assert_eq!(found.len(), 5);
        for (found, (phrase, score)) in found.iter().zip(expected) {
            assert_eq!(found.phrase, phrase);
            assert!((found.score - score).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn only_what_several_people_said_is_shared() {
        let phrase = |phrase: &str| Keyphrase { phrase: phrase.to_owned(), score: 0.1 };
        let phrases = [phrase("late delivery"), phrase("wi-fi"), phrase("my neighbour karl"), phrase("late")];
        let texts = [
            "Late delivery!",
            "again a late, delivery",
            "late delivery",
            "LATE DELIVERY",
            "late delivery late delivery",
            "late delivery",
            "Wi-Fi",
            "my neighbour Karl took it",
            "my neighbour Karl",
            "my neighbour Karl",
            "my neighbour karl",
            "my neighbour karl",
        ];
        // Five authors of the delivery, one of the neighbour.
        let authors = [1, 2, 3, 4, 5, 5, 6, 7, 7, 7, 7, 7];
        let found = shareable(&phrases, &texts, &authors, FEWEST_AUTHORS).unwrap();
        let found: Vec<(&str, usize, usize)> = found
            .iter()
            .map(|found| (found.keyphrase.phrase.as_str(), found.n_authors, found.n_texts))
            .collect();
        assert_eq!(found, [("late delivery", 5, 6), ("late", 5, 6)]);
        assert_eq!(shareable(&phrases, &texts, &authors, 6).unwrap(), []);
        let refused =
            |authors: &[i32], fewest| shareable(&phrases, &texts, authors, fewest).unwrap_err().to_string();
        assert!(refused(&authors, 4).contains("`fewest_authors` is 4"));
        assert!(refused(&authors[..2], 5).contains("there are 2 authors where there are 12 texts"));
    }

    #[test]
    fn phrases_do_not_go_from_text_to_text() {
        let texts = ["great app", "battery died", "great app", "battery died quickly"];
        let found = keyphrases_of(&texts, "en", 50).unwrap();
        assert!(found.iter().any(|found| found.phrase == "battery died"), "{found:?}");
        assert!(!found.iter().any(|found| found.phrase.contains("app battery")), "{found:?}");
    }

    #[test]
    fn whatever_is_written_has_scores_that_are_numbers() {
        let pieces = [
            "late",
            "delivery",
            "Delivery",
            "PAY",
            "PayPal",
            "U.S.",
            "e.g.",
            "don't",
            "n't",
            "re-order",
            "1",
            "2.5",
            "1,000",
            "€",
            ".",
            "!",
            "…",
            "\n",
            "http://x.y/z",
            "a@b.c",
            "#tag",
            "(",
            "]",
            "&amp;",
            "<b>",
            "\u{0}",
            "\u{200d}",
            "\u{301}",
            "é",
            "İ",
            "💘",
            "中文",
            "हिन्दी",
        ];
        let places = Places::from_seed(8);
        for text in 0..1500_u64 {
            let n = places.below(text, 20) as u64;
            let piece = |nth: u64| pieces[places.below(10_000 + 20 * text + nth, pieces.len())];
            let text = (0..n).map(piece).collect::<Vec<_>>().join(" ");
            for found in keyphrases(&text, "en", 10).unwrap() {
                assert!(found.score.is_finite() && !found.phrase.is_empty(), "{text:?}: {found:?}");
            }
        }
    }

    #[test]
    fn nothing_and_noise_have_no_phrases() {
        for text in ["", "   ", "!!! ???", "…", "\u{0}\u{1}"] {
            assert_eq!(keyphrases(text, "en", 5).unwrap(), [], "{text:?}");
        }
        let error = keyphrases("text", "xx", 5).unwrap_err().to_string();
        assert!(error.contains("no stop words of the language `xx`"), "{error}");
    }
}
