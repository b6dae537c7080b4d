//! What customers say: the survey's forms and their reviews and complaints.

use super::super::Result;
use super::super::calendar::{iso, utc};
use super::super::columns::Kind;
use super::super::dirt::Dirt;
use super::super::sheet::{Form, Layout, Sheet, column};
use super::super::survey::{FAVOURITE, ITEMS, OPEN, RECOMMEND};
use super::Case;

const N_ITEMS: usize = ITEMS.len();

const FORM: [&str; N_ITEMS + 12] = {
    let mut header = [""; N_ITEMS + 12];
    header[0] = "#";
    let mut at = 0;
    while at < N_ITEMS {
        header[1 + at] = ITEMS[at].text;
        at += 1;
    }
    let rest = [
        RECOMMEND,
        FAVOURITE,
        OPEN,
        "email",
        "Response Type",
        "Start Date (UTC)",
        "Stage Date (UTC)",
        "Submit Date (UTC)",
        "Network ID",
        "Tags",
        "Ending",
    ];
    let mut next = 0;
    while next < rest.len() {
        header[1 + N_ITEMS + next] = rest[next];
        next += 1;
    }
    header
};

const REVIEW: [&str; 8] =
    ["review_id", "reviewed_at", "customer_id", "email", "product_id", "rating", "review_text", "channel"];

const fn of_form(name: &str) -> usize {
    column(&FORM, name)
}

const fn of_review(name: &str) -> usize {
    column(&REVIEW, name)
}

/// The shape of the survey's file.
pub(super) static SURVEY: Layout = Layout {
    form: Form::Csv,
    columns: &FORM,
    kinds: &[],
    key: 0,
    identifiers: &[(of_form("email"), "email")],
    dirt: &[
        (of_form("email"), Dirt::Typo, 0.02),
        (of_form("email"), Dirt::MissingValue, 0.05),
        (2, Dirt::MissingValue, 0.02),
        (7, Dirt::MissingValue, 0.02),
        (12, Dirt::MissingValue, 0.02),
    ],
    duplicates: 0.005,
};

/// The shape of the reviews.
pub(super) static REVIEWS: Layout = Layout {
    form: Form::JsonLines,
    columns: &REVIEW,
    kinds: &[(of_review("rating"), Kind::Number)],
    key: 0,
    identifiers: &[(of_review("customer_id"), "shopify_customer_id"), (of_review("email"), "email")],
    dirt: &[
        (of_review("email"), Dirt::BlockedIdentifier, 0.01),
        (of_review("email"), Dirt::Typo, 0.01),
        (of_review("rating"), Dirt::MissingValue, 0.05),
    ],
    duplicates: 0.004,
};

/// The person's form.
pub(super) fn survey(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    let Some(answers) = &case.history.answers else { return Ok(()) };
    let token = format!("{}tf", super::anonymous_id(case.world.seed, person.number, 3));
    sheet.set(0, &token);
    for (at, points) in answers.points.iter().enumerate() {
        if let Some(points) = points {
            sheet.set(1 + at, &points.to_string());
        }
    }
    if let Some(rest) = &answers.rest {
        sheet
            .set(of_form(RECOMMEND), &rest.recommend.to_string())
            .set(of_form(FAVOURITE), rest.favourite)
            .set(of_form(OPEN), rest.text.as_deref().unwrap_or_default());
    }
    sheet
        .set(of_form("email"), &person.account().email)
        .set(of_form("Response Type"), if answers.rest.is_some() { "completed" } else { "partial" })
        .set(of_form("Start Date (UTC)"), &utc(answers.at - 240))
        .set(of_form("Submit Date (UTC)"), &utc(answers.at))
        .set(of_form("Network ID"), &token[..10]);
    if let Some(rest) = answers.rest.as_ref().filter(|rest| rest.text.is_some()) {
        case.truth.text(&token, person, rest.topic, rest.mood)?;
    }
    sheet.end(case.truth, case.chance, Some(person.number)).map(drop)
}

/// The person's reviews and complaints. Those about the store's goods name no account.
pub(super) fn reviews(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    for review in &case.history.reviews {
        let account = &person.accounts[review.account];
        let id = format!("R{:010}", review.order);
        case.truth.text(&id, person, review.topic, review.mood)?;
        let has_account = !person.is_business() && !person.shares_email && review.account == 0;
        sheet
            .set(0, &id)
            .set(of_review("reviewed_at"), &iso(review.at))
            .set(
                of_review("customer_id"),
                if has_account { account.id.to_string() } else { String::new() }.as_str(),
            )
            .set(of_review("email"), &account.email)
            .set(of_review("product_id"), &case.world.catalogue.products[review.product].sku)
            .set(of_review("rating"), &review.stars.to_string())
            .set(of_review("review_text"), &review.text)
            .set(of_review("channel"), review.channel);
        sheet.end(case.truth, case.chance, Some(person.number))?;
    }
    Ok(())
}
