//! Best-worst sets: small sets of which people choose the best and the worst, arranged so that every two meet once.

use super::instrument::{Choice, Scale};

/// Appeals in sets, of each of which the best and the worst are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct BestWorst {
    /// What the ids of its questions begin with.
    pub item_prefix: String,
    /// How the best is asked for.
    pub best_stem: String,
    /// How the worst is asked for.
    pub worst_stem: String,
    /// What is compared.
    pub appeals: Vec<Appeal>,
    /// The sets, as places in `appeals` from 1.
    pub sets: Vec<Vec<usize>>,
}

/// One of the things compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Appeal {
    /// How much somebody prefers it: the times it was the best less the times it was the worst, by the times it was shown.
    pub scale: Scale,
    /// What people read.
    pub text: String,
}

/// What is asked about contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// How the channel is asked for.
    pub channel_question: String,
    /// The channels.
    pub channels: Vec<String>,
    /// How the frequency is asked for.
    pub frequency_question: String,
    /// The frequencies.
    pub frequencies: Vec<String>,
}

/// How often each appeal stands in a set of a balanced design.
pub const APPEARANCES: usize = 3;

impl BestWorst {
    /// What is wrong with the sets: an appeal that does not exist, stands twice in a set or not in three, or two appeals that do not meet
    /// exactly once. Answers to such sets would prefer what is shown more often, or with weaker company.
    pub fn faults(&self) -> Vec<String> {
        let n = self.appeals.len();
        let mut faults = Vec::new();
        for (place, set) in self.sets.iter().enumerate() {
            for (at, appeal) in set.iter().enumerate() {
                if *appeal < 1 || *appeal > n {
                    faults.push(format!("set {} has appeal {appeal}, but there are {n}", place + 1));
                } else if set[..at].contains(appeal) {
                    faults.push(format!("set {} has appeal {appeal} twice", place + 1));
                }
            }
        }
        for first in 1..=n {
            let times = self.sets.iter().filter(|set| set.contains(&first)).count();
            if times != APPEARANCES {
                faults.push(format!("appeal {first} stands in {times} sets instead of {APPEARANCES}"));
            }
            for second in first + 1..=n {
                let meets = |set: &&Vec<usize>| set.contains(&first) && set.contains(&second);
                let times = self.sets.iter().filter(meets).count();
                if times != 1 {
                    faults.push(format!("appeals {first} and {second} meet {times} times instead of once"));
                }
            }
        }
        faults
    }

    /// The id of the question for the best of a set, from 0.
    pub fn best_id(&self, set: usize) -> String {
        format!("{}_set{}_best", self.item_prefix, set + 1)
    }

    /// The id of the question for the worst of a set, from 0.
    pub fn worst_id(&self, set: usize) -> String {
        format!("{}_set{}_worst", self.item_prefix, set + 1)
    }

    /// The sets that an appeal, by its place from 0, stands in, from 0.
    pub fn sets_of(&self, appeal: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.sets.len()).filter(move |set| self.sets[*set].contains(&(appeal + 1)))
    }

    /// What may be chosen in a set, from 0: its appeals, each valued by its place among all.
    pub fn choices(&self, set: usize) -> Vec<Choice> {
        let places = self.sets.get(set).into_iter().flatten().copied();
        let appeal = |place: usize| Some((place, self.appeals.get(place.checked_sub(1)?)?));
        places
            .filter_map(appeal)
            .map(|(place, appeal)| Choice { value: place as i64, label: appeal.text.clone() })
            .collect()
    }
}
