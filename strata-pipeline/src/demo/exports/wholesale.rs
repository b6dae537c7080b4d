//! The merchandise management system that firms' orders go through: semicolons, German numbers and dates, Windows-1252.

use super::super::Result;
use super::super::calendar::{DAY, berlin_offset, german_date};
use super::super::catalogue::CATEGORIES;
use super::super::dirt::Dirt;
use super::super::history::State;
use super::super::person::AccountKind;
use super::super::sheet::{Form, Layout, Sheet, column};
use super::super::truth::Finding;
use super::Case;

const HEADER: [&str; 17] = [
    "Auftragsnummer",
    "Auftragsdatum",
    "Kundennummer",
    "Firmennummer",
    "Firma",
    "Ansprechpartner",
    "E-Mail-Adresse",
    "Telefon",
    "Positionsnummer",
    "Artikelnummer",
    "Artikelbezeichnung",
    "Warengruppe",
    "Menge",
    "Einzelpreis",
    "Rabatt",
    "Währung",
    "Auftragsstatus",
];

const fn of(name: &str) -> usize {
    column(&HEADER, name)
}

/// The shape of the file.
pub(super) static ORDERS: Layout = Layout {
    form: Form::GermanCsv,
    columns: &HEADER,
    kinds: &[],
    key: of("Positionsnummer"),
    identifiers: &[
        (of("Kundennummer"), "customer_number"),
        (of("E-Mail-Adresse"), "email"),
        (of("Telefon"), "phone"),
    ],
    dirt: &[
        (of("Auftragsdatum"), Dirt::MixedDateFormat, 0.03),
        (of("Einzelpreis"), Dirt::CurrencySymbol, 0.01),
        (of("Einzelpreis"), Dirt::AbsurdAmount, 0.0008),
        (of("Einzelpreis"), Dirt::NegativeAmount, 0.0008),
        (of("Warengruppe"), Dirt::MissingValue, 0.01),
        (of("Telefon"), Dirt::BlockedIdentifier, 0.01),
    ],
    duplicates: 0.003,
};

/// What a contact ordered, one row per position.
pub(super) fn orders(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let (person, history) = (case.person, case.history);
    let mut told = false;
    for order in &history.orders {
        let account = &person.accounts[order.account];
        let Some(company) = person.jobs.get(order.account).and_then(|job| job.company.as_ref()) else {
            continue;
        };
        let day = (order.at + berlin_offset(order.at)).div_euclid(DAY);
        for (index, line) in history.lines[order.lines.clone()].iter().enumerate() {
            let product = &case.world.catalogue.products[line.product];
            let number = format!("A{:010}", order.number);
            let position = format!("{number}-{}", index + 1);
            sheet
                .set(of("Auftragsnummer"), &number)
                .set(of("Auftragsdatum"), &german_date(day))
                .set(of("Kundennummer"), &format!("K{:06}", 100_000 + person.number))
                .set(of("Firmennummer"), &company.id().to_string())
                .set(of("Firma"), &company.name)
                .set(of("Ansprechpartner"), &format!("{} {}", person.first_name, person.last_name))
                .set(of("E-Mail-Adresse"), &account.email)
                .set(of("Telefon"), &person.national_phone())
                .set(of("Positionsnummer"), &position)
                .set(of("Artikelnummer"), &product.sku)
                .set(of("Artikelbezeichnung"), &product.name)
                .set(of("Warengruppe"), CATEGORIES[product.category])
                .set(of("Menge"), &line.quantity.to_string())
                .set(of("Einzelpreis"), &german(line.price))
                .set(of("Rabatt"), &german(line.discount))
                .set(of("Währung"), "EUR")
                .set(of("Auftragsstatus"), status(order.state));
            let at = sheet.end(case.truth, case.chance, Some(person.number))?;
            if account.kind == AccountKind::NewJob && account.email != person.account().email && !told {
                told = true;
                case.truth.dirt(&Finding {
                    dirt: Dirt::NewWorkEmail,
                    file: sheet.name(),
                    line: at,
                    key: &position,
                    column: "E-Mail-Adresse",
                    written: &account.email,
                    truth: &person.account().email,
                    person: Some(person.number),
                })?;
            }
        }
    }
    Ok(())
}

fn status(state: State) -> &'static str {
    match state {
        State::Paid => "bezahlt",
        State::PartlyRefunded => "teilweise erstattet",
        State::Refunded => "erstattet",
        State::Cancelled => "storniert",
    }
}

/// `1.234,50`.
fn german(cents: i64) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    if whole >= 1000 {
        format!("{}.{:03},{rest:02}", whole / 1000, whole % 1000)
    } else {
        format!("{whole},{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::german;

    #[test]
    fn german_amounts() {
        for (cents, expected) in
            [(5, "0,05"), (99_990, "999,90"), (123_450, "1.234,50"), (100_000, "1.000,00")]
        {
            assert_eq!(german(cents), expected);
        }
    }
}
