//! What each layer means for this business, in a sentence or two made of its figures.

use strata_spec::definition::Layer;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::super::data::{ClassData, Cross, ReportData, SegmentationData, share};
use super::super::render::number::{count, decimal, money, percent_in_words};
use super::differ::times;
use super::{Part, plain, strong};

/// Fewer members than this say nothing about a group per head.
const FEWEST: u64 = 10;

pub(crate) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The segmentation of a layer that says most about it: the customary one that divides anyone, else the first that does.
pub(crate) fn lead(data: &ReportData, layer: Layer) -> Option<&SegmentationData> {
    let customary: &[&str] = match layer {
        Layer::Demographic => &["age_band", "generation", "life_stage", "gender"],
        Layer::Geographic => &["region", "country", "company_country", "urbanity"],
        Layer::Firmographic => &["company_size", "industry", "customer_company_size", "customer_industry"],
        Layer::Behavioural => &["purchase_frequency", "engagement", "favourite_category"],
        Layer::Journey => &["journey", "company_journey"],
        Layer::Value => &["clv_tier", "rfm"],
        Layer::Psychometric | Layer::Composite => &[],
    };
    let of_layer = || data.segmentations.iter().filter(move |segmentation| segmentation.layer == layer);
    let divides = |segmentation: &&SegmentationData| named(segmentation).count() > 1;
    let found = customary.iter().filter_map(|name| of_layer().find(|each| each.name == *name)).find(divides);
    found.or_else(|| of_layer().find(divides)).or_else(|| of_layer().next())
}

/// What the layer means here; nothing where its figures say nothing.
pub(crate) fn meaning(data: &ReportData, layer: Layer) -> Vec<Part> {
    let special = match layer {
        Layer::Behavioural => [rhythm(data), times_of_week(data)].concat(),
        Layer::Journey => [standing(data), loss(data)].concat(),
        Layer::Value => value(data),
        Layer::Psychometric => [scales(data), topics(data)].concat(),
        _ => Vec::new(),
    };
    let general = || lead(data, layer).map(|lead| groups(data, lead)).unwrap_or_default();
    let mut parts = if special.is_empty() { general() } else { special };
    if let Some(cross) = data.plots.crosses.iter().find(|cross| cross.layer == layer) {
        parts.extend(affinity(cross));
    }
    parts
}

/// Classes that hold anyone, those without a class aside.
fn named(segmentation: &SegmentationData) -> impl Iterator<Item = &ClassData> {
    segmentation.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0)
}

/// The largest class, the one that brings most, and the one that brings most per head.
fn groups(data: &ReportData, segmentation: &SegmentationData) -> Vec<Part> {
    let n = data.n_of(segmentation.subject) as f64;
    let whole = data.revenue_of(segmentation.subject);
    let of_revenue = |class: &ClassData| share(class.revenue?, whole?);
    let Some(largest) = named(segmentation).max_by_key(|class| class.n_members) else { return Vec::new() };
    let Some(of_n) = share(largest.n_members as f64, n) else { return Vec::new() };
    let subject = segmentation.subject.as_str();
    let mut parts = vec![
        plain(format!("By “{}”, ", segmentation.title)),
        strong(largest.label().0),
        plain(" is the largest group: "),
        strong(percent_in_words(of_n)),
        plain(format!(" of {subject}")),
    ];
    if let Some(of_revenue) = of_revenue(largest) {
        parts.extend([plain(", "), strong(percent_in_words(of_revenue)), plain(" of revenue")]);
    }
    parts.push(plain("."));
    let per_head = |class: &ClassData| Some(of_revenue(class)? / share(class.n_members as f64, n)?);
    let best = named(segmentation)
        .filter(|class| class.n_members >= FEWEST)
        .filter_map(|class| Some((class, per_head(class).filter(|index| *index > 1.05)?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    if let Some((class, index)) = best {
        let each = if segmentation.subject == Subject::Customers { "customer" } else { "company" };
        parts.extend([
            plain(format!(" Most for each {each} comes from ")),
            strong(class.label().0),
            plain(": "),
            strong(times(index)),
            plain(" the mean."),
        ]);
    }
    let unassigned = segmentation.classes.iter().find(|class| class.name == UNASSIGNED);
    if let Some(of_n) =
        unassigned.and_then(|class| share(class.n_members as f64, n)).filter(|of_n| *of_n >= 0.1)
    {
        parts.push(plain(format!(" Of {} it is not known.", percent_in_words(of_n))));
    }
    parts
}

fn rhythm(data: &ReportData) -> Vec<Part> {
    let gaps = data.plots.cadence.as_ref().and_then(|cadence| cadence.gaps.as_ref());
    let mut parts = Vec::new();
    if let Some(median) = gaps.and_then(|gaps| gaps.median).filter(|median| median.is_finite()) {
        let days = decimal(median, if median.fract() == 0.0 { 0 } else { 1 });
        parts.extend([
            plain("Who orders again does so within "),
            strong(format!("{days} days")),
            plain(" half of the time."),
        ]);
    }
    parts
}

fn times_of_week(data: &ReportData) -> Vec<Part> {
    let Some(cadence) = &data.plots.cadence else { return Vec::new() };
    let Some(days) = cadence.weekdays else { return Vec::new() };
    let n: u64 = days.iter().sum();
    let most = WEEKDAYS.iter().zip(days).max_by_key(|(_, n)| *n);
    let Some((day, of_orders)) = most.and_then(|(day, most)| Some((day, share(most as f64, n as f64)?)))
    else {
        return Vec::new();
    };
    let mut parts = vec![
        plain(" The busiest day is "),
        strong(*day),
        plain(format!(" with {} of orders", percent_in_words(of_orders))),
    ];
    if let Some(hours) = &cadence.hours {
        let by_hour =
            (0..24).map(|hour| hours.iter().filter_map(|day: &[u64; 24]| day.get(hour)).sum::<u64>());
        if let Some((hour, _)) = by_hour.enumerate().max_by_key(|(hour, n)| (*n, std::cmp::Reverse(*hour))) {
            parts.push(plain(", the busiest hour "));
            parts.push(strong(format!("{hour:02}:00 to {:02}:00", hour + 1)));
        }
    }
    parts.push(plain("."));
    parts
}

/// Who is on the way, and who is slipping away.
fn standing(data: &ReportData) -> Vec<Part> {
    let Some(journey) = data.segmentation("journey") else { return Vec::new() };
    let n = data.n_of(journey.subject) as f64;
    let of = |names: &[&str]| {
        let members = named(journey).filter(|class| names.contains(&class.name.as_str()));
        share(members.map(|class| class.n_members).sum::<u64>() as f64, n).unwrap_or(0.0)
    };
    let shares = [
        (of(&["onboard", "active", "loyal"]), " are buying"),
        (of(&["aware", "engaged", "consider", "intent"]), " are on the way to a first order"),
        (of(&["at_risk", "lapsed"]), " are slipping away or gone"),
    ];
    let told: Vec<_> = shares.into_iter().filter(|(share, _)| *share > 0.0).collect();
    let n_told = told.len();
    let mut parts = Vec::new();
    for (place, (share, words)) in told.into_iter().enumerate() {
        let of = if place == 0 { " of customers" } else { "" };
        let end = if place + 1 == n_told { "." } else { ", " };
        parts.extend([strong(percent_in_words(share)), plain(format!("{of}{words}{end}"))]);
    }
    parts
}

/// Where most of those who came so far go no further.
fn loss(data: &ReportData) -> Vec<Part> {
    let kept = |pair: &[super::super::data::Step]| match pair {
        [from, to] if from.n >= FEWEST && to.n <= from.n => share(to.n as f64, from.n as f64),
        _ => None,
    };
    let steps = data.plots.funnel.windows(2);
    let worst = steps.filter_map(|pair| Some((pair, kept(pair)?))).min_by(|(_, a), (_, b)| a.total_cmp(b));
    let Some(([from, to], kept)) = worst else { return Vec::new() };
    vec![
        plain(" Most are lost between “"),
        strong(from.title.as_str()),
        plain("” and “"),
        strong(to.title.as_str()),
        plain("”: "),
        strong(percent_in_words(kept)),
        plain(" go on."),
    ]
}

fn value(data: &ReportData) -> Vec<Part> {
    let Some(tiers) = data.segmentation("clv_tier") else { return Vec::new() };
    let n: u64 = named(tiers).map(|class| class.n_members).sum();
    let top = named(tiers).find(|class| class.name == "top");
    let whole = data.revenue_of(tiers.subject);
    let Some((top, of_revenue)) = top.and_then(|top| Some((top, share(top.revenue?, whole?)?))) else {
        return Vec::new();
    };
    let Some(of_n) = share(top.n_members as f64, n as f64) else { return Vec::new() };
    let mut parts = vec![
        plain("The most valuable "),
        strong(percent_in_words(of_n)),
        plain(" of buyers by lifetime value have brought "),
        strong(percent_in_words(of_revenue)),
        plain(" of the revenue."),
    ];
    if let Some(median) =
        data.plots.clv.as_ref().and_then(|clv| clv.median).filter(|median| median.is_finite())
    {
        parts.extend([
            plain(" Half of the buyers are worth less than "),
            strong(money(median, data.currency.as_deref())),
            plain(" over their life as customers."),
        ]);
    }
    parts
}

fn scales(data: &ReportData) -> Vec<Part> {
    let place =
        |scale: &super::super::data::Scale| share(scale.mean - scale.lowest, scale.highest - scale.lowest);
    let placed = || data.plots.scales.iter().filter_map(|scale| Some((scale, place(scale)?)));
    let (highest, lowest) =
        (placed().max_by(|(_, a), (_, b)| a.total_cmp(b)), placed().min_by(|(_, a), (_, b)| a.total_cmp(b)));
    let (Some((high, _)), Some((low, _))) = (highest, lowest) else { return Vec::new() };
    let at = |scale: &super::super::data::Scale| {
        format!(
            " ({} on a scale from {} to {})",
            decimal(scale.mean, 1),
            decimal(scale.lowest, 0),
            decimal(scale.highest, 0)
        )
    };
    let n = data.plots.scales.iter().map(|scale| scale.n).max().unwrap_or(0);
    let mut parts = vec![
        plain(format!("{} answered. They score highest on ", count(n))),
        strong(high.title.as_str()),
        plain(at(high)),
    ];
    if high.title != low.title {
        parts.extend([plain(" and lowest on "), strong(low.title.as_str()), plain(at(low))]);
    }
    parts.push(plain("."));
    parts
}

fn topics(data: &ReportData) -> Vec<Part> {
    let Some(feedback) = &data.plots.feedback else { return Vec::new() };
    let total = |topic: &super::super::data::Topic| topic.n_positive + topic.n_neutral + topic.n_negative;
    let complaint = feedback
        .topics
        .iter()
        .filter(|topic| total(topic) >= FEWEST)
        .filter_map(|topic| Some((topic, share(topic.n_negative as f64, total(topic) as f64)?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    let Some((topic, of_texts)) = complaint else { return Vec::new() };
    vec![
        plain(" What they write complains most often about "),
        strong(topic.title.as_str()),
        plain(format!(": {} of the texts on it.", percent_in_words(of_texts))),
    ]
}

/// The pair of row and column that goes together most beyond chance.
fn affinity(cross: &Cross) -> Vec<Part> {
    let mut best: Option<(usize, usize, f64)> = None;
    for (row, line) in cross.n.iter().enumerate() {
        for (column, n) in line.iter().enumerate().filter(|(_, n)| **n >= FEWEST) {
            let Some(index) = index(cross, row, column, *n) else { continue };
            if best.is_none_or(|(.., known)| index > known) {
                best = Some((row, column, index));
            }
        }
    }
    let Some((row, column, index)) = best.filter(|(.., index)| *index >= 1.2) else { return Vec::new() };
    let (Some(row), Some(column)) = (cross.rows.get(row), cross.columns.get(column)) else {
        return Vec::new();
    };
    vec![
        plain(" "),
        strong(format!("{} and {}", row.title, column.title)),
        plain(" go together "),
        strong(times(index)),
        plain(" as often as chance would have it."),
    ]
}

/// How often a row occurs in a column, against how often it occurs in all columns: 1 is as often.
pub(crate) fn index(cross: &Cross, row: usize, column: usize, n: u64) -> Option<f64> {
    let (row, column) = (cross.rows.get(row)?, cross.columns.get(column)?);
    let here = share(n as f64, column.n as f64)?;
    share(here, share(row.n as f64, cross.n_all as f64)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::data::{Cadence, Distribution, Feedback, Scale, Side, Step, Topic};
    use super::super::super::sample::{accounts, nobody, segmentation, shop};
    use super::super::Finding;
    use super::*;

    fn check(data: &ReportData, layer: Layer, expected: &str) {
        assert_eq!(Finding { topic: "", parts: meaning(data, layer) }.text(), expected);
    }

    #[test]
    fn layers_say_what_their_figures_say() {
        let mut data = shop();
        data.segmentations.push(segmentation(
            "region",
            "Region",
            Layer::Geographic,
            &[
                ("Bayern", "Bayern", 50, 4000.0),
                ("Wien", "Wien", 30, 6000.0),
                ("unassigned", "Unassigned", 20, 0.0),
            ],
        ));
        check(
            &data,
            Layer::Geographic,
            "By “Region”, Bayern is the largest group: 50% of customers, 40% of revenue. Most for each customer comes \
             from Wien: 2.0\u{a0}× the mean. Of 20% it is not known.",
        );
        check(
            &accounts(),
            Layer::Firmographic,
            "By “Industry”, Retail is the largest group: 20% of companies. Of 71% it is not known.",
        );
        data.segmentations.push(segmentation(
            "clv_tier",
            "Lifetime value",
            Layer::Value,
            &[
                ("top", "Top tenth", 8, 5500.0),
                ("low", "The rest", 72, 4500.0),
                ("unassigned", "Unassigned", 20, 0.0),
            ],
        ));
        data.plots.clv = Some(Distribution { median: Some(45.5), ..Distribution::default() });
        check(
            &data,
            Layer::Value,
            "The most valuable 10% of buyers by lifetime value have brought 55% of the revenue. Half of the buyers are \
             worth less than EUR\u{a0}45.50 over their life as customers.",
        );
        check(&nobody(), Layer::Value, "");
        check(&data, Layer::Psychometric, "");
    }

    #[test]
    fn the_journey_says_who_stands_where_and_where_most_are_lost() {
        let mut data = shop();
        check(&data, Layer::Journey, "27% of customers are buying, 53% are slipping away or gone.");
        let step = |title: &str, n| Step { title: title.to_owned(), n };
        data.plots.funnel =
            vec![step("On file", 100), step("Ordered", 80), step("Ordered again", 30), step("Often", 20)];
        check(
            &data,
            Layer::Journey,
            "27% of customers are buying, 53% are slipping away or gone. Most are lost between “Ordered” and “Ordered \
             again”: 38% go on.",
        );
    }

    #[test]
    fn rhythm_and_affinities_stand_together() {
        let mut data = shop();
        let mut hours = Box::new([[0; 24]; 7]);
        hours[6][20] = 30;
        hours[0][9] = 10;
        data.plots.cadence = Some(Cadence {
            gaps: Some(Distribution { median: Some(42.0), ..Distribution::default() }),
            weekdays: Some([10, 0, 0, 0, 0, 0, 30]),
            hours: Some(hours),
        });
        let side = |title: &str, n| Side { title: title.to_owned(), n };
        data.plots.crosses = vec![Cross {
            layer: Layer::Behavioural,
            counted: "orders".to_owned(),
            rows_title: String::new(),
            columns_title: String::new(),
            rows: vec![side("Tea", 60), side("Cups", 40)],
            columns: vec![side("Champions", 50), side("Hibernating", 50)],
            n: vec![vec![45, 15], vec![4, 36]],
            n_all: 100,
        }];
        check(
            &data,
            Layer::Behavioural,
            "Who orders again does so within 42 days half of the time. The busiest day is Sunday with 75% of orders, the \
             busiest hour 20:00 to 21:00. Cups and Hibernating go together 1.8\u{a0}× as often as chance would have it.",
        );
    }

    #[test]
    fn answers_and_texts_stand_together() {
        let mut data = shop();
        let scale = |title: &str, mean| Scale {
            title: title.to_owned(),
            lowest: 1.0,
            highest: 7.0,
            mean,
            n: 612,
            ..Scale::default()
        };
        data.plots.scales = vec![scale("Trust", 5.7), scale("Novelty", 3.9)];
        data.plots.feedback = Some(Feedback {
            topics: [("Delivery", 10, 30), ("Price", 30, 10), ("Rare", 0, 2)]
                .map(|(title, n_positive, n_negative)| Topic {
                    title: title.to_owned(),
                    n_positive,
                    n_negative,
                    n_neutral: 0,
                })
                .to_vec(),
            ..Feedback::default()
        });
        check(
            &data,
            Layer::Psychometric,
            "612 answered. They score highest on Trust (5.7 on a scale from 1 to 7) and lowest on Novelty (3.9 on a \
             scale from 1 to 7). What they write complains most often about Delivery: 75% of the texts on it.",
        );
    }
}
