//! The question that parts rows best.

use super::column::{Column, Values};
use super::condition::{Condition, Test};
use super::tree::has_missing;
use rayon::prelude::*;

/// A question to one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    /// The column's place.
    pub(super) column: usize,
    question: Question,
    /// Where a missing value goes; none where the column has none.
    missing: Option<Side>,
}

#[derive(Debug, Clone, PartialEq)]
enum Question {
    /// Left is below.
    Below(f64),
    /// Left are these levels, by their places.
    In(Vec<bool>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Split {
    pub(super) fn side(&self, column: &Column, row: usize) -> Side {
        let is_left = match (&self.question, &column.values) {
            (Question::Below(bound), Values::Numbers(values)) if !values[row].is_nan() => {
                values[row] < *bound
            }
            (Question::In(left), Values::Categories { of_rows, .. }) => match of_rows[row] {
                Some(level) => left[level as usize],
                None => self.missing == Some(Side::Left),
            },
            _ => self.missing == Some(Side::Left),
        };
        if is_left { Side::Left } else { Side::Right }
    }

    pub(super) fn threshold(&self) -> Option<f64> {
        if let Question::Below(threshold) = self.question { Some(threshold) } else { None }
    }

    pub(super) fn set_threshold(&mut self, threshold: f64) {
        if let Question::Below(bound) = &mut self.question {
            *bound = threshold;
        }
    }

    /// What a row has to meet to go to that side.
    pub(super) fn condition(&self, column: &Column, side: Side) -> Condition {
        let test = match (&self.question, &column.values) {
            (Question::In(left), Values::Categories { levels, .. }) => {
                let wanted = left.iter().zip(levels).filter(|(is_left, _)| **is_left == (side == Side::Left));
                Test::In(wanted.map(|(_, level)| level.clone()).collect())
            }
            (Question::Below(bound), _) if side == Side::Left => Test::Below(*bound),
            (Question::Below(bound), _) => Test::AtLeast(*bound),
            (Question::In(_), _) => Test::In(Vec::new()),
        };
        Condition { column: column.name.clone(), test, or_missing: self.missing == Some(side) }
    }
}

/// The split that makes two leaves purest, and by how much: the fall of Gini's impurity times weight,
/// `Σ_c l_c² / l + Σ_c r_c² / r − Σ_c w_c² / w`. None where no split leaves enough rows on both sides or helps.
pub(super) fn best_split(
    columns: &[Column],
    rows: &[usize],
    classes: &[usize],
    weights: &[f64],
    rows_of_leaf: usize,
) -> Option<(f64, Split)> {
    let found: Vec<Option<(f64, Split)>> = (0..columns.len())
        .into_par_iter()
        .map(|place| {
            let column = &columns[place];
            let mut missing = Group::empty(weights.len());
            rows.iter()
                .filter(|row| column.is_missing(**row))
                .for_each(|row| missing.add(classes[*row], weights));
            let groups = groups(column, rows, classes, weights);
            let mut best: Option<(f64, Split)> = None;
            for order in orders(&groups, &column.values, weights.len()) {
                let sweep = Sweep { groups: &groups, order: &order, missing: &missing, rows_of_leaf };
                let Some((gain, n_left, side)) = sweep.best(weights.len()) else { continue };
                if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                    let question = question(&groups, &order, n_left, &column.values);
                    let missing = has_missing(column).then_some(side);
                    best = Some((gain, Split { column: place, question, missing }));
                }
            }
            best
        })
        .collect();
    found.into_iter().flatten().reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// Rows with one value.
#[derive(Debug, Clone)]
struct Group {
    /// The number, or the place of the level.
    value: f64,
    n_rows: usize,
    of_class: Vec<f64>,
}

impl Group {
    fn empty(n_classes: usize) -> Group {
        Group { value: 0.0, n_rows: 0, of_class: vec![0.0; n_classes] }
    }

    fn add(&mut self, class: usize, weights: &[f64]) {
        self.n_rows += 1;
        self.of_class[class] += weights[class];
    }

    fn join(&mut self, other: &Group, sign: f64) {
        self.of_class.iter_mut().zip(&other.of_class).for_each(|(a, b)| *a += sign * b);
        self.n_rows = if sign > 0.0 { self.n_rows + other.n_rows } else { self.n_rows - other.n_rows };
    }

    /// `Σ_c w_c² / w`.
    fn purity(&self) -> f64 {
        let all: f64 = self.of_class.iter().sum();
        if all > 0.0 { self.of_class.iter().map(|w| w * w).sum::<f64>() / all } else { 0.0 }
    }
}

/// The rows with a value, those with the same one together, ascending.
fn groups(column: &Column, rows: &[usize], classes: &[usize], weights: &[f64]) -> Vec<Group> {
    let value = |row: usize| match &column.values {
        Values::Numbers(values) => values[row] + 0.0,
        Values::Categories { of_rows, .. } => of_rows[row].map_or(f64::NAN, f64::from),
    };
    let mut known: Vec<(f64, usize)> =
        rows.iter().map(|row| (value(*row), *row)).filter(|(value, _)| !value.is_nan()).collect();
    known.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let runs = known.chunk_by(|a, b| a.0 == b.0).map(|run| {
        let mut group = Group { value: run[0].0, ..Group::empty(weights.len()) };
        run.iter().for_each(|(_, row)| group.add(classes[*row], weights));
        group
    });
    runs.collect()
}

/// The orders in which groups are tried from left to right: that of numbers, and for categories one for each class, by its share.
fn orders(groups: &[Group], values: &Values, n_classes: usize) -> Vec<Vec<usize>> {
    if matches!(values, Values::Numbers(_)) {
        return vec![(0..groups.len()).collect()];
    }
    let share = |group: &Group, class: usize| group.of_class[class] / group.of_class.iter().sum::<f64>();
    let by_share = |class: usize| {
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by(|a, b| share(&groups[*b], class).total_cmp(&share(&groups[*a], class)).then(a.cmp(b)));
        order
    };
    (0..n_classes).map(by_share).collect()
}

struct Sweep<'a> {
    groups: &'a [Group],
    order: &'a [usize],
    missing: &'a Group,
    rows_of_leaf: usize,
}

impl Sweep<'_> {
    /// The best gain, how many groups are left then, and the side of rows without a value.
    fn best(&self, n_classes: usize) -> Option<(f64, usize, Side)> {
        let mut right = Group::empty(n_classes);
        self.groups.iter().for_each(|group| right.join(group, 1.0));
        let mut all = right.clone();
        all.join(self.missing, 1.0);
        let mut left = Group::empty(n_classes);
        let mut best: Option<(f64, usize, Side)> = None;
        for (place, group) in self.order.iter().enumerate().take(self.order.len().saturating_sub(1)) {
            left.join(&self.groups[*group], 1.0);
            right.join(&self.groups[*group], -1.0);
            let larger = if left.n_rows > right.n_rows { Side::Left } else { Side::Right };
            let sides = [larger, if larger == Side::Left { Side::Right } else { Side::Left }];
            for side in &sides[..if self.missing.n_rows > 0 { 2 } else { 1 }] {
                let (mut with, without) = match side {
                    Side::Left => (left.clone(), &right),
                    Side::Right => (right.clone(), &left),
                };
                with.join(self.missing, 1.0);
                if with.n_rows.min(without.n_rows) < self.rows_of_leaf {
                    continue;
                }
                let gain = with.purity() + without.purity() - all.purity();
                // What rounding leaves of no gain is none.
                if gain > 1e-9 * all.purity() && best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, place + 1, *side));
                }
            }
        }
        best
    }
}

fn question(groups: &[Group], order: &[usize], n_left: usize, values: &Values) -> Question {
    match values {
        Values::Numbers(_) => {
            let (below, above) = (groups[n_left - 1].value, groups[n_left].value);
            let middle = below / 2.0 + above / 2.0;
            // Of counts: 3 or more, not more than 2.5.
            let middle = if below.fract() == 0.0 && above.fract() == 0.0 { middle.ceil() } else { middle };
            Question::Below(if middle > below { middle } else { above })
        }
        Values::Categories { levels, .. } => {
            let mut left = vec![false; levels.len()];
            order[..n_left].iter().for_each(|group| left[groups[*group].value as usize] = true);
            Question::In(left)
        }
    }
}
