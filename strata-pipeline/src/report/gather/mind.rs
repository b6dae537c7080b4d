//! What customers say of themselves and write: answers on scales, and ratings.

use std::collections::BTreeMap;

use strata_spec::definition::{Definitions, Origin};

use super::super::data::{Feedback, ReportData, Scale};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{ask, instant_literal};
use crate::survey::kano::OfSegment;
use crate::survey::{self, ScaleQuality};

/// Scales as questionnaires have them, lowest and highest; the narrowest that holds all answers is meant.
const SCALES: [(f64, f64); 4] = [(1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (1.0, 10.0)];

/// A question that fewer have answered says little.
const FEWEST: u64 = 20;

/// More questions are not shown.
const MOST: usize = 12;

/// Adds scales and feedback.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    data.surveys = survey::read_back(view).await?;
    data.wanted = survey::kano::read_back(view).await?;
    // Of all shipped segmentations some class sees anything otherwise, by chance.
    let is_own = |of: &OfSegment| is_of_project(&project.manifest.definitions, of);
    data.wanted.iter_mut().for_each(|wanted| wanted.segments.retain(is_own));
    data.typings = survey::states::typings(view).await?;
    let measured = data.surveys.iter().flat_map(|survey| &survey.scales).filter_map(measured);
    data.plots.scales = measured.take(MOST).collect();
    if data.plots.scales.is_empty() {
        data.plots.scales = scales(view).await?;
    }
    data.plots.feedback = feedback(view).await?;
    Ok(())
}

/// Whether the project itself defines a segment, or the segmentation that a class is of.
fn is_of_project(definitions: &Definitions, of: &OfSegment) -> bool {
    let header = match &of.segmentation {
        Some(name) => definitions.segmentations.get(name.as_str()).map(|this| &this.header),
        None => definitions.segments.get(of.segment.as_str()).map(|this| &this.header),
    };
    header.is_some_and(|header| header.origin == Origin::Project)
}

/// A scale of a survey, where anybody has a score.
fn measured(scale: &ScaleQuality) -> Option<Scale> {
    let ends = scale.low_label.clone().zip(scale.high_label.clone());
    Some(Scale {
        title: scale.title.clone(),
        ends,
        lowest: scale.lowest,
        highest: scale.highest,
        mean: scale.mean?,
        deviation: scale.deviation.unwrap_or(0.0),
        n: scale.n as u64,
        reliability: scale.alpha,
    })
}

/// Questions that are answered by whole numbers on a scale, each as one; the most answered first.
async fn scales(view: &View) -> Result<Vec<Scale>> {
    if !view.complete.tables.contains_key("responses") {
        return Ok(Vec::new());
    }
    let query = format!(
        "select question, cast(answer_number as bigint), count(*), \
           count(*) filter (where answer_number is null or answer_number <> floor(answer_number)) \
         from responses where answered_at is null or answered_at <= {} group by 1, 2",
        instant_literal(view.complete.as_of)
    );
    let mut answers: BTreeMap<String, Vec<(f64, u64)>> = BTreeMap::new();
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for row in ask(view, "count answers", &query).await? {
        let question = row.text(0).to_owned();
        *others.entry(question.clone()).or_default() += row.count(3);
        if let Some(answer) = row.number(1) {
            answers.entry(question).or_default().push((answer, row.count(2)));
        }
    }
    answers.retain(|question, _| others.get(question) == Some(&0));
    let mut scales: Vec<Scale> =
        answers.iter().filter_map(|(question, counts)| scale(question, counts)).collect();
    scales.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.title.cmp(&b.title)));
    scales.truncate(MOST);
    Ok(scales)
}

fn scale(question: &str, counts: &[(f64, u64)]) -> Option<Scale> {
    let n: u64 = counts.iter().map(|(_, n)| n).sum();
    let holds = |(lowest, highest): &(f64, f64)| {
        counts.iter().all(|(answer, _)| (*lowest..=*highest).contains(answer))
    };
    let (lowest, highest) = SCALES.into_iter().find(holds)?;
    // Yes or no as 1 and 0 is no scale.
    if n < FEWEST || counts.len() < 3 {
        return None;
    }
    let mean = counts.iter().map(|(answer, n)| answer * *n as f64).sum::<f64>() / n as f64;
    let squares: f64 = counts.iter().map(|(answer, n)| (answer - mean).powi(2) * *n as f64).sum();
    Some(Scale {
        title: question.to_owned(),
        ends: None,
        lowest,
        highest,
        mean,
        deviation: (squares / n as f64).sqrt(),
        n,
        reliability: None,
    })
}

async fn feedback(view: &View) -> Result<Option<Feedback>> {
    if !view.complete.tables.contains_key("feedback") {
        return Ok(None);
    }
    let query = format!(
        "select count(*), avg(rating), max(rating) from feedback where given_at is null or given_at <= {}",
        instant_literal(view.complete.as_of)
    );
    let rows = ask(view, "count what customers wrote", &query).await?;
    Ok(rows.first().filter(|row| row.count(0) > 0).map(|row| Feedback {
        n_texts: row.count(0),
        mean_rating: row.number(1),
        // Of a scale nobody has used to its end no more is known.
        highest_rating: row.number(2).map(|highest| if highest <= 5.0 { 5.0 } else { highest.max(10.0) }),
        topics: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_lie_on_the_narrowest_scale_that_holds_them() {
        for (counts, expected) in [
            (&[(1.0, 10), (4.0, 10), (5.0, 10)][..], Some((1.0, 5.0))),
            (&[(2.0, 10), (3.0, 10), (6.0, 10)], Some((1.0, 7.0))),
            (&[(0.0, 10), (3.0, 10), (6.0, 10)], Some((0.0, 10.0))),
            (&[(0.0, 50), (1.0, 50)], None),
            (&[(1.0, 50), (2.0, 50), (1990.0, 1)], None),
            (&[(1.0, 5), (2.0, 5), (3.0, 5)], None),
        ] {
            assert_eq!(scale("q", counts).map(|scale| (scale.lowest, scale.highest)), expected);
        }
        let scale = scale("q", &[(1.0, 10), (3.0, 20), (5.0, 10)]).unwrap();
        assert_eq!((scale.mean, scale.deviation, scale.n), (3.0, 2.0_f64.sqrt(), 40));
    }
}
