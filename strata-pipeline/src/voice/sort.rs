//! What customers say, sorted by a classifier of the project's own: how many texts have each label, in all and by class.

use serde::Serialize;
use strata_models::proportion::wilson;
use strata_models::text::classify::{Assigned, LEAST_PROBABILITY};
use strata_models::text::pain::FEWEST_TEXTS;
use strata_spec::error::ErrorCode;

use super::heard::{Heard, refused};
use super::kept::Kept;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sorting<'a> {
    /// The classifier; where it is not given, the only one that there is.
    pub classifier: Option<&'a str>,
    /// The segmentation of customers whose classes are compared.
    pub by: Option<&'a str>,
    /// A text whose label is less likely is left alone; 0.5 unless given.
    pub least: Option<f64>,
}

/// Texts, sorted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sorted {
    /// The classifier.
    pub classifier: String,
    /// Texts with a less likely label were left alone.
    pub least: f64,
    /// The share right of the labelled texts that it was held against, without those that it would have left alone; none where it would
    /// have left all alone.
    pub accuracy: Option<f64>,
    /// Whether it was better there than always saying the most frequent label.
    pub is_worthwhile: bool,
    /// How many texts there are.
    pub n_texts: usize,
    /// How many of them were left alone.
    pub n_unsure: usize,
    /// How many of the others have each label; nothing where they are fewer than 20.
    pub labels: Vec<LabelShare>,
    /// The same of the customers of each class.
    pub classes: Vec<ClassLabels>,
    /// Each text.
    pub texts: Vec<TextLabel>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelShare {
    /// The label.
    pub label: String,
    /// How many texts have it.
    pub n_texts: u64,
    /// Their share of those that have one.
    pub share: f64,
    /// Between what that share lies with 95 % confidence, if labels are right (Wilson).
    pub interval: (f64, f64),
}

/// What the customers of a class write of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassLabels {
    /// The class.
    pub class: String,
    /// How many texts they wrote.
    pub n_texts: usize,
    /// How many of them were left alone.
    pub n_unsure: usize,
    /// How many of the others have each label; nothing where they are fewer than 20, which would tell of single customers.
    pub labels: Vec<LabelShare>,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextLabel {
    /// Its id.
    pub feedback_id: String,
    /// Its label; none where it was left alone.
    pub label: Option<String>,
    /// How likely the likeliest label is, 0 to 1.
    pub probability: f64,
}

/// Sorts what customers say.
///
/// # Errors
/// `NotFound` where the last run has no texts, or there is no such segmentation or classifier; `InvalidInput` for a least probability that is none or
/// below 0.5, and for several classifiers of which none is named.
pub async fn sort(project: &Project, view: &View, asked: Sorting<'_>) -> Result<Sorted> {
    let least = asked.least.unwrap_or(LEAST_PROBABILITY);
    if !(LEAST_PROBABILITY..=1.0).contains(&least) {
        let error =
            Error::new(ErrorCode::InvalidInput, format!("the least probability of a label is {least}"));
        return Err(error.with_hint("give a share from 0.5 to 1, as 0.8"));
    }
    let kept = Kept::open(project, asked.classifier)?;
    let ready = kept.classifier.ready().map_err(|error| refused(&error))?;
    let heard = Heard::of(project, view, asked.by).await?;
    let found = ready.assign_all(&heard.texts());
    let label = |found: &Assigned| found.class.filter(|_| found.probability >= least);
    let labels: Vec<Option<u32>> = found.iter().map(label).collect();
    let everything: Vec<usize> = (0..heard.len()).collect();
    let (n_unsure, of_all) = counted(ready.classes(), &labels, &everything);
    let of_class = |(class, texts): (String, Vec<usize>)| {
        let (n_unsure, labels) = counted(ready.classes(), &labels, &texts);
        ClassLabels { class, n_texts: texts.len(), n_unsure, labels }
    };
    let of_text = |(place, found): (usize, &Assigned)| TextLabel {
        feedback_id: heard.id(place).to_owned(),
        label: labels[place].and_then(|label| ready.classes().get(label as usize)).cloned(),
        probability: found.probability,
    };
    let tried = kept.validation.certainty.iter().rev().find(|point| point.least <= least);
    Ok(Sorted {
        classifier: kept.name.to_string(),
        least,
        accuracy: tried.and_then(|point| point.accuracy),
        is_worthwhile: kept.validation.is_worthwhile(),
        n_texts: heard.len(),
        n_unsure,
        labels: of_all,
        classes: heard.by_class().into_iter().map(of_class).collect(),
        texts: found.iter().enumerate().map(of_text).collect(),
    })
}

/// How many of some texts were left alone, and how many have each label.
fn counted(names: &[String], labels: &[Option<u32>], texts: &[usize]) -> (usize, Vec<LabelShare>) {
    let mut counts = vec![0_u64; names.len()];
    for label in texts.iter().filter_map(|place| labels[*place]) {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1;
        }
    }
    let n_sure: u64 = counts.iter().sum();
    let n_unsure = texts.len() - n_sure as usize;
    if n_sure < FEWEST_TEXTS {
        return (n_unsure, Vec::new());
    }
    let label = |(name, count): (&String, &u64)| {
        let (n_texts, share) = (*count, *count as f64 / n_sure as f64);
        Some(LabelShare { label: name.clone(), n_texts, share, interval: wilson(n_texts, n_sure)? })
    };
    (n_unsure, names.iter().zip(&counts).filter_map(label).collect())
}
