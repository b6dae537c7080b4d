//! From memberships to episodes, which are runs in one stage, and to paths with what came of them.

use super::chain::{CONVERTED, Counts, LOST, To};
use super::error::{JourneyError, countable, divided, same_length};
use super::paths::{Outcome, Paths};

/// Memberships in stages as columns: customer `c` has the rows `ends[c − 1]..ends[c]`, in the order of time. Times are in any unit.
#[derive(Debug, Clone, Copy)]
pub struct Memberships<'a> {
    /// Where each customer's rows end.
    pub ends: &'a [usize],
    /// The stage, a code from 0.
    pub stages: &'a [u16],
    /// When it was entered.
    pub entered: &'a [i64],
    /// When it was left; none where it has not been.
    pub left: &'a [Option<i64>],
    /// When the customer last did anything, up to the end of the membership; without this column nobody falls silent.
    pub last_event: Option<&'a [i64]>,
}

/// What is needed besides memberships.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpisodeRules<'a> {
    /// How many stages there are.
    pub n_stages: usize,
    /// The instant of the run: open memberships have lasted until here.
    pub as_of: i64,
    /// How many of the times' units make one of the durations', such as 86,400,000,000 microseconds a day.
    pub unit: i64,
    /// A customer is lost after so long without an event, in the times' unit, such as 90 days.
    pub lost_after: Option<i64>,
    /// The stages in which one can be lost: those before a purchase.
    pub losable: &'a [u16],
}

/// How an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Another stage, or the same one after a time in none, came next.
    Next(u16),
    /// The customer fell silent.
    Lost,
    /// It has not ended.
    Open,
    /// The customer left all stages and was not seen again, as when their data are deleted: nothing is known of what followed.
    Gone,
}

impl End {
    /// Whether the episode was seen to end; if not, its duration is censored.
    pub fn is_seen(self) -> bool {
        matches!(self, End::Next(_) | End::Lost)
    }
}

/// Episodes as columns, by customer and time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Episodes {
    /// How many stages there are.
    pub n_stages: usize,
    /// Whose.
    pub customers: Vec<u32>,
    /// The stage.
    pub stages: Vec<u16>,
    /// When it was entered, in the times' unit.
    pub entered: Vec<i64>,
    /// How long it lasted or has lasted, in the durations' unit.
    pub elapsed: Vec<f64>,
    /// How it ended.
    pub ends: Vec<End>,
}

/// Makes episodes: memberships of one stage that touch are one. One in which the customer fell silent ends then, and is lost; the silence
/// itself belongs to no episode.
///
/// Refuses columns of unequal lengths, unknown stages, memberships that end before they begin, overlap, follow an open one or reach
/// beyond `as_of`, and rules out of their range.
pub fn episodes(memberships: &Memberships<'_>, rules: &EpisodeRules<'_>) -> Result<Episodes, JourneyError> {
    check(memberships, rules)?;
    let mut losable = vec![false; rules.n_stages];
    rules.losable.iter().for_each(|stage| losable[usize::from(*stage)] = true);
    let mut made = Episodes { n_stages: rules.n_stages, ..Episodes::default() };
    let mut begin = 0;
    for (customer, end) in memberships.ends.iter().enumerate() {
        let mut row = begin;
        while row < *end {
            let last = check_run(memberships, rules, customer, row, *end)?;
            let stage = memberships.stages[row];
            let left = memberships.left[last];
            let lost = rules
                .lost_after
                .zip(memberships.last_event)
                .filter(|_| losable[usize::from(stage)])
                .map(|(after, events)| events[last].max(memberships.entered[row]).saturating_add(after))
                .filter(|lost| *lost <= left.unwrap_or(rules.as_of));
            let (until, how) = match (lost, left, memberships.stages[..*end].get(last + 1)) {
                (Some(lost), _, _) => (lost, End::Lost),
                (None, Some(left), Some(next)) => (left, End::Next(*next)),
                (None, Some(left), None) => (left, End::Gone),
                (None, None, _) => (rules.as_of, End::Open),
            };
            made.customers.push(customer as u32);
            made.stages.push(stage);
            made.entered.push(memberships.entered[row]);
            made.elapsed.push(until.saturating_sub(memberships.entered[row]) as f64 / rules.unit as f64);
            made.ends.push(how);
            row = last + 1;
        }
        begin = *end;
    }
    Ok(made)
}

/// The last row of the run in one stage that begins at `row`, with its rows checked, and that what follows does not overlap it.
fn check_run(
    memberships: &Memberships<'_>,
    rules: &EpisodeRules<'_>,
    customer: usize,
    row: usize,
    end: usize,
) -> Result<usize, JourneyError> {
    let refused = |row, reason, hint| Err(JourneyError::Rows { customer, row, reason, hint });
    let mut last = row;
    loop {
        let left = memberships.left[last];
        if left.unwrap_or(rules.as_of) < memberships.entered[last] {
            return refused(
                last,
                "the membership ends before it begins",
                "correct it, or run as of a later time",
            );
        }
        if left.is_some_and(|left| left > rules.as_of) {
            return refused(last, "the membership ends after the instant of the run", "leave its end open");
        }
        let next = last + 1;
        if next == end {
            return Ok(last);
        }
        let Some(left) = left else {
            return refused(next, "the membership follows one that is still open", "end the one above it");
        };
        if memberships.entered[next] < left {
            let hint = "one customer is in one stage at a time: end the one above it earlier";
            return refused(next, "the membership begins before the one above it ends", hint);
        }
        if memberships.entered[next] > left || memberships.stages[next] != memberships.stages[row] {
            return Ok(last);
        }
        last = next;
    }
}

fn check(memberships: &Memberships<'_>, rules: &EpisodeRules<'_>) -> Result<(), JourneyError> {
    let n = memberships.stages.len();
    same_length("entered", memberships.entered.len(), n)?;
    same_length("left", memberships.left.len(), n)?;
    same_length("last_event", memberships.last_event.map_or(n, <[i64]>::len), n)?;
    divided(memberships.ends, n)?;
    if u32::try_from(memberships.ends.len()).is_err() {
        let (value, hint) = (memberships.ends.len() as f64, "divide the customers into parts");
        return Err(JourneyError::Option { option: "customers", value, hint });
    }
    known("stages", memberships.stages, rules.n_stages)?;
    known("losable", rules.losable, rules.n_stages)?;
    if rules.unit <= 0 {
        let (option, value) = ("unit", rules.unit as f64);
        return Err(JourneyError::Option { option, value, hint: "give more than 0" });
    }
    match rules.lost_after {
        Some(after) if after < 0 => {
            let (option, value) = ("lost_after", after as f64);
            Err(JourneyError::Option { option, value, hint: "give 0 or more" })
        }
        _ => Ok(()),
    }
}

fn known(column: &'static str, stages: &[u16], n_codes: usize) -> Result<(), JourneyError> {
    match stages.iter().position(|stage| usize::from(*stage) >= n_codes) {
        Some(row) => Err(JourneyError::Code { column, row, code: usize::from(stages[row]), n_codes }),
        None => Ok(()),
    }
}

/// The stages with which a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absorbing<'a> {
    /// With these it has converted: the first purchase, and all that follow it, since the first may not have been seen.
    pub converted: &'a [u16],
    /// With these it is lost.
    pub lost: &'a [u16],
}

/// Paths of customers up to their outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    /// The paths.
    pub paths: Paths,
    /// Whose each is. One who was lost and came back has several.
    pub customers: Vec<u32>,
    /// How many had converted when they were first seen, and have no path.
    pub n_converted_before: usize,
}

impl Episodes {
    /// Which episodes were seen to end; see [`End::is_seen`].
    pub fn ended(&self) -> Vec<bool> {
        self.ends.iter().map(|end| end.is_seen()).collect()
    }

    /// The paths of customers through stages up to the first outcome. After a conversion nothing counts any more; after a loss a new path
    /// begins. `weights` are of customers; without them each counts 1.
    pub fn histories(
        &self,
        absorbing: &Absorbing<'_>,
        weights: Option<&[f64]>,
    ) -> Result<Histories, JourneyError> {
        let (mut steps, mut ends, mut outcomes, mut customers) = (vec![], vec![], vec![], vec![]);
        let n_converted_before = self.walk(absorbing, |part| match part {
            Part::Episode { row, .. } => steps.push(self.stages[row]),
            Part::Outcome { customer, outcome, .. } => {
                ends.push(steps.len());
                outcomes.push(outcome);
                customers.push(customer);
            }
        })?;
        let of_path =
            |weights: &[f64]| customers.iter().map(|customer| weights[*customer as usize]).collect();
        self.check_weights(weights)?;
        let paths = Paths::new(self.n_stages, ends, steps, outcomes, weights.map(of_path))?;
        Ok(Histories { paths, customers, n_converted_before })
    }

    /// The transitions of [`Episodes::histories`] counted tick by tick, so that the chain's steps are ticks: an episode that lasted d ticks
    /// (rounded, at least 1) was followed by itself d − 1 times and then left; an open one was followed by itself for every full tick.
    /// `tick` is in the durations' unit. Outcomes are those of [`Counts::of_paths`].
    pub fn counts_by_tick(
        &self,
        absorbing: &Absorbing<'_>,
        tick: f64,
        weights: Option<&[f64]>,
    ) -> Result<Counts, JourneyError> {
        if !(tick.is_finite() && tick > 0.0) {
            return Err(JourneyError::Option { option: "tick", value: tick, hint: "give more than 0, as 1" });
        }
        self.check_weights(weights)?;
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[self.customers[row] as usize]);
        let mut counts = Counts::new(self.n_stages, 2)?;
        self.walk(absorbing, |part| match part {
            Part::Episode { row, before } => {
                let stage = usize::from(self.stages[row]);
                if let Some(before) = before {
                    counts.put(usize::from(before), To::Stage(stage), weight(row));
                }
                let ticks = self.elapsed[row] / tick;
                let stays =
                    if self.ends[row].is_seen() { (ticks.round() - 1.0).max(0.0) } else { ticks.floor() };
                counts.put(stage, To::Stage(stage), stays * weight(row));
            }
            Part::Outcome { row, outcome, .. } => match outcome {
                Outcome::Converted => {
                    counts.put(self.stages[row].into(), To::Outcome(CONVERTED), weight(row))
                }
                Outcome::Lost => counts.put(self.stages[row].into(), To::Outcome(LOST), weight(row)),
                Outcome::Open => {}
            },
        })?;
        Ok(counts)
    }

    fn check_weights(&self, weights: Option<&[f64]>) -> Result<(), JourneyError> {
        let Some(weights) = weights else { return Ok(()) };
        countable("weights", weights)?;
        let n = self.customers.last().map_or(0, |last| *last as usize + 1);
        if weights.len() < n { same_length("weights", weights.len(), n) } else { Ok(()) }
    }

    /// Goes along the paths; how many customers had converted before.
    fn walk(&self, absorbing: &Absorbing<'_>, mut each: impl FnMut(Part)) -> Result<usize, JourneyError> {
        known("converted", absorbing.converted, self.n_stages)?;
        known("lost", absorbing.lost, self.n_stages)?;
        let mut ending = vec![None; self.n_stages];
        absorbing.lost.iter().for_each(|stage| ending[usize::from(*stage)] = Some(Outcome::Lost));
        absorbing.converted.iter().for_each(|stage| ending[usize::from(*stage)] = Some(Outcome::Converted));
        let mut n_converted_before = 0;
        let mut begin = 0;
        for of_customer in self.customers.chunk_by(|one, other| one == other) {
            let rows = begin..begin + of_customer.len();
            begin = rows.end;
            let customer = of_customer[0];
            // The episode that the path has come to.
            let mut at: Option<usize> = None;
            let mut n_paths = 0;
            for row in rows {
                let stage = self.stages[row];
                if let Some(outcome) = ending[usize::from(stage)] {
                    if let Some(row) = at.take() {
                        each(Part::Outcome { customer, row, outcome });
                        n_paths += 1;
                    } else if outcome == Outcome::Converted && n_paths == 0 {
                        n_converted_before += 1;
                    }
                    if outcome == Outcome::Converted {
                        break;
                    }
                    continue;
                }
                each(Part::Episode { row, before: at.map(|before| self.stages[before]) });
                at = Some(row);
                if self.ends[row] == End::Lost {
                    each(Part::Outcome { customer, row, outcome: Outcome::Lost });
                    n_paths += 1;
                    at = None;
                }
            }
            if let Some(row) = at {
                each(Part::Outcome { customer, row, outcome: Outcome::Open });
            }
        }
        Ok(n_converted_before)
    }
}

/// What a walk along paths comes by.
enum Part {
    /// An episode, and the stage before it in the same path.
    Episode { row: usize, before: Option<u16> },
    /// The end of the path, at this last episode.
    Outcome { customer: u32, row: usize, outcome: Outcome },
}
