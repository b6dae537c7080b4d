//! Where visitors of the web shop click and how far down its pages they come. Those who buy in sales click the banner of the sale and open the
//! field for vouchers more than others do, which heat maps should find.

use super::chance::Chance;
use super::person::Person;
use super::visits::{Event, What};

/// A click on a page, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Click {
    pub(super) x: u32,
    /// From the top of the page.
    pub(super) y: u32,
    pub(super) viewport: (u32, u32),
    pub(super) selector: &'static str,
}

/// Something to click: its left and right edge as shares of the window's width, its upper and lower edge in pixels, on a phone and on a desktop.
struct Target {
    selector: &'static str,
    phone: [f64; 4],
    desktop: [f64; 4],
}

/// Windows of the first device, a phone, and of the second.
const PHONES: [(u32, u32); 3] = [(390, 844), (360, 800), (412, 915)];
const DESKTOPS: [(u32, u32); 3] = [(1280, 720), (1440, 900), (1920, 1080)];

const BANNER: Target =
    Target { selector: ".sale-banner a", phone: [0.05, 0.95, 70.0, 130.0], desktop: [0.1, 0.9, 90.0, 150.0] };
const VOUCHER: Target =
    Target { selector: "#voucher", phone: [0.05, 0.6, 900.0, 945.0], desktop: [0.62, 0.85, 520.0, 560.0] };
const ORDER: Target = Target {
    selector: "button.place-order",
    phone: [0.05, 0.95, 1040.0, 1095.0],
    desktop: [0.62, 0.92, 640.0, 700.0],
};
const CART: Target = Target {
    selector: "button.add-to-cart",
    phone: [0.05, 0.95, 760.0, 815.0],
    desktop: [0.58, 0.82, 470.0, 525.0],
};
/// What else a product's page has.
const PRODUCT: [Target; 4] = [
    Target { selector: ".gallery img", phone: [0.1, 0.9, 180.0, 560.0], desktop: [0.08, 0.5, 200.0, 720.0] },
    Target {
        selector: ".reviews summary",
        phone: [0.05, 0.95, 1480.0, 1530.0],
        desktop: [0.08, 0.9, 1180.0, 1230.0],
    },
    Target { selector: "a.size-guide", phone: [0.05, 0.4, 690.0, 720.0], desktop: [0.58, 0.7, 410.0, 435.0] },
    Target {
        selector: "nav .categories",
        phone: [0.02, 0.14, 15.0, 50.0],
        desktop: [0.15, 0.75, 30.0, 70.0],
    },
];
const PRODUCT_WEIGHTS: [f64; 4] = [0.5, 0.2, 0.12, 0.18];

/// Trackers miss some of what happens.
const TRACKED: f64 = 0.9;

/// Where the click of an event was; none of what is no click, or was not tracked with its place. An app has no page.
pub(super) fn click(chance: &mut Chance, person: &Person, event: &Event) -> Option<Click> {
    let is_click = matches!(event.what, What::ProductView | What::AddToCart | What::Checkout);
    if !is_click || event.in_app || !chance.yes(TRACKED) {
        return None;
    }
    // 0.42 of those who hunt bargains, a tenth of others.
    let tempted = (0.06 * person.latent().sale_lift).min(0.6);
    let target = match event.what {
        What::AddToCart => &CART,
        What::Checkout if chance.yes(tempted) => &VOUCHER,
        What::Checkout => &ORDER,
        _ if chance.yes(tempted) => &BANNER,
        _ => &PRODUCT[chance.weighted(&PRODUCT_WEIGHTS)],
    };
    let (edges, windows) =
        if event.device == 0 { (target.phone, &PHONES) } else { (target.desktop, &DESKTOPS) };
    let viewport = chance.pick(windows);
    let [left, right, upper, lower] = edges;
    // People aim at the middle.
    let mut aim = |low: f64, high: f64| low + (high - low) * (chance.unit() + chance.unit()) / 2.0;
    let (x, y) = (aim(left, right) * f64::from(viewport.0), aim(upper, lower));
    Some(Click { x: x as u32, y: y as u32, viewport, selector: target.selector })
}

/// How far down the page of a view somebody came, as a share of its height; none of what is no view of a page, or was not tracked.
pub(super) fn depth(chance: &mut Chance, event: &Event) -> Option<f64> {
    if event.what != What::PageView || event.in_app || !chance.yes(TRACKED) {
        return None;
    }
    // A few come to the end.
    if chance.yes(0.06) {
        return Some(1.0);
    }
    // Everybody sees what the window shows; a phone shows less of a page.
    let first = if event.device == 0 { 0.2 } else { 0.35 };
    Some(first + (1.0 - first) * chance.beta(1.1, 1.6))
}
