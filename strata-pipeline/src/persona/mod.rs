//! Personas: what sets the members of a segment apart from all other customers, told in sentences that each carry their evidence.
//!
//! `fact` lists what is looked at, and in which words, `wish` what customers were asked to wish for; `complaint` counts who writes badly of
//! what; `crowd` reads the customers, of which `gather` sums all up for all segments at once; `evidence` makes a comparison of each figure and
//! picks what to tell; `member` finds who stands for a segment; `strata-spec` writes the sentences and proves that no figure was made up.
//! What questionnaires
//! measured also fires guidelines. Nothing that was guessed is looked at.

mod complaint;
mod crowd;
mod evidence;
mod fact;
mod gather;
mod member;
mod scale;
mod target;
mod wish;

use strata_spec::guideline::TestGoal;
use strata_spec::persona::{self, Input, Persona, Segment};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
use target::Target;

/// Writes personas of the members that the last run found: of a segment, of a class written `segmentation/class`, of all classes of a
/// segmentation, or else of whatever the project itself defines.
///
/// # Errors
/// `NotFound` where there is no such segment, or it is of companies; and when a table cannot be read.
pub async fn personas(project: &Project, view: &View, of: Option<&str>) -> Result<Vec<Persona>> {
    write(project, view, target::all(project, view, of).await?).await
}

/// The same of whatever the project itself defines, no more than the `most` largest.
pub(crate) async fn largest(project: &Project, view: &View, most: usize) -> Result<Vec<Persona>> {
    let mut targets = target::all(project, view, None).await?;
    targets.sort_by_key(|target| std::cmp::Reverse(target.n_members));
    targets.truncate(most);
    write(project, view, targets).await
}

async fn write(project: &Project, view: &View, targets: Vec<Target>) -> Result<Vec<Persona>> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let scales = scale::all(project, view).await?;
    let wishes = wish::all(&project.manifest.surveys);
    let gathered = gather::all(project, view, &targets, &scales, &wishes).await?;
    let goal = goal(project)?;
    let date = view.complete.as_of.date_naive();
    let mut told = Vec::with_capacity(targets.len());
    for (place, target) in targets.iter().enumerate() {
        let found = evidence::of(&gathered, place, target, &project.guidelines.firing, date);
        told.push((
            Segment {
                name: target.to_string(),
                n: target.n_members,
                n_customers: gathered.n_customers,
                stability: target.stability,
                date,
            },
            found.evidence,
            member::representative(&gathered.sought, &gathered.candidates[place], &gathered.currency)?,
            project.guidelines.fire(&found.measured, &found.seen, goal),
        ));
    }
    let inputs: Vec<Input<'_>> = told
        .iter()
        .map(|(segment, evidence, representative, guidelines)| Input {
            segment,
            evidence,
            representative: representative.as_ref(),
            guidelines,
        })
        .collect();
    let personas = persona::write_all(&inputs).map_err(|fault| Error::of_definitions(vec![fault]))?;
    for persona in &personas {
        persona.check().map_err(|fault| Error::of_definitions(vec![fault]))?;
    }
    Ok(personas)
}

/// What a test of a guideline is to show: what the meter holds segments against.
fn goal(project: &Project) -> Result<TestGoal> {
    let meter = &project.manifest.meter;
    TestGoal::new(meter.base_rate, meter.uplift).map_err(|fault| Error::of_definitions(vec![fault]))
}
