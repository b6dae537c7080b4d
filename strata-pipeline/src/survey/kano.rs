//! Kano's method over a project's customers: of what kind each feature is to everybody who answered, and to each segment and class.
//!
//! What kind a feature is to one customer is a trait (`[surveys]` makes it from the two answers); here it is counted. Of fewer than thirty
//! who answered nothing is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strata_lake::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_models::psychometrics::scoring::kano::{Category, Counts, LEAST_STRENGTH};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::Survey;
use strata_spec::name::UNASSIGNED;
use strata_spec::survey::Feature;
use strata_spec::table::Subject;

use super::FEWEST_LISTED;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::ask::{ask, columns_of};
use crate::query::{View, quoted};

/// The table of features: a row for each feature, of everybody and of each segment and class of which so much is told.
pub const KANO: &str = "kano";

/// What people under this age answered is not used.
const ADULT: f64 = 18.0;

/// What a feature is to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The survey.
    pub survey: String,
    /// The feature, by its id.
    pub feature: String,
    /// For people.
    pub title: String,
    /// To everybody who answered.
    pub all: Group,
    /// To the members of each segment and class, the most answers first within each segmentation.
    pub segments: Vec<OfSegment>,
}

/// What it is to the members of a segment or class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfSegment {
    /// The segmentation; none of a segment.
    pub segmentation: Option<String>,
    /// The segment or class.
    pub segment: String,
    /// For people.
    pub title: String,
    /// What it is to them.
    pub group: Group,
}

/// What it is to some who answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How many have answered both questions.
    pub n: u64,
    /// What they say; none of too few.
    pub told: Option<Told>,
}

/// What answers say of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The kind that it is to most, as a word.
    pub category: String,
    /// Whether that kind leads the next by enough.
    pub is_clear: bool,
    /// How much having it satisfies, from 0 to 1.
    pub satisfaction: Option<f64>,
    /// How much lacking it dissatisfies, from −1 to 0.
    pub dissatisfaction: Option<f64>,
    /// The share of answers that contradict each other.
    pub questionable_share: f64,
    /// Whether so many do that the question is to blame.
    pub is_bad_question: bool,
}

impl Told {
    /// The kind, as a sentence goes on with it.
    pub fn in_words(&self) -> String {
        let kind = match self.category.as_str() {
            "must_be" => "expected (must-be)",
            "one_dimensional" => "the more the better (one-dimensional)",
            "attractive" => "a pleasure (attractive)",
            "indifferent" => "all the same (indifferent)",
            "reverse" => "not wanted (reverse)",
            _ => "contradictory (questionable)",
        };
        match self.is_clear {
            true => kind.to_owned(),
            false => format!("{kind}, hardly more than another kind"),
        }
    }
}

impl Group {
    fn of(counts: &Counts) -> Group {
        let told = || {
            Some(Told {
                category: counts.category()?.as_str().to_owned(),
                is_clear: counts.strength()? >= LEAST_STRENGTH,
                satisfaction: counts.satisfaction(),
                dissatisfaction: counts.dissatisfaction(),
                questionable_share: counts.questionable_share()?,
                is_bad_question: counts.is_bad_question(),
            })
        };
        Group { n: counts.n(), told: counts.is_enough().then(told).flatten() }
    }
}

/// What every feature of the project's surveys is to its customers at the view's run; segments and classes of one segmentation, or of all.
///
/// # Errors
/// `NotFound` where there is no such segmentation of customers; and when a table cannot be read.
pub async fn wanted(project: &Project, view: &View, by: Option<&str>) -> Result<Vec<Wanted>> {
    if let Some(name) = by {
        project.check_segmentation_of_customers(name)?;
    }
    let mut all = Vec::new();
    for survey in &project.manifest.surveys {
        for feature in &survey.features {
            all.extend(of_feature(view, survey, feature, by).await?);
        }
    }
    Ok(all)
}

async fn of_feature(
    view: &View,
    survey: &Survey,
    feature: &Feature,
    by: Option<&str>,
) -> Result<Option<Wanted>> {
    let table = Subject::Customers.profile_table();
    let columns = columns_of(view, table).await?;
    let name = survey.trait_of_feature(feature);
    // A project whose sources have no answers has no such trait.
    if !columns.has(&name) {
        return Ok(None);
    }
    let is_adult = columns
        .as_number("age_years", "p.")
        .map_or_else(String::new, |age| format!(" and coalesce({age}, {ADULT:.1}) >= {ADULT:.1}"));
    let counted = format!("p.\"{name}\" is not null{is_adult}");
    let what = format!("count what `{}` is to customers", feature.id);
    let query = format!("select p.\"{name}\", count(*) from {table} p where {counted} group by 1");
    let mut all = Counts::default();
    for row in ask(view, &what, &query).await? {
        add(&mut all, row.text(0), row.count(1));
    }
    let segmentation = by.map_or_else(String::new, |name| format!(" and m.segmentation = {}", quoted(name)));
    let query = format!(
        "select m.segmentation, m.segment, p.\"{name}\", s.title, count(*) from membership m join {table} p on p.customer_id = m.subject_id \
         left join segment s on s.subject = m.subject and s.segment = m.segment \
           and coalesce(s.segmentation, '') = coalesce(m.segmentation, '') \
         where m.subject = 'customers' and m.left_at is null and m.segment <> '{UNASSIGNED}'{segmentation} and {counted} group by 1, 2, 3, 4"
    );
    let mut of_segments: BTreeMap<(Option<String>, String), (String, Counts)> = BTreeMap::new();
    for row in ask(view, &what, &query).await? {
        let place = (row.maybe(0).map(str::to_owned), row.text(1).to_owned());
        let (title, counts) = of_segments.entry(place).or_default();
        row.text(3).clone_into(title);
        add(counts, row.text(2), row.count(4));
    }
    let mut segments: Vec<OfSegment> = of_segments
        .into_iter()
        .map(|((segmentation, segment), (title, counts))| OfSegment {
            title: if title.is_empty() { segment.clone() } else { title },
            segmentation,
            segment,
            group: Group::of(&counts),
        })
        // How few of a class have answered would tell something of them.
        .filter(|of| of.group.n >= FEWEST_LISTED as u64)
        .collect();
    segments.sort_by(|one, other| {
        let place = |each: &OfSegment| (each.segmentation.clone(), std::cmp::Reverse(each.group.n));
        place(one).cmp(&place(other))
    });
    Ok(Some(Wanted {
        survey: survey.name.to_string(),
        feature: feature.id.clone(),
        title: feature.name.clone(),
        all: Group::of(&all),
        segments,
    }))
}

fn add(counts: &mut Counts, word: &str, n: u64) {
    if let Some(category) = Category::parse(word) {
        counts.add(category, n);
    }
}

/// A row of the table.
struct Row<'a> {
    wanted: &'a Wanted,
    /// None of everybody.
    of: Option<&'a OfSegment>,
    group: &'a Group,
}

impl<'a> Row<'a> {
    fn told(&self) -> Option<&'a Told> {
        self.group.told.as_ref()
    }
}

/// The rows of the table: of everybody, and of each segment and class of which so much is told.
pub(crate) fn batch(all: &[Wanted], run_id: &str) -> Result<RecordBatch> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for wanted in all {
        rows.push(Row { wanted, of: None, group: &wanted.all });
        let told = wanted.segments.iter().filter(|of| of.group.told.is_some());
        rows.extend(told.map(|of| Row { wanted, of: Some(of), group: &of.group }));
    }
    let texts = |of: &dyn Fn(&Row<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let numbers = |of: &dyn Fn(&Told) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row.told().and_then(of)).collect::<Float64Array>())
    };
    let truths = |of: &dyn Fn(&Told) -> bool| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row.told().map(of)).collect::<BooleanArray>())
    };
    let n = Int64Array::from_iter_values(rows.iter().map(|row| row.group.n as i64));
    let columns = [
        ("survey", texts(&|row| Some(row.wanted.survey.clone()))),
        ("feature", texts(&|row| Some(row.wanted.feature.clone()))),
        ("title", texts(&|row| Some(row.wanted.title.clone()))),
        ("segmentation", texts(&|row| row.of?.segmentation.clone())),
        ("segment", texts(&|row| Some(row.of?.segment.clone()))),
        ("segment_title", texts(&|row| Some(row.of?.title.clone()))),
        ("n", Arc::new(n) as ArrayRef),
        ("category", texts(&|row| Some(row.told()?.category.clone()))),
        ("is_clear", truths(&|told| told.is_clear)),
        ("satisfaction", numbers(&|told| told.satisfaction)),
        ("dissatisfaction", numbers(&|told| told.dissatisfaction)),
        ("questionable_share", numbers(&|told| Some(told.questionable_share))),
        ("is_bad_question", truths(&|told| told.is_bad_question)),
        ("run_id", texts(&|_| Some(run_id.to_owned()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).map_err(
        |error| {
            Error::new(ErrorCode::Internal, "cannot describe what features are to customers").caused_by(error)
        },
    )
}

/// What the table says, in the order in which it was written; nothing where no run has written it.
///
/// # Errors
/// When the table cannot be read.
pub(crate) async fn read_back(view: &View) -> Result<Vec<Wanted>> {
    if !view.complete.tables.contains_key(KANO) {
        return Ok(Vec::new());
    }
    let query = format!(
        "select survey, feature, title, segmentation, segment, segment_title, n, category, is_clear, satisfaction, dissatisfaction, \
           questionable_share, is_bad_question from {KANO} order by survey, feature, segment is not null, segmentation, n desc, segment"
    );
    let mut all: Vec<Wanted> = Vec::new();
    for row in ask(view, "read what features are to customers", &query).await? {
        let told = || {
            Some(Told {
                category: row.maybe(7)?.to_owned(),
                is_clear: row.text(8) == "true",
                satisfaction: row.number(9),
                dissatisfaction: row.number(10),
                questionable_share: row.number(11)?,
                is_bad_question: row.text(12) == "true",
            })
        };
        let group = Group { n: row.count(6), told: told() };
        match (row.maybe(4), all.last_mut()) {
            (Some(segment), Some(wanted)) => wanted.segments.push(OfSegment {
                segmentation: row.maybe(3).map(str::to_owned),
                segment: segment.to_owned(),
                title: row.text(5).to_owned(),
                group,
            }),
            _ => all.push(Wanted {
                survey: row.text(0).to_owned(),
                feature: row.text(1).to_owned(),
                title: row.text(2).to_owned(),
                all: group,
                segments: Vec::new(),
            }),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(
        attractive: u64,
        one_dimensional: u64,
        must_be: u64,
        indifferent: u64,
        questionable: u64,
    ) -> Counts {
        Counts { attractive, one_dimensional, must_be, indifferent, questionable, reverse: 0 }
    }

    #[test]
    fn thirty_are_told_of_and_fewer_are_not() {
        let group = Group::of(&counts(40, 25, 20, 15, 0));
        let told = group.told.unwrap();
        assert_eq!((group.n, told.category.as_str(), told.is_clear), (100, "attractive", true));
        let (satisfaction, dissatisfaction) = (told.satisfaction.unwrap(), told.dissatisfaction.unwrap());
        assert!((satisfaction - 0.65).abs() < 1e-12 && (dissatisfaction + 0.45).abs() < 1e-12, "{told:?}");
        assert!(Group::of(&counts(10, 10, 10, 0, 0)).told.is_some());
        assert_eq!(Group::of(&counts(10, 10, 9, 0, 0)), Group { n: 29, told: None });
    }

    #[test]
    fn more_than_a_tenth_of_contradictions_is_a_bad_question() {
        let told = |n| Group::of(&counts(45, 30, 10, 5, n)).told.unwrap();
        assert_eq!((told(10).is_bad_question, told(11).is_bad_question), (false, true));
        // Of equals what must be there comes first.
        assert_eq!(Group::of(&counts(20, 20, 20, 0, 0)).told.unwrap().category, "must_be");
        assert!(!Group::of(&counts(20, 20, 20, 0, 0)).told.unwrap().is_clear);
    }

    #[test]
    fn rows_are_told_as_they_were_written() {
        let wanted = Wanted {
            survey: "wishes".to_owned(),
            feature: "free_returns".to_owned(),
            title: "free returns".to_owned(),
            all: Group::of(&counts(40, 25, 20, 15, 0)),
            segments: vec![
                OfSegment {
                    segmentation: Some("rfm".to_owned()),
                    segment: "loyal".to_owned(),
                    title: "Loyal".to_owned(),
                    group: Group::of(&counts(40, 0, 0, 0, 0)),
                },
                OfSegment {
                    segmentation: None,
                    segment: "few".to_owned(),
                    title: "Few".to_owned(),
                    group: Group::of(&counts(4, 0, 0, 0, 0)),
                },
            ],
        };
        let batch = batch(&[wanted], "run").unwrap();
        // Everybody and the class; of the few nothing is written.
        assert_eq!(batch.num_rows(), 2);
    }
}
