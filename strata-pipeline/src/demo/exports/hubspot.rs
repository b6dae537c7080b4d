//! HubSpot: the firms, their people, and some of the private customers.

use super::super::Result;
use super::super::business::{Company, record_of};
use super::super::calendar::{END, utc};
use super::super::dirt::Dirt;
use super::super::person::birth_date;
use super::super::sheet::{Form, Layout, Sheet, column};
use super::Case;

const CONTACT: [&str; 20] = [
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Job Title",
    "Date of birth",
    "Gender",
    "Degree",
    "Marital Status",
    "Preferred language",
    "City",
    "State/Region",
    "Postal Code",
    "Country/Region",
    "Lead Status",
    "Contact owner",
    "Create Date",
    "Unsubscribed from all email",
    "Primary Associated Company ID",
];

const COMPANY: [&str; 14] = [
    "Record ID",
    "Company name",
    "Company Domain Name",
    "Industry",
    "Number of Employees",
    "Annual Revenue",
    "Year Founded",
    "Parent Company ID",
    "City",
    "State/Region",
    "Postal Code",
    "Country/Region",
    "Company owner",
    "Create Date",
];

const fn of_contact(name: &str) -> usize {
    column(&CONTACT, name)
}

const fn of_company(name: &str) -> usize {
    column(&COMPANY, name)
}

/// The shape of the file of contacts.
pub(super) static CONTACTS: Layout = Layout {
    form: Form::Csv,
    columns: &CONTACT,
    kinds: &[],
    key: of_contact("Record ID"),
    identifiers: &[
        (of_contact("Record ID"), "hubspot_record_id"),
        (of_contact("Email"), "email"),
        (of_contact("Phone Number"), "phone"),
    ],
    dirt: &[
        (of_contact("Date of birth"), Dirt::MixedDateFormat, 0.08),
        (of_contact("Date of birth"), Dirt::ImpossibleBirthDate, 0.01),
        (of_contact("Date of birth"), Dirt::MissingValue, 0.25),
        (of_contact("Email"), Dirt::BlockedIdentifier, 0.008),
        (of_contact("Email"), Dirt::Typo, 0.008),
        (of_contact("Email"), Dirt::MissingValue, 0.02),
        (of_contact("Last Name"), Dirt::Typo, 0.01),
        (of_contact("Gender"), Dirt::MissingValue, 0.1),
        (of_contact("City"), Dirt::Typo, 0.01),
        (of_contact("Phone Number"), Dirt::BlockedIdentifier, 0.006),
        (of_contact("Phone Number"), Dirt::MissingValue, 0.1),
    ],
    duplicates: 0.005,
};

/// The shape of the file of companies.
pub(super) static COMPANIES: Layout = Layout {
    form: Form::Csv,
    columns: &COMPANY,
    kinds: &[],
    key: of_company("Record ID"),
    identifiers: &[],
    dirt: &[
        (of_company("Number of Employees"), Dirt::MissingValue, 0.05),
        (of_company("Annual Revenue"), Dirt::CurrencySymbol, 0.03),
        (of_company("Annual Revenue"), Dirt::MissingValue, 0.06),
        (of_company("City"), Dirt::Typo, 0.01),
        (of_company("Industry"), Dirt::MissingValue, 0.04),
    ],
    duplicates: 0.004,
};

/// The firms that become known with a contact.
pub(super) fn companies(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    for company in Company::met_with(case.world.seed, case.person.number) {
        let place = company.home.place;
        sheet
            .set(of_company("Record ID"), &company.id().to_string())
            .set(of_company("Company name"), &company.name)
            .set(of_company("Company Domain Name"), &company.host)
            .set(of_company("Industry"), company.industry)
            .set(of_company("Number of Employees"), &company.n_employees.to_string())
            .set(of_company("Annual Revenue"), &company.annual_revenue.to_string())
            .set(of_company("Year Founded"), &company.founded_year.to_string())
            .set(
                of_company("Parent Company ID"),
                &company.parent.map(|parent| record_of(parent).to_string()).unwrap_or_default(),
            )
            .set(of_company("City"), place.city)
            .set(of_company("State/Region"), place.region)
            .set(of_company("Postal Code"), place.postal_code)
            .set(of_company("Country/Region"), place.country_name())
            .set(of_company("Company owner"), "Key accounts")
            .set(of_company("Create Date"), minutes(&utc(company.created_at)));
        sheet.end(case.truth, case.chance, None)?;
    }
    Ok(())
}

/// The person, if the contact manager has them: as they are at the end.
pub(super) fn contact(sheet: &mut Sheet, case: &mut Case) -> Result<()> {
    let person = case.person;
    let listed = person.is_business() || (person.accepts_marketing && person.number.is_multiple_of(3));
    if !listed {
        return Ok(());
    }
    let (home, job) = (person.home(END), person.job(END));
    let account = if person.is_business() { person.accounts.last() } else { person.accounts.first() };
    let phone = format!("{} {}", &person.phone[..3], &person.phone[3..]);
    sheet
        .set(of_contact("Record ID"), &person.record().to_string())
        .set(of_contact("First Name"), person.first_name)
        .set(of_contact("Last Name"), person.last_name)
        .set(of_contact("Email"), account.map_or("", |account| &account.email))
        .set(of_contact("Phone Number"), &phone)
        .set(of_contact("Job Title"), job.title)
        .set(of_contact("Date of birth"), &birth_date(person))
        .set(of_contact("Gender"), person.gender)
        .set(of_contact("Degree"), person.degree)
        .set(of_contact("Marital Status"), person.marital_status)
        .set(of_contact("Preferred language"), person.language)
        .set(of_contact("City"), home.place.city)
        .set(of_contact("State/Region"), home.place.region)
        .set(of_contact("Postal Code"), home.place.postal_code)
        .set(of_contact("Country/Region"), home.place.country_name())
        .set(of_contact("Lead Status"), if person.rate > 0.0 { "Customer" } else { "Open" })
        .set(of_contact("Contact owner"), if person.is_business() { "Key accounts" } else { "Newsletter" })
        .set(of_contact("Create Date"), minutes(&utc(person.created_at + 600)))
        .set(
            of_contact("Unsubscribed from all email"),
            if person.accepts_marketing { "false" } else { "true" },
        );
    if let Some(company) = &job.company {
        sheet.set(of_contact("Primary Associated Company ID"), &company.id().to_string());
    }
    sheet.end(case.truth, case.chance, Some(person.number)).map(drop)
}

/// Without the seconds, as the tool shows times.
fn minutes(time: &str) -> &str {
    time.get(..16).unwrap_or(time)
}
