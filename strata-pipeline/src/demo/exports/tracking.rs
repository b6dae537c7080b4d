//! What is tracked: visits as JSON Lines, mails as CSV, the list of campaigns, and a bot now and then.

use super::super::Result;
use super::super::calendar::{DAY, START, iso, utc};
use super::super::catalogue::CATEGORIES;
use super::super::chance::{Chance, Part};
use super::super::clicks::{Click, click, depth};
use super::super::columns::Kind;
use super::super::dirt::Dirt;
use super::super::history::World;
use super::super::sheet::{Form, Layout, Sheet, column};
use super::super::truth::{Finding, Truth};
use super::super::visits::{Event, Known};
use super::{Case, anonymous_id, device_name, session_id};

const EVENT: [&str; 19] = [
    "event_id",
    "event",
    "timestamp",
    "anonymous_id",
    "user_id",
    "email",
    "session_id",
    "url",
    "product_id",
    "category",
    "value",
    "channel",
    "device",
    "x",
    "y",
    "viewport_width",
    "viewport_height",
    "selector",
    "scroll_depth",
];
const MESSAGE: [&str; 7] = ["event_id", "email", "event", "timestamp", "campaign", "subject", "url"];
const CAMPAIGN: [&str; 8] =
    ["campaign_id", "campaign", "subject", "medium", "sent_at", "discount_code", "cost", "currency"];

const fn of_event(name: &str) -> usize {
    column(&EVENT, name)
}

const fn of_message(name: &str) -> usize {
    column(&MESSAGE, name)
}

/// The shape of the visits.
pub(super) static WEB: Layout = Layout {
    form: Form::GzippedJsonLines,
    columns: &EVENT,
    kinds: &[
        (of_event("value"), Kind::Number),
        (of_event("x"), Kind::Number),
        (of_event("y"), Kind::Number),
        (of_event("viewport_width"), Kind::Number),
        (of_event("viewport_height"), Kind::Number),
        (of_event("scroll_depth"), Kind::Number),
    ],
    key: of_event("event_id"),
    identifiers: &[
        (of_event("anonymous_id"), "anonymous_id"),
        (of_event("user_id"), "shopify_customer_id"),
        (of_event("email"), "email"),
    ],
    dirt: &[
        (of_event("user_id"), Dirt::BlockedIdentifier, 0.012),
        (of_event("session_id"), Dirt::MissingValue, 0.01),
        (of_event("category"), Dirt::MissingValue, 0.01),
    ],
    duplicates: 0.004,
};

/// The shape of the mails.
pub(super) static MAIL: Layout = Layout {
    form: Form::Csv,
    columns: &MESSAGE,
    kinds: &[],
    key: of_message("event_id"),
    identifiers: &[(of_message("email"), "email")],
    dirt: &[(of_message("campaign"), Dirt::MissingValue, 0.01)],
    duplicates: 0.004,
};

/// The shape of the list of campaigns.
pub(super) static CAMPAIGNS: Layout = Layout {
    form: Form::Csv,
    columns: &CAMPAIGN,
    kinds: &[],
    key: 0,
    identifiers: &[],
    dirt: &[],
    duplicates: 0.0,
};

/// All campaigns; they are the same for everybody.
pub(super) fn campaigns(sheet: &mut Sheet, world: &World, truth: &mut Truth) -> Result<()> {
    let chance = &mut Chance::of(world.seed, Part::Dirt, u64::MAX >> 4);
    for campaign in &world.campaigns {
        for (at, value) in [
            campaign.id.as_str(),
            &campaign.name,
            campaign.subject,
            "email",
            &utc(campaign.sent_at),
            campaign.voucher.unwrap_or_default(),
        ]
        .into_iter()
        .enumerate()
        {
            sheet.set(at, value);
        }
        sheet.cents(6, campaign.cost_cents).set(7, "EUR");
        sheet.end(truth, chance, None)?;
    }
    Ok(())
}

/// The person's visits: the device always, who it is only after the log-in.
pub(super) fn web(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let (person, seed) = (case.person, case.world.seed);
    let account = person.account();
    let places = &mut Chance::of(seed, Part::Clicks, person.number);
    let events = case.history.events.iter().enumerate().filter(|(_, event)| !event.what.is_mail());
    for (index, event) in events {
        let product = event.product.map(|at| &case.world.catalogue.products[at]);
        sheet
            .set(of_event("event_id"), &event_id('w', person.number, index))
            .set(of_event("event"), event.what.name())
            .set(of_event("timestamp"), &iso(event.at))
            .set(of_event("anonymous_id"), &anonymous_id(seed, person.number, event.device))
            .set(of_event("session_id"), &session_id(seed, person.number, event.visit))
            .set(of_event("url"), &url(event, product.map(|product| product.sku.as_str())))
            .set(of_event("channel"), if event.in_app { "app" } else { "web" })
            .set(of_event("device"), device_name(event.device));
        // Firms order by mail and have no account in the web shop.
        match event.known {
            Known::Account if !person.is_business() && !person.shares_email => {
                sheet.set(of_event("user_id"), &account.id.to_string());
            }
            Known::Account | Known::Email => {
                sheet.set(of_event("email"), &account.email);
            }
            Known::Nobody => {}
        }
        if let Some(product) = product {
            sheet
                .set(of_event("product_id"), &product.sku)
                .set(of_event("category"), CATEGORIES[product.category]);
        }
        if event.value > 0 {
            sheet.cents(of_event("value"), event.value);
        }
        if let Some(Click { x, y, viewport: (width, height), selector }) = click(places, person, event) {
            sheet
                .set(of_event("x"), &x.to_string())
                .set(of_event("y"), &y.to_string())
                .set(of_event("viewport_width"), &width.to_string())
                .set(of_event("viewport_height"), &height.to_string())
                .set(of_event("selector"), selector);
        }
        if let Some(depth) = depth(places, event) {
            sheet.set(of_event("scroll_depth"), &format!("{depth:.2}"));
        }
        sheet.end(case.truth, case.chance, Some(person.number))?;
    }
    Ok(())
}

/// The mails to the person.
pub(super) fn mail(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    let events = case.history.events.iter().enumerate().filter(|(_, event)| event.what.is_mail());
    for (index, event) in events {
        let campaign = event.campaign.map(|at| &case.world.campaigns[at]);
        sheet
            .set(of_message("event_id"), &event_id('m', person.number, index))
            .set(of_message("email"), &person.account().email)
            .set(of_message("event"), event.what.name())
            .set(of_message("timestamp"), &utc(event.at))
            .set(of_message("campaign"), campaign.map_or("", |campaign| &campaign.name))
            .set(of_message("subject"), campaign.map_or("", |campaign| campaign.subject));
        if event.what == super::super::visits::What::Clicked {
            sheet.set(of_message("url"), "https://www.demo-shop.example/?utm_medium=email");
        }
        sheet.end(case.truth, case.chance, Some(person.number))?;
    }
    Ok(())
}

/// A bot reads the whole shop within a few minutes.
pub(super) fn bot(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let (number, seed) = (case.person.number, case.world.seed);
    let traffic = &mut Chance::of(seed, Part::Traffic, number);
    // Devices 0 and 1 are the person's.
    let anonymous = anonymous_id(seed, number, 2);
    let begin = START + traffic.below(720) as i64 * DAY + traffic.below(80_000) as i64;
    let (n_views, n_minutes) = (240 + traffic.below(160), 2);
    let products = &case.world.catalogue.products;
    let mut first = 0;
    for index in 0..n_views {
        let product = &products[traffic.below(products.len())];
        let at = begin + (index * n_minutes * 60 / n_views) as i64;
        sheet
            .set(of_event("event_id"), &event_id('b', number, index))
            .set(of_event("event"), "page_view")
            .set(of_event("timestamp"), &iso(at))
            .set(of_event("anonymous_id"), &anonymous)
            .set(of_event("url"), &page(&product.sku))
            .set(of_event("channel"), "web")
            .set(of_event("device"), "desktop");
        let line = sheet.end(case.truth, case.chance, None)?;
        first = if index == 0 { line } else { first };
    }
    case.truth.dirt(&Finding {
        dirt: Dirt::Bot,
        file: sheet.name(),
        line: first,
        key: &event_id('b', number, 0),
        column: "anonymous_id",
        written: &anonymous,
        truth: &format!("{n_views} page views in {n_minutes} minutes"),
        person: None,
    })
}

fn event_id(letter: char, person: u64, index: usize) -> String {
    format!("{letter}{person:08}{index:04}")
}

fn url(event: &Event, sku: Option<&str>) -> String {
    use super::super::visits::What;
    match (event.what, sku) {
        (What::Checkout, _) => "https://www.demo-shop.example/checkout".to_owned(),
        (_, Some(sku)) => page(sku),
        (_, None) => "https://www.demo-shop.example/".to_owned(),
    }
}

fn page(sku: &str) -> String {
    format!("https://www.demo-shop.example/products/{sku}")
}
