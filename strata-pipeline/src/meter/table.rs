//! What the meter finds, as the rows of the table `meter`.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::criterion::{Criterion, Judgement, Verdict};
use crate::error::{Error, Result};
use crate::query::View;
use crate::query::ask::{Row, ask};

/// The table of what the meter found.
pub const METER: &str = "meter";

/// What a class, a segment, a segmentation or the set of segments is found to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Whose segments.
    pub subject: Subject,
    /// The segmentation; none where it is about the project's own segments.
    pub segmentation: Option<String>,
    /// The class or segment; none where it is about the segmentation or the segments as a whole.
    pub segment: Option<String>,
    /// The other of two.
    pub other: Option<String>,
    /// The place of the class or segment among its like, or of the merge in the order of merges; from 0.
    pub position: i64,
    /// What is measured.
    pub criterion: Criterion,
    /// The value; none where it is not known. docs/meter.md says what each is in.
    pub value: Option<f64>,
    /// What it is held against.
    pub threshold: Option<f64>,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
}

/// Whom findings are about.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) subject: Subject,
    pub(super) segmentation: Option<String>,
}

impl About {
    /// A finding about the whole.
    pub(super) fn whole(&self, criterion: Criterion, judgement: Judgement) -> Finding {
        let Judgement { value, threshold, verdict, reason } = judgement;
        Finding {
            subject: self.subject,
            segmentation: self.segmentation.clone(),
            segment: None,
            other: None,
            position: 0,
            criterion,
            value,
            threshold,
            verdict,
            reason,
        }
    }

    /// A finding about one of them.
    pub(super) fn one(
        &self,
        (segment, position): (&str, usize),
        criterion: Criterion,
        judgement: Judgement,
    ) -> Finding {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        Finding { segment: Some(segment.to_owned()), position, ..self.whole(criterion, judgement) }
    }
}

/// The rows of the table.
pub(super) fn batch(findings: &[Finding], run_id: &str) -> Result<RecordBatch> {
    let texts = |of: fn(&Finding) -> Option<&str>| {
        Arc::new(findings.iter().map(of).collect::<StringArray>()) as ArrayRef
    };
    let numbers = |of: fn(&Finding) -> Option<f64>| {
        Arc::new(findings.iter().map(of).collect::<Float64Array>()) as ArrayRef
    };
    let positions = Int64Array::from_iter_values(findings.iter().map(|finding| finding.position));
    let columns = [
        ("subject", texts(|finding| Some(finding.subject.as_str()))),
        ("segmentation", texts(|finding| finding.segmentation.as_deref())),
        ("segment", texts(|finding| finding.segment.as_deref())),
        ("other", texts(|finding| finding.other.as_deref())),
        ("position", Arc::new(positions) as ArrayRef),
        ("criterion", texts(|finding| Some(finding.criterion.as_str()))),
        ("value", numbers(|finding| finding.value)),
        ("threshold", numbers(|finding| finding.threshold)),
        ("verdict", texts(|finding| Some(finding.verdict.as_str()))),
        ("reason", texts(|finding| Some(&finding.reason))),
        ("run_id", Arc::new(StringArray::from(vec![run_id; findings.len()])) as ArrayRef),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).map_err(
        |error| Error::new(ErrorCode::Internal, "cannot describe what the meter found").caused_by(error),
    )
}

/// What the view's run found: by subject, segmentations by name after the segments, classes in order.
///
/// # Errors
/// `NotFound` when the run is from before there was a meter.
pub async fn read(view: &View) -> Result<Vec<Finding>> {
    if !view.complete.tables.contains_key(METER) {
        let message = "the last run measured no segments";
        return Err(Error::new(ErrorCode::NotFound, message).with_hint("`strata run` does from now on"));
    }
    let query = "select subject, segmentation, segment, other, position, criterion, value, threshold, verdict, \
                 reason from meter";
    let rows = ask(view, "read what the meter found", query).await?;
    let mut findings = rows.iter().map(finding).collect::<Result<Vec<Finding>>>()?;
    let whole_first = |finding: &Finding| (finding.segmentation.clone(), finding.segment.is_some());
    findings.sort_by(|a, b| {
        a.subject.cmp(&b.subject).then_with(|| whole_first(a).cmp(&whole_first(b))).then_with(|| {
            let order = |finding: &Finding| (finding.criterion == Criterion::Merge, finding.position);
            order(a)
                .cmp(&order(b))
                .then_with(|| (&a.segment, a.criterion, &a.other).cmp(&(&b.segment, b.criterion, &b.other)))
        })
    });
    Ok(findings)
}

fn finding(row: &Row) -> Result<Finding> {
    let damaged = || Error::new(ErrorCode::Storage, "the table `meter` is damaged");
    let subject = Subject::ALL.into_iter().find(|subject| subject.as_str() == row.text(0));
    let text = |place| row.maybe(place).map(str::to_owned);
    Ok(Finding {
        subject: subject.ok_or_else(damaged)?,
        segmentation: text(1),
        segment: text(2),
        other: text(3),
        position: row.number(4).map_or(0, |position| position as i64),
        criterion: Criterion::parse(row.text(5)).ok_or_else(damaged)?,
        value: row.number(6),
        threshold: row.number(7),
        verdict: Verdict::parse(row.text(8)).ok_or_else(damaged)?,
        reason: row.text(9).to_owned(),
    })
}
