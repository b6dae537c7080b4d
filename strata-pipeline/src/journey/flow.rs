//! Who went from which stage to which, whether it matters from where they came, and where they end.

use serde::Serialize;
use strata_models::journey::chain::{CONVERTED, Counts, LOST};
use strata_models::journey::episodes::{Absorbing, End, Episodes, Histories};
use strata_models::journey::order::{choose_order, pairs};
use strata_models::journey::paths::Outcome;
use strata_models::proportion::wilson;

use super::history::History;
use super::target::{Role, Target};
use super::{Told, failed, one_date};
use crate::error::Result;

/// For so many moves the moves of all stages together count beside those of one: with few, nothing is certain, and nothing impossible.
const SMOOTHING: f64 = 1.0;
/// Of fewer ways that have come to an end it is not told where they end, and of fewer moves not where they lead by whence one came.
const FEWEST: u64 = 10;

/// Moves from stage to stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flow {
    /// How many moves there were.
    pub n_moves: u64,
    /// How many subjects moved at all.
    pub n_movers: u64,
    /// The moves by stage, in the order of the stages.
    pub moves: Vec<Move>,
    /// 1 where the stage alone says where one goes; 2 where it matters from which stage one came.
    pub order: u8,
    /// By how much the Bayesian information criterion of the second order is lower.
    pub bic_gain: f64,
    /// Where that matters: where one goes by whence one came.
    pub contexts: Vec<Context>,
}

/// The moves from one stage to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// The stage that was left.
    pub from: String,
    /// The next one.
    pub to: String,
    /// How many moves.
    pub n: u64,
    /// Their share of all moves out of that stage.
    pub share: f64,
    /// Between these the share lies with 95 % confidence (Wilson).
    pub interval: (f64, f64),
}

/// The moves from one stage to another of those who came from a third.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Context {
    /// The stage before; none of those who were first seen in the stage.
    pub before: Option<String>,
    /// The stage that was left.
    pub from: String,
    /// The next one.
    pub to: String,
    /// How many moves.
    pub n: u64,
    /// Their share of all moves out of that stage of those who came from there.
    pub share: f64,
}

/// Where ways end: an absorbing Markov chain over the stages between.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Absorbed {
    /// The stages with which the journey has led where it should.
    pub converted: Vec<String>,
    /// Those with which it leads nowhere any more.
    pub lost: Vec<String>,
    /// How many ways led where they should.
    pub n_converted: u64,
    /// How many were lost.
    pub n_lost: u64,
    /// How many have not come to an end.
    pub n_open: u64,
    /// How many subjects had been converted when they were first seen, and have no way.
    pub n_converted_before: u64,
    /// The order of the chain; at 2, a stage stands once for each stage from which one came.
    pub order: u8,
    /// From where one is.
    pub from: Vec<AbsorbedFrom>,
}

/// Where those end who are in a stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AbsorbedFrom {
    /// The stage.
    pub stage: String,
    /// The stage before, where that matters; none there of those who were first seen in the stage.
    pub before: Option<String>,
    /// How many stays in it the chain rests on.
    pub n: u64,
    /// The probability that the journey leads where it should.
    pub converted: f64,
    /// The probability that it is lost.
    pub lost: f64,
    /// How many moves it takes on average until either.
    pub moves: f64,
    /// The standard deviation of that number.
    pub moves_deviation: f64,
    /// How many days it takes on average, as far as dates tell; none where it matters from where one came.
    pub days: Option<f64>,
}

/// Counts moves.
pub(super) fn flow(target: &Target, history: &History, episodes: &Episodes) -> Result<Told<Flow>> {
    if history.dates.len() < 2 {
        return Ok(Told::unknown(one_date(history)));
    }
    let n_stages = target.stages.len();
    let mut counts = vec![vec![0_u64; n_stages]; n_stages];
    let mut movers = Vec::new();
    for ((stage, end), customer) in episodes.stages.iter().zip(&episodes.ends).zip(&episodes.customers) {
        if let End::Next(next) = end {
            counts[usize::from(*stage)][usize::from(*next)] += 1;
            movers.push(*customer);
        }
    }
    movers.dedup();
    let n_moves: u64 = counts.iter().flatten().sum();
    if n_moves == 0 {
        return Ok(Told::unknown("nobody has left a stage for another"));
    }
    let name = |stage: usize| target.stages[stage].name.clone();
    let mut moves = Vec::new();
    for (from, row) in counts.iter().enumerate() {
        let n_from: u64 = row.iter().sum();
        for (to, n) in row.iter().enumerate() {
            if let Some(interval) = wilson(*n, n_from).filter(|_| *n > 0) {
                let share = *n as f64 / n_from as f64;
                moves.push(Move { from: name(from), to: name(to), n: *n, share, interval });
            }
        }
    }
    let nowhere = Absorbing { converted: &[], lost: &[] };
    let whole = episodes.histories(&nowhere, None).map_err(failed)?;
    let choice = choose_order(&whole.paths).map_err(failed)?;
    let contexts = if choice.order == 2 { contexts(target, &whole)? } else { Vec::new() };
    let (order, bic_gain) = (choice.order, choice.gain);
    Ok(Told::Known(Flow { n_moves, n_movers: movers.len() as u64, moves, order, bic_gain, contexts }))
}

/// Moves by whence one came, where enough came from there.
fn contexts(target: &Target, whole: &Histories) -> Result<Vec<Context>> {
    let pairs = pairs(&whole.paths).map_err(failed)?;
    let mut counts: Vec<Vec<u64>> = vec![vec![0; target.stages.len()]; pairs.of_code.len()];
    for path in pairs.paths.iter() {
        for step in path.steps.windows(2) {
            let (_, to) = pairs.of_code[usize::from(step[1])];
            counts[usize::from(step[0])][usize::from(to)] += 1;
        }
    }
    let name = |stage: u16| target.stages[usize::from(stage)].name.clone();
    let mut contexts = Vec::new();
    for ((before, from), row) in pairs.of_code.iter().zip(&counts) {
        let n_from: u64 = row.iter().sum();
        if n_from < FEWEST {
            continue;
        }
        for (n, to) in row.iter().zip(0_u16..).filter(|(n, _)| **n > 0) {
            let share = *n as f64 / n_from as f64;
            contexts.push(Context {
                before: before.map(name),
                from: name(*from),
                to: name(to),
                n: *n,
                share,
            });
        }
    }
    contexts.sort_by_key(|context| {
        (target.code(&context.from), context.before.as_deref().and_then(|name| target.code(name)))
    });
    Ok(contexts)
}

/// Says where ways end.
pub(super) fn absorbed(target: &Target, history: &History, episodes: &Episodes) -> Result<Told<Absorbed>> {
    let (converted, lost) = (target.codes(Role::Converted), target.codes(Role::Lost));
    for (codes, option, what) in
        [(&converted, "--converted", "where the journey should lead"), (&lost, "--lost", "where it is lost")]
    {
        if codes.is_empty() {
            return Ok(Told::unknown(format!(
                "no class of `{}` is known as {what}: name it with {option}",
                target.name
            )));
        }
    }
    if history.dates.len() < 2 {
        return Ok(Told::unknown(one_date(history)));
    }
    let absorbing = Absorbing { converted: &converted, lost: &lost };
    let found = episodes.histories(&absorbing, None).map_err(failed)?;
    let n_of = |outcome: Outcome| found.paths.iter().filter(|path| path.outcome == outcome).count() as u64;
    let (n_converted, n_lost) = (n_of(Outcome::Converted), n_of(Outcome::Lost));
    if n_converted + n_lost < FEWEST {
        let n = n_converted + n_lost;
        return Ok(Told::unknown(format!("{n} ways were seen to come to an end, and {FEWEST} are needed")));
    }
    let order = choose_order(&found.paths).map_err(failed)?.order;
    let from = match order {
        2 => by_pair(target, &found)?,
        _ => by_stage(target, history, episodes, &absorbing, &found)?,
    };
    let names =
        |codes: &[u16]| codes.iter().map(|code| target.stages[usize::from(*code)].name.clone()).collect();
    Ok(Told::Known(Absorbed {
        converted: names(&converted),
        lost: names(&lost),
        n_converted,
        n_lost,
        n_open: n_of(Outcome::Open),
        n_converted_before: found.n_converted_before as u64,
        order,
        from,
    }))
}

fn by_stage(
    target: &Target,
    history: &History,
    episodes: &Episodes,
    absorbing: &Absorbing<'_>,
    found: &Histories,
) -> Result<Vec<AbsorbedFrom>> {
    let absorption = Counts::of_paths(&found.paths)
        .and_then(|counts| counts.probabilities(SMOOTHING))
        .and_then(|transitions| transitions.absorb())
        .map_err(failed)?;
    let n_of = visits(found.paths.iter().map(|path| path.steps), target.stages.len());
    // Stays that have not ended count from date to date, so that slow ways are not left out; and so do those that began before.
    let in_days = history.days_between().and_then(|tick| {
        let counts = episodes.counts_by_tick(absorbing, tick, None).ok()?;
        let ticks = counts.probabilities(SMOOTHING).and_then(|transitions| transitions.absorb()).ok()?;
        Some(ticks.expected_steps.into_iter().map(|ticks| ticks * tick).collect::<Vec<f64>>())
    });
    let stages = target.stages.iter().enumerate().filter(|(code, _)| n_of[*code] > 0);
    Ok(stages
        .map(|(code, stage)| AbsorbedFrom {
            stage: stage.name.clone(),
            before: None,
            n: n_of[code],
            converted: absorption.outcomes[code][CONVERTED],
            lost: absorption.outcomes[code][LOST],
            moves: absorption.expected_steps[code],
            moves_deviation: absorption.variance_of_steps[code].max(0.0).sqrt(),
            days: in_days.as_ref().map(|days| days[code]),
        })
        .collect())
}

fn by_pair(target: &Target, found: &Histories) -> Result<Vec<AbsorbedFrom>> {
    let pairs = pairs(&found.paths).map_err(failed)?;
    let absorption = Counts::of_paths(&pairs.paths)
        .and_then(|counts| counts.probabilities(SMOOTHING))
        .and_then(|transitions| transitions.absorb())
        .map_err(failed)?;
    let n_of = visits(pairs.paths.iter().map(|path| path.steps), pairs.of_code.len());
    let name = |stage: u16| target.stages[usize::from(stage)].name.clone();
    let mut order: Vec<usize> = (0..pairs.of_code.len()).collect();
    order.sort_by_key(|code| (pairs.of_code[*code].1, pairs.of_code[*code].0));
    Ok(order
        .into_iter()
        .map(|code| AbsorbedFrom {
            stage: name(pairs.of_code[code].1),
            before: pairs.of_code[code].0.map(name),
            n: n_of[code],
            converted: absorption.outcomes[code][CONVERTED],
            lost: absorption.outcomes[code][LOST],
            moves: absorption.expected_steps[code],
            moves_deviation: absorption.variance_of_steps[code].max(0.0).sqrt(),
            days: None,
        })
        .collect())
}

/// How often paths come by each code.
fn visits<'a>(paths: impl Iterator<Item = &'a [u16]>, n_codes: usize) -> Vec<u64> {
    let mut counts = vec![0; n_codes];
    paths.flatten().for_each(|code| counts[usize::from(*code)] += 1);
    counts
}
