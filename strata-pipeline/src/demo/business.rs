//! Firms that buy: small studios and the branches of chains, and which customers are their contacts.
//!
//! Contacts come in groups of eight, who work for four firms; so who works where depends on a customer's number only.

use super::calendar::{DAY, START};
use super::chance::{Chance, Part};
use super::names::{INDUSTRIES, LAST, ascii};
use super::person::{Home, home};

/// One customer in 16 is the contact of a firm.
const EVERY: u64 = 16;
/// For which of a group's four firms each of its eight contacts works.
const SEATS: [u64; 8] = [0, 1, 1, 2, 3, 3, 3, 3];

/// A firm.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) industry: &'static str,
    pub(super) n_employees: i64,
    /// Euro.
    pub(super) annual_revenue: i64,
    pub(super) founded_year: i64,
    /// The chain's head office, where this is a branch.
    pub(super) parent: Option<u64>,
    pub(super) chain: bool,
    pub(super) home: Home,
    pub(super) created_at: i64,
    /// What stands after the @ of its people.
    pub(super) host: String,
}

/// Whether the customer of a number buys for a firm.
pub(super) fn is_contact(number: u64) -> bool {
    number % EVERY == EVERY - 1
}

impl Company {
    /// The firm for which the contact with this customer number works at first.
    pub(super) fn of_contact(seed: u64, number: u64) -> Self {
        let (group, seat) = place(number);
        Self::draw(seed, group * 4 + SEATS[seat])
    }

    /// The firm to which that contact goes, if ever: another of the same group.
    pub(super) fn of_contact_after_change(seed: u64, number: u64) -> Self {
        let (group, seat) = place(number);
        Self::draw(seed, group * 4 + (SEATS[seat] + 1) % 4)
    }

    /// The firms that become known with a contact: all of the group with its first, else none.
    pub(super) fn met_with(seed: u64, number: u64) -> Vec<Self> {
        match place(number) {
            (group, 0) if is_contact(number) => {
                (0..4).map(|firm| Self::draw(seed, group * 4 + firm)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn is_chain(&self) -> bool {
        self.chain
    }

    /// The number of the record in the contact manager.
    pub(super) fn id(&self) -> u64 {
        8_000_000_000 + self.number * 7
    }

    fn draw(seed: u64, number: u64) -> Self {
        // The first stream of the group says whether its firms are one chain.
        let head = number - number % 4;
        let mut group = Chance::of(seed, Part::Company, head);
        let chain = group.yes(0.4);
        let (industry, word) = group.pick(INDUSTRIES);
        let family = group.pick(LAST);
        let mut chance = Chance::of(seed, Part::Company, number ^ (1 << 40));
        let (own_industry, own_word) = chance.pick(INDUSTRIES);
        let own_family = chance.pick(LAST);
        let home = home(&mut chance, 0);
        let is_head = chain && number == head;
        let (industry, name) = match (chain, is_head) {
            (true, true) => (industry, format!("{word} {family} Gruppe GmbH")),
            (true, false) => (industry, format!("{word} {family} {}", home.place.city)),
            (false, _) => {
                let form = chance.pick(&["GmbH", "e. K.", "GbR", "& Söhne", "UG"]);
                (own_industry, format!("{own_word} {own_family} {form}"))
            }
        };
        let n_employees = match (chain, is_head) {
            (true, true) => 150 + (400.0 * chance.exponential()) as i64,
            (true, false) => 12 + chance.below(60) as i64,
            (false, _) => 1 + (9.0 * chance.exponential()) as i64,
        };
        let per_head = chance.between(55_000.0, 140_000.0);
        Self {
            number,
            host: match chain {
                true => format!("{}-{head}.example.com", ascii(family)),
                false => format!("{}-{number}.example.com", ascii(own_family)),
            },
            name,
            industry,
            n_employees,
            annual_revenue: (n_employees as f64 * per_head / 1000.0).round() as i64 * 1000,
            founded_year: 2023 - (22.0 * chance.exponential()).min(140.0) as i64,
            parent: (chain && !is_head).then_some(head),
            chain,
            home,
            created_at: START - (chance.unit() * 1_000.0) as i64 * DAY + 9 * 3600,
        }
    }
}

/// The number of a record that a parent's number stands for.
pub(super) fn record_of(number: u64) -> u64 {
    8_000_000_000 + number * 7
}

fn place(number: u64) -> (u64, usize) {
    let contact = number / EVERY;
    (contact / SEATS.len() as u64, (contact % SEATS.len() as u64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_work_for_the_firms_of_their_group() {
        let contacts: Vec<u64> = (0..16 * 24).filter(|&number| is_contact(number)).collect();
        assert_eq!(contacts.len(), 24);
        let known: Vec<u64> = contacts
            .iter()
            .flat_map(|&number| Company::met_with(1, number))
            .map(|company| company.number)
            .collect();
        assert_eq!(known, (0..12).collect::<Vec<_>>());
        for number in contacts {
            let (first, next) = (Company::of_contact(1, number), Company::of_contact_after_change(1, number));
            assert!(known.contains(&first.number) && known.contains(&next.number));
            assert_ne!(first.number, next.number);
        }
    }

    #[test]
    fn branches_have_a_head_office() {
        for number in 0..200 {
            let company = Company::draw(2, number);
            match company.parent {
                Some(parent) => assert!(company.chain && Company::draw(2, parent).parent.is_none()),
                None => assert!(!company.chain || number % 4 == 0),
            }
        }
    }
}
