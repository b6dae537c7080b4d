//! Merging in thought: while a class is too small or is not told apart, or there are too many, the two that cost least are merged.
//! The last two stay as they are if anything at all tells them apart.

use std::sync::Arc;

use roaring::RoaringBitmap;
use strata_models::group::ward_cost;

use super::criterion::Verdict;
use super::differ::Comparison;
use super::ground::{Ground, Group};
use super::judge::{differentiable, size};
use super::words::count;

/// Up to so many classes each is held against every other; of more, against its neighbours.
const ALL_PAIRS: usize = 12;

/// Two that are merged.
pub(super) struct Step {
    pub(super) first: String,
    pub(super) second: String,
    /// What it costs, in squared standard deviations.
    pub(super) cost: f64,
    pub(super) reason: String,
}

/// Groups and how far any two are apart.
pub(super) struct Pairs<'g> {
    ground: &'g Ground<'g>,
    pub(super) groups: Vec<Group>,
    /// Whether any two are held against each other, however many there are.
    each_with_each: bool,
    comparisons: Vec<Vec<Option<Comparison>>>,
    costs: Vec<Vec<f64>>,
}

impl<'g> Pairs<'g> {
    pub(super) fn new(ground: &'g Ground<'g>, groups: Vec<Group>, each_with_each: bool) -> Pairs<'g> {
        let n = groups.len();
        let mut pairs = Pairs {
            ground,
            groups,
            each_with_each,
            comparisons: vec![vec![None; n]; n],
            costs: vec![vec![0.0; n]; n],
        };
        for place in 0..n {
            pairs.price(place);
        }
        pairs.compare();
        pairs
    }

    /// The groups that one is held against, with the comparisons; everybody else where there is no other.
    pub(super) fn others(&self, place: usize) -> Vec<(String, &Comparison)> {
        self.opposite(place)
            .filter_map(|other| {
                let comparison = self.comparisons[place.min(other)][place.max(other)].as_ref()?;
                Some((self.groups[other].name(), comparison))
            })
            .collect()
    }

    /// Merges until nothing is to be cured by it; what was merged, in order.
    pub(super) fn merged(mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while self.groups.len() > 1 {
            let faults: Vec<Option<String>> = (0..self.groups.len()).map(|place| self.fault(place)).collect();
            let is_crowded = self.groups.len() as u64 > self.ground.meter.max_classes;
            let is_faulty = |place: usize| faults[place].is_some();
            let any_faulty = faults.iter().any(Option::is_some);
            if !any_faulty && !is_crowded || self.are_apart() {
                break;
            }
            let all = (0..self.groups.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
            let eligible =
                all.filter(|(first, second)| !any_faulty || is_faulty(*first) || is_faulty(*second));
            let cost = |(first, second): &(usize, usize)| self.costs[*first][*second];
            let Some((first, second)) = eligible.min_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)))
            else {
                break;
            };
            let why = faults[first].clone().or_else(|| faults[second].clone());
            let reason = why.unwrap_or_else(|| {
                let most = count(self.ground.meter.max_classes);
                format!("{} are more than {most}", count(self.groups.len() as u64))
            });
            let (one, other) = (self.groups[first].name(), self.groups[second].name());
            steps.push(Step { first: one, second: other, cost: self.costs[first][second], reason });
            self.merge(first, second);
        }
        steps
    }

    /// What a merge would cure in a group.
    fn fault(&self, place: usize) -> Option<String> {
        let group = &self.groups[place];
        let (_, faults) = size(self.ground, group);
        if !faults.is_empty() {
            return Some(format!("{} {}", group.name(), faults.join(", and ")));
        }
        let others = self.others(place);
        let (judgement, _, alike) = differentiable(self.ground, &others);
        (judgement.verdict == Verdict::Failed)
            .then(|| format!("nothing tells {} from {}", group.name(), alike.unwrap_or_default()))
    }

    /// Whether two are left that differ, be it only in what they are made of: one class is no segmentation.
    fn are_apart(&self) -> bool {
        let differs = |comparison: &Comparison| {
            [&comparison.otherwise, &comparison.made_of]
                .iter()
                .any(|apart| apart.differs(self.ground.meter) == Some(true))
        };
        self.groups.len() == 2 && self.comparisons[0][1].as_ref().is_some_and(differs)
    }

    fn merge(&mut self, first: usize, second: usize) {
        let other = self.groups.remove(second);
        for table in &mut self.costs {
            table.remove(second);
        }
        self.costs.remove(second);
        for table in &mut self.comparisons {
            table.remove(second);
        }
        self.comparisons.remove(second);
        let own = &self.groups[first];
        self.groups[first] = union(self.ground, own, other);
        for place in 0..self.groups.len() {
            self.comparisons[first][place] = None;
            self.comparisons[place][first] = None;
        }
        self.price(first);
        self.compare();
    }

    /// Notes what it costs to merge a group with each other one.
    fn price(&mut self, place: usize) {
        for other in 0..self.groups.len() {
            let side = |at: usize| (&self.groups[at].sums, self.groups[at].n);
            let cost = ward_cost(side(place), side(other));
            self.costs[place][other] = cost;
            self.costs[other][place] = cost;
        }
    }

    /// Compares any two that are held against each other and have not been yet.
    fn compare(&mut self) {
        for place in 0..self.groups.len() {
            let later: Vec<usize> = self.opposite(place).filter(|other| *other > place).collect();
            for other in later {
                if self.comparisons[place][other].is_none() {
                    let found = self.ground.compare(&self.groups[place], &self.groups[other]);
                    self.comparisons[place][other] = Some(found);
                }
            }
        }
    }

    fn opposite(&self, place: usize) -> impl Iterator<Item = usize> + use<> {
        let n = self.groups.len();
        let all = self.each_with_each || n <= ALL_PAIRS;
        (0..n).filter(move |other| *other != place && (all || other.abs_diff(place) == 1))
    }
}

/// Two in one. Classes share nobody, segments may.
fn union(ground: &Ground, one: &Group, other: Group) -> Group {
    let names = one.names.iter().cloned().chain(other.names).collect();
    let mut rows = [one.rows.as_slice(), other.rows.as_slice()].concat();
    rows.sort_unstable();
    let n_rows = rows.len();
    rows.dedup();
    let sums = if rows.len() == n_rows { one.sums.with(&other.sums) } else { ground.sums(&rows) };
    let parts: Vec<RoaringBitmap> = one.parts.iter().zip(&other.parts).map(|(a, b)| a | b).collect();
    let n = if parts.is_empty() { one.n + other.n } else { parts.iter().map(RoaringBitmap::len).sum() };
    Group { names, n, rows, sums, made: Arc::new(one.made.or(&other.made)), parts }
}
