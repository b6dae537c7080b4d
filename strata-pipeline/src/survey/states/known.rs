//! What is known of every customer, and what some have answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::datatypes::Float64Type;
use strata_models::psychometrics::typing::feature::NO_CODE;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::super::Respondent;
use super::super::read::{self, Answered};
use super::asked::Asked;
use crate::error::{Context, Result};
use crate::preview::texts;
use crate::query::ask::{ask, columns_of};
use crate::query::{View, quoted};
use crate::run;

/// The figures of behaviour that a type may be inferred from, and whether few have most of them, so that the logarithm is what counts.
const NUMBERS: [(&str, bool); 16] = [
    ("n_orders", true),
    ("revenue", true),
    ("mean_order_value", true),
    ("mean_units_per_order", true),
    ("days_since_last_order", true),
    ("median_gap_days", true),
    ("tenure", false),
    ("discount_share", false),
    ("refunded_share", false),
    ("n_categories", true),
    ("n_brands", true),
    ("top_brand_share", false),
    ("n_visits_90d", true),
    ("email_open_rate_90d", false),
    ("email_click_rate_90d", false),
    ("mean_rating", false),
];

/// The segmentations that a type may be inferred from; by their classes it is also told who answers at all.
const CATEGORIES: [&str; 6] = ["age_band", "gender", "rfm", "journey", "channel", "engagement"];

/// What people under this age answered is not used, and nothing is told of them.
const ADULT: f64 = 18.0;

/// All that states are made of.
pub(super) struct Known {
    /// Adults and those of unknown age, by their ids; features and answers speak of their places.
    pub(super) customers: Vec<String>,
    /// Customers of whom nothing is told.
    pub(super) left_out: Vec<String>,
    /// Columns of numbers, NaN where one is missing.
    pub(super) numbers: Vec<(&'static str, Vec<f64>)>,
    /// Columns of codes.
    pub(super) categories: Vec<(&'static str, Vec<u32>)>,
    /// The classes of the segmentation, with what people call them.
    pub(super) types: Vec<(String, String)>,
    /// The type of each customer who is measured.
    pub(super) measured: BTreeMap<usize, u16>,
    /// Those who answered some question with care: their places, in the order of the rows of answers.
    pub(super) answered: Vec<usize>,
    pub(super) items: Vec<String>,
    /// A column of answers for each item.
    pub(super) points: Vec<Vec<f64>>,
}

/// Reads it.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn read(view: &View, asked: &Asked<'_>, respondents: &[Respondent]) -> Result<Known> {
    let mut known = everybody(view).await?;
    let (types, segments) = types(view, &asked.name).await?;
    known.types = types;
    let place: HashMap<&str, usize> =
        known.customers.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    let careless: BTreeSet<&str> = respondents
        .iter()
        .filter(|one| {
            one.is_careless && asked.surveys.iter().any(|survey| survey.name.as_str() == one.survey)
        })
        .map(|one| one.customer_id.as_str())
        .collect();
    let meant = |id: &str| place.get(id).copied().filter(|_| !careless.contains(id));
    let of_type = segments.iter().filter_map(|(id, of_type)| Some((meant(id)?, *of_type)));
    let measured = of_type.collect();
    let mut rows = Rows::default();
    for survey in &asked.surveys {
        rows.add(read::answers(view, survey).await?, meant);
    }
    drop(place);
    known.measured = measured;
    (known.answered, known.items, known.points) = rows.columns();
    Ok(known)
}

/// Every customer with the features that the run has.
async fn everybody(view: &View) -> Result<Known> {
    let reading = "cannot read what is known of every customer";
    let columns = columns_of(view, Subject::Customers.profile_table()).await?;
    let number = |name: &str| columns.as_number(name, "p.");
    let numbers: Vec<(&'static str, String)> = NUMBERS
        .into_iter()
        .filter_map(|(name, is_skewed)| {
            let value = number(name)?;
            Some((name, if is_skewed { format!("ln(1.0 + greatest({value}, 0.0))") } else { value }))
        })
        .collect();
    let age = number("age_years").unwrap_or_else(|| "cast(null as double)".to_owned());
    let mut selected = vec!["p.customer_id".to_owned(), format!("coalesce({age}, {ADULT:.1}) < {ADULT:.1}")];
    selected.extend(numbers.iter().map(|(_, value)| value.clone()));
    selected.extend((0..CATEGORIES.len()).map(|place| format!("c.c{place}")));
    let classes: Vec<String> = CATEGORIES
        .iter()
        .enumerate()
        .map(|(place, name)| {
            format!("max(case when segmentation = {} then segment end) as c{place}", quoted(name))
        })
        .collect();
    let names: Vec<String> = CATEGORIES.iter().map(|name| quoted(name)).collect();
    let query = format!(
        "select {} from profile p left join (select subject_id, {} from membership where subject = 'customers' \
         and left_at is null and segmentation in ({}) and segment <> '{UNASSIGNED}' group by 1) c \
         on c.subject_id = p.customer_id order by p.customer_id",
        selected.join(", "),
        classes.join(", "),
        names.join(", "),
    );
    let frame = view.engine().sql(&query, &view.complete.tables).await.context(reading)?;
    let mut known = Known {
        customers: Vec::new(),
        left_out: Vec::new(),
        numbers: numbers.into_iter().map(|(name, _)| (name, Vec::new())).collect(),
        categories: CATEGORIES.map(|name| (name, Vec::new())).into(),
        types: Vec::new(),
        measured: BTreeMap::new(),
        answered: Vec::new(),
        items: Vec::new(),
        points: Vec::new(),
    };
    let mut codes: [BTreeMap<String, u32>; CATEGORIES.len()] = Default::default();
    let mut stream = run::stream(frame).await.context(reading)?;
    while let Some(batch) = stream.try_next().await.context(reading)? {
        let (ids, is_minor) = (texts(&batch, 0)?, batch.column(1).as_boolean());
        let of_adults: Vec<usize> = (0..batch.num_rows()).filter(|row| !is_minor.value(*row)).collect();
        for row in 0..batch.num_rows() {
            let to = if is_minor.value(row) { &mut known.left_out } else { &mut known.customers };
            to.push(ids.value(row).to_owned());
        }
        for (place, (_, to)) in known.numbers.iter_mut().enumerate() {
            let values = batch.column(2 + place).as_primitive::<Float64Type>();
            to.extend(
                of_adults.iter().map(|row| if values.is_valid(*row) { values.value(*row) } else { f64::NAN }),
            );
        }
        let first = 2 + known.numbers.len();
        for (place, ((_, to), codes)) in known.categories.iter_mut().zip(&mut codes).enumerate() {
            let classes = texts(&batch, first + place)?;
            to.extend(of_adults.iter().map(|row| match classes.is_valid(*row) {
                true => code(codes, classes.value(*row)),
                false => NO_CODE,
            }));
        }
    }
    Ok(known)
}

/// The code of a class, in the order in which classes turn up.
fn code(codes: &mut BTreeMap<String, u32>, class: &str) -> u32 {
    if let Some(code) = codes.get(class) {
        return *code;
    }
    let next = codes.len() as u32;
    codes.insert(class.to_owned(), next);
    next
}

/// The classes of a segmentation that somebody is in, each with its title, and who is in which.
async fn types(view: &View, segmentation: &str) -> Result<(Vec<(String, String)>, Vec<(String, u16)>)> {
    let of = quoted(segmentation);
    let query = format!(
        "select segment, title from segment where subject = 'customers' and segmentation = {of} \
         and segment <> '{UNASSIGNED}' and n_members > 0 order by 1"
    );
    let rows = ask(view, "list the types of customers", &query).await?;
    let types: Vec<(String, String)> =
        rows.iter().map(|row| (row.text(0).to_owned(), row.text(1).to_owned())).collect();
    let query = format!(
        "select subject_id, segment from membership where subject = 'customers' and left_at is null \
         and segmentation = {of} and segment <> '{UNASSIGNED}' order by 1"
    );
    let members = ask(view, "list who is of which type", &query).await?;
    let place = |row: &crate::query::ask::Row| {
        let found = types.iter().position(|(name, _)| name == row.text(1))?;
        Some((row.text(0).to_owned(), u16::try_from(found).ok()?))
    };
    let members = members.iter().filter_map(place).collect();
    Ok((types, members))
}

/// Answers of one customer after the other, from several surveys.
#[derive(Default)]
struct Rows {
    items: Vec<String>,
    /// By place of the customer: items and points.
    of: BTreeMap<usize, Vec<(usize, f64)>>,
}

impl Rows {
    fn add(&mut self, answered: Answered, place: impl Fn(&str) -> Option<usize>) {
        let first = self.items.len();
        for (row, customer) in answered.customers.iter().enumerate() {
            let Some(place) = place(customer) else { continue };
            let points = answered.points.iter().enumerate().filter(|(_, points)| !points[row].is_nan());
            self.of
                .entry(place)
                .or_default()
                .extend(points.map(|(item, points)| (first + item, points[row])));
        }
        self.items.extend(answered.items);
    }

    /// The places of customers, the items and a column for each of them.
    fn columns(self) -> (Vec<usize>, Vec<String>, Vec<Vec<f64>>) {
        let mut columns = vec![vec![f64::NAN; self.of.len()]; self.items.len()];
        for (row, answers) in self.of.values().enumerate() {
            answers.iter().for_each(|(item, points)| columns[*item][row] = *points);
        }
        (self.of.into_keys().collect(), self.items, columns)
    }
}
