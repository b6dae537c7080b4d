//! Kano pairs: how people would feel with a feature and without it, and the table that reads both answers together.

use super::instrument::Choice;

/// The method, to be asked about features that a project names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kano {
    /// The question about having a feature; `{feature}` stands for it.
    pub functional_stem: String,
    /// The question about lacking it.
    pub dysfunctional_stem: String,
    /// What may be answered, valued from 1.
    pub answers: Vec<String>,
    /// The class for each functional answer (rows) and dysfunctional answer (columns): A, O, M, I, R or Q.
    pub table: Vec<Vec<char>>,
    /// The fewest answers that a class of a segment may rest on.
    pub min_n_per_segment: u64,
}

/// A feature that a project asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Its id, which its two questions carry.
    pub id: String,
    /// Its name, as it stands in a sentence.
    pub name: String,
}

/// In a stem: the feature.
pub const FEATURE: &str = "{feature}";

/// The classes of features: attractive, one-dimensional, must-be, indifferent, reverse, questionable.
pub const CLASSES: [char; 6] = ['A', 'O', 'M', 'I', 'R', 'Q'];

/// The word of a class, as tables and conditions have it.
pub fn class_word(class: char) -> Option<&'static str> {
    let words = ["attractive", "one_dimensional", "must_be", "indifferent", "reverse", "questionable"];
    CLASSES.iter().zip(words).find(|(known, _)| **known == class).map(|(_, word)| word)
}

/// The two questions about one feature, functional and dysfunctional, each with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KanoPair {
    /// The id and text of the question about having it.
    pub functional: (String, String),
    /// The id and text of the question about lacking it.
    pub dysfunctional: (String, String),
}

impl Feature {
    /// Whether a text can be the id of a feature: ids of questions and names of traits are made of it.
    pub fn is_id(text: &str) -> bool {
        let is_plain = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_';
        !text.is_empty() && text.chars().all(is_plain)
    }
}

impl Kano {
    /// What is wrong with the method: a stem without its feature, a table that is not square, or a class that does not exist.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, stem) in
            [("functional_stem", &self.functional_stem), ("dysfunctional_stem", &self.dysfunctional_stem)]
        {
            if !stem.contains(FEATURE) {
                faults.push(format!("`{name}` does not say `{FEATURE}`"));
            }
        }
        if self.functional_stem == self.dysfunctional_stem {
            faults.push("the two questions of a pair are the same".to_owned());
        }
        let n = self.answers.len();
        if n != 5 {
            faults.push(format!("there are {n} answers instead of 5"));
        }
        if self.table.len() != n || self.table.iter().any(|row| row.len() != n) {
            faults.push(format!("the table does not have {n} rows of {n} classes"));
        }
        for class in self.table.iter().flatten().filter(|class| !CLASSES.contains(class)) {
            faults.push(format!("the table has the class `{class}`, which does not exist"));
        }
        faults
    }

    /// The two questions about a feature.
    pub fn pair(&self, feature: &Feature) -> KanoPair {
        let question = |stem: &str, end: &str| {
            (format!("kano_{}_{end}", feature.id), stem.replace(FEATURE, &feature.name))
        };
        KanoPair {
            functional: question(&self.functional_stem, "with"),
            dysfunctional: question(&self.dysfunctional_stem, "without"),
        }
    }

    /// What may be answered.
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |(label, value): (&String, i64)| Choice { value, label: label.clone() };
        self.answers.iter().zip(1..).map(choice).collect()
    }

    /// The pairs of answers, valued from 1, that are read as a class: each functional answer with all dysfunctional ones.
    pub fn pairs_of(&self, class: char) -> Vec<(usize, Vec<usize>)> {
        let row = |(functional, row): (usize, &Vec<char>)| {
            let places = (1..).zip(row).filter(|(_, read)| **read == class).map(|(place, _)| place);
            (functional, places.collect::<Vec<usize>>())
        };
        (1..).zip(&self.table).map(row).filter(|(_, answers)| !answers.is_empty()).collect()
    }

    /// The class of two answers, valued from 1.
    pub fn class(&self, functional: usize, dysfunctional: usize) -> Option<char> {
        self.table.get(functional.checked_sub(1)?)?.get(dysfunctional.checked_sub(1)?).copied()
    }
}
