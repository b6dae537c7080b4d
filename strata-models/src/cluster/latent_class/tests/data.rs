//! Tables of answers for tests: given as words, or read from the data that are kept beside the repository.

use crate::cluster::latent_class::answers::{Answers, Item};

/// A table of words with its heading.
pub(super) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A file of the shared data (`shared/data/psychometrics`, in any folder above); none, said on stderr,
    /// where it is not there.
    pub(super) fn shared(test: &str, file: &str) -> Option<Table> {
        let text = crate::clv::tests::data::shared(test, &format!("psychometrics/{file}"))?;
        let mut lines =
            text.lines().map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()));
        let heading = lines.next()?.collect();
        Some(Table { heading, rows: lines.map(Iterator::collect).collect() })
    }

    /// The rows that have a value in all of these columns.
    pub(super) fn complete(mut self, columns: &[&str]) -> Table {
        let places: Vec<usize> = columns.iter().map(|column| self.place(column)).collect();
        self.rows.retain(|row| places.iter().all(|place| row[*place] != "NA"));
        self
    }

    /// The first columns as items: their words in alphabetical order are the categories.
    pub(super) fn answers(&self, n_items: usize) -> Answers {
        let columns: Vec<(Vec<Option<u16>>, usize)> = (0..n_items)
            .map(|place| {
                let cells = || self.rows.iter().map(move |row| row[place].as_str());
                let words: std::collections::BTreeSet<&str> = cells().filter(|word| *word != "NA").collect();
                let code = |word: &str| words.iter().position(|other| *other == word).map(|code| code as u16);
                (cells().map(code).collect(), words.len())
            })
            .collect();
        let items: Vec<Item<'_>> = columns
            .iter()
            .zip(&self.heading)
            .map(|((answers, n), name)| Item { name, n_categories: *n, answers })
            .collect();
        Answers::new(&items).unwrap()
    }

    /// A column of numbers.
    pub(super) fn numbers(&self, column: &str) -> Vec<f64> {
        let place = self.place(column);
        self.rows.iter().map(|row| row[place].parse().unwrap()).collect()
    }

    fn place(&self, column: &str) -> usize {
        self.heading.iter().position(|name| name == column).unwrap()
    }
}
