//! How far a segmentation agrees with labels that are known from elsewhere: a sales team's list, an older system's classes, or the truth
//! behind a demo shop.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::{Value, json};
use strata_models::cluster::agreement::{Contingency, adjusted_rand};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;

use crate::error::{Error, Result};
use crate::identity::known;
use crate::project::Project;
use crate::query::View;

/// How far a segmentation and labels divide the same customers alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The segmentation.
    pub segmentation: String,
    /// The column with the labels.
    pub label: String,
    /// The customers compared: in a class, and with one label.
    pub n_customers: u64,
    /// Customers with one label who are in no class.
    pub n_unassigned: u64,
    /// Customers with several labels, who are left out.
    pub n_contradicted: u64,
    /// 1 for the same division, about 0 for two that have nothing to do with each other (Hubert and Arabie 1985).
    pub adjusted_rand: f64,
    /// The classes that customers are in.
    pub classes: Vec<String>,
    /// The labels that they have.
    pub labels: Vec<String>,
    /// Customers by class and label, both in the order above.
    pub counts: Vec<Vec<u64>>,
}

/// What becomes of customers who are in no class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unassigned {
    /// They are not compared.
    LeftOut,
    /// They are a class of their own, so that segmentations that say something of different customers compare.
    AsAClass,
}

/// Compares a segmentation of the last run with the column `label` of a CSV file that names customers by any identifier of theirs, in its
/// columns `kind` (`customer_id`, `email`, `phone`, `anonymous_id`) and `value`.
///
/// # Errors
/// `NotFound` for a segmentation that the last run does not have; `InvalidInput` when the file cannot be read, lacks a column, or names
/// nobody who is in a class.
pub async fn agreement(
    project: &Project,
    view: &View,
    segmentation: &str,
    file: &Path,
    label: &str,
    unassigned: Unassigned,
) -> Result<Agreement> {
    let classes = classes(view, segmentation).await?;
    let mut labels: HashMap<String, BTreeSet<String>> = HashMap::new();
    for row in known(project, view, file, label).await? {
        if let Some(customer) = row.customer {
            labels.entry(customer).or_default().insert(row.says);
        }
    }
    let (mut pairs, mut n_unassigned, mut n_contradicted) = (Vec::new(), 0, 0);
    for (customer, labels) in &labels {
        let mut labels = labels.iter();
        match (labels.next(), labels.next(), classes.get(customer).map(String::as_str)) {
            (_, Some(_), _) => n_contradicted += 1,
            (_, _, None | Some(UNASSIGNED)) if unassigned == Unassigned::LeftOut => n_unassigned += 1,
            (Some(label), None, None) => pairs.push((UNASSIGNED, label.as_str())),
            (Some(label), None, Some(class)) => pairs.push((class, label.as_str())),
            (None, None, _) => {}
        }
    }
    let (classes, of_class) = numbered(pairs.iter().map(|pair| pair.0));
    let (labels, of_label) = numbered(pairs.iter().map(|pair| pair.1));
    let compared = adjusted_rand(&of_class, &of_label).and_then(|index| {
        let table = Contingency::of(&of_class, &of_label)?;
        Ok((index, table))
    });
    let Ok((adjusted_rand, table)) = compared else {
        let message = format!("{} gives no label to anybody in a class of {segmentation}", file.display());
        let hint = "its columns `kind` and `value` name customers, as `email` and `ann@example.com`";
        return Err(Error::new(ErrorCode::InvalidInput, message).with_hint(hint));
    };
    let counts = (0..classes.len()).map(|row| (0..labels.len()).map(|at| table.at(row, at)).collect());
    Ok(Agreement {
        segmentation: segmentation.to_owned(),
        label: label.to_owned(),
        n_customers: pairs.len() as u64,
        n_unassigned,
        n_contradicted,
        adjusted_rand,
        counts: counts.collect(),
        classes,
        labels,
    })
}

impl Agreement {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let counts = self.classes.iter().zip(&self.counts).map(|(class, counts)| {
            let counts: BTreeMap<_, _> = self.labels.iter().zip(counts).collect();
            json!({ "class": class, "n_customers": counts })
        });
        json!({
            "segmentation": self.segmentation,
            "label": self.label,
            "n_customers": self.n_customers,
            "n_unassigned": self.n_unassigned,
            "n_contradicted": self.n_contradicted,
            "adjusted_rand": self.adjusted_rand,
            "classes": counts.collect::<Vec<_>>(),
        })
    }
}

/// The class that each customer is in.
async fn classes(view: &View, segmentation: &str) -> Result<HashMap<String, String>> {
    let rows = view
        .sql("select distinct segmentation from membership where subject = 'customers' and segmentation is not null")
        .await?
        .rows(usize::MAX)
        .await?;
    let names: Vec<String> = rows.cells.into_iter().flatten().flatten().collect();
    if !names.iter().any(|name| name == segmentation) {
        let message = format!("the last run has no segmentation `{segmentation}` of customers");
        let near = nearest(segmentation, names.iter().map(String::as_str));
        let hint = near.map_or_else(
            || "`strata segments list` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Error::new(ErrorCode::NotFound, message).with_hint(hint));
    }
    let members = view
        .sql(&format!(
            "select subject_id, segment from membership \
             where subject = 'customers' and segmentation = '{segmentation}' and left_at is null"
        ))
        .await?
        .rows(usize::MAX)
        .await?;
    let pair = |row: Vec<Option<String>>| {
        let [id, class] = <[Option<String>; 2]>::try_from(row).ok()?;
        Some((id?, class?))
    };
    Ok(members.cells.into_iter().filter_map(pair).collect())
}

/// The names that occur in their order, and the place of each.
fn numbered<'a>(names: impl Iterator<Item = &'a str> + Clone) -> (Vec<String>, Vec<u32>) {
    let different: BTreeSet<&str> = names.clone().collect();
    let places: HashMap<&str, u32> = different.iter().copied().zip(0..).collect();
    let numbers = names.map(|name| places[name]).collect();
    (different.into_iter().map(str::to_owned).collect(), numbers)
}
