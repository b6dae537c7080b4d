//! The meter against over-segmentation: which classes and segments are worth having apart.
//!
//! Every segmentation, and the project's own segments taken together, are held against the five criteria of Kotler and Keller
//! (Marketing Management, chapter on segments and targets): a segment is to be measurable, substantial, accessible, differentiable
//! and actionable. docs/meter.md has each as a formula; the thresholds stand in the manifest's section `[meter]`. While a class is
//! too small, is not told apart, or there are too many, the two that cost least to merge are merged in thought.
//!
//! Sizes, coverage and turnover are exact. What members are like is taken from a sample of at most [`SAMPLE`] subjects, drawn by the
//! hashes of their ids. The stage `measure` writes all that is found as the table `meter`; faces read it from there.

mod class;
mod criterion;
mod differ;
mod ground;
mod judge;
mod made_of;
mod merge;
mod overview;
mod sample;
mod segments;
mod sets;
mod table;
mod uses;
mod variables;
mod words;

use strata_lake::Engine;
use strata_lake::arrow::array::RecordBatch;
use strata_spec::table::Subject;

use crate::compile;
use crate::error::Result;
use crate::query::View;
use crate::run::Run;

pub use criterion::{Criterion, Verdict};
pub use overview::{Metered, Tally, overview, worst};
pub use sample::SAMPLE;
pub use table::{Finding, METER, read};

use ground::Ground;

/// Measures everything that a run has divided; the rows of the table [`METER`].
pub(crate) async fn batch(run: &Run, engine: &Engine, view: &View) -> Result<RecordBatch> {
    let mut findings = Vec::new();
    for program in compile::of_project(&run.project, run.as_of)? {
        let subject = program.subject;
        if view.complete.tables.contains_key(subject.profile_table()) {
            findings.extend(of_subject(run, engine, view, &program).await?);
        }
    }
    table::batch(&findings, &run.run_id)
}

async fn of_subject(
    run: &Run,
    engine: &Engine,
    view: &View,
    program: &compile::Program,
) -> Result<Vec<Finding>> {
    let subject: Subject = program.subject;
    let sample = sample::draw(run, engine, program).await?;
    let sets = sets::read(view, subject, sample.n_parts()).await?;
    let ground = Ground::new(run, program, &sample);
    let mut findings = Vec::new();
    for division in sets.chunk_by(|a, b| a.segmentation == b.segmentation) {
        findings.extend(match &division[0].segmentation {
            Some(segmentation) => class::measure(&ground, segmentation, division),
            None => segments::measure(&ground, division, &sets),
        });
    }
    Ok(findings)
}
