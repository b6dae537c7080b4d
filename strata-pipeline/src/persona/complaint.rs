//! What the members of segments complain of in their own words, held against everybody else who wrote.

use strata_lake::arrow::array::StringArray;
use strata_models::portrait::sums::LevelSums;
use strata_models::text::error::TextError;
use strata_models::text::pain::feelings;
use strata_spec::error::ErrorCode;

use crate::error::{Error, Result};
use crate::voice::{Author, Complaints, DRAWS};

/// So many words tell what a complaint is about.
const MOST_WORDS: usize = 3;

/// What is complained of.
#[derive(Default)]
pub(super) struct Complained {
    /// The topics that hurt.
    pub(super) topics: Vec<Topic>,
    /// By place of the target, how many members wrote lately, where that is negative on the whole with certainty.
    pub(super) negative_lately: Vec<Option<u64>>,
}

/// A topic that hurts. Who wrote has two levels: the first does not complain of it, the second does.
pub(super) struct Topic {
    /// Its words, as `“late”, “courier” and “parcel”`.
    pub(super) words: String,
    pub(super) everybody: LevelSums,
    /// By place of the target.
    pub(super) members: Vec<LevelSums>,
}

/// Who of the members of targets has written, as parts of the customers are read.
pub(super) struct Writers<'a> {
    said: &'a Complaints,
    /// By place of the target.
    members: Vec<Vec<&'a Author>>,
}

impl<'a> Writers<'a> {
    pub(super) fn of(said: &'a Complaints, n_targets: usize) -> Writers<'a> {
        Writers { said, members: vec![Vec::new(); n_targets] }
    }

    /// Adds a part of the customers, by their ids, and the numbers of those in each target.
    pub(super) fn add(&mut self, ids: &StringArray, members: &[Vec<u32>]) {
        if self.said.authors.is_empty() {
            return;
        }
        let authors: Vec<Option<&Author>> = ids.iter().map(|id| self.said.authors.get(id?)).collect();
        for (known, members) in self.members.iter_mut().zip(members) {
            known.extend(members.iter().filter_map(|row| authors[*row as usize]));
        }
    }

    /// Counts who complains of what.
    pub(super) fn told(&self) -> Result<Complained> {
        let (said, members) = (self.said, &self.members);
        if said.authors.is_empty() {
            return Ok(Complained { topics: Vec::new(), negative_lately: vec![None; members.len()] });
        }
        let topic = |(place, words): (usize, &Vec<String>)| {
            let of = |authors: &mut dyn Iterator<Item = &Author>| {
                let mut counts = [0, 0];
                authors.for_each(|author| counts[usize::from(author.complains_of.contains(&place))] += 1);
                LevelSums::of_people(&counts)
            };
            Topic {
                words: listed(words),
                everybody: of(&mut said.authors.values()),
                members: members.iter().map(|members| of(&mut members.iter().copied())).collect(),
            }
        };
        Ok(Complained {
            topics: said.topics.iter().enumerate().map(topic).collect(),
            negative_lately: negative_lately(members).map_err(|error| {
                Error::new(ErrorCode::Internal, "cannot tell how segments have felt lately").caused_by(error)
            })?,
        })
    }
}

fn negative_lately(members: &[Vec<&Author>]) -> Result<Vec<Option<u64>>, TextError> {
    let (mut compounds, mut places) = (Vec::new(), Vec::new());
    for members in members {
        let from = compounds.len();
        compounds.extend(members.iter().flat_map(|author| &author.recent).copied());
        places.push((from..compounds.len()).collect::<Vec<usize>>());
    }
    let felt = feelings(&compounds, &places, DRAWS, 1)?.into_iter().zip(members);
    Ok(felt
        .map(|(feeling, members)| {
            let is_negative = feeling.is_some_and(|feeling| feeling.interval.1 < 0.0);
            is_negative.then(|| members.iter().filter(|author| !author.recent.is_empty()).count() as u64)
        })
        .collect())
}

/// Words in a sentence: `“late”, “courier” and “parcel”`.
fn listed(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().take(MOST_WORDS).map(|word| format!("“{word}”")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_negative_lately_where_that_is_certain() {
        let author = |recent: &[f64]| Author { recent: recent.to_vec(), ..Author::default() };
        let (bad, good, silent) = (author(&[-0.8, -0.4]), author(&[0.7]), author(&[]));
        let angry = vec![&bad; 40];
        let torn = [vec![&bad; 10], vec![&good; 20]].concat();
        let found =
            negative_lately(&[angry.clone(), torn, vec![&silent; 9], [angry, vec![&silent]].concat()]);
        assert_eq!(found, Ok(vec![Some(40), None, None, Some(40)]));
    }

    #[test]
    fn three_words_tell_a_complaint() {
        let words = ["late", "courier", "parcel", "week"].map(str::to_owned);
        let told = [0, 1, 2, 4].map(|n| listed(&words[..n]));
        assert_eq!(told, ["", "“late”", "“late” and “courier”", "“late”, “courier” and “parcel”"]);
    }
}
