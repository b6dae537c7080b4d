//! How much of what each layer needs is there, and what the gaps cost.

use std::collections::BTreeMap;

use strata_spec::definition::{Classes, Layer, Segmentation};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::found::{Gap, LayerQuality};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{ask, columns_of};

/// A gap that costs less is none.
const LEAST: f64 = 0.005;

/// Shipped segmentations: what is missing where a subject is in no class, and the columns of the profile that say
/// so. A subject lacks it where all of them are null, or 0 where a `+` stands before the name.
const NEEDED: [(&str, &str, &[&str]); 19] = [
    ("age_band", "age", &["age_years"]),
    ("generation", "age", &["birth_year"]),
    ("household", "household size", &["household_size"]),
    ("income_band", "income", &["income"]),
    ("life_stage", "age and family", &["marital_status", "n_children", "age_years"]),
    ("latitude_zone", "location on the map", &["latitude"]),
    ("company_size", "number of employees", &["n_employees"]),
    ("customer_company_size", "number of employees of the company", &["company_id"]),
    ("revenue_band", "yearly revenue of the company", &["annual_revenue"]),
    ("urbanity", "kind of place", &[]),
    ("brand_loyalty", "purchase with a brand", &["+n_brand_lines"]),
    ("buying_rhythm", "second purchase day", &["+frequency"]),
    ("buying_season", "order", &["+n_orders"]),
    ("discount_use", "order", &["+n_orders"]),
    ("email_engagement", "e-mail address", &["email"]),
    ("purchase_frequency", "order or visit", &["+n_orders", "days_since_last_event"]),
    ("rfm", "order", &["+n_orders"]),
    ("clv_tier", "order", &["+n_orders"]),
    ("company_journey", "order", &["+company_n_orders"]),
];

/// Everything about the layers that have any segmentation.
pub(super) async fn measure(view: &View, project: &Project) -> Result<Vec<LayerQuality>> {
    let query = format!(
        "select segmentation, sum(n_members) filter (where segment <> '{UNASSIGNED}'), sum(n_members) \
         from segment where segmentation is not null group by 1 order by 1"
    );
    let lacking = lacking(view).await?;
    let mut layers: BTreeMap<usize, (Layer, Vec<f64>, Vec<Gap>)> = BTreeMap::new();
    for row in ask(view, "count who is in a class", &query).await? {
        let Some(definition) = project.manifest.definitions.segmentations.get(row.text(0)) else { continue };
        let (n_placed, n_all) = (row.count(1), row.count(2));
        if n_all == 0 {
            continue;
        }
        let placed = n_placed as f64 / n_all as f64;
        let layer = definition.header.layer;
        let place = Layer::ALL.iter().position(|known| *known == layer).unwrap_or_default();
        let (_, scores, gaps) = layers.entry(place).or_insert((layer, Vec::new(), Vec::new()));
        scores.push(placed);
        if 1.0 - placed >= LEAST {
            let n_lacking = lacking.get(row.text(0));
            gaps.extend(gap(definition, 1.0 - placed, n_lacking.map(|n| *n as f64 / n_all as f64)));
        }
    }
    let finished = layers.into_values().map(|(layer, scores, mut gaps)| {
        gaps.sort_by(|a, b| {
            b.unassigned.total_cmp(&a.unassigned).then_with(|| a.segmentation.cmp(&b.segmentation))
        });
        let score = scores.iter().sum::<f64>() / scores.len() as f64;
        LayerQuality { layer, score, gaps: one_each(gaps) }
    });
    Ok(finished.collect())
}

/// What a segmentation lacks; none where it is not known what its rules need.
fn gap(definition: &Segmentation, unassigned: f64, lacking: Option<f64>) -> Option<Gap> {
    let segmentation = definition.header.title.clone();
    let needed = NEEDED.iter().find(|(name, ..)| *name == definition.name.as_str());
    let needed = needed.map(|(_, what, _)| (*what).to_owned());
    let (what, missing) = match &definition.classes {
        Classes::By(_) => (needed.unwrap_or_else(|| segmentation.to_lowercase()), unassigned),
        Classes::Rules(_) => (needed?, lacking.filter(|lacking| *lacking >= LEAST)?),
    };
    Some(Gap { what, missing, segmentation, unassigned })
}

/// Of gaps for want of the same thing, the most costly.
fn one_each(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut found: Vec<Gap> = Vec::new();
    for gap in gaps {
        if !found.iter().any(|known| known.what == gap.what) {
            found.push(gap);
        }
    }
    found
}

/// How many subjects lack what a segmentation needs, by segmentation.
async fn lacking(view: &View) -> Result<BTreeMap<&'static str, u64>> {
    let mut lacking = BTreeMap::new();
    for subject in Subject::ALL {
        let columns = columns_of(view, subject.profile_table()).await?;
        let is_there = |column: &&&str| columns.has(column.trim_start_matches('+'));
        let of_subject = |name: &str| name.starts_with("company_") || name == "revenue_band";
        let asked: Vec<(&'static str, String)> = NEEDED
            .iter()
            .filter(|(name, ..)| of_subject(name) == (subject == Subject::Companies))
            .filter_map(|(name, _, needed)| {
                let lacks: Vec<String> = needed
                    .iter()
                    .filter(is_there)
                    .map(|column| match column.strip_prefix('+') {
                        Some(column) => format!("coalesce({column}, 0) = 0"),
                        None => format!("{column} is null"),
                    })
                    .collect();
                (!lacks.is_empty()).then(|| (*name, lacks.join(" and ")))
            })
            .collect();
        if asked.is_empty() {
            continue;
        }
        // Two segmentations may lack the same, and expressions must have names that differ.
        let terms: Vec<String> = asked
            .iter()
            .enumerate()
            .map(|(place, (_, lacks))| format!("count(*) filter (where {lacks}) as n_{place}"))
            .collect();
        let query = format!("select {} from {}", terms.join(", "), subject.profile_table());
        for row in ask(view, "count who lacks what", &query).await? {
            lacking.extend(asked.iter().enumerate().map(|(place, (name, _))| (*name, row.count(place))));
        }
    }
    Ok(lacking)
}
