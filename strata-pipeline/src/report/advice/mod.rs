//! What to do next with a class of a shipped segmentation: one action, where to take it, and what would show that it
//! worked. Advice knows the class, not the shop: it is a start for people who know theirs.

mod buying;
mod journey;
mod value;

use super::data::{ReportData, SegmentationData};

/// What to do next with a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    /// The class's name.
    pub class: &'static str,
    /// One thing to do.
    pub action: &'static str,
    /// Where.
    pub channel: &'static str,
    /// The figure that would show that it worked.
    pub measure: &'static str,
}

/// The segmentations that come with advice, in the order in which it is given.
const ADVISED: [(&str, &[Advice]); 6] = [
    ("rfm", value::RFM),
    ("journey", journey::JOURNEY),
    ("company_journey", journey::COMPANY_JOURNEY),
    ("clv_tier", value::CLV_TIER),
    ("engagement", buying::ENGAGEMENT),
    ("purchase_frequency", buying::PURCHASE_FREQUENCY),
];

/// The segmentations of a report that come with advice for a class that anyone is in, with that advice.
pub(crate) fn advised(data: &ReportData) -> Vec<(&SegmentationData, Vec<&'static Advice>)> {
    let of_segmentation = |(name, table): &(&str, &'static [Advice])| {
        let segmentation = data.segmentation(name)?;
        let holds = |advice: &&Advice| {
            segmentation.classes.iter().any(|class| class.name == advice.class && class.n_members > 0)
        };
        let advice: Vec<&'static Advice> = table.iter().filter(holds).collect();
        (!advice.is_empty()).then_some((segmentation, advice))
    };
    ADVISED.iter().filter_map(of_segmentation).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{nobody, shop};
    use super::*;

    #[test]
    fn advice_is_given_for_classes_that_hold_anyone() {
        let mut data = shop();
        data.segmentations.iter_mut().flat_map(|each| &mut each.classes).for_each(|class| {
            if class.name == "at_risk" {
                class.n_members = 0;
            }
        });
        let found: Vec<_> = advised(&data)
            .iter()
            .map(|(segmentation, advice)| {
                (segmentation.name.clone(), advice.iter().map(|advice| advice.class).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            found,
            [
                ("rfm".to_owned(), vec!["champions", "loyal_customers", "hibernating"]),
                ("journey".to_owned(), vec!["active", "lapsed"]),
            ]
        );
        assert!(advised(&nobody()).is_empty());
    }

    #[test]
    fn every_shipped_class_is_advised_once_and_in_full() {
        let n_classes = [("rfm", 10), ("journey", 10), ("company_journey", 6), ("clv_tier", 4)];
        for (name, n) in n_classes.into_iter().chain([("engagement", 5), ("purchase_frequency", 4)]) {
            let (_, table) = ADVISED.iter().find(|(advised, _)| *advised == name).unwrap();
            let mut classes: Vec<&str> = table.iter().map(|advice| advice.class).collect();
            classes.sort_unstable();
            classes.dedup();
            assert_eq!(classes.len(), n, "{name}");
            assert_eq!(table.len(), n, "{name}");
            for advice in *table {
                let texts = [advice.action, advice.channel, advice.measure];
                assert!(texts.iter().all(|text| text.len() > 4 && !text.contains("  ")), "{advice:?}");
                assert!(advice.action.ends_with(['.', '?']) && !advice.measure.ends_with('.'), "{advice:?}");
            }
        }
    }
}
