//! `strata run`: all stages, with progress.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::run::{Complete, Options, Progress, Reporter, Session, run as run_stages};

use super::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The date (midnight in the project's time zone) or time at which everything is evaluated; the manifest's, else now
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Allow a date before the last run's, whose later memberships are then forgotten
    #[arg(long)]
    rewind: bool,
    /// Show how long each stage took
    #[arg(long)]
    timings: bool,
    /// The outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let project = Project::open(folder)?;
    let as_of = match arguments.as_of.as_ref().or(project.manifest.as_of.as_ref()) {
        Some(text) => project.instant(text)?,
        None => now(),
    };
    let title = project.manifest.title.clone();
    let timezone = project.timezone;
    output::note(format!("{title}, as of {}", as_of.with_timezone(&timezone).format("%Y-%m-%d %H:%M %Z")));
    let watch = Watch::begin();
    let options = Options { as_of, rewind: arguments.rewind, session };
    let outcome = run_stages(project, options, watch.reporter()).await;
    let timings = watch.end();
    let complete = outcome?;
    if arguments.timings {
        for (stage, took) in timings {
            output::note(format!("{stage:<10} {:>8.2} s", took.as_secs_f64()));
        }
    }
    for (stage, summary) in &complete.summaries {
        for warning in &summary.warnings {
            output::note(format!("warning: {stage}: {warning}"));
        }
    }
    if arguments.json {
        return output::line(serde_json::to_string_pretty(&complete.json()).unwrap_or_default());
    }
    print(&complete)
}

fn print(complete: &Complete) -> Result<(), Error> {
    let fact = |stage: &str, name: &str| -> i64 {
        let summary = complete.summaries.get(stage);
        summary.and_then(|summary| summary.facts.get(name)).and_then(Value::as_i64).unwrap_or(0)
    };
    let files = fact("source", "n_files_read");
    let known = fact("source", "n_files_known");
    let rows = fact("source", "n_rows");
    output::line(format!("files       {files} read, {known} unchanged, {} rows", grouped(rows)))?;
    output::line(format!("rejected    {} rows", grouped(fact("canonical", "n_rejected"))))?;
    output::line(format!("customers   {}", grouped(fact("profile", "n_customers"))))?;
    if fact("profile", "n_companies") > 0 {
        output::line(format!("companies   {}", grouped(fact("profile", "n_companies"))))?;
    }
    output::line(format!(
        "traits      {}",
        fact("profile", "n_customer_traits") + fact("profile", "n_company_traits")
    ))?;
    let segmentations = fact("segment", "n_segmentations");
    output::line(format!("segments    {} and {segmentations} segmentations", fact("segment", "n_segments")))?;
    let entered = grouped(fact("segment", "n_entered"));
    output::line(format!("changes     {entered} entered, {} left", grouped(fact("segment", "n_left"))))?;
    output::line(format!("run         {}", complete.run_id))
}

/// A whole number with its thousands apart.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The one place that reads the clock.
#[expect(clippy::disallowed_methods, reason = "the edge, where a run gets its instant when nobody names one")]
pub(super) fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    DateTime::from_timestamp_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)).unwrap_or_default()
}

/// Shows how far the run is, and notes how long stages take.
struct Watch {
    bar: ProgressBar,
    state: Arc<Mutex<WatchState>>,
}

struct WatchState {
    stage_began: Instant,
    timings: Vec<(&'static str, Duration)>,
}

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "timings are shown, never stored")]
    fn begin() -> Watch {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::default_spinner());
        bar.enable_steady_tick(Duration::from_millis(120));
        Watch {
            bar,
            state: Arc::new(Mutex::new(WatchState { stage_began: Instant::now(), timings: Vec::new() })),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "timings are shown, never stored")]
    fn reporter(&self) -> Reporter {
        let (bar, state) = (self.bar.clone(), Arc::clone(&self.state));
        Arc::new(move |progress| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            match progress {
                Progress::Stage(stage) => {
                    state.stage_began = Instant::now();
                    bar.set_message(stage);
                }
                Progress::Reading { file, done, total } => {
                    let share = if total > 0 { done as f64 / total as f64 * 100.0 } else { 100.0 };
                    bar.set_message(format!("reading {file}: {share:.0} %"));
                }
                Progress::Done(stage) => {
                    let took = state.stage_began.elapsed();
                    state.timings.push((stage, took));
                }
            }
        })
    }

    fn end(self) -> Vec<(&'static str, Duration)> {
        self.bar.finish_and_clear();
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.timings.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
    }
}
