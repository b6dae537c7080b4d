//! What a definition is made of, of which it is no news that its members differ: classes cut by revenue differ in revenue.
//!
//! That is every trait and column that the definition speaks of, itself or through others; every trait computed from one of these or
//! from a figure that they use (`orders_90d` counts what `n_orders` counts, within a window); and every variable that says much the
//! same, by its correlation with one of these in the sample.

use std::collections::{BTreeMap, BTreeSet};

use strata_models::effect::cramers_v;
use strata_models::group::{MISSING, correlation};
use strata_spec::condition::references::Reference;
use strata_spec::definition::{Definitions, Score};

use super::uses::references;
use super::variables::Variables;
use crate::compile::User;

/// Correlations are taken over so many of the sample's rows; the first are a sample of the sample.
const ROWS: usize = 10_000;

/// By variable, whether it is part of what some definition is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Made {
    pub(super) numbers: Vec<bool>,
    pub(super) categories: Vec<bool>,
}

impl Made {
    /// What either of two is made of.
    pub(super) fn or(&self, other: &Made) -> Made {
        let either = |one: &[bool], other: &[bool]| one.iter().zip(other).map(|(a, b)| a | b).collect();
        Made {
            numbers: either(&self.numbers, &other.numbers),
            categories: either(&self.categories, &other.categories),
        }
    }
}

/// What definitions are made of.
pub(super) struct Makings<'a> {
    definitions: &'a Definitions,
    variables: &'a Variables,
    /// By figure, the definitions that use it.
    users: &'a BTreeMap<String, BTreeSet<User>>,
    /// The columns and traits that each trait speaks of.
    spoken_of: BTreeMap<&'a str, BTreeSet<String>>,
    max_correlation: f64,
    /// Of any two numbers, whether they say the same; and of any two categories.
    same_numbers: Vec<Vec<bool>>,
    same_categories: Vec<Vec<bool>>,
}

impl<'a> Makings<'a> {
    pub(super) fn new(
        definitions: &'a Definitions,
        users: &'a BTreeMap<String, BTreeSet<User>>,
        variables: &'a Variables,
        max_correlation: f64,
    ) -> Makings<'a> {
        let spoken_of = definitions.traits.iter().map(|(name, this)| {
            let columns = this.value.references().into_iter().filter_map(|(reference, _)| column(&reference));
            (name.as_str(), columns.collect())
        });
        let mut makings = Makings {
            definitions,
            variables,
            users,
            spoken_of: spoken_of.collect(),
            max_correlation,
            same_numbers: Vec::new(),
            same_categories: Vec::new(),
        };
        makings.same_numbers = pairs(variables.values.len(), |a, b| makings.are_same_numbers(a, b));
        makings.same_categories = pairs(variables.codes.len(), |a, b| makings.are_same_categories(a, b));
        makings
    }

    /// What a segment or segmentation is made of.
    pub(super) fn of(&self, kind: &'static str, name: &str) -> Made {
        let names = self.names(kind, name);
        let named = |of: &str| names.contains(of);
        let numbers: Vec<bool> = self.variables.numbers.iter().map(|number| named(&number.name)).collect();
        let categories: Vec<bool> = self.variables.categories.iter().map(|name| named(name)).collect();
        let with_same = |made: &[bool], same: &[Vec<bool>]| {
            let is_like =
                |place: usize| (0..made.len()).any(|other| made[other] && is_so(same, place, other));
            (0..made.len()).map(|place| made[place] || is_like(place)).collect()
        };
        Made {
            numbers: with_same(&numbers, &self.same_numbers),
            categories: with_same(&categories, &self.same_categories),
        }
    }

    /// The columns of the profile that it is made of.
    fn names(&self, kind: &'static str, name: &str) -> BTreeSet<String> {
        let (mut nodes, mut names) = (BTreeSet::new(), BTreeSet::new());
        self.visit((kind, name.to_owned()), &mut nodes, &mut names);
        let figures = self.users.iter().filter(|(_, users)| !users.is_disjoint(&nodes));
        for (figure, users) in figures {
            names.insert(figure.clone());
            let traits = users.iter().filter(|(kind, _)| *kind == "trait");
            names.extend(traits.map(|(_, name)| name.clone()));
        }
        // Whatever is computed from one of these is one of these, until nothing is added.
        loop {
            let is_new = |(name, columns): &(&&str, &BTreeSet<String>)| {
                !names.contains(**name) && !columns.is_disjoint(&names)
            };
            let more: Vec<String> =
                self.spoken_of.iter().filter(is_new).map(|(name, _)| (*name).to_owned()).collect();
            if more.is_empty() {
                return names;
            }
            names.extend(more);
        }
    }

    /// Notes a definition with all that it uses, and the columns that they speak of.
    fn visit(&self, node: User, nodes: &mut BTreeSet<User>, names: &mut BTreeSet<String>) {
        if !nodes.insert(node.clone()) {
            return;
        }
        let (kind, name) = (node.0, node.1.as_str());
        let spoken_of: Vec<Reference> = match kind {
            "trait" => self.definitions.traits.get(name).map(|this| this.value.references()),
            "segment" => self.definitions.segments.get(name).map(|this| this.condition.references()),
            "score" => self.definitions.scores.get(name).map(|this| {
                names.extend(this.columns().into_iter().map(str::to_owned));
                this.among.iter().flat_map(|among| among.references()).collect()
            }),
            _ => self.definitions.segmentations.get(name).map(|this| references(&this.classes)),
        }
        .unwrap_or_default()
        .into_iter()
        .map(|(reference, _)| reference)
        .collect();
        let score = self.definitions.scores.get(name).filter(|_| kind == "score");
        for layer in score.iter().flat_map(|score| score.how.layers()) {
            self.visit(("segmentation", layer.segmentation.to_string()), nodes, names);
        }
        for column in score.into_iter().flat_map(Score::columns) {
            if self.definitions.traits.contains_key(column) {
                self.visit(("trait", column.to_owned()), nodes, names);
            }
        }
        for reference in spoken_of {
            match &reference {
                Reference::Segment(name) => self.visit(("segment", name.to_string()), nodes, names),
                Reference::Class(name, _) => self.visit(("segmentation", name.to_string()), nodes, names),
                _ => {}
            }
            let Some(column) = column(&reference) else { continue };
            if self.definitions.traits.contains_key(column.as_str()) {
                self.visit(("trait", column.clone()), nodes, names);
            } else if self.definitions.scores.contains_key(column.as_str()) {
                self.visit(("score", column.clone()), nodes, names);
            }
            names.insert(column);
        }
    }

    fn are_same_numbers(&self, one: usize, other: usize) -> bool {
        let column = |place: usize| {
            let values = &self.variables.values[place];
            &values[..values.len().min(ROWS)]
        };
        correlation(column(one), column(other)).is_some_and(|r| r.abs() >= self.max_correlation)
    }

    fn are_same_categories(&self, one: usize, other: usize) -> bool {
        let ((one, n_one), (other, n_other)) = (&self.variables.codes[one], &self.variables.codes[other]);
        let mut table = vec![vec![0_u64; *n_other]; *n_one];
        let known = one.iter().zip(other).take(ROWS).filter(|(a, b)| **a != MISSING && **b != MISSING);
        known.for_each(|(a, b)| table[usize::from(*a)][usize::from(*b)] += 1);
        predicts(&table) >= self.max_correlation
    }
}

/// Cramér's V of a table of any size, by how each row differs from the others: the root of the mean square, divided as for squares.
fn predicts(table: &[Vec<u64>]) -> f64 {
    let n: u64 = table.iter().flatten().sum();
    let columns: Vec<u64> = (0..table.first().map_or(0, Vec::len))
        .map(|column| table.iter().map(|row| row[column]).sum())
        .collect();
    let n_rows = table.iter().filter(|row| row.iter().any(|count| *count > 0)).count();
    let n_columns = columns.iter().filter(|count| **count > 0).count();
    let least = n_rows.min(n_columns).saturating_sub(1);
    if n == 0 || least == 0 {
        return 0.0;
    }
    let mut chi_squared = 0.0;
    for row in table {
        let others: Vec<u64> = columns.iter().zip(row).map(|(all, own)| all - own).collect();
        // Of a row against the rest, χ² = n V²; rows weigh by the rest that they are held against.
        if let Some(found) = cramers_v(row, &others) {
            let n_row: u64 = row.iter().sum();
            chi_squared += found.chi_squared * (n - n_row) as f64 / n as f64;
        }
    }
    (chi_squared / (n as f64 * least as f64)).sqrt().min(1.0)
}

/// The column of the profile that a reference names.
fn column(reference: &Reference) -> Option<String> {
    match reference {
        Reference::Subject(name) | Reference::Property(name) => Some(name.clone()),
        Reference::Company(name) => Some(crate::compile::column_name::of_company(name)),
        _ => None,
    }
}

/// Of any two, the later first, whether something is so.
fn pairs(n: usize, is_so: impl Fn(usize, usize) -> bool) -> Vec<Vec<bool>> {
    (0..n).map(|one| (0..one).map(|other| is_so(one, other)).collect()).collect()
}

/// Whether it is so of these two, in whatever order.
fn is_so(pairs: &[Vec<bool>], one: usize, other: usize) -> bool {
    let found = pairs.get(one.max(other)).and_then(|row| row.get(one.min(other)));
    found.copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_association_of_a_table_is_that_of_its_definition() {
        // By hand: χ² of the whole table is 2 Σ… = n (Σ o² / (r c) − 1).
        let table = [vec![20, 5, 5], vec![5, 20, 5], vec![5, 5, 30]];
        let n = 100.0;
        let rows: Vec<f64> = table.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
        let columns: Vec<f64> =
            (0..3).map(|column| table.iter().map(|row| row[column]).sum::<u64>() as f64).collect();
        let squares: f64 = (0..3)
            .flat_map(|row| (0..3).map(move |column| (row, column)))
            .map(|(row, column)| (table[row][column] as f64).powi(2) / (rows[row] * columns[column]))
            .sum();
        let expected = ((n * (squares - 1.0)) / (n * 2.0)).sqrt();
        assert!((predicts(&table) - expected).abs() < 1e-12, "{} {expected}", predicts(&table));
        assert!((predicts(&[vec![5, 0], vec![0, 7]]) - 1.0).abs() < 1e-12);
        assert_eq!(predicts(&[vec![5, 0], vec![7, 0]]), 0.0);
        assert_eq!(predicts(&[]), 0.0);
    }
}
