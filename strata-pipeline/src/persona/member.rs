//! Who stands for a segment: what a customer in the middle of it and those like it have in common, as ranges.

use std::collections::BTreeMap;

use strata_models::cluster::gower::{Column, Values};
use strata_models::portrait::representative::{Basis, Shown, representative as stands_for};
use strata_spec::error::ErrorCode;
use strata_spec::persona::{Representative, RepresentativeTrait, Typical};
use strata_spec::table::Subject;

use super::target::Target;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{Row, ask, columns_of};

/// So many members at most are looked at.
const CANDIDATES: usize = 2_000;

/// What is shown: the column, its words, its unit.
const NUMBERS: [(&str, &str, &str); 5] = [
    ("age_years", "age", "years"),
    ("household_size", "household", "people"),
    ("orders_per_year", "orders", "a year"),
    ("mean_order_value", "order value", "{currency}"),
    ("days_since_last_order", "last order", "days ago"),
];
const TEXTS: [(&str, &str); 2] = [("region", "region"), ("top_category", "favourite category")];

/// Who stands for a segment, among the members who have not refused marketing; none where too few are known.
pub(super) async fn representative(
    project: &Project,
    view: &View,
    target: &Target,
) -> Result<Option<Representative>> {
    let known = columns_of(view, Subject::Customers.profile_table()).await?;
    let numbers: Vec<_> = NUMBERS
        .into_iter()
        .filter_map(|(name, label, unit)| Some((known.as_number(name, "p.")?, label, unit)))
        .collect();
    let texts: Vec<_> = TEXTS.into_iter().filter(|(name, _)| known.has(name)).collect();
    if numbers.is_empty() {
        return Ok(None);
    }
    let terms: Vec<String> = numbers
        .iter()
        .map(|(value, ..)| value.clone())
        .chain(texts.iter().map(|(name, _)| format!("p.\"{name}\"")))
        .collect();
    let consented = match known.as_number("accepts_marketing", "p.") {
        Some(accepts) => format!("and coalesce({accepts}, 1.0) > 0.0"),
        None => String::new(),
    };
    let query = format!(
        "select {} from membership m join profile p on p.customer_id = m.subject_id where m.subject = 'customers' \
         and m.left_at is null and {} {consented} order by bucket(m.subject_id, 'persona') limit {CANDIDATES}",
        terms.join(", "),
        target.rows(),
    );
    let rows = ask(view, "look at members of a segment", &query).await?;
    let values: Vec<Vec<Option<f64>>> =
        (0..numbers.len()).map(|place| rows.iter().map(|row| row.number(place)).collect()).collect();
    let levels: Vec<(Vec<Option<u16>>, Vec<String>)> =
        (0..texts.len()).map(|place| coded(&rows, numbers.len() + place)).collect();
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
    let currency = view.currency(project).unwrap_or_default();
    let labels = told.iter().map(|place| {
        let (_, label, unit) = numbers[*place];
        (label, unit.replace("{currency}", &currency), None)
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
fn coded(rows: &[Row], place: usize) -> (Vec<Option<u16>>, Vec<String>) {
    let mut known: BTreeMap<String, u16> = BTreeMap::new();
    let mut names = Vec::new();
    let codes = rows.iter().map(|row| {
        let text = row.maybe(place)?;
        let next = u16::try_from(names.len()).ok()?;
        Some(*known.entry(text.to_owned()).or_insert_with(|| {
            names.push(text.to_owned());
            next
        }))
    });
    (codes.collect(), names)
}
