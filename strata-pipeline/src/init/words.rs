//! What columns are called: header words of four languages, and how well a header meets them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The evidence that a role asks of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Identifier,
    Date,
    Number,
    Integer,
    Email,
    Phone,
    Country,
    Currency,
    Year,
    Age,
    Boolean,
    Category,
    Text,
    #[serde(rename = "long text")]
    LongText,
    Any,
}

/// What a column may be for.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) kind: Kind,
    words: Vec<Word>,
}

#[derive(Debug)]
struct Word {
    as_written: String,
    joined: String,
    tokens: Vec<String>,
}

/// How a header met a role's words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    /// From 0 to 1.
    pub(super) score: f64,
    /// The word that it met.
    pub(super) word: String,
}

/// The role of that name.
pub(super) fn role(name: &str) -> Option<&'static Role> {
    ROLES.get(name)
}

impl Role {
    /// How well a header meets the role's words, if at all.
    pub(super) fn matches(&self, header: &str) -> Option<Match> {
        let tokens = tokens(header);
        let joined = tokens.concat();
        self.words
            .iter()
            .filter_map(|word| {
                Some(Match { score: likeness(&tokens, &joined, word)?, word: word.as_written.clone() })
            })
            .max_by(|one, other| {
                one.score.total_cmp(&other.score).then(one.word.len().cmp(&other.word.len()))
            })
    }
}

/// Whole headers count most, then headers that end with the word (`billing country`), begin with it, or contain it;
/// among these a word that covers more of the header counts more.
fn likeness(tokens: &[String], joined: &str, word: &Word) -> Option<f64> {
    if tokens == word.tokens.as_slice() {
        return Some(1.0);
    }
    if joined == word.joined {
        return Some(0.97);
    }
    let (long, short) = (tokens.len(), word.tokens.len());
    let base = if tokens.ends_with(&word.tokens) {
        0.75
    } else if tokens.starts_with(&word.tokens) {
        0.6
    } else if tokens.windows(short).any(|window| window == word.tokens.as_slice()) {
        0.5
    } else {
        return None;
    };
    // A long header that happens to contain a short word is a question or a sentence.
    (long <= short + 3).then(|| base + 0.15 * short as f64 / long as f64)
}

/// Lower-case words of a header without accents: `InvoiceNo`, `invoice_no` and `Invoice No.` are the same.
pub(super) fn tokens(header: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut before = ' ';
    let characters: Vec<char> = header.chars().collect();
    for (index, &character) in characters.iter().enumerate() {
        let next_is_lower = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let hump =
            character.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower));
        if !character.is_alphanumeric() || hump {
            tokens.push(std::mem::take(&mut token));
        }
        if character.is_alphanumeric() {
            push_plain(&mut token, character);
        }
        before = character;
    }
    tokens.push(token);
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn push_plain(token: &mut String, character: char) {
    match character.to_lowercase().next().unwrap_or(character) {
        'ä' => token.push_str("ae"),
        'ö' => token.push_str("oe"),
        'ü' => token.push_str("ue"),
        'ß' => token.push_str("ss"),
        'à' | 'â' | 'á' | 'ã' => token.push('a'),
        'é' | 'è' | 'ê' | 'ë' => token.push('e'),
        'î' | 'ï' | 'í' => token.push('i'),
        'ô' | 'ó' | 'õ' => token.push('o'),
        'û' | 'ù' | 'ú' => token.push('u'),
        'ç' => token.push('c'),
        'ñ' => token.push('n'),
        // The sign of French and Spanish "number" is a word for itself, "n°".
        '°' | 'º' => {}
        plain => token.push(plain),
    }
}

static ROLES: LazyLock<BTreeMap<String, Role>> = LazyLock::new(load);

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
fn load() -> BTreeMap<String, Role> {
    let texts: BTreeMap<String, RoleText> =
        toml::from_str(include_str!("words.toml")).expect("the shipped header words are valid");
    texts
        .into_iter()
        .map(|(name, text)| {
            let words = [text.en, text.de, text.fr, text.es].concat().into_iter().map(|as_written| {
                let tokens = tokens(&as_written);
                Word { joined: tokens.concat(), tokens, as_written }
            });
            (name, Role { kind: text.evidence, words: words.collect() })
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleText {
    evidence: Kind,
    #[serde(default)]
    en: Vec<String>,
    #[serde(default)]
    de: Vec<String>,
    #[serde(default)]
    fr: Vec<String>,
    #[serde(default)]
    es: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_meet_words_of_four_languages() {
        for (name, header, word) in [
            ("order_id", "InvoiceNo", Some("invoice no")),
            ("customer_id", "CustomerID", Some("customer id")),
            ("customer_id", "Kunden-Nr.", Some("kunden nr")),
            ("customer_id", "N° client", Some("n client")),
            ("ordered_at", "Fecha de pedido", Some("fecha de pedido")),
            ("household_size", "Haushaltsgröße", Some("haushaltsgroesse")),
            ("country", "billing_country_code", Some("country code")),
            ("amount", "What is the total that you would pay for it?", None),
            ("city", "capacity", None),
        ] {
            let found = role(name).unwrap().matches(header).map(|found| found.word);
            assert_eq!(found.as_deref(), word, "{header}");
        }
    }

    #[test]
    fn whole_headers_count_more_than_parts() {
        let order_id = role("order_id").unwrap();
        let whole = order_id.matches("order id").unwrap().score;
        let part = order_id.matches("old order id").unwrap().score;
        assert!(whole > part && part > 0.7, "{whole} {part}");
    }
}
