//! What the members of segments complain of in their own words, held against everybody else who wrote.

use std::collections::BTreeMap;

use strata_models::portrait::sums::LevelSums;
use strata_models::text::error::TextError;
use strata_models::text::pain::feelings;
use strata_spec::error::ErrorCode;

use super::gather::{of_targets, place_of};
use super::target::Target;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::query::ask::ask;
use crate::voice::{Author, Complaints, DRAWS, complaints};

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

/// Counts who complains of what.
pub(super) async fn all(project: &Project, view: &View, targets: &[Target]) -> Result<Complained> {
    let said = complaints(project, view).await?;
    if said.authors.is_empty() {
        return Ok(Complained { topics: Vec::new(), negative_lately: vec![None; targets.len()] });
    }
    let members = authors(view, targets, &said).await?;
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
        negative_lately: negative_lately(&members).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot tell how segments have felt lately").caused_by(error)
        })?,
    })
}

/// By place of the target, the members who wrote.
async fn authors<'a>(view: &View, targets: &[Target], said: &'a Complaints) -> Result<Vec<Vec<&'a Author>>> {
    let query = format!(
        "select m.segmentation, m.segment, m.subject_id from membership m \
         join (select distinct customer_id from feedback where text is not null) f on f.customer_id = m.subject_id \
         where m.subject = 'customers' and m.left_at is null and ({})",
        of_targets(targets),
    );
    let mut members: Vec<BTreeMap<String, &Author>> = vec![BTreeMap::new(); targets.len()];
    for row in ask(view, "list the members who wrote", &query).await? {
        let (Some(target), Some(author)) = (place_of(targets, &row), said.authors.get(row.text(2))) else {
            continue;
        };
        members[target].insert(row.text(2).to_owned(), author);
    }
    Ok(members.into_iter().map(|members| members.into_values().collect()).collect())
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
