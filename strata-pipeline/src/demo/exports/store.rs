//! The shop in town: receipts from the till, which know a loyalty card or a telephone number and no e-mail address, and the
//! list of those who have a card.

use super::super::Result;
use super::super::calendar::{DAY, END, date};
use super::super::catalogue::CATEGORIES;
use super::super::columns::Kind;
use super::super::dirt::Dirt;
use super::super::history::{Channel, State};
use super::super::person::birth_date;
use super::super::sheet::{Form, Layout, Sheet, column};
use super::Case;

const MEMBER: [&str; 26] = [
    "member_number",
    "first_name",
    "last_name",
    "email",
    "phone",
    "birth_date",
    "age",
    "gender",
    "marital_status",
    "household_size",
    "number_of_children",
    "education",
    "occupation",
    "household_income",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "latitude",
    "longitude",
    "area_type",
    "climate_zone",
    "language",
    "newsletter",
    "joined_on",
];

const RECEIPT: [&str; 14] = [
    "receipt_number",
    "transaction_time",
    "store",
    "channel",
    "member_number",
    "phone",
    "sku",
    "product",
    "department",
    "brand",
    "quantity",
    "unit_price",
    "discount",
    "line_total",
];

const fn of_member(name: &str) -> usize {
    column(&MEMBER, name)
}

const fn of_receipt(name: &str) -> usize {
    column(&RECEIPT, name)
}

/// The shape of the list of members.
pub(super) static MEMBERS: Layout = Layout {
    form: Form::Csv,
    columns: &MEMBER,
    kinds: &[],
    key: of_member("member_number"),
    identifiers: &[
        (of_member("member_number"), "loyalty_card"),
        (of_member("email"), "email"),
        (of_member("phone"), "phone"),
    ],
    dirt: &[
        (of_member("birth_date"), Dirt::MixedDateFormat, 0.07),
        (of_member("birth_date"), Dirt::ImpossibleBirthDate, 0.008),
        (of_member("birth_date"), Dirt::MissingValue, 0.1),
        (of_member("age"), Dirt::ImpossibleAge, 0.06),
        (of_member("email"), Dirt::Typo, 0.012),
        (of_member("email"), Dirt::BlockedIdentifier, 0.012),
        (of_member("phone"), Dirt::BlockedIdentifier, 0.02),
        (of_member("phone"), Dirt::MissingValue, 0.08),
        (of_member("first_name"), Dirt::Typo, 0.01),
        (of_member("city"), Dirt::Typo, 0.015),
        (of_member("household_income"), Dirt::CurrencySymbol, 0.03),
        (of_member("household_income"), Dirt::MissingValue, 0.35),
        (of_member("joined_on"), Dirt::MixedDateFormat, 0.03),
    ],
    duplicates: 0.006,
};

/// The shape of the till's file.
pub(super) static RECEIPTS: Layout = Layout {
    form: Form::Parquet,
    columns: &RECEIPT,
    kinds: &[
        (of_receipt("transaction_time"), Kind::Instant),
        (of_receipt("quantity"), Kind::Number),
        (of_receipt("unit_price"), Kind::Number),
        (of_receipt("discount"), Kind::Number),
        (of_receipt("line_total"), Kind::Number),
    ],
    key: of_receipt("receipt_number"),
    identifiers: &[(of_receipt("member_number"), "loyalty_card"), (of_receipt("phone"), "phone")],
    dirt: &[
        (of_receipt("phone"), Dirt::BlockedIdentifier, 0.02),
        (of_receipt("line_total"), Dirt::NegativeAmount, 0.001),
        (of_receipt("line_total"), Dirt::AbsurdAmount, 0.0005),
        (of_receipt("brand"), Dirt::MissingValue, 0.01),
    ],
    duplicates: 0.002,
};

/// The card's form, as it was filled in when the person joined: nobody brings it up to date.
pub(super) fn member(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    if !person.member {
        return Ok(());
    }
    let joined = (person.created_at + case.chance.below(90) as i64 * DAY).min(END - DAY);
    let (home, job) = (person.home(joined), person.job(joined));
    let n_children = person.n_children(joined);
    let (by_age, with_email, with_phone) =
        (case.chance.yes(0.15), case.chance.yes(0.6), case.chance.yes(0.9));
    sheet
        .set(of_member("member_number"), &person.card())
        .set(of_member("first_name"), person.first_name)
        .set(of_member("last_name"), person.last_name)
        .set(of_member("email"), if with_email { &person.account().email } else { "" })
        .set(of_member("phone"), if with_phone { person.national_phone() } else { String::new() }.as_str())
        .set(of_member("gender"), person.gender)
        .set(of_member("marital_status"), person.marital_status)
        .set(of_member("household_size"), &(person.adults + n_children).to_string())
        .set(of_member("number_of_children"), &n_children.to_string())
        .set(of_member("education"), person.degree)
        .set(of_member("occupation"), job.title)
        .set(of_member("household_income"), &format!("{:.0}", job.income))
        .set(of_member("street"), &format!("{} {}", home.street, home.house))
        .set(of_member("postal_code"), home.place.postal_code)
        .set(of_member("city"), home.place.city)
        .set(of_member("region"), home.place.region)
        .set(of_member("country"), home.place.country)
        .set(of_member("latitude"), &format!("{:.4}", home.latitude))
        .set(of_member("longitude"), &format!("{:.4}", home.longitude))
        .set(of_member("area_type"), home.place.urbanity)
        .set(of_member("climate_zone"), home.place.climate())
        .set(of_member("language"), person.language)
        .set(of_member("newsletter"), if person.accepts_marketing { "yes" } else { "no" })
        .set(of_member("joined_on"), &date(joined.div_euclid(DAY)));
    if by_age {
        sheet.set(of_member("age"), &person.age(joined).to_string());
    } else {
        sheet.set(of_member("birth_date"), &birth_date(person));
    }
    sheet.end(case.truth, case.chance, Some(person.number)).map(drop)
}

/// The receipts, one row per line; who has no card at hand leaves a telephone number or nothing. What came back is a row of
/// a further receipt with negative quantity.
pub(super) fn receipts(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let (person, history) = (case.person, case.history);
    for order in history.orders.iter().filter(|order| order.channel == Channel::Store) {
        let phone = !order.carded && case.chance.yes(0.35);
        let returned = match order.state {
            State::Refunded => order.lines.len(),
            State::PartlyRefunded => 1,
            State::Paid | State::Cancelled => 0,
        };
        let back = (order.at + 4 * DAY).min(END - 1);
        let lines = &history.lines[order.lines.clone()];
        let bought = lines.iter().map(|line| (line, "S", order.at, 1));
        let brought_back = lines.iter().take(returned).map(|line| (line, "R", back, -1));
        for (line, kind, at, sign) in bought.chain(brought_back) {
            let product = &case.world.catalogue.products[line.product];
            sheet
                .set(of_receipt("receipt_number"), &format!("{kind}{:012}", order.number))
                .set(of_receipt("transaction_time"), &at.to_string())
                .set(of_receipt("store"), person.home(at).place.city)
                .set(of_receipt("channel"), "store")
                .set(
                    of_receipt("member_number"),
                    if order.carded { person.card() } else { String::new() }.as_str(),
                )
                .set(of_receipt("phone"), if phone { &person.phone } else { "" })
                .set(of_receipt("sku"), &product.sku)
                .set(of_receipt("product"), &product.name)
                .set(of_receipt("department"), CATEGORIES[product.category])
                .set(of_receipt("brand"), product.brand)
                .set(of_receipt("quantity"), &(sign * line.quantity).to_string())
                .cents(of_receipt("unit_price"), line.price)
                .cents(of_receipt("discount"), sign * line.discount)
                .cents(of_receipt("line_total"), sign * (line.price * line.quantity - line.discount));
            sheet.end(case.truth, case.chance, Some(person.number))?;
        }
    }
    Ok(())
}
