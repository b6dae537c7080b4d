//! How the members of every class and segment differ from everyone else: means of traits from one pass over memberships
//! and profiles, shares of other segmentations' classes from one join of memberships with themselves.

use std::collections::{BTreeMap, BTreeSet};

use strata_spec::definition::Definitions;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::super::data::{Difference, Portrait, ReportData, SegmentationData};
use crate::error::Result;
use crate::project::Project;
use crate::query::ask::{Columns, Row, ask};
use crate::query::{View, quoted};

/// Traits that can set people apart. Of those that say much the same, one is enough.
const OF_CUSTOMERS: [&str; 31] = [
    "n_orders",
    "mean_order_value",
    "days_since_last_order",
    "tenure",
    "median_gap_days",
    "gap_variation",
    "discount_share",
    "mean_units_per_order",
    "top_category_share",
    "top_brand_share",
    "holiday_share",
    "refunded_share",
    "revenue",
    "clv",
    "age_years",
    "income",
    "income_per_person",
    "household_size",
    "n_children",
    "has_children",
    "has_partner",
    "accepts_marketing",
    "n_visits_90d",
    "n_product_views_30d",
    "n_carts_abandoned_90d",
    "n_active_days_30d",
    "email_open_rate_90d",
    "email_click_rate_90d",
    "campaign_response_rate",
    "mean_rating",
    "n_feedback",
];
const OF_COMPANIES: [&str; 10] = [
    "n_employees",
    "annual_revenue",
    "company_n_orders",
    "company_mean_order_value",
    "company_revenue",
    "company_days_since_last_order",
    "company_age_years",
    "n_people",
    "company_n_buyers",
    "is_subsidiary",
];

/// What columns of canonical tables are called: name, title, unit.
pub(super) const OF_TABLES: [(&str, &str, Option<&str>); 6] = [
    ("income", "Yearly income", Some("currency")),
    ("household_size", "Persons in the household", Some("persons")),
    ("n_children", "Children", Some("children")),
    ("accepts_marketing", "Agree to marketing", Some("share")),
    ("n_employees", "Employees", Some("people")),
    ("annual_revenue", "Yearly revenue", None),
];

/// Segmentations whose shares tell who somebody is, in the order of what they tell, as far as there are not too many.
const TELLING: [&str; 15] = [
    "journey",
    "region",
    "age_band",
    "gender",
    "favourite_category",
    "channel",
    "discount_use",
    "customer_industry",
    "country",
    "device",
    "industry",
    "company_size",
    "company_country",
    "company_journey",
    "ownership",
];
const MOST_TELLING: usize = 7;

/// Segmentations beside those whose classes are told by shares. Of others only means are told.
const TOLD: [&str; 6] =
    ["rfm", "clv_tier", "purchase_frequency", "engagement", "life_stage", "email_engagement"];

/// A segmentation of more classes is a list of names, and neither tells nor is told by shares.
const MOST_CLASSES: usize = 80;

/// Members of a class or segment (without segmentation) who are in a class of another segmentation.
pub(super) type Shared = BTreeMap<Division, BTreeMap<(String, String), u64>>;

/// A segmentation, none for a segment, and a class.
pub(super) type Division = (Option<String>, String);

/// A trait that can set members apart.
struct Trait {
    name: String,
    title: String,
    unit: Option<String>,
    /// Its value as a number, in SQL.
    value: String,
}

/// Count, sum and deviation of a trait.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: u64,
    sum: f64,
    deviation: f64,
}

/// Fills the portraits of everything of a subject; returns who of which class is in which other.
pub(super) async fn gather(
    view: &View,
    project: &Project,
    data: &mut ReportData,
    subject: Subject,
    columns: &Columns,
) -> Result<Shared> {
    if !columns.has(subject.id_column()) {
        return Ok(Shared::new());
    }
    let mut portraits = means(view, project, subject, columns).await?;
    let of_subject = |each: &&SegmentationData| each.subject == subject;
    let segmentations: Vec<&SegmentationData> = data.segmentations.iter().filter(of_subject).collect();
    let shared = shared(view, subject, &segmentations).await?;
    for (division, others) in &shared {
        let differences = shares(others, &segmentations, data, subject);
        portraits.entry(division.clone()).or_default().differences.extend(differences);
    }
    for segmentation in data.segmentations.iter_mut().filter(|each| each.subject == subject) {
        for class in &mut segmentation.classes {
            let division = (Some(segmentation.name.clone()), class.name.clone());
            class.portrait = portraits.remove(&division).unwrap_or_default();
        }
    }
    for segment in data.segments.iter_mut().filter(|each| each.subject == subject) {
        segment.portrait = portraits.remove(&(None, segment.name.clone())).unwrap_or_default();
    }
    Ok(shared)
}

async fn means(
    view: &View,
    project: &Project,
    subject: Subject,
    columns: &Columns,
) -> Result<BTreeMap<Division, Portrait>> {
    let traits = traits(project, subject, columns);
    let (orders, days) = match subject {
        Subject::Customers => ("n_orders", "days_since_last_order"),
        Subject::Companies => ("company_n_orders", "company_days_since_last_order"),
    };
    let number =
        |name: &str| columns.as_number(name, "p.").unwrap_or_else(|| "cast(null as double)".to_owned());
    let of_members = [
        "count(*)".to_owned(),
        columns.as_number(orders, "p.").map_or_else(
            || "cast(null as bigint)".to_owned(),
            |orders| format!("cast(coalesce(sum({orders}), 0) as bigint)"),
        ),
        format!("median({})", number(days)),
    ];
    let sums =
        traits.iter().flat_map(|each| [format!("count({})", each.value), format!("sum({})", each.value)]);
    let terms: Vec<String> = of_members.into_iter().chain(sums).collect();
    let profile = subject.profile_table();
    let query = format!(
        "select m.segmentation, m.segment, {} from membership m join {profile} p on p.{} = m.subject_id \
         where m.subject = '{subject}' and m.left_at is null group by 1, 2",
        terms.join(", "),
        subject.id_column(),
    );
    let everyone = everyone(view, profile, &traits).await?;
    let mut portraits = BTreeMap::new();
    for row in ask(view, "sum up traits by class", &query).await? {
        let differences = traits.iter().zip(&everyone).enumerate().filter_map(|(place, (each, all))| {
            let members = Sums {
                n: row.count(5 + 2 * place),
                sum: row.number(6 + 2 * place).unwrap_or(0.0),
                deviation: 0.0,
            };
            difference(each, members, *all)
        });
        let portrait = Portrait {
            n_orders: row.whole(3),
            median_days_since_last_order: row.number(4),
            differences: differences.collect(),
        };
        portraits.insert(division(&row), portrait);
    }
    Ok(portraits)
}

fn division(row: &Row) -> Division {
    (row.maybe(0).map(str::to_owned), row.text(1).to_owned())
}

async fn everyone(view: &View, profile: &str, traits: &[Trait]) -> Result<Vec<Sums>> {
    let terms: Vec<String> = traits
        .iter()
        .map(|each| format!("count({0}), sum({0}), stddev_pop({0})", each.value))
        .chain(["count(*)".to_owned()])
        .collect();
    let query = format!("select {} from {profile} p", terms.join(", "));
    let rows = ask(view, "sum up traits", &query).await?;
    let sums = |row: &Row| {
        let of = |place: usize| Sums {
            n: row.count(3 * place),
            sum: row.number(3 * place + 1).unwrap_or(0.0),
            deviation: row.number(3 * place + 2).unwrap_or(0.0),
        };
        (0..traits.len()).map(of).collect()
    };
    Ok(rows.first().map(sums).unwrap_or_default())
}

/// The traits that the profile has as numbers: the customary ones, and the project's own.
fn traits(project: &Project, subject: Subject, columns: &Columns) -> Vec<Trait> {
    let definitions = &project.manifest.definitions;
    let customary: &[&str] = match subject {
        Subject::Customers => &OF_CUSTOMERS,
        Subject::Companies => &OF_COMPANIES,
    };
    let is_shipped =
        |name: &str| Definitions::shipped().is_ok_and(|shipped| shipped.traits.contains_key(name));
    let own = definitions.traits.values().filter(|each| each.header.subject == subject);
    let own = own.map(|each| each.name.as_str()).filter(|name| !is_shipped(name));
    let mut known = BTreeSet::new();
    customary
        .iter()
        .copied()
        .chain(own)
        .filter(|name| known.insert(*name))
        .filter_map(|name| {
            let value = columns.as_number(name, "p.")?;
            let is_boolean = value.contains(" as int)");
            let of_table = OF_TABLES.iter().find(|(column, ..)| *column == name);
            let (title, unit) = match (definitions.traits.get(name), of_table) {
                (Some(definition), _) => (definition.header.title.clone(), definition.unit.clone()),
                (None, Some((_, title, unit))) => ((*title).to_owned(), unit.map(str::to_owned)),
                (None, None) => return None,
            };
            let unit = if is_boolean { Some("share".to_owned()) } else { unit };
            Some(Trait { name: name.to_owned(), title, unit, value })
        })
        .collect()
}

/// The mean of the members beside that of the rest, where both are known.
fn difference(of: &Trait, members: Sums, everyone: Sums) -> Option<Difference> {
    let n_rest = everyone.n.checked_sub(members.n).filter(|n| *n > 0)?;
    (members.n > 0 && everyone.deviation > 0.0).then(|| Difference::Mean {
        name: of.name.clone(),
        title: of.title.clone(),
        unit: of.unit.clone(),
        mean: members.sum / members.n as f64,
        mean_of_rest: (everyone.sum - members.sum) / n_rest as f64,
        deviation: everyone.deviation,
        n_known: members.n,
        n_known_of_rest: n_rest,
    })
}

/// Who of which class is in which class of the telling segmentations.
async fn shared(view: &View, subject: Subject, segmentations: &[&SegmentationData]) -> Result<Shared> {
    let fits = |name: &str| {
        let found = segmentations.iter().find(|each| each.name == name)?;
        let n_named =
            found.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0).count();
        (2..=MOST_CLASSES).contains(&n_named).then_some(found.name.as_str())
    };
    let telling: Vec<&str> = TELLING.into_iter().filter_map(fits).take(MOST_TELLING).collect();
    if telling.is_empty() {
        return Ok(Shared::new());
    }
    let told: Vec<&str> = telling.iter().copied().chain(TOLD.into_iter().filter_map(fits)).collect();
    let list = |names: &[&str]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let query = format!(
        "select a.segmentation, a.segment, b.segmentation, b.segment, count(*) \
         from (select subject_id, segmentation, segment from membership where subject = '{subject}' \
           and left_at is null and (segmentation is null or segmentation in ({}))) a \
         join (select subject_id, segmentation, segment from membership where subject = '{subject}' \
           and left_at is null and segment <> '{UNASSIGNED}' and segmentation in ({})) b \
         on a.subject_id = b.subject_id where a.segmentation is null or a.segmentation <> b.segmentation \
         group by 1, 2, 3, 4",
        list(&told),
        list(&telling),
    );
    let mut shared = Shared::new();
    for row in ask(view, "count who is in two classes", &query).await? {
        let other = (row.text(2).to_owned(), row.text(3).to_owned());
        shared.entry(division(&row)).or_default().insert(other, row.count(4));
    }
    Ok(shared)
}

/// The shares of other segmentations' classes among the members of a class, and among the rest.
fn shares(
    others: &BTreeMap<(String, String), u64>,
    segmentations: &[&SegmentationData],
    data: &ReportData,
    subject: Subject,
) -> Vec<Difference> {
    let names: BTreeSet<&str> = others.keys().map(|(name, _)| name.as_str()).collect();
    let mut differences = Vec::new();
    for other in segmentations.iter().filter(|each| names.contains(each.name.as_str())) {
        let n_here = |class: &str| others.get(&(other.name.clone(), class.to_owned())).copied().unwrap_or(0);
        let named = || other.classes.iter().filter(|class| class.name != UNASSIGNED);
        let n_known: u64 = named().map(|class| n_here(&class.name)).sum();
        let n_all: u64 = named().map(|class| class.n_members).sum();
        let Some(n_rest) = n_all.min(data.n_of(subject)).checked_sub(n_known).filter(|n| *n > 0) else {
            continue;
        };
        if n_known == 0 {
            continue;
        }
        for class in named() {
            let here = n_here(&class.name);
            differences.push(Difference::Share {
                name: other.name.clone(),
                title: other.title.clone(),
                class: class.label().0,
                share: here as f64 / n_known as f64,
                share_of_rest: class.n_members.saturating_sub(here) as f64 / n_rest as f64,
                n_known,
                n_known_of_rest: n_rest,
            });
        }
    }
    differences
}
