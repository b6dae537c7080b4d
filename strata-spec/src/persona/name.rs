//! Names of personas: an adjective of what sets them apart most and a noun of what they do, from a table of words without stereotypes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::evidence::{Evidence, Facet, State};
use crate::guideline::is_protected;

/// The names given so far: none is given twice.
#[derive(Debug, Clone, Default)]
pub struct Names {
    given: BTreeSet<String>,
}

/// The table of words.
#[derive(Debug, Deserialize)]
pub(super) struct Words {
    pub(super) adjectives: Vec<Entry>,
    pub(super) nouns: Vec<Entry>,
    pub(super) any_adjectives: Vec<String>,
    pub(super) any_nouns: Vec<String>,
}

/// Words for variables that are about something.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    /// What the variable's name contains, or a word of its label begins with.
    pub(super) about: Vec<String>,
    /// Where the segment has more.
    #[serde(default)]
    pub(super) more: Vec<String>,
    /// Where it has less.
    #[serde(default)]
    pub(super) less: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(super) static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("the words of names are valid"));

impl Names {
    /// A name for a persona of that evidence, the most distinctive first, which no persona has yet; the same for the same evidence and names
    /// before. What was inferred, demographics and protected traits name nobody.
    pub fn give(&mut self, evidence: &[&Evidence]) -> String {
        let may_name = |each: &&&Evidence| {
            each.state != State::Inferred
                && each.facet != Facet::Demographics
                && !is_protected(&each.variable)
                && !is_protected(&each.label)
        };
        let naming: Vec<&Evidence> = evidence.iter().filter(may_name).copied().collect();
        let is_deed = |each: &&Evidence| {
            matches!(each.facet, Facet::Behaviours | Facet::ChannelAndTime | Facet::SpendingAndBudget)
        };
        let of = |each: &Evidence, words: &'static [Entry]| -> Vec<(String, &'static str)> {
            words_for(each, words).iter().map(|word| (each.variable.clone(), word.as_str())).collect()
        };
        let any = |words: &'static [String]| -> Vec<(String, &'static str)> {
            words.iter().map(|word| (String::new(), word.as_str())).collect()
        };
        let adjectives: Vec<_> = naming.iter().flat_map(|each| of(each, &WORDS.adjectives)).collect();
        let deeds = naming.iter().copied().filter(is_deed);
        let nouns: Vec<_> = deeds.flat_map(|each| of(each, &WORDS.nouns)).collect();
        let (any_adjectives, any_nouns) = (any(&WORDS.any_adjectives), any(&WORDS.any_nouns));
        let tiers = [
            (&adjectives, &nouns),
            (&any_adjectives, &nouns),
            (&adjectives, &any_nouns),
            (&any_adjectives, &any_nouns),
        ];
        let mut first = None;
        for ((variable, adjective), (deed, noun)) in tiers.into_iter().flat_map(|(adjectives, nouns)| {
            nouns.iter().flat_map(move |noun| adjectives.iter().map(move |adjective| (adjective, noun)))
        }) {
            let says_it_twice = !variable.is_empty() && variable == deed || shares_word(adjective, noun);
            if says_it_twice {
                continue;
            }
            let name = format!("{adjective} {noun}");
            if self.given.insert(name.clone()) {
                return name;
            }
            first.get_or_insert(name);
        }
        self.lettered(&first.unwrap_or_else(|| "Customers".to_owned()))
    }

    /// More personas than words: the best name again, with a letter, since a number would be a figure of nobody.
    fn lettered(&mut self, name: &str) -> String {
        let mut place = 1;
        loop {
            place += 1;
            let lettered = format!("{name} {}", letters(place));
            if self.given.insert(lettered.clone()) {
                return lettered;
            }
        }
    }
}

/// The words for a variable, by the first entry that is about it and has some for that side.
fn words_for(evidence: &Evidence, entries: &'static [Entry]) -> &'static [String] {
    let variable = evidence.variable.to_lowercase();
    let label = evidence.label.to_lowercase();
    let words: Vec<&str> = label.split(|each: char| !each.is_alphanumeric()).collect();
    let is_about = |entry: &&Entry| {
        entry
            .about
            .iter()
            .any(|about| variable.contains(about) || words.iter().any(|word| word.starts_with(about)))
    };
    let words = |entry: &'static Entry| if evidence.is_more() { &entry.more } else { &entry.less };
    entries.iter().find(is_about).map_or(&[], |entry| words(entry))
}

fn shares_word(one: &str, other: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|each: char| !each.is_alphanumeric());
        // `Shoppers` and `shopping` begin alike.
        words.map(|word| word.to_lowercase().chars().take(4).collect()).collect()
    };
    !words(one).is_disjoint(&words(other))
}

/// 1 is A, 26 is Z, 27 is AA.
fn letters(mut number: u32) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
    }
    letters.iter().rev().collect()
}
