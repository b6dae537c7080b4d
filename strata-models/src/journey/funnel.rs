//! How many customers go through steps in their order, and where they drop off.

use rayon::prelude::*;

use super::error::{JourneyError, divided, same_length};
use crate::proportion::wilson;

/// More steps than this are refused.
pub const MOST_STEPS: usize = 32;

/// Events of steps as columns: customer `c` has the rows `ends[c − 1]..ends[c]`, ascending by time and, at one time, by step. What is no
/// step of the funnel is left out beforehand; an event that is two steps stands there twice.
#[derive(Debug, Clone, Copy)]
pub struct FunnelEvents<'a> {
    /// Where each customer's rows end.
    pub ends: &'a [usize],
    /// When, in any unit.
    pub times: &'a [i64],
    /// Which step, from 0.
    pub steps: &'a [u8],
}

/// What became of the customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// By step.
    pub steps: Vec<FunnelStep>,
    /// By customer: how many steps were reached at best.
    pub reached: Vec<u8>,
}

/// One step of a funnel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelStep {
    /// How many customers reached it.
    pub n_customers: u64,
    /// Their share of those who reached the step before; of the first step, of all customers. None of nobody.
    pub conversion: Option<f64>,
    /// Between these that share lies with 95 % confidence (Wilson).
    pub conversion_interval: Option<(f64, f64)>,
    /// Their share of those who reached the first step.
    pub conversion_from_first: Option<f64>,
    /// Between these that share lies with 95 % confidence (Wilson).
    pub conversion_from_first_interval: Option<(f64, f64)>,
    /// How many of those who reached the step before did not reach this one; of the first step, of all customers.
    pub n_dropped: u64,
    /// The median of the time from the step before, in the unit of the times; none of the first step, or of nobody.
    pub median_time: Option<f64>,
}

/// Follows each customer through `n_steps` steps in their order, with any events between them, all within `window` of the first one (a step
/// at just that distance counts). A customer counts once, at the furthest step that any beginning leads to, as in ClickHouse's
/// `windowFunnel`; events of one time are in the order of their steps. Times between steps are those of the attempt that first came
/// furthest, begun as late as it could be. Linear in events.
///
/// Refuses rows that are not ascending, unknown steps, a negative window, and more than [`MOST_STEPS`] steps.
pub fn funnel(events: &FunnelEvents<'_>, n_steps: usize, window: i64) -> Result<Funnel, JourneyError> {
    if n_steps == 0 || n_steps > MOST_STEPS {
        let (value, hint) = (n_steps as f64, "give 1 to 32 steps");
        return Err(JourneyError::Option { option: "steps", value, hint });
    }
    if window < 0 {
        let (value, hint) = (window as f64, "give 0 or more, in the unit of the times");
        return Err(JourneyError::Option { option: "window", value, hint });
    }
    same_length("steps", events.steps.len(), events.times.len())?;
    divided(events.ends, events.times.len())?;
    let chunks: Vec<usize> = (0..events.ends.len()).step_by(CUSTOMERS_AT_ONCE).collect();
    let parts: Vec<Part> = chunks
        .into_par_iter()
        .map(|first| Part::of(events, first, n_steps, window))
        .collect::<Result<_, JourneyError>>()?;
    Ok(together(parts, n_steps))
}

/// So many customers are followed in one go.
const CUSTOMERS_AT_ONCE: usize = 8192;

/// Some customers: what each reached, and the times from step to step.
struct Part {
    reached: Vec<u8>,
    took: Vec<Vec<i64>>,
}

impl Part {
    fn of(
        events: &FunnelEvents<'_>,
        first: usize,
        n_steps: usize,
        window: i64,
    ) -> Result<Part, JourneyError> {
        let ends = &events.ends[first..events.ends.len().min(first + CUSTOMERS_AT_ONCE)];
        let mut part = Part { reached: Vec::with_capacity(ends.len()), took: vec![vec![]; n_steps - 1] };
        let mut begin = if first == 0 { 0 } else { events.ends[first - 1] };
        let mut attempts = Attempts::new(n_steps);
        for (place, end) in ends.iter().enumerate() {
            let (times, steps) = (&events.times[begin..*end], &events.steps[begin..*end]);
            check_rows(times, steps, n_steps, first + place, begin)?;
            let way = attempts.furthest(times, steps, window);
            for (took, pair) in part.took.iter_mut().zip(way.windows(2)) {
                took.push(pair[1].saturating_sub(pair[0]));
            }
            part.reached.push(way.len() as u8);
            begin = *end;
        }
        Ok(part)
    }
}

fn check_rows(
    times: &[i64],
    steps: &[u8],
    n_steps: usize,
    customer: usize,
    begin: usize,
) -> Result<(), JourneyError> {
    if let Some(row) = steps.iter().position(|step| usize::from(*step) >= n_steps) {
        let (row, code) = (begin + row, usize::from(steps[row]));
        return Err(JourneyError::Code { column: "steps", row, code, n_codes: n_steps });
    }
    let is_before = |row: &usize| (times[*row], steps[*row]) < (times[row - 1], steps[row - 1]);
    if let Some(row) = (1..times.len()).find(is_before) {
        let (reason, hint) = ("the event is before the one above it", "sort by customer, time and step");
        return Err(JourneyError::Rows { customer, row: begin + row, reason, hint });
    }
    Ok(())
}

/// For each step the attempt that reached it and began last: whatever an earlier one can still do, this one can too.
struct Attempts {
    n_steps: usize,
    /// By step, the times of its attempt up to it.
    ways: Vec<i64>,
    /// How many of the steps have one.
    n_reached: usize,
    /// The attempt that first came furthest.
    furthest: Vec<i64>,
}

impl Attempts {
    fn new(n_steps: usize) -> Attempts {
        let ways = vec![0; n_steps * n_steps];
        Attempts { n_steps, ways, n_reached: 0, furthest: Vec::with_capacity(n_steps) }
    }

    /// The times at which one customer reached the steps, in order.
    fn furthest(&mut self, times: &[i64], steps: &[u8], window: i64) -> &[i64] {
        (self.n_reached, _) = (0, self.furthest.clear());
        for (time, step) in times.iter().zip(steps) {
            let step = usize::from(*step);
            let own = step * self.n_steps;
            if step > 0 {
                let before = own - self.n_steps;
                // A step is reached only after all before it.
                if step > self.n_reached || *time > self.ways[before].saturating_add(window) {
                    continue;
                }
                self.ways.copy_within(before..before + step, own);
            }
            self.ways[own + step] = *time;
            if step == self.n_reached {
                self.n_reached += 1;
                self.furthest.clear();
                self.furthest.extend_from_slice(&self.ways[own..=own + step]);
                if self.n_reached == self.n_steps {
                    break;
                }
            }
        }
        &self.furthest
    }
}

fn together(parts: Vec<Part>, n_steps: usize) -> Funnel {
    let mut reached = Vec::with_capacity(parts.iter().map(|part| part.reached.len()).sum());
    let mut took: Vec<Vec<i64>> = vec![vec![]; n_steps - 1];
    for part in parts {
        reached.extend(part.reached);
        took.iter_mut().zip(part.took).for_each(|(all, own)| all.extend(own));
    }
    let mut n_at = vec![0_u64; n_steps + 1];
    reached.iter().for_each(|n| n_at[usize::from(*n)] += 1);
    // Who reached a step reached those before it.
    for step in (0..n_steps).rev() {
        n_at[step] += n_at[step + 1];
    }
    let medians: Vec<Option<f64>> = std::iter::once(None)
        .chain(took.par_iter_mut().map(|took| median(took)).collect::<Vec<_>>())
        .collect();
    let share = |n: u64, of: u64| (of > 0).then(|| n as f64 / of as f64);
    let steps = n_at.windows(2).zip(medians).map(|(pair, median_time)| {
        let (before, n, first) = (pair[0], pair[1], n_at[1]);
        FunnelStep {
            n_customers: n,
            conversion: share(n, before),
            conversion_interval: wilson(n, before),
            conversion_from_first: share(n, first),
            conversion_from_first_interval: wilson(n, first),
            n_dropped: before - n,
            median_time,
        }
    });
    Funnel { steps: steps.collect(), reached }
}

/// The median, of an even number the middle between both.
fn median(values: &mut [i64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable(middle);
    let upper = *upper as f64;
    let lower = below.iter().max().filter(|_| is_even).map_or(upper, |lower| *lower as f64);
    Some(lower.midpoint(upper))
}
