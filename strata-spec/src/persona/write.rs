//! Writes personas: which evidence is told, in which order, under which name, and what stays unknown.

use chrono::NaiveDate;
use serde::Serialize;

use super::evidence::{Evidence, Facet, Value};
use super::figure;
use super::name::Names;
use super::representative::Representative;
use super::sentence::{Band, sentence};
use super::stability::{Badge, Stability};
use crate::error::SpecError;
use crate::guideline::{Firing, is_sensitive};

/// Of fewer members, or fewer with data, nothing is said.
pub const FEWEST: u64 = 30;

/// No percentage speaks of fewer people than this, nor leaves fewer out.
const FEWEST_IN_CELL: u64 = 10;

/// How many sentences a facet has at most.
const MOST_PER_FACET: usize = 2;

/// The adjusted chance must be below this.
const MOST_Q: f64 = 0.05;

/// The segment that a persona describes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segment {
    /// Its name in the project.
    pub name: String,
    /// How many members it has.
    pub n: u64,
    /// Of how many customers.
    pub n_customers: u64,
    /// Whether it would be found again; none where that was not tried.
    pub stability: Option<Stability>,
    /// As of when.
    pub date: NaiveDate,
}

/// All that a persona is written from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// What it differs in, redundant variables left out.
    pub evidence: &'a [Evidence],
    /// Who stands for it.
    pub representative: Option<&'a Representative>,
    /// The guidelines that fired for it.
    pub guidelines: &'a Firing,
}

/// A segment as people can picture it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Persona {
    /// Its name, unique among the personas written together.
    pub name: String,
    /// The segment.
    pub segment: Segment,
    /// It in short.
    pub summary: String,
    /// What sets it apart, facet by facet.
    pub sentences: Vec<Sentence>,
    /// Who stands for it, where at least ten people are alike.
    pub representative: Option<Representative>,
    /// What follows for communication and product.
    pub guidelines: Firing,
    /// What is not known.
    pub unknown: Vec<Unknown>,
    /// How far it can be relied on.
    pub badge: Badge,
}

/// A sentence with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sentence {
    /// What is said.
    pub text: String,
    /// The side of a customer that it shows.
    pub facet: Facet,
    /// Every figure of the text is in here.
    pub evidence: Vec<Evidence>,
}

/// A side of a customer of which nothing is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unknown {
    /// The side.
    pub facet: Facet,
    /// Why.
    pub why: Why,
    /// Why, in a sentence.
    pub text: String,
}

/// Why nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There are no data.
    NoData,
    /// It is sensitive.
    Sensitive,
    /// Too few people have data.
    TooFew,
    /// It would speak of so few people that it could point to them.
    SmallCell,
    /// Nothing differs enough, and certainly.
    NoDifference,
}

impl Why {
    fn sentence(self) -> &'static str {
        match self {
            Why::NoData => "there are no data.",
            Why::Sensitive => "what is known is sensitive and is not used.",
            Why::TooFew => "too few people have data to say anything.",
            Why::SmallCell => "so few people are concerned that a figure could point to them.",
            Why::NoDifference => "nothing sets them apart from others with certainty.",
        }
    }
}

/// Writes personas of several segments, in the order given, each with a name of its own.
///
/// # Errors
/// The first piece of evidence that cannot be told, as [`Evidence::check`] says, or two with one id.
pub fn write_all(inputs: &[Input<'_>]) -> Result<Vec<Persona>, SpecError> {
    let mut names = Names::default();
    inputs.iter().map(|input| write(input, &mut names)).collect()
}

/// Writes a persona.
///
/// # Errors
/// As [`write_all`].
pub fn write(input: &Input<'_>, names: &mut Names) -> Result<Persona, SpecError> {
    let Input { segment, evidence, representative, guidelines } = input;
    for (place, each) in evidence.iter().enumerate() {
        each.check()?;
        if each.n > segment.n {
            let error = SpecError::new(format!("it is known of {} of {} members", each.n, segment.n));
            let hint = "`n` is of the segment, `n_rest` of everybody else";
            return Err(error.with_hint(hint).in_place(format!("evidence `{}`", each.id)));
        }
        if evidence[..place].iter().any(|other| other.id == each.id) {
            let error = SpecError::new(format!("two pieces of evidence are called `{}`", each.id));
            return Err(error
                .with_hint("give each an id of its own")
                .in_place(format!("segment `{}`", segment.name)));
        }
    }
    let is_shown = segment.n >= FEWEST;
    let why_not = |each: &Evidence| if is_shown { why_not(each) } else { Some(Why::TooFew) };
    let mut told: Vec<&Evidence> = evidence.iter().filter(|each| why_not(each).is_none()).collect();
    // Of equals the first id, so that the order given does not matter.
    told.sort_by(|a, b| b.distinctiveness().total_cmp(&a.distinctiveness()).then_with(|| a.id.cmp(&b.id)));
    let of_facet =
        |facet: Facet| told.iter().copied().filter(move |each| each.facet == facet).take(MOST_PER_FACET);
    let spoken = |each: &Evidence| {
        let text = sentence(each)?;
        Some(Sentence { text, facet: each.facet, evidence: vec![each.clone()] })
    };
    let sentences: Vec<Sentence> = Facet::ALL.into_iter().flat_map(of_facet).filter_map(spoken).collect();
    let unknown = Facet::ALL.into_iter().filter(|facet| sentences.iter().all(|each| each.facet != *facet));
    let unknown = unknown.map(|facet| {
        // The reason that is nearest to a sentence.
        let reasons = evidence.iter().filter(|each| each.facet == facet).filter_map(why_not);
        let why = if is_shown { reasons.max().unwrap_or(Why::NoData) } else { Why::TooFew };
        Unknown { facet, why, text: format!("{}: {}", facet.title(), why.sentence()) }
    });
    Ok(Persona {
        name: names.give(&told),
        summary: summary(segment, told.first().copied()),
        unknown: unknown.collect(),
        sentences,
        representative: representative.filter(|each| is_shown && each.is_shown()).cloned(),
        guidelines: (*guidelines).clone(),
        badge: Badge::of(segment.stability),
        segment: (*segment).clone(),
    })
}

/// Why a piece of evidence is not told; none where it is.
fn why_not(evidence: &Evidence) -> Option<Why> {
    let level = if let Value::Level { level, .. } = &evidence.value { level.as_str() } else { "" };
    if [evidence.variable.as_str(), &evidence.label, level].into_iter().any(is_sensitive) {
        return Some(Why::Sensitive);
    }
    if evidence.n.min(evidence.n_rest) < FEWEST {
        return Some(Why::TooFew);
    }
    if let Value::Share { people, people_rest, .. } | Value::Level { people, people_rest, .. } =
        &evidence.value
    {
        // All of a group tell nobody from the others; all but a few, and few, do.
        let left_out = [evidence.n - people, evidence.n_rest - people_rest];
        let is_small = *people.min(people_rest) < FEWEST_IN_CELL
            || left_out.into_iter().any(|n| n > 0 && n < FEWEST_IN_CELL);
        if is_small {
            return Some(Why::SmallCell);
        }
    }
    let (low, high) = evidence.effect.interval;
    let is_certain = (low > 0.0 || high < 0.0) && evidence.q.is_none_or(|q| q < MOST_Q);
    let is_told = is_certain && Band::of(evidence.effect.value).is_some() && evidence.distinctiveness() > 0.0;
    if is_told { None } else { Some(Why::NoDifference) }
}

/// How large it is, and what sets it apart most.
fn summary(segment: &Segment, top: Option<&Evidence>) -> String {
    if segment.n < FEWEST {
        return "The segment is too small to be described without pointing to its members.".to_owned();
    }
    let size = size(segment);
    match top.and_then(sentence) {
        Some(top) => format!("{size} {top}"),
        None => format!("{size} Nothing that is known sets them apart from others."),
    }
}

/// `1,240 customers, 8.2 % of all.`
pub(super) fn size(segment: &Segment) -> String {
    let share = segment.n as f64 / segment.n_customers as f64;
    if share > 0.0 && share <= 1.0 {
        return format!("{} customers, {} of all.", figure::count(segment.n), figure::share(share));
    }
    format!("{} customers.", figure::count(segment.n))
}
