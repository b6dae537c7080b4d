//! Who stands for a segment: what a customer in the middle of it and those like it have in common, as ranges.

use std::collections::BTreeMap;

use strata_lake::arrow::array::{Array, RecordBatch, StringArray};
use strata_models::cluster::gower::{Column, Values};
use strata_models::portrait::representative::{Basis, Shown, representative as stands_for};
use strata_spec::error::ErrorCode;
use strata_spec::persona::{Representative, RepresentativeTrait, Typical};

use super::gather::numbers;
use crate::error::{Error, Result};
use crate::function::bucket_of;
use crate::preview::texts;
use crate::query::ask::Columns;

/// So many members at most are looked at.
const CANDIDATES: usize = 2_000;
/// What decides which, with the id.
const SALT: &str = "persona";

/// What is shown: the column, its words, its unit.
const NUMBERS: [(&str, &str, &str); 5] = [
    ("age_years", "age", "years"),
    ("household_size", "household", "people"),
    ("orders_per_year", "orders", "a year"),
    ("mean_order_value", "order value", "{currency}"),
    ("days_since_last_order", "last order", "days ago"),
];
const TEXTS: [(&str, &str); 2] = [("region", "region"), ("top_category", "favourite category")];

/// What a representative is sought in, as far as the profile has it.
pub(super) struct Sought {
    /// In SQL, with its words and its unit.
    numbers: Vec<(String, &'static str, &'static str)>,
    /// By name, with its words.
    texts: Vec<(&'static str, &'static str)>,
    /// Whether somebody accepts marketing, in SQL.
    accepts: String,
}

/// What is seen of a part of the customers, by number.
pub(super) struct Seen {
    /// The place in a draw that depends on nothing but the id; not a number of those who have refused marketing.
    draws: Vec<f64>,
    numbers: Vec<Vec<f64>>,
    texts: Vec<StringArray>,
}

/// The members of a segment who are looked at: those with the lowest draws.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidates(Vec<Candidate>);

#[derive(Debug, Clone)]
struct Candidate {
    draw: f64,
    numbers: Vec<Option<f64>>,
    texts: Vec<Option<String>>,
}

impl Sought {
    pub(super) fn of(columns: &Columns) -> Sought {
        let number = |(name, label, unit)| Some((columns.as_number(name, "")?, label, unit));
        Sought {
            numbers: NUMBERS.into_iter().filter_map(number).collect(),
            texts: TEXTS.into_iter().filter(|(name, _)| columns.has(name)).collect(),
            accepts: columns.as_number("accepts_marketing", "").unwrap_or_else(|| "1.0".to_owned()),
        }
    }

    /// Its columns in SQL.
    pub(super) fn terms(&self) -> impl Iterator<Item = String> {
        let numbers = self.numbers.iter().map(|(value, ..)| value.clone());
        let texts = self.texts.iter().map(|(name, _)| format!("cast(\"{name}\" as varchar)"));
        numbers.chain(texts).chain([format!("coalesce({}, 1.0)", self.accepts)])
    }

    /// Reads the columns of a part, whose ids come first and which stand from a place on.
    pub(super) fn seen(&self, rows: &RecordBatch, first: usize) -> Result<Seen> {
        let (n_numbers, n_texts) = (self.numbers.len(), self.texts.len());
        let accepts = numbers(rows, first + n_numbers + n_texts)?;
        let draw = |(id, accepts): (Option<&str>, &f64)| match *accepts > 0.0 {
            true => bucket_of(id.unwrap_or_default(), SALT),
            false => f64::NAN,
        };
        let text = |place: usize| texts(rows, first + n_numbers + place).cloned();
        Ok(Seen {
            draws: texts(rows, 0)?.iter().zip(&accepts).map(draw).collect(),
            numbers: (0..n_numbers).map(|place| numbers(rows, first + place)).collect::<Result<_>>()?,
            texts: (0..n_texts).map(text).collect::<Result<_>>()?,
        })
    }
}

impl Candidates {
    /// Adds the members among a part of the customers, by their numbers.
    pub(super) fn add(&mut self, seen: &Seen, members: &[u32]) {
        // Who comes after all that are kept will not be among them.
        let is_full = self.0.len() >= CANDIDATES;
        let last = if is_full { self.0.last().map_or(1.0, |last| last.draw) } else { 1.0 };
        let mut drawn: Vec<(f64, u32)> = members
            .iter()
            .map(|row| (seen.draws[*row as usize], *row))
            .filter(|(draw, _)| *draw < last)
            .collect();
        drawn.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        drawn.truncate(CANDIDATES);
        self.0.extend(drawn.into_iter().map(|(draw, row)| {
            let row = row as usize;
            let number = |column: &Vec<f64>| Some(column[row]).filter(|value| !value.is_nan());
            let text = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
            Candidate {
                draw,
                numbers: seen.numbers.iter().map(number).collect(),
                texts: seen.texts.iter().map(text).collect(),
            }
        }));
        self.0.sort_by(|one, other| one.draw.total_cmp(&other.draw));
        self.0.truncate(CANDIDATES);
    }
}

/// Who stands for a segment, among the members who have not refused marketing; none where too few are known.
pub(super) fn representative(
    sought: &Sought,
    Candidates(rows): &Candidates,
    currency: &str,
) -> Result<Option<Representative>> {
    let (numbers, texts) = (&sought.numbers, &sought.texts);
    if numbers.is_empty() {
        return Ok(None);
    }
    let values: Vec<Vec<Option<f64>>> =
        (0..numbers.len()).map(|place| rows.iter().map(|row| row.numbers[place]).collect()).collect();
    let levels: Vec<(Vec<Option<u16>>, Vec<String>)> =
        (0..texts.len()).map(|place| coded(rows, place)).collect();
    // A column in which nobody differs, or of which little is known, tells nothing of likeness.
    let tells = |values: &[Option<f64>]| {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        known.len() * 2 >= values.len() && known.iter().any(|value| *value != known[0])
    };
    let told: Vec<usize> = (0..numbers.len()).filter(|place| tells(&values[*place])).collect();
    let told_texts: Vec<usize> = (0..texts.len())
        .filter(|place| {
            let (codes, names) = &levels[*place];
            names.len() > 1 && codes.iter().flatten().count() * 2 >= codes.len()
        })
        .collect();
    let columns: Vec<Column<'_>> = told
        .iter()
        .map(|place| Column {
            name: numbers[*place].1,
            weight: 1.0,
            values: Values::Numbers(&values[*place]),
        })
        .chain(told_texts.iter().map(|place| Column {
            name: texts[*place].1,
            weight: 1.0,
            values: Values::Nominal(&levels[*place].0),
        }))
        .collect();
    if columns.is_empty() {
        return Ok(None);
    }
    let found = stands_for(&columns, &vec![1.0; rows.len()]);
    let found = found.map_err(|error| {
        Error::new(ErrorCode::Internal, "cannot find who stands for a segment").caused_by(error)
    })?;
    let Some(found) = found else { return Ok(None) };
    let labels = told.iter().map(|place| {
        let (_, label, unit) = &numbers[*place];
        (*label, unit.replace("{currency}", currency), None)
    });
    let labels = labels
        .chain(told_texts.iter().map(|place| (texts[*place].1, String::new(), Some(&levels[*place].1))));
    let traits = labels.zip(&found.shown).filter_map(|((label, unit, names), shown)| {
        let typical = match shown {
            Shown::Range { low, high } => Typical::Range { low: *low, high: *high, unit },
            Shown::Level(code) => Typical::Level(names?.get(usize::from(*code))?.clone()),
            Shown::Hidden => return None,
        };
        Some(RepresentativeTrait { label: label.to_owned(), typical })
    });
    Ok(Some(Representative {
        is_together: found.basis == Basis::Medoid,
        n_alike: found.n_alike as u64,
        traits: traits.collect(),
    }))
}

/// The texts of a column as codes, and what each code stands for.
fn coded(rows: &[Candidate], place: usize) -> (Vec<Option<u16>>, Vec<String>) {
    let mut known: BTreeMap<String, u16> = BTreeMap::new();
    let mut names = Vec::new();
    let codes = rows.iter().map(|row| {
        let text = row.texts[place].as_deref()?;
        let next = u16::try_from(names.len()).ok()?;
        Some(*known.entry(text.to_owned()).or_insert_with(|| {
            names.push(text.to_owned());
            next
        }))
    });
    (codes.collect(), names)
}
