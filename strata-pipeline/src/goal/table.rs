//! Progress as the rows of the table `goal_progress`, and back.

use std::sync::Arc;

use strata_lake::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_spec::definition::Direction;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::measure::measure;
use super::{Point, Progress, Status};
use crate::error::{Error, Result};
use crate::preview::Basis;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{Row, ask};

/// The table of progress.
pub const GOAL_PROGRESS: &str = "goal_progress";

/// The goals of the project at the view's run: a row for each month of each, with `subject`, `segment`, `title`, `metric`, `of`,
/// `is_share`, `direction`, `target`, `by`, `at`, `n`, `value`, `low`, `high`, `expected` and `status`.
pub(crate) async fn batch(project: &Project, view: &View) -> Result<RecordBatch> {
    let goals = measure(&Basis::open(project, view, None).await?).await?;
    let rows: Vec<(&Progress, &Point)> =
        goals.iter().flat_map(|goal| goal.points.iter().map(move |point| (goal, point))).collect();
    let texts = |of: &dyn Fn(&Progress) -> String| {
        Arc::new(rows.iter().map(|(goal, _)| Some(of(goal))).collect::<StringArray>()) as ArrayRef
    };
    let numbers = |of: &dyn Fn(&Point) -> Option<f64>| {
        Arc::new(rows.iter().map(|(_, point)| of(point)).collect::<Float64Array>()) as ArrayRef
    };
    let times =
        TimestampMicrosecondArray::from_iter_values(rows.iter().map(|(_, at)| at.at.timestamp_micros()));
    let counts = rows.iter().map(|(_, point)| i64::try_from(point.n).unwrap_or(i64::MAX));
    let statuses = rows.iter().map(|(_, point)| Some(point.status.as_str())).collect::<StringArray>();
    let columns: [(&str, ArrayRef); 17] = [
        ("subject", texts(&|goal| goal.subject.to_string())),
        ("segment", texts(&|goal| goal.segment.clone())),
        ("title", texts(&|goal| goal.title.clone())),
        ("metric", texts(&|goal| goal.metric.clone())),
        ("of", texts(&|goal| goal.of.clone())),
        ("is_share", Arc::new(rows.iter().map(|(goal, _)| Some(goal.is_share)).collect::<BooleanArray>())),
        ("direction", texts(&|goal| goal.direction.as_str().to_owned())),
        ("target", Arc::new(rows.iter().map(|(goal, _)| Some(goal.target)).collect::<Float64Array>())),
        ("by", texts(&|goal| goal.by.to_string())),
        ("at", Arc::new(times.with_timezone("UTC"))),
        ("n", Arc::new(Int64Array::from_iter_values(counts))),
        ("value", numbers(&|point| point.value)),
        ("low", numbers(&|point| point.interval.map(|(low, _)| low))),
        ("high", numbers(&|point| point.interval.map(|(_, high)| high))),
        ("expected", numbers(&|point| point.expected)),
        ("status", Arc::new(statuses)),
        ("run_id", texts(&|_| view.complete.run_id.clone())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot describe the goals").caused_by(error))
}

/// The goals as the view's run measured them.
///
/// # Errors
/// When the table cannot be read.
pub async fn read(view: &View) -> Result<Vec<Progress>> {
    if !view.complete.tables.contains_key(GOAL_PROGRESS) {
        return Ok(Vec::new());
    }
    let query = "select subject, segment, title, metric, of, is_share, direction, target, \"by\", \
                 cast(at as bigint) as micros, n, value, low, high, expected, status from goal_progress order by subject, segment, at";
    let mut goals: Vec<Progress> = Vec::new();
    for row in ask(view, "read the progress of goals", query).await? {
        let Some(point) = point(&row) else { continue };
        match goals.last_mut().filter(|goal| goal.segment == row.text(1) && goal.subject == subject(&row)) {
            Some(goal) => goal.points.push(point),
            None => goals.extend(goal(&row, point)),
        }
    }
    Ok(goals)
}

fn subject(row: &Row) -> Subject {
    if row.text(0) == Subject::Companies.as_str() { Subject::Companies } else { Subject::Customers }
}

fn goal(row: &Row, point: Point) -> Option<Progress> {
    Some(Progress {
        subject: subject(row),
        segment: row.text(1).to_owned(),
        title: row.text(2).to_owned(),
        metric: row.text(3).to_owned(),
        of: row.text(4).to_owned(),
        is_share: row.text(5) == "true",
        direction: match row.text(6) {
            "decrease" => Direction::Decrease,
            _ => Direction::Increase,
        },
        target: row.number(7)?,
        by: row.text(8).parse().ok()?,
        points: vec![point],
    })
}

fn point(row: &Row) -> Option<Point> {
    Some(Point {
        at: chrono::DateTime::from_timestamp_micros(row.maybe(9)?.parse().ok()?)?,
        n: row.count(10),
        value: row.number(11),
        interval: row.number(12).zip(row.number(13)),
        expected: row.number(14),
        status: Status::parse(row.text(15))?,
    })
}
