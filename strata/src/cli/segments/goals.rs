//! `strata segments goals`: how far segments have come towards their goals.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::goal::{Progress, Status, read};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::lines;
use super::replay::course;
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(project: &Project, view: &View, arguments: Arguments) -> Result<(), Error> {
    if arguments.shape.json || arguments.shape.csv {
        let rows = view.sql("select * from goal_progress order by subject, segment, at").await?;
        return output::rows(rows, arguments.shape, None).await;
    }
    let goals = read(view).await?;
    if goals.is_empty() {
        output::note(
            "no segment has a goal with a target; add one as [segments.NAME.goal] with title, metric, direction, target and by, and run",
        );
    }
    let width = output::width();
    for (at, goal) in goals.iter().enumerate() {
        if at > 0 {
            output::line("")?;
        }
        show(project, goal, width)?;
    }
    Ok(())
}

fn show(project: &Project, goal: &Progress, width: Option<usize>) -> Result<(), Error> {
    lines(wrapped(&format!("{}: {}", goal.segment, goal.title), "", "", width))?;
    let metric = match goal.metric.as_str() {
        "n_members" => "how many members".to_owned(),
        "share" => format!("members as a share of all {}", goal.subject),
        metric if goal.is_share => format!("the share for whom {metric}"),
        metric => format!("the mean of {metric}"),
    };
    let of = if goal.of == "former_members" { ", of those who were in a month before" } else { "" };
    lines(wrapped(&format!("{metric}{of}"), "  measured  ", "            ", width))?;
    let Some((first, last)) = goal.points.first().zip(goal.points.last()) else {
        return output::line("  now       nothing has been measured yet");
    };
    let number = |value: f64| number(goal, value);
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&project.timezone).format("%Y-%m-%d");
    let now = match (last.value, last.interval) {
        (Some(value), Some((low, high))) => {
            format!("{} ({} to {})", number(value), number(low), number(high))
        }
        (Some(value), None) => number(value),
        (None, _) => "nobody to measure".to_owned(),
    };
    let began = first.value.map(|value| format!(", {} on {}", number(value), day(first.at)));
    lines(wrapped(&format!("{now}{}", began.unwrap_or_default()), "  now       ", "            ", width))?;
    let target = format!("{} to {} by {}", goal.direction.as_str(), number(goal.target), goal.by);
    lines(wrapped(&target, "  target    ", "            ", width))?;
    let expected =
        last.expected.map(|expected| format!("; on a straight line it would be {}", number(expected)));
    let done = match goal.done() {
        Some(done) if done < 0.0 => ", and farther off than it began".to_owned(),
        Some(done) => format!(", {:.0} % of the way", done * 100.0),
        None => String::new(),
    };
    let stands = match goal.status() {
        Status::Reached => "reached".to_owned(),
        Status::OnTrack => format!("on track{done}{}", expected.unwrap_or_default()),
        Status::Behind => format!("behind{done}{}", expected.unwrap_or_default()),
        Status::Missed => format!("missed{done}"),
        Status::Unknown => "unknown".to_owned(),
    };
    lines(wrapped(&stands, "  stands    ", "            ", width))?;
    let values: Vec<f64> = goal.points.iter().map(|point| point.value.unwrap_or(0.0)).collect();
    output::line(format!("  course    {}", course(&values)).trim_end())
}

fn number(goal: &Progress, value: f64) -> String {
    match goal {
        goal if goal.is_share => format!("{:.1} %", value * 100.0),
        goal if goal.is_count() => super::count(value.round().max(0.0) as u64),
        _ if value.abs() >= 1000.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}
