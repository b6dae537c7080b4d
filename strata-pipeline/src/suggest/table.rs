//! What a run found of itself as the rows of the table `suggestion`, and back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_models::subgroup::Estimate;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::{Ask, Likeness, Suggestion, Suggestions};
use crate::error::{Error, Result};
use crate::query::View;
use crate::query::ask::{Row, ask};

/// The table of suggestions.
pub const SUGGESTION: &str = "suggestion";

/// A goal that a run looked at of itself, and what it found.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Whom it is about.
    pub subject: Subject,
    /// The segment whose goal it is; none where the project states none.
    pub segment: Option<String>,
    /// The goal as `strata suggest` takes it.
    pub goal: String,
    /// The goal in words.
    pub title: String,
    /// Of whom it was asked, where not of everybody.
    pub among: Option<String>,
    /// How many days the goal looked ahead.
    pub horizon_days: u64,
    /// Why it could not be looked at; none where it was.
    pub reason: Option<String>,
    /// Whether the goal is something that happens or not; otherwise it is a number.
    pub is_share: bool,
    /// As of when it was searched, and as of when it was checked on others.
    pub at: Option<[DateTime<Utc>; 2]>,
    /// How many subjects were searched.
    pub n_searched: u64,
    /// On how many others it was checked.
    pub n_checked: u64,
    /// The mean of the goal over those.
    pub mean_of_all: f64,
    /// Whether these are all subjects; otherwise they are a sample.
    pub is_everybody: bool,
    /// How many subjects the run had.
    pub n_subjects: u64,
    /// By how many traits they were told.
    pub n_features: u64,
    /// How many traits were left out, since they cannot be said of the past.
    pub n_left_out: u64,
    /// What stood out, the surest first.
    pub suggestions: Vec<Suggestion>,
}

impl Looked {
    /// What came of an ask, under a title of its own where it has one.
    pub(super) fn of(
        ask: &Ask,
        segment: Option<String>,
        title: Option<String>,
        found: std::result::Result<Suggestions, String>,
    ) -> Looked {
        let nothing = Looked {
            subject: ask.subject,
            segment,
            goal: ask.goal.clone(),
            title: title.clone().unwrap_or_else(|| ask.goal.replace('_', " ")),
            among: ask.among.clone(),
            horizon_days: u64::from(ask.horizon_days),
            reason: None,
            is_share: true,
            at: None,
            n_searched: 0,
            n_checked: 0,
            mean_of_all: f64::NAN,
            is_everybody: true,
            n_subjects: 0,
            n_features: 0,
            n_left_out: 0,
            suggestions: Vec::new(),
        };
        match found {
            Err(reason) => Looked { reason: Some(reason), ..nothing },
            Ok(found) => Looked {
                title: title.unwrap_or(found.goal_title),
                is_share: found.is_share,
                at: Some([found.searched_at, found.checked_at]),
                n_searched: found.n_searched as u64,
                n_checked: found.n_checked as u64,
                mean_of_all: found.mean_of_all,
                is_everybody: found.is_everybody,
                n_subjects: found.n_subjects,
                n_features: found.features.len() as u64,
                n_left_out: found.left_out.len() as u64,
                suggestions: found.suggestions,
                ..nothing
            },
        }
    }

    /// The command that says the same, and more.
    pub fn command(&self) -> String {
        let among = self.among.as_ref().map(|among| format!(" --among {}", in_shell(among)));
        let whom = match self.subject {
            Subject::Customers => String::new(),
            other => format!(" --subject {other}"),
        };
        let goal = match self.goal.chars().all(|each| each.is_alphanumeric() || each == '_') {
            true => self.goal.clone(),
            false => in_shell(&self.goal),
        };
        format!("strata suggest --goal {goal}{whom}{}", among.unwrap_or_default())
    }
}

/// A text as one word of a shell. In double quotes, since conditions have texts in single ones.
fn in_shell(text: &str) -> String {
    let mut word = String::with_capacity(text.len() + 2);
    word.push('"');
    for each in text.chars() {
        if matches!(each, '"' | '\\' | '$' | '`') {
            word.push('\\');
        }
        word.push(each);
    }
    word.push('"');
    word
}

/// A row for each suggestion, the surest first; one without a suggestion for a goal by which nothing stood out, or which could not be
/// looked at, as `reason` then says. `inside` and `outside` are the means of the goal over those who met the condition and those who did
/// not, of the subjects that were not searched.
pub(crate) fn batch(all: &[Looked], view: &View) -> Result<RecordBatch> {
    let rows: Vec<(i64, i64, &Looked, Option<&Suggestion>)> = (0..)
        .zip(all)
        .flat_map(|(at, looked)| {
            let found = (0..).zip(&looked.suggestions).map(move |(rank, one)| (at, rank, looked, Some(one)));
            let none = looked.suggestions.is_empty().then_some((at, 0, looked, None));
            found.chain(none)
        })
        .collect();
    let integer = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let texts = |of: &dyn Fn(&Looked) -> Option<String>| {
        Arc::new(rows.iter().map(|(_, _, looked, _)| of(looked)).collect::<StringArray>()) as ArrayRef
    };
    let counts = |of: &dyn Fn(&Looked) -> u64| {
        Arc::new(rows.iter().map(|(_, _, looked, _)| Some(integer(of(looked)))).collect::<Int64Array>())
            as ArrayRef
    };
    let truths = |of: &dyn Fn(&Looked) -> bool| {
        Arc::new(rows.iter().map(|(_, _, looked, _)| Some(of(looked))).collect::<BooleanArray>()) as ArrayRef
    };
    let times = |place: usize| {
        let times = rows.iter().map(|(_, _, looked, _)| looked.at.map(|at| at[place].timestamp_micros()));
        Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC")) as ArrayRef
    };
    let words = |of: &dyn Fn(&Suggestion) -> Option<String>| {
        Arc::new(rows.iter().map(|(.., one)| one.and_then(of)).collect::<StringArray>()) as ArrayRef
    };
    let numbers = |of: &dyn Fn(&Suggestion) -> Option<f64>| {
        Arc::new(rows.iter().map(|(.., one)| one.and_then(of)).collect::<Float64Array>()) as ArrayRef
    };
    let sizes = |of: &dyn Fn(&Suggestion) -> Option<u64>| {
        Arc::new(rows.iter().map(|(.., one)| one.and_then(of).map(integer)).collect::<Int64Array>())
            as ArrayRef
    };
    let means = rows.iter().map(|(_, _, looked, _)| Some(looked.mean_of_all).filter(|mean| mean.is_finite()));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("position", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0)))),
        ("rank", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.1)))),
        ("subject", texts(&|looked| Some(looked.subject.to_string()))),
        ("segment", texts(&|looked| looked.segment.clone())),
        ("goal", texts(&|looked| Some(looked.goal.clone()))),
        ("title", texts(&|looked| Some(looked.title.clone()))),
        ("among", texts(&|looked| looked.among.clone())),
        ("horizon_days", counts(&|looked| looked.horizon_days)),
        ("reason", texts(&|looked| looked.reason.clone())),
        ("is_share", truths(&|looked| looked.is_share)),
        ("searched_at", times(0)),
        ("checked_at", times(1)),
        ("n_searched", counts(&|looked| looked.n_searched)),
        ("n_checked", counts(&|looked| looked.n_checked)),
        ("mean_of_all", Arc::new(means.collect::<Float64Array>())),
        ("is_everybody", truths(&|looked| looked.is_everybody)),
        ("n_subjects", counts(&|looked| looked.n_subjects)),
        ("n_features", counts(&|looked| looked.n_features)),
        ("n_left_out", counts(&|looked| looked.n_left_out)),
        ("name", words(&|one| Some(one.name.clone()))),
        ("condition", words(&|one| Some(one.condition.clone()))),
        ("sentence", words(&|one| Some(one.sentence.clone()))),
        ("n_members", sizes(&|one| Some(one.n_members))),
        ("n_rows", sizes(&|one| Some(one.n_rows as u64))),
        ("inside", numbers(&|one| Some(one.inside.value))),
        ("inside_low", numbers(&|one| Some(one.inside.low))),
        ("inside_high", numbers(&|one| Some(one.inside.high))),
        ("outside", numbers(&|one| Some(one.outside.value))),
        ("outside_low", numbers(&|one| Some(one.outside.low))),
        ("outside_high", numbers(&|one| Some(one.outside.high))),
        ("difference", numbers(&|one| Some(one.difference.value))),
        ("difference_low", numbers(&|one| Some(one.difference.low))),
        ("difference_high", numbers(&|one| Some(one.difference.high))),
        ("lift", numbers(&|one| one.lift.map(|lift| lift.value))),
        ("lift_low", numbers(&|one| one.lift.map(|lift| lift.low))),
        ("lift_high", numbers(&|one| one.lift.map(|lift| lift.high))),
        ("chance", numbers(&|one| Some(one.chance))),
        ("adjusted_chance", numbers(&|one| Some(one.adjusted_chance))),
        ("most_like", words(&|one| one.most_like.as_ref().map(|like| like.name.clone()))),
        ("n_both", sizes(&|one| one.most_like.as_ref().map(|like| like.n_both))),
        ("jaccard", numbers(&|one| one.most_like.as_ref().map(|like| like.jaccard))),
        ("run_id", texts(&|_| Some(view.complete.run_id.clone()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot describe the suggestions").caused_by(error))
}

/// What the view's run found of itself.
///
/// # Errors
/// When the table cannot be read.
pub async fn read(view: &View) -> Result<Vec<Looked>> {
    if !view.complete.tables.contains_key(SUGGESTION) {
        return Ok(Vec::new());
    }
    let query = "select position, subject, segment, goal, title, among, horizon_days, reason, is_share, \
                 cast(searched_at as bigint) as searched, cast(checked_at as bigint) as checked, n_searched, n_checked, mean_of_all, \
                 is_everybody, n_subjects, n_features, n_left_out, \
                 name, condition, sentence, n_members, n_rows, inside, inside_low, inside_high, outside, outside_low, outside_high, \
                 difference, difference_low, difference_high, lift, lift_low, lift_high, chance, adjusted_chance, most_like, n_both, \
                 jaccard from suggestion order by position, rank";
    let (mut all, mut last): (Vec<Looked>, Option<u64>) = (Vec::new(), None);
    for row in ask(view, "read the suggestions", query).await? {
        let position = row.count(0);
        if last != Some(position) {
            last = Some(position);
            all.push(looked(&row));
        }
        if let (Some(looked), Some(one)) = (all.last_mut(), suggestion(&row)) {
            looked.suggestions.push(one);
        }
    }
    Ok(all)
}

fn looked(row: &Row) -> Looked {
    let at = |place| DateTime::from_timestamp_micros(row.maybe(place)?.parse().ok()?);
    let text = |place| row.maybe(place).map(str::to_owned);
    Looked {
        subject: match row.text(1) == Subject::Companies.as_str() {
            true => Subject::Companies,
            false => Subject::Customers,
        },
        segment: text(2),
        goal: row.text(3).to_owned(),
        title: row.text(4).to_owned(),
        among: text(5),
        horizon_days: row.count(6),
        reason: text(7),
        is_share: row.text(8) == "true",
        at: at(9).zip(at(10)).map(|(searched, checked)| [searched, checked]),
        n_searched: row.count(11),
        n_checked: row.count(12),
        mean_of_all: row.number(13).unwrap_or(f64::NAN),
        is_everybody: row.text(14) == "true",
        n_subjects: row.count(15),
        n_features: row.count(16),
        n_left_out: row.count(17),
        suggestions: Vec::new(),
    }
}

fn suggestion(row: &Row) -> Option<Suggestion> {
    let estimate = |place: usize| {
        let (value, low, high) = (row.number(place)?, row.number(place + 1)?, row.number(place + 2)?);
        Some(Estimate { value, low, high })
    };
    let inside = estimate(23)?;
    let most_like = row.maybe(37).map(|name| Likeness {
        name: name.to_owned(),
        n_both: row.count(38),
        jaccard: row.number(39).unwrap_or(0.0),
    });
    Some(Suggestion {
        name: row.maybe(18)?.to_owned(),
        condition: row.text(19).to_owned(),
        sentence: row.text(20).to_owned(),
        n_members: row.count(21),
        n_rows: usize::try_from(row.count(22)).unwrap_or(usize::MAX),
        mean: inside.value,
        inside,
        outside: estimate(26)?,
        difference: estimate(29)?,
        lift: estimate(32),
        chance: row.number(35)?,
        adjusted_chance: row.number(36)?,
        most_like,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_pasted_whatever_the_condition_says() {
        let command = |goal: &str, among: Option<&str>| {
            let ask = Ask { goal: goal.to_owned(), among: among.map(str::to_owned), ..Ask::default() };
            Looked::of(&ask, None, None, Err(String::new())).command()
        };
        assert_eq!(command("repeat_purchase", None), "strata suggest --goal repeat_purchase");
        assert_eq!(
            command("revenue > 5", Some(r#""Preferred Store" = 'A$AP \ `x`'"#)),
            r#"strata suggest --goal "revenue > 5" --among "\"Preferred Store\" = 'A\$AP \\ \`x\`'""#
        );
    }
}
