//! Shares of classes and segments, held against those that earlier runs found.
//!
//! A run's table `segment` says how many were in each class and segment at its instant, so no membership is read.

use std::collections::BTreeMap;

use strata_spec::table::Subject;

use super::range::usual;
use super::{Kind, Level, Row, n_subjects};
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask_at;
use crate::run::Complete;
use crate::segment::SEGMENT;

/// Everything in a run, with its share and its usual range by the runs before, the latest of which comes first.
pub(super) async fn beyond(view: &View, now: &Complete, earlier: &[Complete]) -> Result<Vec<Row>> {
    let present = sizes(view, now).await?;
    let mut n_now = BTreeMap::new();
    for subject in Subject::ALL {
        n_now.insert(subject, n_subjects(view, now, subject).await?);
    }
    let mut past: Vec<BTreeMap<(Subject, String), Size>> = Vec::with_capacity(earlier.len());
    for run in earlier {
        // Versions of tables may have been cleared away by other tools; the present does not depend on them.
        let Ok(sizes) = sizes(view, run).await else { break };
        past.push(sizes.into_iter().map(|size| ((size.subject, size.name.clone()), size)).collect());
    }
    let rows = present.into_iter().filter_map(|size| {
        let n = n_now.get(&size.subject).copied().unwrap_or(0);
        let value = size.share?;
        let key = (size.subject, size.name.clone());
        let of_run = |run: &BTreeMap<(Subject, String), Size>| {
            run.get(&key).filter(|then| then.version == size.version).and_then(|then| then.share)
        };
        let mut shares: Vec<f64> = past.iter().map_while(of_run).collect();
        let before = shares.first().copied();
        shares.reverse();
        let range = usual(&shares, n);
        let level = match range {
            None => Level::TooFewRuns,
            Some(range) if value < range.low || value > range.high => Level::Alert,
            Some(_) => Level::None,
        };
        Some(Row {
            subject: size.subject,
            kind: Kind::Share,
            name: size.name,
            value,
            before,
            low: range.map(|range| range.low),
            high: range.map(|range| range.high),
            level,
            n_earlier: shares.len() as u64,
        })
    });
    Ok(rows.collect())
}

/// A class or segment at a run.
struct Size {
    subject: Subject,
    name: String,
    version: String,
    /// Of all subjects that the run knew; none of nobody.
    share: Option<f64>,
}

/// Everything at a run: segments first, then classes by segmentation.
async fn sizes(view: &View, complete: &Complete) -> Result<Vec<Size>> {
    let query = format!(
        "select subject, case when segmentation is null then segment else segmentation || '/' || segment end, \
         version, n_members from {SEGMENT} order by subject, segmentation nulls first, position, segment"
    );
    let mut sizes = Vec::new();
    let rows = ask_at(view, "read the sizes of segments", &query, &complete.tables).await?;
    for subject in [Subject::Customers, Subject::Companies] {
        let n = n_subjects(view, complete, subject).await?;
        for row in rows.iter().filter(|row| row.text(0) == subject.as_str()) {
            let share = (n > 0).then(|| row.count(3) as f64 / n as f64);
            let (name, version) = (row.text(1).to_owned(), row.text(2).to_owned());
            sizes.push(Size { subject, name, version, share });
        }
    }
    Ok(sizes)
}
