//! What became of two segments of a shop that was made up, and in which of three its customers are.

use chrono::{DateTime, Months, NaiveDate};
use strata_spec::definition::Direction;
use strata_spec::table::Subject;

use super::super::data::{Alike, ReportData, Story, StoryMonth, Together};
use crate::goal::{Point, Progress, Status};

/// Adds them.
pub(super) fn add(data: &mut ReportData) {
    data.stories = vec![story("regulars", "Regulars", 40, Some(goal())), story("new", "New faces", 12, None)];
    data.together = Together {
        sets: vec![("Regulars".to_owned(), 260), ("New faces".to_owned(), 90), ("Tea only".to_owned(), 140)],
        combinations: vec![
            (vec![0], 150),
            (vec![0, 2], 100),
            (vec![1], 60),
            (vec![1, 2], 30),
            (vec![0, 1, 2], 10),
        ],
        redundant: vec!["New faces lies within Tea only.".to_owned()],
    };
}

fn days() -> impl Iterator<Item = NaiveDate> {
    let last = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
    (0..25).rev().map(move |n| last - Months::new(n))
}

fn story(segment: &str, title: &str, step: u64, goal: Option<Progress>) -> Story {
    let months = days().zip(0_u64..).map(|(day, n)| StoryMonth {
        day,
        n_members: 100 + step * n % 170,
        n_subjects: 500 + 20 * n,
        n_entered: 10 + (n * 7) % 23,
        n_left: 8 + (n * 5) % 19,
    });
    Story {
        segment: segment.to_owned(),
        title: title.to_owned(),
        subject: Subject::Customers,
        sentence: "has at least 3 orders".to_owned(),
        months: months.collect(),
        alike: vec![Alike { name: "rfm/champions".to_owned(), share: 0.62, jaccard: 0.41 }],
        goal,
    }
}

fn goal() -> Progress {
    let points = days().skip(13).zip(0_u32..).map(|(day, n)| {
        let value = 0.08 + 0.006 * f64::from(n);
        Point {
            at: DateTime::from_naive_utc_and_offset(day.and_hms_opt(0, 0, 0).unwrap(), chrono::Utc),
            n: 120 + u64::from(n),
            value: (n > 0).then_some(value),
            interval: (n > 0).then_some((value - 0.03, value + 0.04)),
            expected: Some(0.08 + 0.01 * f64::from(n)),
            status: Status::Behind,
        }
    });
    Progress {
        subject: Subject::Customers,
        segment: "regulars".to_owned(),
        title: "Order again".to_owned(),
        metric: "n_orders >= 4".to_owned(),
        of: "former_members".to_owned(),
        is_share: true,
        direction: Direction::Increase,
        target: 0.25,
        by: NaiveDate::from_ymd_opt(2026, 12, 31).unwrap(),
        points: points.collect(),
    }
}
