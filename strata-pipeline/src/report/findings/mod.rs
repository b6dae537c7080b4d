//! What the numbers say, in sentences. A sentence is there only where the numbers for it are, and says no more
//! than they do: shares of what, measured against what, since when.

pub(crate) mod differ;
pub(crate) mod layer;

use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::data::{Month, ReportData, SegmentData, SegmentationData, share};
use super::render::number::{count, counted, percent_in_words};

/// A sentence under a heading of a word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is about.
    pub topic: &'static str,
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Words.
    Plain(String),
    /// What the eye should find.
    Strong(String),
}

/// How many sentences a report has at most.
const MOST: usize = 6;

/// Fewer buyers than this have no top tenth worth a sentence.
const FEWEST_BUYERS: u64 = 20;

/// The sentences of a report, the most telling first.
pub(crate) fn findings(data: &ReportData) -> Vec<Finding> {
    if data.figures.n_customers == 0 && data.figures.n_companies == 0 {
        let words = "The files that were read name no customers and no companies, so there is nothing to divide yet. \
                     “The data” below shows what was read, and what was refused and why.";
        return vec![Finding { topic: "Nothing found", parts: vec![plain(words)] }];
    }
    let about_revenue =
        [best_class(data), concentration(data), coming_back(data), at_risk(data), change(data), trend(data)];
    let mut found: Vec<Finding> = about_revenue.into_iter().flatten().collect();
    if found.len() < 3 {
        found.extend(largest_classes(data));
    }
    if found.is_empty() {
        found.push(sizes(data));
    }
    found.truncate(MOST);
    found
}

impl Finding {
    /// The sentence as plain text.
    pub(crate) fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Plain(text) | Part::Strong(text) => text.as_str(),
            })
            .collect()
    }
}

fn best_class(data: &ReportData) -> Option<Finding> {
    let segmentation = data.headline()?;
    let (n, revenue) = (data.figures.n_customers as f64, data.revenue_of(Subject::Customers)?);
    let best = segmentation
        .classes
        .iter()
        .filter(|class| class.name != UNASSIGNED && class.n_members > 0)
        .filter_map(|class| Some((class, class.revenue.filter(|revenue| *revenue > 0.0)?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let (of_customers, of_revenue) = (share(best.0.n_members as f64, n)?, share(best.1, revenue)?);
    // Several classes side by side: the largest class does bring the most, and says nothing where it is everyone.
    (of_customers < 1.0).then(|| Finding {
        topic: "Revenue",
        parts: vec![
            strong(best.0.label().0),
            plain(": "),
            strong(percent_in_words(of_customers)),
            plain(" of customers, "),
            strong(percent_in_words(of_revenue)),
            plain(" of revenue, more than any other class."),
        ],
    })
}

fn concentration(data: &ReportData) -> Option<Finding> {
    let top = data.concentration?;
    let n_buyers = data.figures.n_buyers.filter(|n| *n >= FEWEST_BUYERS)?;
    Some(Finding {
        topic: "Concentration",
        parts: vec![
            plain("The top tenth of buyers, "),
            strong(format!("{} of {}", count(top.n_top), count(n_buyers))),
            plain(", brought "),
            strong(percent_in_words(top.share)),
            plain(" of the revenue."),
        ],
    })
}

fn coming_back(data: &ReportData) -> Option<Finding> {
    let (n_buyers, n_repeat) = (data.figures.n_buyers.filter(|n| *n > 1)?, data.figures.n_repeat_buyers?);
    let once = n_buyers.checked_sub(n_repeat)?;
    let mut parts = vec![
        strong(format!("{} of {}", count(once), count(n_buyers))),
        plain(format!(
            " buyers ({}) {} ordered only once.",
            percent_in_words(share(once as f64, n_buyers as f64)?),
            if once == 1 { "has" } else { "have" }
        )),
    ];
    let revenue = data.revenue_of(Subject::Customers);
    if let (Some(of_repeat), Some(revenue)) = (data.figures.revenue_of_repeat_buyers, revenue)
        && n_repeat > 0
        && let Some(of_revenue) = share(of_repeat, revenue)
    {
        parts.push(plain(" Those who came back brought "));
        parts.push(strong(percent_in_words(of_revenue)));
        parts.push(plain(" of the revenue."));
    }
    Some(Finding { topic: "Coming back", parts })
}

fn at_risk(data: &ReportData) -> Option<Finding> {
    let journey = data.segmentation("journey")?;
    let class = |name: &str| journey.classes.iter().find(|class| class.name == name && class.n_members > 0);
    let risk = class("at_risk")?;
    let mut parts = vec![
        strong(counted(risk.n_members, "customer", "customers")),
        plain(format!(" {} at risk", if risk.n_members == 1 { "is" } else { "are" })),
    ];
    if risk.title != "at_risk" {
        parts.push(plain(format!(" (“{}”)", risk.title)));
    }
    if let (Some(revenue), Some(whole)) = (risk.revenue, data.revenue_of(Subject::Customers))
        && let Some(of_revenue) = share(revenue, whole)
    {
        parts.push(plain(if risk.n_members == 1 { "; it has brought " } else { "; they have brought " }));
        parts.push(strong(percent_in_words(of_revenue)));
        parts.push(plain(" of the revenue so far"));
    }
    parts.push(plain("."));
    if let Some(lapsed) = class("lapsed") {
        let verb = if lapsed.n_members == 1 { "has" } else { "have" };
        parts.push(plain(format!(" {} more {verb} lapsed.", count(lapsed.n_members))));
    }
    Some(Finding { topic: "At risk", parts })
}

/// The project's own segment, or else the class of the journey, that changed most since the instant before.
fn change(data: &ReportData) -> Option<Finding> {
    let changed = |segment: &&SegmentData| segment.n_entered + segment.n_left;
    let most = data
        .segments
        .iter()
        .max_by_key(changed)
        .filter(|segment| data.has_history && changed(segment) > 0)?;
    Some(Finding {
        topic: "Change",
        parts: vec![
            plain("Since the run before, "),
            strong(count(most.n_entered)),
            plain(" joined and "),
            strong(count(most.n_left)),
            plain(" left the segment "),
            strong(most.title.as_str()),
            plain("."),
        ],
    })
}

/// Three whole months against the same three a year before where they are on file, since many businesses have seasons; else
/// against the three months before them.
fn trend(data: &ReportData) -> Option<Finding> {
    let whole: Vec<&Month> = data.months.iter().filter(|month| month.is_whole).collect();
    let (earlier, words) = match whole.len() {
        15.. => (whole.get(whole.len() - 15..whole.len() - 12)?, "than in the same months a year before"),
        6.. => (
            whole.get(whole.len() - 6..whole.len() - 3)?,
            "than in the three months before; seasons not considered",
        ),
        _ => return None,
    };
    let sum = |months: &[&Month]| months.iter().map(|month| month.revenue).sum::<f64>();
    let change = share(sum(whole.get(whole.len() - 3..)?), sum(earlier))? - 1.0;
    let direction = if change < 0.0 { "lower" } else { "higher" };
    Some(Finding {
        topic: "Trend",
        parts: vec![
            plain("Revenue of the last three whole months was "),
            strong(format!("{} {direction}", percent_in_words(change.abs()))),
            plain(format!(" {words}.")),
        ],
    })
}

/// Where revenue says little: the largest class of the first segmentations, one a layer.
fn largest_classes(data: &ReportData) -> Vec<Finding> {
    let mut layers = Vec::new();
    let mut found = Vec::new();
    for segmentation in &data.segmentations {
        if layers.contains(&segmentation.layer) {
            continue;
        }
        if let Some(finding) = largest_class(data, segmentation) {
            layers.push(segmentation.layer);
            found.push(finding);
        }
    }
    found
}

fn largest_class(data: &ReportData, segmentation: &SegmentationData) -> Option<Finding> {
    let n = data.n_of(segmentation.subject);
    let named =
        || segmentation.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0);
    let largest = named().max_by_key(|class| class.n_members).filter(|_| named().count() > 1)?;
    Some(Finding {
        topic: "The largest group",
        parts: vec![
            plain(format!("By “{}”, the largest class is ", segmentation.title)),
            strong(largest.label().0),
            plain(": "),
            strong(format!("{} of {}", count(largest.n_members), count(n))),
            plain(format!(
                " {} ({}).",
                segmentation.subject.as_str(),
                percent_in_words(share(largest.n_members as f64, n as f64)?)
            )),
        ],
    })
}

fn sizes(data: &ReportData) -> Finding {
    let customers = counted(data.figures.n_customers, "customer", "customers");
    let companies = counted(data.figures.n_companies, "company", "companies");
    let who = match (data.figures.n_customers, data.figures.n_companies) {
        (_, 0) => customers,
        (0, _) => companies,
        _ => format!("{customers} and {companies}"),
    };
    Finding {
        topic: "Who is on file",
        parts: vec![
            strong(who),
            plain(" on file. Nothing sets them apart yet that would be worth a sentence."),
        ],
    }
}

fn plain(text: impl Into<String>) -> Part {
    Part::Plain(text.into())
}

fn strong(text: impl Into<String>) -> Part {
    Part::Strong(text.into())
}

#[cfg(test)]
mod tests {
    use super::super::data::ReportData;
    use super::super::sample::{accounts, nobody, shop};
    use super::*;

    fn check(data: &ReportData, expected: &[&str]) {
        let found: Vec<String> = findings(data).iter().map(Finding::text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn sentences_say_what_the_numbers_say() {
        check(
            &shop(),
            &[
                "Champions: 10% of customers, 60% of revenue, more than any other class.",
                "The top tenth of buyers, 8 of 80, brought 55% of the revenue.",
                "50 of 80 buyers (63%) have ordered only once. Those who came back brought 75% of the revenue.",
                "12 customers are at risk (“Silent for more than one and a half expected gaps”); they have brought 25% of \
                 the revenue so far. 41 more have lapsed.",
                "Since the run before, 3 joined and 1 left the segment Lapsing regulars.",
                "Revenue of the last three whole months was 20% higher than in the three months before; seasons not \
                 considered.",
            ],
        );
        check(&accounts(), &["By “Industry”, the largest class is Retail: 17 of 85 companies (20%)."]);
    }

    #[test]
    fn sentences_without_numbers_are_left_out() {
        let mut data = shop();
        data.has_history = false;
        data.months.truncate(5);
        data.concentration = None;
        data.figures.revenue_of_repeat_buyers = None;
        data.segmentations
            .retain(|segmentation| segmentation.name != "rfm" && segmentation.name != "journey");
        check(&data, &["50 of 80 buyers (63%) have ordered only once."]);

        let mut one = nobody();
        one.figures.n_customers = 1;
        check(&one, &["1 customer on file. Nothing sets them apart yet that would be worth a sentence."]);

        let found = findings(&nobody());
        assert_eq!(found.len(), 1);
        assert!(found[0].text().starts_with("The files that were read name no customers"));
    }

    #[test]
    fn a_year_of_months_is_held_against_the_year_before() {
        let mut data = shop();
        let month = |place: usize| Month {
            year: 2023 + i32::try_from(place / 12).unwrap(),
            month: u32::try_from(place % 12).unwrap() + 1,
            n_orders: 1,
            revenue: if place < 12 { 1000.0 } else { 900.0 },
            is_whole: place != 15,
        };
        data.months = (0..16).map(month).collect();
        let found = findings(&data);
        let trend = found.iter().find(|finding| finding.topic == "Trend").map(Finding::text);
        let expected =
            "Revenue of the last three whole months was 10% lower than in the same months a year before.";
        assert_eq!(trend.as_deref(), Some(expected));
    }
}
