//! Shopify: the list of customers, and orders with one row per line item, the order's own cells on the first row only.

use super::super::Result;
use super::super::calendar::{DAY, END, berlin_offset, civil, local};
use super::super::dirt::Dirt;
use super::super::history::{Channel, Order, State};
use super::super::person::{AccountKind, Home};
use super::super::sheet::{Form, Layout, Sheet, column};
use super::super::truth::Finding;
use super::Case;

const ORDERS_HEADER: [&str; 79] = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
];
const CUSTOMERS_HEADER: [&str; 20] = [
    "Customer ID",
    "First Name",
    "Last Name",
    "Email",
    "Accepts Email Marketing",
    "Default Address Company",
    "Default Address Address1",
    "Default Address Address2",
    "Default Address City",
    "Default Address Province Code",
    "Default Address Country Code",
    "Default Address Zip",
    "Default Address Phone",
    "Phone",
    "Accepts SMS Marketing",
    "Total Spent",
    "Total Orders",
    "Note",
    "Tax Exempt",
    "Tags",
];

const fn of_order(name: &str) -> usize {
    column(&ORDERS_HEADER, name)
}

const fn of_customer(name: &str) -> usize {
    column(&CUSTOMERS_HEADER, name)
}

const EMAIL: usize = of_order("Email");

/// The shape of the files of orders.
pub(super) static ORDERS: Layout = Layout {
    form: Form::Csv,
    columns: &ORDERS_HEADER,
    kinds: &[],
    key: of_order("Name"),
    identifiers: &[(EMAIL, "email"), (of_order("Phone"), "phone")],
    dirt: &[
        (of_order("Total"), Dirt::CurrencySymbol, 0.004),
        (of_order("Total"), Dirt::NegativeAmount, 0.0006),
        (of_order("Total"), Dirt::AbsurdAmount, 0.0006),
        (of_order("Billing City"), Dirt::Typo, 0.004),
        (of_order("Billing City"), Dirt::MissingValue, 0.01),
        (of_order("Phone"), Dirt::BlockedIdentifier, 0.004),
        (of_order("Phone"), Dirt::MissingValue, 0.12),
    ],
    duplicates: 0.003,
};

/// The shape of the file of customers.
pub(super) static CUSTOMERS: Layout = Layout {
    form: Form::Csv,
    columns: &CUSTOMERS_HEADER,
    kinds: &[],
    key: of_customer("Customer ID"),
    identifiers: &[
        (of_customer("Customer ID"), "shopify_customer_id"),
        (of_customer("Email"), "email"),
        (of_customer("Phone"), "phone"),
    ],
    dirt: &[
        (of_customer("First Name"), Dirt::MissingValue, 0.03),
        (of_customer("First Name"), Dirt::Typo, 0.006),
        (of_customer("Last Name"), Dirt::Typo, 0.008),
        (of_customer("Default Address City"), Dirt::Typo, 0.008),
        (of_customer("Default Address City"), Dirt::MissingValue, 0.04),
        (of_customer("Default Address Zip"), Dirt::MissingValue, 0.03),
        (of_customer("Phone"), Dirt::BlockedIdentifier, 0.01),
        (of_customer("Phone"), Dirt::MissingValue, 0.2),
    ],
    duplicates: 0.004,
};

/// The person's accounts, one row each. Who shares an address has none of their own.
pub(super) fn customer(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    if person.shares_email {
        return Ok(());
    }
    let home = person.home(END);
    for (index, account) in person.accounts.iter().enumerate() {
        if account.kind == AccountKind::Guest {
            continue;
        }
        let of_account = |order: &&Order| order.account == index && order.channel != Channel::Store;
        let orders = || case.history.orders.iter().filter(of_account);
        let spent: i64 = orders().map(|order| order.total - order.refunded).sum();
        let yes = if person.accepts_marketing { "yes" } else { "no" };
        sheet
            .set(of_customer("Customer ID"), &format!("'{}", account.id))
            .set(of_customer("First Name"), person.first_name)
            .set(of_customer("Last Name"), person.last_name)
            .set(of_customer("Email"), &account.email)
            .set(of_customer("Accepts Email Marketing"), yes)
            .set(of_customer("Default Address Address1"), &street(home))
            .set(of_customer("Default Address City"), home.place.city)
            .set(of_customer("Default Address Province Code"), home.place.region_code)
            .set(of_customer("Default Address Country Code"), home.place.country)
            .set(of_customer("Default Address Zip"), &format!("'{}", home.place.postal_code))
            .set(of_customer("Phone"), &person.phone)
            .set(of_customer("Accepts SMS Marketing"), "no")
            .cents(of_customer("Total Spent"), spent)
            .set(of_customer("Total Orders"), &orders().count().to_string())
            .set(of_customer("Tax Exempt"), "no");
        let line = sheet.end(case.truth, case.chance, Some(person.number))?;
        let dirt = match account.kind {
            AccountKind::OtherCase => Dirt::SecondAccountOtherCase,
            AccountKind::OtherEmail => Dirt::SecondAccountOtherEmail,
            AccountKind::Main | AccountKind::Guest | AccountKind::NewJob => continue,
        };
        case.truth.dirt(&Finding {
            dirt,
            file: sheet.name(),
            line,
            key: &format!("'{}", account.id),
            column: "Email",
            written: &account.email,
            truth: &person.account().email,
            person: Some(person.number),
        })?;
    }
    Ok(())
}

/// The orders from web shop and app, each in the file of its year.
pub(super) fn orders(sheets: &mut [Sheet; 3], case: &mut Case) -> Result<()> {
    let (person, history) = (case.person, case.history);
    let mut told = Vec::new();
    for order in history.orders.iter().filter(|order| order.channel != Channel::Store) {
        let sheet = &mut sheets[year(order.at)];
        let account = &person.accounts[order.account];
        let name = format!("#{}", order.number + 1000);
        let mut first_line = 0;
        for (index, line) in history.lines[order.lines.clone()].iter().enumerate() {
            let product = &case.world.catalogue.products[line.product];
            sheet.set(of_order("Name"), &name).set(EMAIL, &account.email);
            if index == 0 {
                head(sheet, case, order);
            }
            sheet
                .set(of_order("Created at"), &local(order.at))
                .set(of_order("Lineitem quantity"), &line.quantity.to_string())
                .set(of_order("Lineitem name"), &product.name)
                .cents(of_order("Lineitem price"), line.price)
                .set(of_order("Lineitem sku"), &product.sku)
                .set(of_order("Lineitem requires shipping"), "true")
                .set(of_order("Lineitem taxable"), "true")
                .set(of_order("Lineitem fulfillment status"), fulfillment(order.state))
                .set(of_order("Vendor"), product.brand)
                .cents(of_order("Lineitem discount"), line.discount);
            let at = sheet.end(case.truth, case.chance, Some(person.number))?;
            if index == 0 {
                first_line = at;
            }
        }
        let shared = (person.shares_email && told.is_empty()).then_some(Dirt::SharedEmail);
        let guest = account.kind == AccountKind::Guest && !told.contains(&order.account);
        if let Some(dirt) = shared.or(guest.then_some(Dirt::GuestCheckout)) {
            told.push(order.account);
            let partner = || format!("the address of {}", super::super::person::person_id(person.number - 1));
            let truth = if shared.is_some() { partner() } else { person.account().email.clone() };
            case.truth.dirt(&Finding {
                dirt,
                file: sheet.name(),
                line: first_line,
                key: &name,
                column: "Email",
                written: &account.email,
                truth: &truth,
                person: Some(person.number),
            })?;
        }
    }
    Ok(())
}

/// Somebody tries the shop out.
pub(super) fn test_order(sheets: &mut [Sheet; 3], case: &mut Case) -> Result<()> {
    let at = super::super::calendar::START + case.chance.below(700) as i64 * DAY + 10 * 3600;
    let sheet = &mut sheets[year(at)];
    let (name, email) = (format!("#{}", case.person.number * 1000 + 1999), case.chance.pick(&TEST_EMAILS));
    sheet
        .set(of_order("Name"), &name)
        .set(EMAIL, email)
        .set(of_order("Financial Status"), "paid")
        .set(of_order("Currency"), "EUR")
        .cents(of_order("Subtotal"), 100)
        .cents(of_order("Shipping"), 0)
        .cents(of_order("Taxes"), 16)
        .cents(of_order("Total"), 100)
        .set(of_order("Created at"), &local(at))
        .set(of_order("Lineitem quantity"), "1")
        .set(of_order("Lineitem name"), "Test product")
        .cents(of_order("Lineitem price"), 100)
        .set(of_order("Lineitem sku"), "TEST-1")
        .set(of_order("Billing Name"), "Test Test")
        .set(of_order("Payment Method"), "bogus")
        .set(of_order("Source"), "web")
        .set(of_order("Tags"), "test");
    let line = sheet.end(case.truth, case.chance, None)?;
    case.truth.dirt(&Finding {
        dirt: Dirt::TestOrder,
        file: sheet.name(),
        line,
        key: &name,
        column: "Email",
        written: email,
        truth: "no customer",
        person: None,
    })
}

const TEST_EMAILS: [&str; 3] = ["test@example.com", "test@test.example", "test@demo-shop.example"];

fn head(sheet: &mut Sheet, case: &Case, order: &Order) {
    let person = case.person;
    let home = person.home(order.at);
    let full_name = format!("{} {}", person.first_name, person.last_name);
    let (cancelled, paid) = (order.state == State::Cancelled, local(order.at + 40));
    sheet
        .set(of_order("Financial Status"), if cancelled { "voided" } else { order.state.name() })
        .set(of_order("Paid at"), if cancelled { "" } else { &paid })
        .set(of_order("Fulfillment Status"), fulfillment(order.state))
        .set(of_order("Accepts Marketing"), if person.accepts_marketing { "yes" } else { "no" })
        .set(of_order("Currency"), "EUR")
        .cents(of_order("Subtotal"), order.subtotal - order.discount)
        .cents(of_order("Shipping"), order.shipping)
        .cents(of_order("Taxes"), order.tax)
        .cents(of_order("Total"), order.total)
        .set(of_order("Discount Code"), order.voucher.unwrap_or_default())
        .cents(of_order("Discount Amount"), order.discount)
        .set(of_order("Shipping Method"), "Standard")
        .set(of_order("Payment Method"), "Shopify Payments")
        .cents(of_order("Refunded Amount"), order.refunded)
        .cents(of_order("Outstanding Balance"), 0)
        .set(of_order("Id"), &(5_000_000_000_000 + order.number).to_string())
        .set(of_order("Risk Level"), "Low")
        .set(of_order("Source"), order.channel.name())
        .set(of_order("Tax 1 Name"), "DE MwSt 19%")
        .cents(of_order("Tax 1 Value"), order.tax)
        .set(of_order("Phone"), &person.phone);
    if !cancelled {
        sheet.set(of_order("Fulfilled at"), &local(order.at + DAY));
    } else {
        sheet.set(of_order("Cancelled at"), &local(order.at + 7200));
    }
    for (name, street1, city, zip, province, country, region) in ADDRESSES {
        sheet
            .set(name, &full_name)
            .set(street1, &street(home))
            .set(city, home.place.city)
            .set(zip, &format!("'{}", home.place.postal_code))
            .set(province, home.place.region_code)
            .set(country, home.place.country)
            .set(region, home.place.region);
    }
}

const ADDRESSES: [(usize, usize, usize, usize, usize, usize, usize); 2] = [
    (
        of_order("Billing Name"),
        of_order("Billing Address1"),
        of_order("Billing City"),
        of_order("Billing Zip"),
        of_order("Billing Province"),
        of_order("Billing Country"),
        of_order("Billing Province Name"),
    ),
    (
        of_order("Shipping Name"),
        of_order("Shipping Address1"),
        of_order("Shipping City"),
        of_order("Shipping Zip"),
        of_order("Shipping Province"),
        of_order("Shipping Country"),
        of_order("Shipping Province Name"),
    ),
];

fn street(home: &Home) -> String {
    format!("{} {}", home.street, home.house)
}

fn fulfillment(state: State) -> &'static str {
    if state == State::Cancelled { "unfulfilled" } else { "fulfilled" }
}

/// Which of the files, by the year on the clocks of Berlin.
fn year(at: i64) -> usize {
    (civil((at + berlin_offset(at)).div_euclid(DAY)).0 - 2024).clamp(0, 2) as usize
}
