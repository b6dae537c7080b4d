//! What customers say, sorted by a classifier of the project's own: how many texts have each label, in all and by class.

use serde::Serialize;
use strata_models::proportion::wilson;
use strata_models::text::classify::{Assigned, Features, LEAST_PROBABILITY};
use strata_models::text::pain::FEWEST_TEXTS;
use strata_spec::error::ErrorCode;

use super::embed::{Embedder, check_model, is_foreign, without_model};
use super::heard::{Heard, refused};
use super::kept::Kept;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;

/// Texts whose points are held at a time.
const TOGETHER: usize = 4_096;

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
    /// How many of these are in another language than the model of sentences reads; none where the classifier goes by words.
    pub n_foreign: Option<usize>,
    /// What the classifier goes by: `words` or `embeddings`.
    pub goes_by: &'static str,
    /// Whether the project names a model of sentences that the classifier was not trained by.
    pub has_unused_embeddings: bool,
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
    /// How likely the likeliest label is, 0 to 1; 0 of a text that was not read.
    pub probability: f64,
}

/// Sorts what customers say.
///
/// # Errors
/// `NotFound` where the last run has no texts, or there is no such segmentation or classifier; `InvalidInput` for a least probability that is none or
/// below 0.5, and for several classifiers of which none is named; `InvalidDefinition` and `Conflict` where the classifier's model of sentences is not
/// there.
pub async fn sort(project: &Project, view: &View, asked: Sorting<'_>) -> Result<Sorted> {
    let least = asked.least.unwrap_or(LEAST_PROBABILITY);
    if !(LEAST_PROBABILITY..=1.0).contains(&least) {
        let error =
            Error::new(ErrorCode::InvalidInput, format!("the least probability of a label is {least}"));
        return Err(error.with_hint("give a share from 0.5 to 1, as 0.8"));
    }
    let kept = Kept::open(project, asked.classifier)?;
    let embedder = Embedder::of(project)?;
    let heard = Heard::of(project, view, asked.by).await?;
    let classes = &kept.classifier.classes;
    let (found, n_foreign) = assigned(&kept, embedder.as_ref(), &heard.texts())?;
    let label = |found: &Assigned| found.class.filter(|_| found.probability >= least);
    let labels: Vec<Option<u32>> = found.iter().map(label).collect();
    let everything: Vec<usize> = (0..heard.len()).collect();
    let (n_unsure, of_all) = counted(classes, &labels, &everything);
    let of_class = |(class, texts): (String, Vec<usize>)| {
        let (n_unsure, labels) = counted(classes, &labels, &texts);
        ClassLabels { class, n_texts: texts.len(), n_unsure, labels }
    };
    let of_text = |(place, found): (usize, &Assigned)| TextLabel {
        feedback_id: heard.id(place).to_owned(),
        label: labels[place].and_then(|label| classes.get(label as usize)).cloned(),
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
        n_foreign,
        goes_by: kept.goes_by(),
        has_unused_embeddings: n_foreign.is_none() && embedder.is_some(),
        labels: of_all,
        classes: heard.by_class().into_iter().map(of_class).collect(),
        texts: found.iter().enumerate().map(of_text).collect(),
    })
}

/// What each text is taken for, by its words or by its point, and how many were not read since the model of sentences is not for their language.
fn assigned(
    kept: &Kept,
    embedder: Option<&Embedder>,
    texts: &[&str],
) -> Result<(Vec<Assigned>, Option<usize>)> {
    if let Features::Words(_) = kept.classifier.features {
        let ready = kept.classifier.ready().map_err(|error| refused(&error))?;
        return Ok((ready.assign_all(texts), None));
    }
    let name = kept.name.as_str();
    let embedder = embedder.ok_or_else(|| without_model(name))?;
    check_model(name, kept.model.as_deref(), embedder)?;
    let ready = kept.classifier.ready_for_points().map_err(|error| refused(&error))?;
    let read: Vec<usize> = (0..texts.len()).filter(|place| !is_foreign(texts[*place])).collect();
    let mut found = vec![Assigned { class: None, likeliest: 0, probability: 0.0 }; texts.len()];
    for places in read.chunks(TOGETHER) {
        let texts: Vec<&str> = places.iter().map(|place| texts[*place]).collect();
        let of_texts = ready.assign_all(&embedder.points(&texts)?).map_err(|error| refused(&error))?;
        places.iter().zip(of_texts).for_each(|(place, assigned)| found[*place] = assigned);
    }
    Ok((found, Some(texts.len() - read.len())))
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
