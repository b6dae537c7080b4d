//! Where visitors of the invented shop click.

use strata_models::heat::{Plane, Point, heat_map, reach};

use crate::heat::{ClassHeat, Clicks, Difference, Page, SelectorShare};

/// What is clicked on a page: its name, the middle of it as a share of the width and in pixels, and how many clicks it gets of each class.
type Target = (&'static str, f64, f64, [usize; 2]);

const TARGETS: [Target; 4] = [
    ("button.add-to-cart", 0.7, 500.0, [300, 420]),
    (".gallery img", 0.3, 450.0, [260, 280]),
    (".sale-banner a", 0.5, 120.0, [30, 190]),
    (".reviews summary", 0.4, 1_210.0, [80, 60]),
];

const HEIGHT: f64 = 1_400.0;

/// Two pages, one of which is known by clicks and depths and one by clicks alone.
pub(super) fn pages() -> Vec<Page> {
    let depths: Vec<f64> = (0..400).map(|place| 0.2 + 0.002 * f64::from(place)).collect();
    let class = |place: usize, name: &str| ClassHeat {
        class: name.to_owned(),
        clicks: Some(clicks(&[place])),
        reach: reach(&depths, 10).unwrap(),
    };
    let products = Page {
        page: "/products/*".to_owned(),
        n_pages: 48,
        width: Some(1280.0),
        clicks: Some(clicks(&[0, 1])),
        n_views: depths.len(),
        reach: reach(&depths, 10).unwrap(),
        by: Some("rfm".to_owned()),
        classes: vec![
            class(0, "champions"),
            class(1, "hibernating"),
            ClassHeat { class: "lost".to_owned(), clicks: None, reach: Vec::new() },
        ],
        differences: vec![Difference {
            class: "hibernating".to_owned(),
            selector: ".sale-banner a".to_owned(),
            n_customers: 310,
            share: 0.44,
            elsewhere: 0.09,
            difference: 0.35,
            interval: (0.29, 0.41),
            q: 0.000_2,
        }],
    };
    let checkout = Page {
        page: "/checkout".to_owned(),
        n_pages: 1,
        n_views: 0,
        reach: Vec::new(),
        by: None,
        classes: Vec::new(),
        differences: Vec::new(),
        ..products.clone()
    };
    vec![products, checkout]
}

/// Clicks that lie around each target, one beside the other.
fn clicks(classes: &[usize]) -> Clicks {
    let n_of = |target: &Target| classes.iter().map(|class| target.3[*class]).sum::<usize>();
    let n_clicks: usize = TARGETS.iter().map(n_of).sum();
    let points: Vec<Point> = TARGETS
        .iter()
        .flat_map(|target| {
            (0..n_of(target)).map(|place| {
                let (turn, far) = (place as f64 * 2.4, (place as f64).sqrt());
                let (x, y) = (target.1 + 0.006 * far * turn.cos(), target.2 + 4.0 * far * turn.sin());
                Point { x, y, weight: 1.0 }
            })
        })
        .collect();
    let plane = Plane { n_columns: 48, n_rows: 52, height: HEIGHT, bandwidth: 1.2 };
    let selector = |target: &Target| SelectorShare {
        selector: target.0.to_owned(),
        n_clicks: n_of(target),
        share: n_of(target) as f64 / n_clicks as f64,
        n_visitors: n_of(target) / 2,
    };
    Clicks {
        n_clicks,
        n_visitors: n_clicks / 3,
        map: heat_map(&points, &plane).unwrap(),
        selectors: TARGETS.iter().map(selector).collect(),
    }
}

/// Every text of a page as markup.
pub(super) fn hostile(page: &mut Page, markup: impl Fn() -> String) {
    (page.page, page.by) = (markup(), Some(markup()));
    let of_classes = page.classes.iter_mut().filter_map(|class| class.clicks.as_mut());
    for clicks in page.clicks.iter_mut().chain(of_classes) {
        clicks.selectors.iter_mut().for_each(|each| each.selector = markup());
    }
    page.classes.iter_mut().for_each(|class| class.class = markup());
    page.differences.iter_mut().for_each(|each| (each.class, each.selector) = (markup(), markup()));
}

/// Every number of a page as an odd one.
pub(super) fn odd(page: &mut Page, number: f64) {
    page.width = Some(number);
    page.reach.iter_mut().for_each(|step| step.share = number);
    if let Some(clicks) = &mut page.clicks {
        clicks.map.height = number;
        clicks.map.values.iter_mut().step_by(3).for_each(|value| *value = number);
        clicks.selectors.iter_mut().for_each(|each| each.share = number);
    }
    for each in &mut page.differences {
        (each.share, each.elsewhere, each.interval) = (number, -number, (number, -number));
    }
}
