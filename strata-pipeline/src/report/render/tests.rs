//! The page as a whole: nothing from outside becomes markup, nothing leaves the page, every size is a number.

use super::super::data::{
    Ages, Cadence, Difference, Distribution, Feedback, IdentityData, Month, Portrait, QualityData,
    ReportData, Scale, Step,
};
use super::super::sample::{accounts, emporium, nobody, segmentation, shop};
use super::render;
use strata_spec::definition::Layer;

const MARKUP: &str = r#"<script>alert("x")</script>'&amp;"#;
const ESCAPED: &str = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;";

/// Everything that comes from outside, as markup.
fn hostile() -> ReportData {
    let markup = || MARKUP.to_owned();
    let mut data = emporium();
    data.title = markup();
    data.timezone = markup();
    data.run_id = markup();
    data.currency = Some(markup());
    data.warnings = vec![markup()];
    for segmentation in &mut data.segmentations {
        (segmentation.title, segmentation.about) = (markup(), Some(markup()));
        segmentation.classes.iter_mut().for_each(|class| class.title = markup());
    }
    for (place, segment) in data.segments.iter_mut().enumerate() {
        (segment.name, segment.title) = (format!("{place}{MARKUP}"), markup());
        (segment.about, segment.goal) = (Some(markup()), Some(markup()));
    }
    data.grid.iter_mut().flat_map(|grid| &mut grid.cells).for_each(|cell| cell.class = Some(markup()));
    data.files.iter_mut().for_each(|file| (file.file, file.source) = (markup(), markup()));
    data.rejected.iter_mut().for_each(|rejected| (rejected.table, rejected.reason) = (markup(), markup()));
    data.left_out.iter_mut().for_each(|left_out| (left_out.title, left_out.reason) = (markup(), markup()));
    for portrait in portraits(&mut data) {
        for difference in &mut portrait.differences {
            match difference {
                Difference::Mean { title, .. } => *title = markup(),
                Difference::Share { title, class, .. } => (*title, *class) = (markup(), markup()),
            }
        }
    }
    for migration in &mut data.migrations {
        migration.title = markup();
        migration.classes.iter_mut().for_each(|(_, title)| *title = markup());
    }
    for (place, story) in data.stories.iter_mut().enumerate() {
        (story.segment, story.title, story.sentence) = (format!("{place}{MARKUP}"), markup(), markup());
        story.alike.iter_mut().for_each(|alike| alike.name = markup());
        if let Some(goal) = &mut story.goal {
            (goal.title, goal.metric) = (markup(), markup());
        }
    }
    data.together.sets.iter_mut().for_each(|(title, _)| *title = markup());
    data.together.redundant.iter_mut().for_each(|text| *text = markup());
    data.drift.iter_mut().flat_map(|drift| &mut drift.rows).for_each(|row| row.name = markup());
    for property in data.life_changes.iter_mut().flat_map(|changes| &mut changes.properties) {
        property.name = markup();
        property.changes.iter_mut().for_each(|change| change.to = Some(markup()));
        property.moves.iter_mut().for_each(|each| each.segment = markup());
    }
    for market in &mut data.markets {
        market.name = markup();
        let classes = market.divisions.iter_mut().flat_map(|division| &mut division.classes);
        classes.for_each(|class| (class.name, class.title) = (markup(), markup()));
        market.left_out.iter_mut().for_each(|each| (each.name, each.reason) = (markup(), markup()));
    }
    for metered in &mut data.meter {
        metered.segmentation = metered.segmentation.as_ref().map(|_| markup());
        for finding in &mut metered.findings {
            finding.segmentation.clone_from(&metered.segmentation);
            (finding.reason, finding.other) = (markup(), finding.other.as_ref().map(|_| markup()));
            finding.segment = finding.segment.as_ref().map(|_| markup());
        }
    }
    data.quality.iter_mut().for_each(|quality| hostile_quality(quality, markup));
    let plots = &mut data.plots;
    plots.ages.iter_mut().flat_map(|ages| &mut ages.genders).for_each(|gender| *gender = markup());
    plots.funnel.iter_mut().for_each(|step| step.title = markup());
    for cross in &mut plots.crosses {
        (cross.rows_title, cross.columns_title, cross.counted) = (markup(), markup(), markup());
        cross.rows.iter_mut().chain(&mut cross.columns).for_each(|side| side.title = markup());
    }
    plots
        .scales
        .iter_mut()
        .for_each(|scale| (scale.title, scale.ends) = (markup(), Some((markup(), markup()))));
    plots
        .feedback
        .iter_mut()
        .flat_map(|feedback| &mut feedback.topics)
        .for_each(|topic| topic.title = markup());
    data
}

fn hostile_quality(quality: &mut QualityData, markup: impl Fn() -> String) {
    quality.columns.iter_mut().for_each(|column| (column.source, column.column) = (markup(), markup()));
    let gaps = quality.layers.iter_mut().flat_map(|layer| &mut layer.gaps);
    gaps.for_each(|gap| (gap.what, gap.segmentation) = (markup(), markup()));
    quality.freshness.iter_mut().for_each(|source| source.source = markup());
    quality.changes.iter_mut().for_each(|change| change.what = markup());
    quality.flagged.iter_mut().for_each(|flagged| flagged.what = markup());
    let reasons =
        quality.identity.iter_mut().flat_map(|each| each.joined.iter_mut().chain(&mut each.refused));
    reasons.for_each(|reason| reason.what = markup());
}

/// Every portrait of a report.
fn portraits(data: &mut ReportData) -> impl Iterator<Item = &mut Portrait> {
    let classes = data.segmentations.iter_mut().flat_map(|each| &mut each.classes);
    let of_segments = data.segments.iter_mut().map(|segment| &mut segment.portrait);
    classes.map(|class| &mut class.portrait).chain(of_segments)
}

/// Numbers at their extremes.
fn extreme() -> ReportData {
    let mut data = shop();
    data.figures.median_days_since_last_order = Some(f64::NAN);
    let odd = [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0, -5.0];
    for (class, revenue) in
        data.segmentations.iter_mut().flat_map(|each| &mut each.classes).zip(odd.iter().cycle())
    {
        class.revenue = Some(*revenue);
    }
    for (cell, revenue) in data.grid.iter_mut().flat_map(|grid| &mut grid.cells).zip(odd) {
        (cell.n_members, cell.revenue) = (0, Some(revenue));
    }
    for (month, revenue) in data.months.iter_mut().zip(odd) {
        month.revenue = revenue;
    }
    data
}

/// A whole shop whose every number is the same odd one.
fn odd(number: f64, n: u64) -> ReportData {
    let mut data = emporium();
    for portrait in portraits(&mut data) {
        (portrait.n_orders, portrait.median_days_since_last_order) = (Some(n), Some(number));
        for difference in &mut portrait.differences {
            match difference {
                Difference::Mean { mean, mean_of_rest, deviation, n_known, .. } => {
                    (*mean, *mean_of_rest, *deviation, *n_known) = (number, -number, number, n);
                }
                Difference::Share { share, share_of_rest, .. } => (*share, *share_of_rest) = (number, 0.0),
            }
        }
    }
    data.migrations.iter_mut().flat_map(|each| &mut each.moves).for_each(|each| {
        (each.n, each.revenue) = (n, Some(number));
    });
    for story in &mut data.stories {
        for month in &mut story.months {
            (month.n_members, month.n_subjects, month.n_entered, month.n_left) = (n, n, n, n);
        }
        if let Some(goal) = &mut story.goal {
            goal.target = number;
            for point in &mut goal.points {
                (point.n, point.value, point.expected) = (n, Some(number), Some(number));
                point.interval = Some((number, -number));
            }
        }
    }
    data.together.combinations.iter_mut().for_each(|(_, n_together)| *n_together = n);
    data.drift.iter_mut().flat_map(|drift| &mut drift.rows).for_each(|row| row.value = number);
    for market in &mut data.markets {
        market.n_market = number;
        let classes = market.divisions.iter_mut().flat_map(|division| &mut division.classes);
        classes.for_each(|class| (class.counts.n_market, class.counts.n_customers) = (number, n as f64));
    }
    if let Some(quality) = &mut data.quality {
        quality.layers.iter_mut().for_each(|layer| layer.score = number);
        quality.columns.iter_mut().for_each(|column| (column.n_rows, column.n_missing) = (n, 3));
    }
    let plots = &mut data.plots;
    let bins = |distribution: &mut Distribution| {
        (distribution.median, distribution.mean) = (Some(number), Some(number));
        distribution.bins.iter_mut().for_each(|bin| (bin.n, bin.from) = (n, number));
    };
    plots.clv.iter_mut().for_each(bins);
    plots.cadence.iter_mut().filter_map(|cadence| cadence.gaps.as_mut()).for_each(bins);
    plots.funnel.iter_mut().skip(1).for_each(|step| step.n = n);
    plots
        .scales
        .iter_mut()
        .for_each(|scale| (scale.mean, scale.highest, scale.deviation) = (number, 1.0, number));
    plots.crosses.iter_mut().for_each(|cross| cross.n.truncate(1));
    plots.ages.iter_mut().flat_map(|ages| &mut ages.bands).for_each(|band| band.n.clear());
    data
}

/// Blocks that are there and hold nothing.
fn empty_plots() -> ReportData {
    let mut data = shop();
    data.quality = Some(QualityData { identity: Some(IdentityData::default()), ..QualityData::default() });
    data.plots.ages = Some(Ages::default());
    data.plots.cadence = Some(Cadence {
        gaps: Some(Distribution::default()),
        weekdays: Some([0; 7]),
        hours: Some(Box::new([[0; 24]; 7])),
    });
    data.plots.funnel = vec![Step::default(), Step::default()];
    data.plots.clv = Some(Distribution::default());
    data.plots.scales = vec![Scale::default()];
    data.plots.feedback = Some(Feedback::default());
    data
}

fn one_customer() -> ReportData {
    let mut data = nobody();
    data.figures.n_customers = 1;
    data.segmentations = vec![segmentation(
        "rfm",
        "Recency and frequency",
        Layer::Value,
        &[("champions", "Champions", 1, 0.0)],
    )];
    data.months = vec![Month { year: 2024, month: 6, n_orders: 1, revenue: 0.0, is_whole: false }];
    data
}

fn all() -> Vec<ReportData> {
    let odd = [(f64::NAN, 0), (f64::INFINITY, u64::from(u32::MAX)), (-1e300, 1), (0.0, 7)]
        .map(|(number, n)| odd(number, n));
    [
        shop(),
        nobody(),
        accounts(),
        emporium(),
        hostile(),
        extreme(),
        one_customer(),
        ReportData::default(),
        empty_plots(),
    ]
    .into_iter()
    .chain(odd)
    .collect()
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let page = render(&hostile());
    assert!(!page.contains("<script"));
    assert!(!page.contains(MARKUP));
    // Title, class, segment, file, reason: each is there, made harmless.
    assert!(page.matches(ESCAPED).count() > 500);
}

#[test]
fn the_page_needs_nothing_but_itself() {
    for data in all() {
        let page = render(&data);
        for reference in ["http:", "https:", "//", "src=", "url(", "@import", "<link", "<script", "<iframe"] {
            // Comments of the style sheet and the policy against requests are no references.
            let page = page.replace("</", "<").replace("default-src", "");
            assert!(!page.contains(reference), "{}: found {reference}", data.title);
        }
    }
}

#[test]
fn every_size_is_a_number() {
    for data in all() {
        let page = render(&data);
        for (name, value) in attributes(&page).filter(|(name, _)| ["x", "y", "d", "style"].contains(name)) {
            let wrong = ["NaN", "inf", "e300"].iter().any(|wrong| value.contains(wrong));
            assert!(!wrong, "{}: {name}={value}", data.title);
        }
        for (name, value) in attributes(&page).filter(|(name, _)| ["width", "height"].contains(name)) {
            let number = value.trim_end_matches('%').parse::<f64>().ok();
            assert!(
                number.is_some_and(|number| (0.0..=2000.0).contains(&number)),
                "{}: {name}={value}",
                data.title
            );
        }
    }
}

#[test]
fn tags_are_closed_in_order() {
    for data in all() {
        let page = render(&data);
        let mut open: Vec<&str> = Vec::new();
        let body = page.split("</style>").nth(1).unwrap_or_default();
        for tag in body.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            let name = inside.trim_start_matches('/').split(' ').next().unwrap_or_default();
            match inside {
                closing if closing.starts_with('/') => {
                    if name == "head" || name == "html" {
                        continue;
                    }
                    assert_eq!(open.pop(), Some(name), "{}", data.title);
                }
                single if single.ends_with('/') => {}
                _ => open.push(name),
            }
        }
        assert!(open.is_empty(), "{}: {open:?} stay open", data.title);
    }
}

#[test]
fn links_within_the_page_lead_somewhere() {
    for data in all() {
        let page = render(&data);
        for (_, target) in attributes(&page).filter(|(name, _)| *name == "href") {
            let id = target.trim_start_matches('#');
            assert!(page.contains(&format!(r#"id="{id}""#)), "{}: nothing is called {target}", data.title);
        }
    }
}

#[test]
fn long_segmentations_are_folded_and_nothing_is_lost() {
    let titles: Vec<String> = (0..40).map(|place| format!("Country {place:02}")).collect();
    let mut classes: Vec<(&str, &str, u64, f64)> =
        titles.iter().map(|title| (&**title, &**title, 1, 1.0)).collect();
    classes.push(("unassigned", "Unassigned", 60, 0.0));
    let mut data = shop();
    data.segmentations = vec![segmentation("country", "Country", Layer::Geographic, &classes)];
    let page = render(&data);
    assert!(page.contains("28 more"), "the rest is counted");
    for (_, title, ..) in &classes {
        assert!(page.contains(&format!(">{title}<")), "{title} is lost");
    }
    let (above, below) = page.split_once("28 more").unwrap();
    assert!(above.contains(">Unassigned<") && !below.contains(">Unassigned<"), "the rest stays in sight");
}

#[test]
fn what_is_missing_is_said() {
    let page = render(&shop());
    for expected in [
        "1 shipped segmentation is not computed",
        "<code>customers.birth_date</code>",
        "Nor are 3 figures behind them",
        "10 rows, 3.8% of those read",
        "20 without an order have no scores",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
}

/// Names and values of all attributes.
fn attributes(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split('<').filter_map(|tag| tag.split('>').next()).flat_map(|tag| {
        tag.match_indices("=\"").filter_map(move |(at, _)| {
            let name = tag.get(..at)?.rsplit(' ').next()?;
            let value = tag.get(at + 2..)?.split('"').next()?;
            Some((name, value))
        })
    })
}

#[test]
fn every_block_is_there_with_its_sentence_and_its_text_alternative() {
    let page = render(&emporium());
    for id in
        ["months", "data", "demographic", "geographic", "firmographic", "behavioural", "journey", "value"]
    {
        assert!(page.contains(&format!(r#"<section class="part" id="{id}""#)), "{id}");
    }
    for id in ["psychometric", "segments", "meter", "market", "moves", "drift", "next"] {
        assert!(page.contains(&format!(r#"<section class="part" id="{id}""#)), "{id}");
    }
    for plot in
        ["ages", "gaps", "hours", "funnel", "clv", "tiers", "scales", "topics", "revenue", "orders", "shifts"]
    {
        for part in ["t", "d"] {
            let at = page.find(&format!(r#" id="{plot}-{part}">"#)).unwrap_or_default();
            let spoken = page[at..].split(['>', '<']).nth(1).unwrap_or_default();
            assert!(at > 0 && spoken.len() > 2, "{plot}-{part}");
        }
    }
    assert_eq!(
        page.matches(r#"<p class="meaning">"#).count(),
        7 + 2,
        "seven layers, the meter and the moves"
    );
    // A layer without data is not there.
    assert!(!page.contains(r#"id="composite""#));
}

#[test]
fn ids_are_unique() {
    for data in all() {
        let page = render(&data);
        let mut ids: Vec<&str> =
            attributes(&page).filter(|(name, _)| *name == "id").map(|(_, value)| value).collect();
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n, "{}", data.title);
    }
}

#[test]
fn equal_data_gives_equal_bytes() {
    assert_eq!(render(&emporium()), render(&emporium()));
}

#[test]
fn data_quality_says_what_the_gaps_cost_the_worst_first() {
    let page = render(&emporium());
    for expected in [
        "Date of birth is missing for 34%: 34% are in no class of “Age”.",
        "4 columns with nothing wrong",
        "7,940",
        "two people with one e-mail",
        "4,812",
        "identity_refused",
        "Events of bots",
        "customers.phone missing (shop)",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    let place = |column: &str| page.find(&format!("<code>{column}</code></th>"));
    assert!(place("events.customer_id") < place("customers.birth_date"));
    assert!(place("customers.birth_date") < place("customers.gender"));
}

#[test]
fn moves_name_both_classes_and_what_moved() {
    let page = render(&emporium());
    let section = page.split(r#"id="moves""#).nth(1).unwrap();
    assert!(section.contains("Champions <span class=\"why\">→</span> Loyal"));
    assert!(section.contains("Champions → Loyal: "));
    let data = emporium();
    let largest = data.migrations[0].moves.iter().filter(|each| each.from != each.to);
    let largest = largest.max_by(|a, b| a.revenue.unwrap().total_cmp(&b.revenue.unwrap())).unwrap();
    assert!(section.contains(&format!(">{}<", super::number::count(largest.n))));
}

#[test]
fn moves_are_drawn_as_bands_that_fill_both_sides() {
    let page = render(&emporium());
    let figure =
        page.split(r#"<figure class="plot sankey">"#).nth(1).unwrap().split("</figure>").next().unwrap();
    let data = emporium();
    let n_pairs = data.migrations[0].moves.iter().filter(|each| each.n > 0).count();
    // The smallest classes are drawn as one.
    let n_paths = figure.matches("<path").count();
    assert!(n_paths > n_pairs / 2 && n_paths < n_pairs, "{n_paths} of {n_pairs}");
    let heights = |begin: &str| -> f64 {
        let sides = figure.split(" d=\"M0 ").skip(1).map(|path| {
            let path: Vec<f64> =
                path.split(['C', ' ', 'L', 'Z']).filter_map(|each| each.parse().ok()).collect();
            // The upper edge from left to right, then the lower one back.
            if begin == "left" { path[12] - path[0] } else { path[8] - path[6] }
        });
        sides.sum()
    };
    assert!(heights("left") > 85.0 && heights("left") <= 100.0, "{}", heights("left"));
    assert!((heights("left") - heights("right")).abs() < 1.0);
}

#[test]
fn drift_is_told_in_sentences_and_drawn_beside_its_limits() {
    let page = render(&emporium());
    let section = page.split(r#"id="drift""#).nth(1).unwrap().split("</section>").next().unwrap();
    for expected in [
        "Recency and frequency: Champions has 12.3 % of customers, above its usual 7.0 % to 9.0 %.",
        "Too few runs: 1 class or segment has no usual range yet",
        "2 of 3 traits have shifted",
        r#"class="limit""#,
        "Changed of <strong>120</strong> of 3,000 customers",
        "Berlin <span class=\"why\">→</span> Bonn (31)",
        "36 (30.0%)",
        "144 (5.0%)",
    ] {
        assert!(section.contains(expected), "{expected}");
    }
    assert!(!section.contains("Recency and frequency: Loyal"));
}

#[test]
fn classes_against_the_market_are_bars_that_begin_at_100() {
    let page = render(&emporium());
    let from = page.find(r#"id="market""#).unwrap();
    let section = page[from..].split("</section>").next().unwrap();
    for expected in [
        // 640 of 4,057 customers and 90,000 of 1,601,000: 280.6, and with 95 % confidence 261 to 301. The scale ends at 301.
        "Country: Austria is over-represented: index 281 (95%: 261 to 301)",
        ">281<",
        ">261–301<",
        "Country: France is under-represented",
        "Country: United States has 4 customers and is not in the market&#39;s table",
        "755 customers and 0 of the market are in none",
        "1 segmentation or segment is not held against the market",
        "no row has orders",
        ">Of the south<",
    ] {
        assert!(section.contains(expected), "{expected} is not in {section}");
    }
    let bars = section.matches(r#"class="range""#).count();
    assert_eq!(bars, 4, "three countries and a segment; the fourth country has no index");
}
