//! Columns of words as columns of numbers: one for each level, as far as there are few.

use std::collections::HashMap;

/// The levels of a category that have columns of their own, learned from training rows and used for all others.
///
/// The commonest level is the reference: it has no column, since the others tell it. Levels beyond the most common are *other*. A
/// row without a value has 0 in all columns but the one that says so, which exists where a training row had none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// The commonest level; empty where no training row had a value.
    pub reference: String,
    /// The levels with a column, the commoner first.
    pub levels: Vec<String>,
    /// Whether there is a column for all the other levels.
    pub has_other: bool,
    /// Whether there is a column for rows without a value.
    pub has_missing: bool,
}

/// Columns that stand for a category.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// `category=level`, then `category=(other)` and `category=(missing)`.
    pub names: Vec<String>,
    /// 1 where the row has the level, otherwise 0.
    pub columns: Vec<Vec<f64>>,
    /// How many rows have a level that no training row had and that no column stands for; they look like the reference.
    pub n_unseen: usize,
}

impl Levels {
    /// Learns the levels: all of them where there are at most `most_levels`, otherwise the most common of them; of two equally common
    /// ones the first by name.
    pub fn learn<'a>(values: impl Iterator<Item = Option<&'a str>>, most_levels: usize) -> Levels {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        let mut has_missing = false;
        for value in values {
            match value {
                Some(level) => *counts.entry(level).or_default() += 1,
                None => has_missing = true,
            }
        }
        let mut by_count: Vec<(&str, u64)> = counts.into_iter().collect();
        by_count.sort_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then(a.cmp(b)));
        let most_levels = most_levels.max(1);
        let has_other = by_count.len() > most_levels;
        let mut levels = by_count.into_iter().take(most_levels).map(|(level, _)| level.to_owned());
        Levels {
            reference: levels.next().unwrap_or_default(),
            levels: levels.collect(),
            has_other,
            has_missing,
        }
    }

    /// The columns for some rows; `category` is how their names begin.
    pub fn encode<'a>(&self, category: &str, values: impl Iterator<Item = Option<&'a str>>) -> Encoded {
        let place_of: HashMap<&str, usize> =
            self.levels.iter().enumerate().map(|(place, level)| (level.as_str(), place)).collect();
        let n_levels = self.levels.len();
        let other = self.has_other.then_some(n_levels);
        let missing = self.has_missing.then_some(n_levels + usize::from(self.has_other));
        let mut names: Vec<String> = self.levels.iter().map(|level| format!("{category}={level}")).collect();
        names.extend(other.map(|_| format!("{category}=(other)")));
        names.extend(missing.map(|_| format!("{category}=(missing)")));
        let mut columns = vec![Vec::new(); names.len()];
        let mut n_unseen = 0;
        for value in values {
            let place = match value {
                None => missing,
                Some(level) if level == self.reference => None,
                Some(level) => {
                    let place = place_of.get(level).copied().or(other);
                    n_unseen += usize::from(place.is_none());
                    place
                }
            };
            for (at, column) in columns.iter_mut().enumerate() {
                column.push(f64::from(u8::from(place == Some(at))));
            }
        }
        Encoded { names, columns, n_unseen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_levels_have_a_column_each_and_many_share_one() {
        let rows = || ["web", "web", "shop", "app", "shop", "web", "fair"].into_iter().map(Some);
        let few = Levels::learn(rows(), 10);
        assert_eq!((few.reference.as_str(), few.has_other, few.has_missing), ("web", false, false));
        let encoded = few.encode("channel", rows().chain([None, Some("fax")]));
        assert_eq!(encoded.names, ["channel=shop", "channel=app", "channel=fair"]);
        assert_eq!(encoded.columns[0], [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(encoded.n_unseen, 1);

        let many = Levels::learn(rows().chain([None]), 2);
        let encoded = many.encode("channel", rows().chain([None, Some("fax")]));
        assert_eq!(encoded.names, ["channel=shop", "channel=(other)", "channel=(missing)"]);
        assert_eq!(encoded.columns[1], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!(encoded.columns[2], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(encoded.n_unseen, 0);
    }

    #[test]
    fn nobody_has_no_levels() {
        let none = Levels::learn(std::iter::empty(), 5);
        assert_eq!(none.encode("a", [Some("x"), None].into_iter()).columns.len(), 0);
        let missing = Levels::learn([None, None].into_iter(), 0);
        assert_eq!(missing.encode("a", [None].into_iter()).columns, [[1.0]]);
    }
}
