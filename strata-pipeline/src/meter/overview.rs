//! What the meter found, put together again: by segmentation, and for the project's own segments as a set.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use strata_spec::definition::{Definitions, Origin};
use strata_spec::table::Subject;

use super::criterion::{Criterion, Verdict};
use super::table::Finding;
use super::words::{count, first_few, percent};

/// A segmentation, or the segments of the project, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Metered {
    /// Whose segments.
    pub subject: Subject,
    /// The segmentation; none for the set of segments.
    pub segmentation: Option<String>,
    /// All that was found, about the whole first.
    pub findings: Vec<Finding>,
}

/// How many classes meet a criterion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// So many do.
    pub n_met: u64,
    /// So many do not.
    pub n_failed: u64,
    /// Of so many the data does not tell.
    pub n_unknown: u64,
}

/// Findings as [`super::read`] gives them, by segmentation.
pub fn overview(findings: Vec<Finding>) -> Vec<Metered> {
    let mut all: Vec<Metered> = Vec::new();
    for finding in findings {
        let of = |metered: &&mut Metered| {
            metered.subject == finding.subject && metered.segmentation == finding.segmentation
        };
        match all.last_mut().filter(of) {
            Some(last) => last.findings.push(finding),
            None => all.push(Metered {
                subject: finding.subject,
                segmentation: finding.segmentation.clone(),
                findings: vec![finding],
            }),
        }
    }
    all
}

/// What is worst, a sentence each: what is the same twice, then what has too many classes, the project's own first.
pub fn worst(all: &[Metered], definitions: &Definitions) -> Vec<String> {
    let redundant = all.iter().filter(|metered| metered.segmentation.is_none());
    let mut sentences: Vec<String> = redundant.flat_map(Metered::redundant).collect();
    let is_own = |metered: &Metered| match &metered.segmentation {
        None => true,
        Some(name) => definitions
            .segmentations
            .get(name.as_str())
            .is_some_and(|segmentation| segmentation.header.origin == Origin::Project),
    };
    let mut failed: Vec<&Metered> =
        all.iter().filter(|metered| metered.verdict() == Verdict::Failed).collect();
    let value = |metered: &Metered| metered.meter().unwrap_or(0.0);
    failed.sort_by(|a, b| is_own(b).cmp(&is_own(a)).then(value(b).total_cmp(&value(a))));
    let (own, shipped): (Vec<&Metered>, Vec<&Metered>) =
        failed.into_iter().partition(|metered| is_own(metered));
    sentences.extend(own.into_iter().map(Metered::in_short));
    let set = all.iter().filter(|metered| metered.segmentation.is_none());
    sentences.extend(set.flat_map(|metered| [metered.unused(), metered.goalless()]).flatten());
    sentences.extend(shipped.into_iter().map(Metered::in_short));
    sentences
}

impl Metered {
    /// What it is called: the segmentation, or `segments`.
    pub fn name(&self) -> &str {
        self.segmentation.as_deref().unwrap_or("segments")
    }

    /// What the criteria are failed by: `classes` or `segments`.
    pub fn parts(&self) -> &'static str {
        if self.segmentation.is_some() { "classes" } else { "segments" }
    }

    /// The share of criteria that are failed, from 0 to 100; none where nothing is known.
    pub fn meter(&self) -> Option<f64> {
        self.whole(Criterion::Meter)?.value
    }

    /// Failed where fewer classes would do.
    pub fn verdict(&self) -> Verdict {
        self.whole(Criterion::Meter).map_or(Verdict::Unknown, |finding| finding.verdict)
    }

    /// A finding about the whole.
    pub fn whole(&self, criterion: Criterion) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.segment.is_none() && finding.criterion == criterion)
    }

    /// A finding about a class or segment.
    pub fn of(&self, segment: &str, criterion: Criterion) -> Option<&Finding> {
        let is_it = |finding: &&Finding| {
            finding.segment.as_deref() == Some(segment) && finding.criterion == criterion
        };
        self.findings.iter().find(is_it)
    }

    /// Its classes or segments in order.
    pub fn segments(&self) -> Vec<&str> {
        let of_one = |finding: &&Finding| finding.criterion == Criterion::Measurable;
        self.findings.iter().filter(of_one).filter_map(|finding| finding.segment.as_deref()).collect()
    }

    /// How many there are, those that are not looked at one by one included.
    pub fn n_segments(&self) -> u64 {
        let n = self.whole(Criterion::Classes).and_then(|finding| finding.value).unwrap_or(0.0);
        n as u64
    }

    /// How many would do.
    pub fn n_left(&self) -> u64 {
        let is_empty =
            |finding: &&Finding| finding.criterion == Criterion::Substantial && finding.value == Some(0.0);
        let n_empty = self.findings.iter().filter(is_empty).count();
        self.n_segments().saturating_sub((self.merges().count() + n_empty) as u64)
    }

    /// How many meet a criterion.
    pub fn tally(&self, criterion: Criterion) -> Tally {
        let mut tally = Tally::default();
        let of_one = |finding: &&Finding| finding.criterion == criterion && finding.segment.is_some();
        for finding in self.findings.iter().filter(of_one) {
            match finding.verdict {
                Verdict::Met => tally.n_met += 1,
                Verdict::Failed => tally.n_failed += 1,
                Verdict::Unknown => tally.n_unknown += 1,
            }
        }
        tally
    }

    /// What is to be merged, in order.
    pub fn merges(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.criterion == Criterion::Merge)
    }

    /// What all merges come to: what is merged into one, as `a + b + c`, and why it was begun.
    pub fn merged(&self) -> Vec<(String, &str)> {
        let mut merged: BTreeMap<String, (i64, &str)> = BTreeMap::new();
        for finding in self.merges() {
            let (first, second) = (finding.segment.as_deref(), finding.other.as_deref());
            let (first, second) = (first.unwrap_or_default(), second.unwrap_or_default());
            let begun = [merged.remove(first), merged.remove(second)].into_iter().flatten().min();
            let begun = begun.unwrap_or((finding.position, &finding.reason));
            merged.insert(format!("{first} + {second}"), begun);
        }
        let mut merged: Vec<_> = merged.into_iter().collect();
        merged.sort_by_key(|(_, (position, _))| *position);
        merged.into_iter().map(|(names, (_, reason))| (names, reason)).collect()
    }

    /// What is to be said of it, in sentences without a full stop.
    pub fn sentences(&self) -> Vec<String> {
        let meter = self.whole(Criterion::Meter).map(|finding| finding.reason.clone());
        let merged = self.merged().into_iter().map(|(names, why)| match self.n_left() {
            1 => format!("merge them all: {why}"),
            _ => format!("merge {names}: {why}"),
        });
        let failed = [Criterion::Coverage, Criterion::Turnover]
            .into_iter()
            .filter_map(|criterion| self.whole(criterion))
            .filter(|finding| finding.verdict == Verdict::Failed)
            .map(|finding| finding.reason.clone());
        let set = [self.unused(), self.goalless()].into_iter().flatten();
        meter.into_iter().chain(merged).chain(self.redundant()).chain(failed).chain(set).collect()
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let findings = self.findings.iter().filter(|finding| finding.criterion != Criterion::Merge);
        let findings = findings.map(|finding| {
            json!({
                "segment": finding.segment,
                "other": finding.other,
                "criterion": finding.criterion.as_str(),
                "value": finding.value,
                "threshold": finding.threshold,
                "verdict": finding.verdict.as_str(),
                "reason": finding.reason,
            })
        });
        let merges = self.merges().map(|finding| {
            json!({
                "first": finding.segment,
                "second": finding.other,
                "ward_cost": finding.value,
                "reason": finding.reason,
            })
        });
        json!({
            "subject": self.subject.as_str(),
            "segmentation": self.segmentation,
            "meter": self.meter(),
            "verdict": self.verdict().as_str(),
            "n_segments": self.n_segments(),
            "n_would_do": self.n_left(),
            "merges": merges.collect::<Vec<_>>(),
            "sentences": self.sentences(),
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    fn in_short(&self) -> String {
        let meter = self.meter().map(|meter| format!(", meter {meter:.0} of 100")).unwrap_or_default();
        let (n, left) = (count(self.n_segments()), count(self.n_left()));
        match &self.segmentation {
            Some(segmentation) => format!("{segmentation}: {n} classes where {left} would do{meter}"),
            None => format!("{n} segments of {} where {left} would do{meter}", self.subject),
        }
    }

    /// A sentence for each segment that is another; none for those that an earlier one has named.
    fn redundant(&self) -> Vec<String> {
        let pairs: Vec<(&str, &str, f64)> = self
            .findings
            .iter()
            .filter(|finding| finding.criterion == Criterion::Redundant)
            .filter_map(|finding| {
                Some((finding.segment.as_deref()?, finding.other.as_deref()?, finding.value?))
            })
            .collect();
        let mut sentences = Vec::new();
        for of_one in pairs.chunk_by(|a, b| a.0 == b.0) {
            let segment = of_one[0].0;
            if pairs.iter().any(|(_, other, _)| *other == segment) {
                continue;
            }
            let mut same: Vec<&str> =
                of_one.iter().filter(|(.., alike)| *alike >= 1.0).map(|(_, other, _)| *other).collect();
            // Segments before classes.
            same.sort_by_key(|other| other.contains('/'));
            if !same.is_empty() {
                sentences.push(format!("{segment} has the same members as {}", first_few(&same, 3)));
            }
            let near: Vec<String> = of_one
                .iter()
                .filter(|(.., alike)| *alike < 1.0)
                .map(|(_, other, alike)| format!("{} the same as {other}", percent(*alike)))
                .collect();
            if !near.is_empty() {
                sentences.push(format!("{segment} is {}", first_few(&near, 3)));
            }
        }
        sentences
    }

    fn unused(&self) -> Option<String> {
        let names = self.failing(Criterion::Used);
        (!names.is_empty()).then(|| format!("no other definition refers to {}", first_few(&names, 5)))
    }

    fn goalless(&self) -> Option<String> {
        let names = self.failing(Criterion::Goal);
        (!names.is_empty()).then(|| format!("no `goal` is said of {}", first_few(&names, 5)))
    }

    fn failing(&self, criterion: Criterion) -> Vec<&str> {
        self.findings
            .iter()
            .filter(|finding| finding.criterion == criterion && finding.verdict == Verdict::Failed)
            .filter_map(|finding| finding.segment.as_deref())
            .collect()
    }
}
