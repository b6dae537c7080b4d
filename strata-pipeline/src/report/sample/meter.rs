//! What a meter may have found.

use strata_spec::table::Subject;

use crate::meter::{Criterion, Finding, Metered, Verdict};

/// A segmentation of which one class would do, and a segment without fault.
pub(in super::super) fn metered() -> Vec<Metered> {
    let finding =
        |segmentation: Option<&str>, segment: Option<&str>, criterion, verdict, reason: &str| Finding {
            subject: Subject::Customers,
            segmentation: segmentation.map(str::to_owned),
            segment: segment.map(str::to_owned),
            other: None,
            position: 0,
            criterion,
            value: Some(2.0),
            threshold: None,
            verdict,
            reason: reason.to_owned(),
        };
    let mut slices = vec![
        finding(Some("Slices"), None, Criterion::Meter, Verdict::Failed, "2 classes where 1 would do"),
        finding(Some("Slices"), None, Criterion::Classes, Verdict::Met, "2 classes"),
    ];
    for class in ["a", "b"] {
        for (criterion, verdict) in Criterion::FIVE.into_iter().zip([
            Verdict::Met,
            Verdict::Failed,
            Verdict::Unknown,
            Verdict::Failed,
            Verdict::Met,
        ]) {
            slices.push(finding(Some("Slices"), Some(class), criterion, verdict, ""));
        }
    }
    let merge = finding(Some("Slices"), Some("a"), Criterion::Merge, Verdict::Failed, "a has 3 members");
    slices.push(Finding { other: Some("b".to_owned()), ..merge });
    let own = vec![
        finding(None, None, Criterion::Meter, Verdict::Met, "all 4 criteria that are known are met"),
        finding(None, Some("vip"), Criterion::Measurable, Verdict::Met, ""),
    ];
    let metered = |segmentation: Option<&str>, findings| Metered {
        subject: Subject::Customers,
        segmentation: segmentation.map(str::to_owned),
        findings,
    };
    vec![metered(None, own), metered(Some("Slices"), slices)]
}
