//! The exports of the tools that the shop uses, one module for each tool. Each says the shape of its files, what is wrong
//! with them, and how a customer's doings become rows.

mod hubspot;
mod shopify;
mod store;
mod tracking;
mod voices;
mod wholesale;

use std::path::Path;

use super::Result;
use super::chance::{Chance, Part};
use super::history::{History, World};
use super::person::Person;
use super::sheet::Sheet;
use super::truth::{Truth, Written};

/// What the modules need to tell of one customer.
struct Case<'a> {
    world: &'a World,
    person: &'a Person,
    history: &'a History,
    truth: &'a mut Truth,
    chance: &'a mut Chance,
}

/// The files being written.
pub(super) struct Exports {
    shop_customers: Sheet,
    shop_orders: [Sheet; 3],
    contacts: Sheet,
    companies: Sheet,
    members: Sheet,
    receipts: Sheet,
    web: Sheet,
    mail: Sheet,
    campaigns: Sheet,
    wholesale: Sheet,
    survey: Sheet,
    reviews: Sheet,
}

impl Exports {
    /// Creates the files in a folder.
    pub(super) fn create(folder: &Path, world: &World, truth: &mut Truth) -> Result<Self> {
        let orders =
            |year: i32| Sheet::create(folder, &format!("shopify_orders_{year}.csv"), &shopify::ORDERS);
        let mut campaigns = Sheet::create(folder, "campaigns.csv", &tracking::CAMPAIGNS)?;
        tracking::campaigns(&mut campaigns, world, truth)?;
        Ok(Self {
            shop_customers: Sheet::create(folder, "shopify_customers.csv", &shopify::CUSTOMERS)?,
            shop_orders: [orders(2024)?, orders(2025)?, orders(2026)?],
            contacts: Sheet::create(folder, "hubspot_contacts.csv", &hubspot::CONTACTS)?,
            companies: Sheet::create(folder, "hubspot_companies.csv", &hubspot::COMPANIES)?,
            members: Sheet::create(folder, "loyalty_members.csv", &store::MEMBERS)?,
            receipts: Sheet::create(folder, "store_receipts.parquet", &store::RECEIPTS)?,
            web: Sheet::create(folder, "web_events.jsonl.gz", &tracking::WEB)?,
            mail: Sheet::create(folder, "email_events.csv", &tracking::MAIL)?,
            campaigns,
            wholesale: Sheet::create(folder, "grosshandel_auftraege.csv", &wholesale::ORDERS)?,
            survey: Sheet::create(folder, "typeform_survey.csv", &voices::SURVEY)?,
            reviews: Sheet::create(folder, "reviews.jsonl", &voices::REVIEWS)?,
        })
    }

    /// Writes all of one customer.
    pub(super) fn customer(
        &mut self,
        world: &World,
        person: &Person,
        history: &History,
        truth: &mut Truth,
    ) -> Result<()> {
        let chance = &mut Chance::of(world.seed, Part::Dirt, person.number);
        let mut case = Case { world, person, history, truth, chance };
        hubspot::companies(&mut self.companies, &mut case)?;
        hubspot::contact(&mut self.contacts, &mut case)?;
        if person.is_business() {
            wholesale::orders(&mut self.wholesale, &mut case)?;
        } else {
            shopify::customer(&mut self.shop_customers, &mut case)?;
            shopify::orders(&mut self.shop_orders, &mut case)?;
            store::member(&mut self.members, &mut case)?;
            store::receipts(&mut self.receipts, &mut case)?;
        }
        tracking::web(&mut self.web, &mut case)?;
        tracking::mail(&mut self.mail, &mut case)?;
        voices::survey(&mut self.survey, &mut case)?;
        voices::reviews(&mut self.reviews, &mut case)?;
        // Now and then somebody who is no customer.
        case.truth.nobody();
        if person.number % 250 == 99 {
            shopify::test_order(&mut self.shop_orders, &mut case)?;
        }
        if person.number % 1000 == 499 {
            tracking::bot(&mut self.web, &mut case)?;
        }
        Ok(())
    }

    /// Ends the files; the answer is their names and numbers of rows.
    pub(super) fn close(self) -> Result<Written> {
        let [one, two, three] = self.shop_orders;
        let sheets = [
            self.shop_customers,
            one,
            two,
            three,
            self.contacts,
            self.companies,
            self.members,
            self.receipts,
            self.web,
            self.mail,
            self.campaigns,
            self.wholesale,
            self.survey,
            self.reviews,
        ];
        sheets.into_iter().map(Sheet::close).collect()
    }
}

/// A device's id: no two devices have one.
pub(super) fn anonymous_id(seed: u64, person: u64, device: usize) -> String {
    format!("{:016x}", mixed(person * 4 + device as u64, seed))
}

/// A visit's id.
pub(super) fn session_id(seed: u64, person: u64, visit: usize) -> String {
    format!("s{:015x}", mixed(person * 4096 + visit as u64, seed ^ 0x5e55) >> 4)
}

/// What a person's first and second device are.
pub(super) fn device_name(device: usize) -> &'static str {
    if device == 0 { "mobile" } else { "desktop" }
}

/// A number without order: every step can be undone, so that different numbers stay different (for one seed).
fn mixed(number: u64, seed: u64) -> u64 {
    let mut bits = number ^ seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    for factor in [0xd6e8_feb8_6659_fd93_u64, 0xa076_1d64_78bd_642f] {
        bits ^= bits >> 32;
        bits = bits.wrapping_mul(factor);
    }
    bits ^ (bits >> 32)
}
