//! What the business wants of a segment: a few words, or besides a figure, the way it is to move, how far and by when.

use chrono::NaiveDate;
use toml::de::DeValue;

use super::parse::Reader;
use crate::condition::{Condition, Term};
use crate::document::{Entry, Section};
use crate::table::Subject;

/// What the business wants of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// In words.
    pub title: String,
    /// In figures, if it is to be measured.
    pub target: Option<Box<Target>>,
}

/// A figure that is to move.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The figure.
    pub metric: Metric,
    /// The figure as it was written.
    pub metric_text: String,
    /// Of whom it is taken.
    pub of: Whom,
    /// The way it is to move.
    pub direction: Direction,
    /// Where it is to arrive.
    pub value: f64,
    /// By when.
    pub by: NaiveDate,
    /// Since when it is watched; a year before `by` unless said.
    pub from: Option<NaiveDate>,
}

/// A figure of a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// How many members it has.
    Members,
    /// The members as a share of all.
    Share,
    /// The mean of a value.
    Mean(Term),
    /// The share for whom something holds.
    Holds(Box<Condition>),
}

/// Of whom a figure is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whom {
    /// Of those who are in.
    #[default]
    Members,
    /// Of those who were in a month before, wherever they are now.
    FormerMembers,
}

impl Whom {
    /// The words of `of`.
    pub const ALL: [(&'static str, Whom); 2] =
        [("members", Whom::Members), ("former_members", Whom::FormerMembers)];
}

/// The way a figure is to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Up.
    Increase,
    /// Down.
    Decrease,
}

impl Direction {
    const ALL: [(&'static str, Direction); 2] =
        [("increase", Direction::Increase), ("decrease", Direction::Decrease)];

    /// `increase` or `decrease`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Increase => "increase",
            Direction::Decrease => "decrease",
        }
    }
}

/// The keys of a goal.
const KEYS: [&str; 7] = ["title", "metric", "of", "direction", "target", "by", "from"];

/// Reads a goal: a text, or a table that has figures.
pub(super) fn read<'d>(entry: &Entry<'_, 'd>, subject: Subject, reader: &mut Reader<'_, 'd>) -> Option<Goal> {
    if !entry.is_table() {
        return entry.text(reader.errors).map(|text| Goal { title: text.value, target: None });
    }
    let section = entry.section(reader.errors)?;
    section.only(&KEYS, reader.errors);
    let title = section.required_text("title", "\"Win them back\"", reader.errors);
    let metric = section.required_text("metric", "\"n_members\"", reader.errors);
    let metric_text = metric.as_ref().map(|text| text.value.clone());
    let metric = metric.and_then(|text| match text.value.as_str() {
        "n_members" => Some(Metric::Members),
        "share" => Some(Metric::Share),
        value if is_value(value, subject) => reader.aimed_term(text, subject).map(Metric::Mean),
        _ => reader.aimed_condition(text, subject).map(Box::new).map(Metric::Holds),
    });
    let of = section.get("of").map(|entry| entry.word(&Whom::ALL, reader.errors));
    let direction = match section.get("direction") {
        Some(entry) => entry.word(&Direction::ALL, reader.errors),
        None => {
            reader.errors.push(section.missing("direction", "\"increase\""));
            None
        }
    };
    let value = match section.get("target") {
        Some(entry) => entry.number().filter(|number| number.is_finite()).or_else(|| {
            reader.errors.push(entry.wrong("a number", "write it as `0.25`, without quotes"));
            None
        }),
        None => {
            reader.errors.push(section.missing("target", "0.25"));
            None
        }
    };
    let by = match section.get("by") {
        Some(entry) => date(&entry, reader),
        None => {
            reader.errors.push(section.missing("by", "\"2026-12-31\""));
            None
        }
    };
    let from = section.get("from").map(|entry| date(&entry, reader));
    if let (Some(by), Some(Some(from))) = (by, from)
        && from >= by
    {
        fault_of_order(&section, reader);
        return None;
    }
    let target = Target {
        metric: metric?,
        metric_text: metric_text?,
        of: of.unwrap_or(Some(Whom::default()))?,
        direction: direction?,
        value: value?,
        by: by?,
        from: match from {
            Some(from) => Some(from?),
            None => None,
        },
    };
    Some(Goal { title: title?.value, target: Some(Box::new(target)) })
}

/// Whether a text is a value rather than a condition. A bare name is: where it is true or false, its mean is the share for
/// whom it is true.
fn is_value(text: &str, subject: Subject) -> bool {
    let is_condition = Condition::parse(text, subject).is_ok_and(|read| !matches!(read, Condition::Is(_)));
    !is_condition && Term::parse(text, subject).is_ok()
}

fn fault_of_order(section: &Section, reader: &mut Reader) {
    let path = &section.path;
    let message = format!("`{path}.from` does not lie before `{path}.by`");
    reader.errors.push(section.error(message, "`from` is when it began, `by` is when it is to be reached"));
}

fn date(entry: &Entry, reader: &mut Reader) -> Option<NaiveDate> {
    if let DeValue::Datetime(date) = entry.value() {
        return date.to_string().parse().ok().or_else(|| {
            reader.errors.push(entry.wrong("a day", "write it as `2026-12-31`"));
            None
        });
    }
    let text = entry.text(reader.errors)?;
    text.value.parse().ok().or_else(|| {
        let message = format!("`{}` is not a date", text.value);
        reader.errors.push(text.error(message, "write it as `\"2026-12-31\"`"));
        None
    })
}
