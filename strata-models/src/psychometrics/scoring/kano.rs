//! Kano's method: what a feature is to people, from how they would feel with it and without it.
//!
//! Kano, N. et al. (1984). Attractive quality and must-be quality. Journal of the Japanese Society for Quality Control 14(2), 39–48.
//! Berger, C. et al. (1993). Kano's methods for understanding customer-defined quality. Center for Quality Management Journal 2(4).

use serde::{Deserialize, Serialize};

use crate::psychometrics::error::PsychometricsError;

/// What a feature is to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Category {
    /// Missed when it is not there, not noticed when it is.
    MustBe,
    /// The more the better.
    OneDimensional,
    /// A pleasure that nobody would miss.
    Attractive,
    /// All the same.
    Indifferent,
    /// Not wanted.
    Reverse,
    /// The two answers contradict each other.
    Questionable,
}

impl Category {
    /// Its word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::MustBe => "must_be",
            Category::OneDimensional => "one_dimensional",
            Category::Attractive => "attractive",
            Category::Indifferent => "indifferent",
            Category::Reverse => "reverse",
            Category::Questionable => "questionable",
        }
    }

    /// The category of a word.
    pub fn parse(word: &str) -> Option<Category> {
        CATEGORIES.into_iter().find(|category| category.as_str() == word)
    }
}

/// All categories; of equally frequent ones the earlier is taken.
const CATEGORIES: [Category; 6] = [
    Category::MustBe,
    Category::OneDimensional,
    Category::Attractive,
    Category::Indifferent,
    Category::Reverse,
    Category::Questionable,
];

/// The category of a pair of answers, each from 1 (I would like it) over 2 (expect), 3 (not care) and 4 (live with) to 5 (dislike it):
/// first to having the feature, then to not having it.
pub fn category(functional: u8, dysfunctional: u8) -> Result<Category, PsychometricsError> {
    for (option, answer) in [("functional", functional), ("dysfunctional", dysfunctional)] {
        if !(1..=5).contains(&answer) {
            let hint = "give an answer from 1 (like) to 5 (dislike)";
            return Err(PsychometricsError::Option { option, value: f64::from(answer), hint });
        }
    }
    Ok(match (functional, dysfunctional) {
        (1, 1) | (5, 5) => Category::Questionable,
        (1, 5) => Category::OneDimensional,
        (1, _) => Category::Attractive,
        (5, _) | (_, 1) => Category::Reverse,
        (_, 5) => Category::MustBe,
        _ => Category::Indifferent,
    })
}

/// How many people see a feature how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Must-be (M).
    pub must_be: u64,
    /// One-dimensional (O).
    pub one_dimensional: u64,
    /// Attractive (A).
    pub attractive: u64,
    /// Indifferent (I).
    pub indifferent: u64,
    /// Reverse (R).
    pub reverse: u64,
    /// Questionable (Q).
    pub questionable: u64,
}

/// From this share of questionable answers on, a question is bad.
pub const MOST_QUESTIONABLE: f64 = 0.10;

/// The fewest answers from which a feature is judged.
pub const FEWEST_ANSWERS: u64 = 30;

/// A category is clear where it leads the next by this share of all answers.
pub const LEAST_STRENGTH: f64 = 0.06;

impl Counts {
    /// Counts one more.
    pub fn push(&mut self, category: Category) {
        self.add(category, 1);
    }

    fn of_category(&mut self, category: Category) -> &mut u64 {
        match category {
            Category::MustBe => &mut self.must_be,
            Category::OneDimensional => &mut self.one_dimensional,
            Category::Attractive => &mut self.attractive,
            Category::Indifferent => &mut self.indifferent,
            Category::Reverse => &mut self.reverse,
            Category::Questionable => &mut self.questionable,
        }
    }

    /// Counts so many more.
    pub fn add(&mut self, category: Category, n: u64) {
        *self.of_category(category) += n;
    }

    /// Counts pairs of answers, (functional, dysfunctional) each.
    pub fn of(pairs: &[(u8, u8)]) -> Result<Counts, PsychometricsError> {
        let mut counts = Counts::default();
        for (functional, dysfunctional) in pairs {
            counts.push(category(*functional, *dysfunctional)?);
        }
        Ok(counts)
    }

    /// How many of a category.
    pub fn count(&self, category: Category) -> u64 {
        match category {
            Category::MustBe => self.must_be,
            Category::OneDimensional => self.one_dimensional,
            Category::Attractive => self.attractive,
            Category::Indifferent => self.indifferent,
            Category::Reverse => self.reverse,
            Category::Questionable => self.questionable,
        }
    }

    /// How many answered.
    pub fn n(&self) -> u64 {
        CATEGORIES.iter().map(|category| self.count(*category)).sum()
    }

    /// How much having it satisfies: `CS+ = (A + O) / (A + O + M + I)`, from 0 to 1; none where nobody is counted below.
    pub fn satisfaction(&self) -> Option<f64> {
        self.of_sure(self.attractive + self.one_dimensional)
    }

    /// How much lacking it dissatisfies: `CS− = −(O + M) / (A + O + M + I)`, from −1 to 0; none where nobody is counted below.
    pub fn dissatisfaction(&self) -> Option<f64> {
        self.of_sure(self.one_dimensional + self.must_be).map(|share| 0.0 - share)
    }

    fn of_sure(&self, part: u64) -> Option<f64> {
        let sure = self.attractive + self.one_dimensional + self.must_be + self.indifferent;
        (sure > 0).then(|| part as f64 / sure as f64)
    }

    /// The category of the feature: where M, O and A together outnumber I, R and Q the most frequent of those, otherwise of these; of
    /// equals the first in the order M, O, A, I. None of nobody.
    pub fn category(&self) -> Option<Category> {
        let (wanted, other) = CATEGORIES.split_at(3);
        let sum = |part: &[Category]| part.iter().map(|category| self.count(*category)).sum::<u64>();
        let part = if sum(wanted) > sum(other) { wanted } else { other };
        let most = part.iter().map(|category| self.count(*category)).max()?;
        let first = part.iter().copied().find(|category| self.count(*category) == most);
        first.filter(|_| self.n() > 0)
    }

    /// The lead of the most frequent category over the next, as a share of all; none of nobody.
    pub fn strength(&self) -> Option<f64> {
        let mut counts = CATEGORIES.map(|category| self.count(category));
        counts.sort_unstable();
        (self.n() > 0).then(|| (counts[5] - counts[4]) as f64 / self.n() as f64)
    }

    /// The share of answers that contradict each other; none of nobody.
    pub fn questionable_share(&self) -> Option<f64> {
        (self.n() > 0).then(|| self.questionable as f64 / self.n() as f64)
    }

    /// Whether the question should be worded anew.
    pub fn is_bad_question(&self) -> bool {
        self.questionable_share().is_some_and(|share| share > MOST_QUESTIONABLE)
    }

    /// Whether enough people answered for the figures to be shown.
    pub fn is_enough(&self) -> bool {
        self.n() >= FEWEST_ANSWERS
    }
}
