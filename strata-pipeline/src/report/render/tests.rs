//! The page as a whole: nothing from outside becomes markup, nothing leaves the page, every size is a number.

use super::super::data::{Month, ReportData};
use super::super::sample::{accounts, nobody, segmentation, shop};
use super::render;
use strata_spec::definition::Layer;

const MARKUP: &str = r#"<script>alert("x")</script>'&amp;"#;
const ESCAPED: &str = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;";

/// Everything that comes from outside, as markup.
fn hostile() -> ReportData {
    let markup = || MARKUP.to_owned();
    let mut data = shop();
    data.title = markup();
    data.timezone = markup();
    data.run_id = markup();
    data.currency = Some(markup());
    data.warnings = vec![markup()];
    for segmentation in &mut data.segmentations {
        (segmentation.title, segmentation.about) = (markup(), Some(markup()));
        segmentation.classes.iter_mut().for_each(|class| class.title = markup());
    }
    for segment in &mut data.segments {
        (segment.name, segment.title) = (markup(), markup());
        (segment.about, segment.goal) = (Some(markup()), Some(markup()));
    }
    data.grid.iter_mut().flat_map(|grid| &mut grid.cells).for_each(|cell| cell.class = Some(markup()));
    data.files.iter_mut().for_each(|file| (file.file, file.source) = (markup(), markup()));
    data.rejected.iter_mut().for_each(|rejected| (rejected.table, rejected.reason) = (markup(), markup()));
    data.left_out.iter_mut().for_each(|left_out| (left_out.title, left_out.reason) = (markup(), markup()));
    data
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
    vec![shop(), nobody(), accounts(), hostile(), extreme(), one_customer(), ReportData::default()]
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let page = render(&hostile());
    assert!(!page.contains("<script"));
    assert!(!page.contains(MARKUP));
    // Title, class, segment, file, reason: each is there, made harmless.
    assert!(page.matches(ESCAPED).count() > 20);
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
