//! Who has been in a stage for longer than others were, and is not moving.

use rayon::prelude::*;

use super::error::{JourneyError, countable, same_length};
use super::survival::kaplan_meier::kaplan_meier;

/// When an episode is stuck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StuckRules {
    /// The share of episodes that has ended by the time from which on one is stuck.
    pub late: f64,
    /// The share that has ended by the time for which nothing must have happened.
    pub early: f64,
    /// That time is at least this, in the unit of the durations.
    pub least_quiet: f64,
    /// A stage with fewer episodes says nothing.
    pub fewest_episodes: usize,
}

impl Default for StuckRules {
    /// Longer than three of four, and nothing for as long as the quickest quarter took, at least 7 days; of 30 episodes or more.
    fn default() -> StuckRules {
        StuckRules { late: 0.75, early: 0.25, least_quiet: 7.0, fewest_episodes: 30 }
    }
}

/// Episodes as columns.
#[derive(Debug, Clone, Copy)]
pub struct StuckInput<'a> {
    /// The stage of each, from 0.
    pub stages: &'a [u16],
    /// How long each lasted, or has lasted, in days or whatever the rules are in.
    pub elapsed: &'a [f64],
    /// Whether each has ended, wherever to; one that has not is censored.
    pub ended: &'a [bool],
    /// For how long nothing has happened that leads forward; none where nothing ever has. Not read where the episode has ended.
    pub quiet: &'a [Option<f64>],
}

/// Who is stuck, and by what thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    /// By stage.
    pub stages: Vec<StageVerdict>,
    /// The rows of the episodes that are stuck, ascending.
    pub episodes: Vec<usize>,
}

/// What can be said of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StageVerdict {
    /// It has too few episodes for thresholds.
    TooFew {
        /// How many it has, ended or not.
        n_episodes: usize,
    },
    /// Fewer have been seen to end than the thresholds are made of.
    NotReached {
        /// How many episodes it has, ended or not.
        n_episodes: usize,
        /// How many of them have not ended.
        n_open: usize,
    },
    /// It has thresholds.
    Judged {
        /// How many episodes it has, ended or not.
        n_episodes: usize,
        /// How many of them have not ended.
        n_open: usize,
        /// Longer than this is late: a quantile of Kaplan and Meier's curve.
        late_after: f64,
        /// For longer than this nothing must have happened.
        quiet_after: f64,
        /// How many of the open ones are stuck: the length of the list.
        n_stuck: usize,
    },
}

/// Finds the open episodes that are late and quiet. Refuses columns of unequal lengths, unknown stages, durations that are negative or no
/// numbers, and rules out of their range.
pub fn stuck(input: &StuckInput<'_>, n_stages: usize, rules: &StuckRules) -> Result<Stuck, JourneyError> {
    check(input, n_stages, rules)?;
    let mut rows_of: Vec<Vec<usize>> = vec![vec![]; n_stages];
    for (row, stage) in input.stages.iter().enumerate() {
        rows_of[usize::from(*stage)].push(row);
    }
    let judged: Vec<(StageVerdict, Vec<usize>)> =
        rows_of.par_iter().map(|rows| judge(input, rows, rules)).collect::<Result<_, _>>()?;
    let (stages, lists): (Vec<StageVerdict>, Vec<Vec<usize>>) = judged.into_iter().unzip();
    let mut episodes = lists.concat();
    episodes.sort_unstable();
    Ok(Stuck { stages, episodes })
}

fn judge(
    input: &StuckInput<'_>,
    rows: &[usize],
    rules: &StuckRules,
) -> Result<(StageVerdict, Vec<usize>), JourneyError> {
    let n_episodes = rows.len();
    if n_episodes < rules.fewest_episodes.max(1) {
        return Ok((StageVerdict::TooFew { n_episodes }, vec![]));
    }
    let elapsed: Vec<f64> = rows.iter().map(|row| input.elapsed[*row]).collect();
    let ended: Vec<bool> = rows.iter().map(|row| input.ended[*row]).collect();
    let n_open = ended.iter().filter(|ended| !**ended).count();
    let curve = kaplan_meier(&elapsed, &ended, None)?;
    let (Some(late_after), Some(early)) = (curve.quantile(rules.late), curve.quantile(rules.early)) else {
        return Ok((StageVerdict::NotReached { n_episodes, n_open }, vec![]));
    };
    let quiet_after = early.max(rules.least_quiet);
    let is_stuck = |row: &usize| {
        let quiet = input.quiet[*row].is_none_or(|quiet| quiet > quiet_after);
        !input.ended[*row] && input.elapsed[*row] > late_after && quiet
    };
    let stuck: Vec<usize> = rows.iter().copied().filter(is_stuck).collect();
    let n_stuck = stuck.len();
    Ok((StageVerdict::Judged { n_episodes, n_open, late_after, quiet_after, n_stuck }, stuck))
}

fn check(input: &StuckInput<'_>, n_stages: usize, rules: &StuckRules) -> Result<(), JourneyError> {
    let n = input.stages.len();
    same_length("elapsed", input.elapsed.len(), n)?;
    same_length("ended", input.ended.len(), n)?;
    same_length("quiet", input.quiet.len(), n)?;
    countable("elapsed", input.elapsed)?;
    if let Some(row) = input.stages.iter().position(|stage| usize::from(*stage) >= n_stages) {
        let code = usize::from(input.stages[row]);
        return Err(JourneyError::Code { column: "stages", row, code, n_codes: n_stages });
    }
    let wrong = |quiet: &Option<f64>| quiet.is_some_and(|quiet| quiet.is_nan() || quiet < 0.0);
    if let Some(row) = input.quiet.iter().position(wrong) {
        let value = input.quiet[row].unwrap_or(f64::NAN);
        return Err(JourneyError::Value { column: "quiet", row, value });
    }
    for (option, value) in [("late", rules.late), ("early", rules.early)] {
        if !(value > 0.0 && value < 1.0) {
            return Err(JourneyError::Option { option, value, hint: "give a share between 0 and 1" });
        }
    }
    if rules.early > rules.late {
        let hint = "give at most the share that is late";
        return Err(JourneyError::Option { option: "early", value: rules.early, hint });
    }
    if !(rules.least_quiet.is_finite() && rules.least_quiet >= 0.0) {
        let (option, value) = ("least_quiet", rules.least_quiet);
        return Err(JourneyError::Option { option, value, hint: "give 0 or more, as 7" });
    }
    Ok(())
}
