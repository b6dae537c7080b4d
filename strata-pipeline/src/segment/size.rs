//! How large every class and segment is, how many came and went at this run, and how many could not be decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use strata_spec::definition::{Classes, Header};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::title::Titles;
use crate::compile::{DivisionKind, Program};
use crate::run::Run;

/// A class or a segment, measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Size {
    subject: Subject,
    segmentation: Option<String>,
    segment: String,
    /// The class's place in its segmentation; segments have none.
    position: Option<i64>,
    title: String,
    layer: &'static str,
    goal: Option<String>,
    version: String,
    counts: Counts,
    n_undecided: i64,
}

/// Members now, and who entered and left at this run. A member whose interval only passes to a new version of the definition has
/// neither entered nor left.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) n_members: i64,
    pub(super) n_entered: i64,
    pub(super) n_left: i64,
}

/// The subject's kind, the segmentation and the class or segment.
type Key = (String, Option<String>, String);

/// What is counted while memberships are written.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    counts: BTreeMap<Key, Counts>,
    /// Per segment, how many subjects its condition leaves undecided for want of data.
    undecided: BTreeMap<String, u64>,
}

impl Sizes {
    /// Adds what one part counted of a class or segment.
    pub(super) fn add(&mut self, key: Key, counts: Counts) {
        let all = self.counts.entry(key).or_default();
        all.n_members += counts.n_members;
        all.n_entered += counts.n_entered;
        all.n_left += counts.n_left;
    }

    /// Adds how many subjects of one part a segment leaves undecided.
    pub(super) fn undecided(&mut self, segment: &str, n: u64) {
        *self.undecided.entry(segment.to_owned()).or_default() += n;
    }
}

/// Every class and segment, measured.
pub(super) fn rows(run: &Run, programs: &[Program], sizes: Sizes, titles: &Titles) -> Vec<Size> {
    let Sizes { mut counts, undecided } = sizes;
    let mut sizes = Vec::new();
    for program in programs {
        for division in program.levels.iter().flatten() {
            let definitions = &run.project.manifest.definitions;
            let of =
                |segment: String, title: String, position: Option<i64>, header: &Header, counts: Counts| {
                    Size {
                        subject: program.subject,
                        segmentation: None,
                        segment,
                        position,
                        title,
                        layer: header.layer.as_str(),
                        goal: None,
                        version: header.version.0.clone(),
                        counts,
                        n_undecided: 0,
                    }
                };
            let subject = program.subject.to_string();
            match &division.kind {
                DivisionKind::Members { .. } => {
                    let Some(segment) = definitions.segments.get(division.name.as_str()) else { continue };
                    let counts = counts.remove(&(subject, None, division.name.clone())).unwrap_or_default();
                    let n_undecided = undecided.get(&division.name).copied().unwrap_or(0);
                    sizes.push(Size {
                        goal: segment.goal.as_ref().map(|goal| goal.title.clone()),
                        n_undecided: i64::try_from(n_undecided).unwrap_or(i64::MAX),
                        ..of(
                            division.name.clone(),
                            segment.header.title.clone(),
                            None,
                            &segment.header,
                            counts,
                        )
                    });
                }
                DivisionKind::Classes(names) => {
                    let Some(segmentation) = definitions.segmentations.get(division.name.as_str()) else {
                        continue;
                    };
                    let names = match names {
                        Some(names) => names.clone(),
                        None => values_of(&counts, &subject, &division.name),
                    };
                    for (position, class) in names.into_iter().enumerate() {
                        let key = (subject.clone(), Some(division.name.clone()), class.clone());
                        let counts = counts.remove(&key).unwrap_or_default();
                        let found = titles.of(&division.name, &class).cloned();
                        let title = found.unwrap_or_else(|| class_title(&segmentation.classes, &class));
                        sizes.push(Size {
                            segmentation: Some(division.name.clone()),
                            ..of(class, title, Some(position as i64), &segmentation.header, counts)
                        });
                    }
                }
            }
        }
    }
    sizes
}

/// Sums over everything, for the run's summary.
pub(super) fn totals(sizes: &[Size]) -> [(&'static str, i64); 4] {
    let sum = |of: fn(&Size) -> i64| sizes.iter().map(of).sum();
    let mut segmentations: Vec<_> = sizes.iter().filter_map(|size| size.segmentation.as_ref()).collect();
    segmentations.dedup();
    [
        ("n_segmentations", segmentations.len() as i64),
        ("n_segments", sizes.iter().filter(|size| size.segmentation.is_none()).count() as i64),
        ("n_entered", sum(|size| size.counts.n_entered)),
        ("n_left", sum(|size| size.counts.n_left)),
    ]
}

/// The rows of the table `segment`.
pub(super) fn batch(run: &Run, sizes: &[Size]) -> strata_lake::datafusion::error::Result<RecordBatch> {
    let text = |read: fn(&Size) -> Option<String>| {
        Arc::new(sizes.iter().map(read).collect::<StringArray>()) as ArrayRef
    };
    let number =
        |read: fn(&Size) -> Option<i64>| Arc::new(sizes.iter().map(read).collect::<Int64Array>()) as ArrayRef;
    let run_id = Arc::new(StringArray::from(vec![run.run_id.as_str(); sizes.len()])) as ArrayRef;
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("subject", text(|size| Some(size.subject.to_string())), true),
        ("segmentation", text(|size| size.segmentation.clone()), true),
        ("segment", text(|size| Some(size.segment.clone())), true),
        ("position", number(|size| size.position), true),
        ("title", text(|size| Some(size.title.clone())), true),
        ("layer", text(|size| Some(size.layer.to_owned())), true),
        ("goal", text(|size| size.goal.clone()), true),
        ("version", text(|size| Some(size.version.clone())), true),
        ("n_members", number(|size| Some(size.counts.n_members)), true),
        ("n_undecided", number(|size| Some(size.n_undecided)), true),
        ("n_entered", number(|size| Some(size.counts.n_entered)), true),
        ("n_left", number(|size| Some(size.counts.n_left)), true),
        ("run_id", run_id, true),
    ])?)
}

/// The classes of a segmentation by value: the largest first, `unassigned` last.
fn values_of(counts: &BTreeMap<Key, Counts>, subject: &str, segmentation: &str) -> Vec<String> {
    let mut values: Vec<(&String, i64)> = counts
        .iter()
        .filter(|((of, within, class), _)| {
            of == subject && within.as_deref() == Some(segmentation) && class != UNASSIGNED
        })
        .map(|((_, _, class), counts)| (class, counts.n_members))
        .collect();
    values.sort_by(|(a, size_a), (b, size_b)| size_b.cmp(size_a).then(a.cmp(b)));
    values.into_iter().map(|(class, _)| class.clone()).chain([UNASSIGNED.to_owned()]).collect()
}

/// What a class is titled.
pub(crate) fn class_title(classes: &Classes, class: &str) -> String {
    if class == UNASSIGNED {
        return "Unassigned".to_owned();
    }
    match classes {
        Classes::By(_) => classes.value_title(class),
        Classes::Rules(rules) => rules
            .iter()
            .find(|rule| rule.name == class)
            .map_or_else(|| class.to_owned(), |rule| rule.title.clone()),
    }
}
