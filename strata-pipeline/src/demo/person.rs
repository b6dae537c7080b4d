//! One customer as they truly are: type, traits, home, family and work over the two years, and under which names and
//! addresses the shop meets them.

use std::fmt::Write;

use super::business::{self, Company};
use super::calendar::{DAY, END, FIRST_DAY, N_DAYS, START, berlin, civil};
use super::chance::{Chance, Part};
use super::latent::{CHAIN, LATENTS, Latent, STUDIO};
use super::names::{DEGREES, FEMALE, LAST, MAIL_HOSTS, MALE, OCCUPATIONS, RETIRED, STREETS, ascii};
use super::places::{PLACES, Place};

/// Where somebody lives from an instant on.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) from: i64,
    pub(super) place: &'static Place,
    pub(super) street: &'static str,
    pub(super) house: usize,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

/// What somebody does for a living from an instant on.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) from: i64,
    pub(super) title: &'static str,
    pub(super) income: f64,
    /// For contacts of firms.
    pub(super) company: Option<Company>,
}

/// How the shop came to know a person under one more id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountKind {
    Main,
    /// A second account, the e-mail address in other case.
    OtherCase,
    /// A second account with another address and the same telephone.
    OtherEmail,
    /// Orders without an account, under another address, with the same telephone.
    Guest,
    /// The address at the firm that a contact went to.
    NewJob,
}

/// One id under which a person orders.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) kind: AccountKind,
    pub(super) id: u64,
    pub(super) email: String,
    pub(super) from: i64,
}

/// A customer.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) number: u64,
    pub(super) latent: usize,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) gender: &'static str,
    pub(super) birth_day: i64,
    pub(super) homes: Vec<Home>,
    pub(super) jobs: Vec<Job>,
    pub(super) degree: &'static str,
    pub(super) marital_status: &'static str,
    pub(super) adults: i64,
    /// Days of birth of the children, those to come among them.
    pub(super) children: Vec<i64>,
    pub(super) language: &'static str,
    /// The first is the main one.
    pub(super) accounts: Vec<Account>,
    /// In the form of E.164.
    pub(super) phone: String,
    pub(super) member: bool,
    pub(super) accepts_marketing: bool,
    pub(super) tracked: bool,
    pub(super) created_at: i64,
    /// Orders a year while active; 0 for those who only look.
    pub(super) rate: f64,
    pub(super) dropout: f64,
    pub(super) attitudes: [f64; 8],
    pub(super) sentiment: f64,
    /// Whether the e-mail address belongs to the person they live with.
    pub(super) shares_email: bool,
}

impl Person {
    /// The customer of a number, who depends on the seed and the number only.
    pub(super) fn draw(seed: u64, number: u64) -> Self {
        let mut person = Self::alone(seed, number);
        // Who lives with the one before has that one's name, home and e-mail address.
        if number % 50 == 22 && !business::is_contact(number) && !business::is_contact(number - 1) {
            let partner = Self::alone(seed, number - 1);
            person.last_name = partner.last_name;
            person.homes = partner.homes;
            person.marital_status = "married";
            person.adults = 2;
            person.shares_email = true;
            person.accounts.truncate(1);
            person.accounts[0].email.clone_from(&partner.accounts[0].email);
        }
        person
    }

    fn alone(seed: u64, number: u64) -> Self {
        let chance = &mut Chance::of(seed, Part::Person, number);
        let firm = business::is_contact(number).then(|| Company::of_contact(seed, number));
        let latent_index = match &firm {
            Some(company) if company.is_chain() => CHAIN,
            Some(_) => STUDIO,
            None => {
                let shares: [f64; STUDIO] = std::array::from_fn(|index| LATENTS[index].share);
                chance.weighted(&shares)
            }
        };
        let latent = &LATENTS[latent_index];
        let (gender, first_name) = named(chance, latent);
        let last_name = chance.pick(LAST);
        let age = (latent.age.0 + latent.age.1 * chance.normal()).clamp(17.5, 91.0);
        let birth_day = END / DAY - (age * 365.25) as i64;
        let created_at = created(chance, latent);
        let homes = homes(chance, latent, created_at);
        let children = children(chance, latent, age);
        let adults = if chance.yes(if children.is_empty() { 0.5 } else { 0.85 }) { 2 } else { 1 };
        let jobs = jobs(chance, seed, number, age, firm);
        let mut person = Person {
            number,
            latent: latent_index,
            first_name,
            last_name,
            gender,
            birth_day,
            degree: DEGREES
                [((chance.unit() * 6.0 + jobs[0].income / 60_000.0) as usize).min(DEGREES.len() - 1)],
            marital_status: marital_status(chance, age, adults),
            adults,
            children,
            language: if chance.yes(0.05) { "en" } else { homes[0].place.language() },
            phone: phone(number, homes[0].place),
            homes,
            jobs,
            accounts: Vec::new(),
            member: chance.yes(if latent.channels[2] > 0.3 { 0.75 } else { 0.35 }),
            accepts_marketing: chance.yes(latent.newsletter),
            tracked: chance.yes(latent.tracked),
            created_at,
            rate: 0.0,
            dropout: chance.beta(latent.dropout.0, latent.dropout.1),
            attitudes: latent.attitudes.map(|mean| mean + 0.7 * chance.normal()),
            sentiment: latent.sentiment + 0.8 * chance.normal(),
            shares_email: false,
        };
        let looks_only = chance.yes(0.05) && !business::is_contact(number);
        let rate = latent.orders_per_year * chance.gamma(latent.shape) / latent.shape;
        person.rate = if looks_only { 0.0 } else { rate };
        person.accounts = accounts(chance, &person);
        person.member &= person.jobs[0].company.is_none();
        person
    }

    pub(super) fn latent(&self) -> &'static Latent {
        &LATENTS[self.latent]
    }

    /// The id in the truth.
    pub(super) fn id(&self) -> String {
        person_id(self.number)
    }

    /// Where the person lives at an instant.
    pub(super) fn home(&self, at: i64) -> &Home {
        self.homes.iter().rev().find(|home| home.from <= at).unwrap_or(&self.homes[0])
    }

    /// What the person does at an instant.
    pub(super) fn job(&self, at: i64) -> &Job {
        self.jobs.iter().rev().find(|job| job.from <= at).unwrap_or(&self.jobs[0])
    }

    /// The main account.
    pub(super) fn account(&self) -> &Account {
        &self.accounts[0]
    }

    /// Whether the person buys for a firm.
    pub(super) fn is_business(&self) -> bool {
        self.jobs[0].company.is_some()
    }

    /// The children that are born at an instant.
    pub(super) fn n_children(&self, at: i64) -> i64 {
        self.children.iter().filter(|&&born| born * DAY <= at).count() as i64
    }

    /// Age in whole years at an instant.
    pub(super) fn age(&self, at: i64) -> i64 {
        let (born, now) = (civil(self.birth_day), civil(at.div_euclid(DAY)));
        i64::from(now.0 - born.0) - i64::from((now.1, now.2) < (born.1, born.2))
    }

    /// The number of the loyalty card.
    pub(super) fn card(&self) -> String {
        format!("LC{:09}", 100_000_000 + self.number)
    }

    /// The number of the record in the contact manager.
    pub(super) fn record(&self) -> u64 {
        30_000_000_000 + self.number * 3
    }

    /// The telephone number as people of the country write it: `0151 12345678`; from abroad with the calling code.
    pub(super) fn national_phone(&self) -> String {
        match self.phone.strip_prefix("+49") {
            Some(rest) => format!("0{} {}", &rest[..3], &rest[3..]),
            None => format!("{} {}", &self.phone[..3], &self.phone[3..]),
        }
    }
}

/// The id in the truth of the customer with a number.
pub(super) fn person_id(number: u64) -> String {
    format!("P{number:07}")
}

fn named(chance: &mut Chance, latent: &Latent) -> (&'static str, &'static str) {
    let woman = chance.yes(latent.women);
    let other = chance.yes(0.008);
    let name = chance.pick(if woman { FEMALE } else { MALE });
    let gender = match (other, woman) {
        (true, _) => "other",
        (_, true) => "female",
        (_, false) => "male",
    };
    (gender, name)
}

/// A third were there before the two years; of the others more come each month than the month before.
fn created(chance: &mut Chance, latent: &Latent) -> i64 {
    let (mean_hour, spread) = latent.rhythm.hour();
    let second = ((mean_hour + spread * chance.normal()).clamp(3.0, 23.5) * 3600.0) as i64;
    if latent.moves < 1.0 && chance.yes(0.35) {
        return berlin(FIRST_DAY - 1 - (chance.unit() * 3.0 * 365.0) as i64, second);
    }
    let (one, other) = (chance.unit(), chance.unit());
    let share = if chance.yes(0.5) { one.max(other) } else { one };
    berlin(FIRST_DAY + (share * (N_DAYS - 12) as f64) as i64, second)
}

fn homes(chance: &mut Chance, latent: &Latent, created_at: i64) -> Vec<Home> {
    let mut homes = vec![home(chance, 0)];
    if latent.moves >= 1.0 {
        // New movers come to the shop soon after they have moved, some shortly before.
        let days = chance.exponential() * 25.0 - 30.0;
        homes.push(home(chance, created_at + (days * DAY as f64) as i64));
    } else if chance.yes(latent.moves) {
        let from = START + (chance.unit() * N_DAYS as f64 * DAY as f64) as i64;
        homes.push(home(chance, from));
    }
    homes
}

/// A home somewhere, with what stands at the end of its street.
pub(super) fn home(chance: &mut Chance, from: i64) -> Home {
    // PLACES has a few dozen entries; the weights are summed anew rather than kept.
    let total: f64 = PLACES.iter().map(|place| place.weight).sum();
    let mut left = chance.unit() * total;
    let place = PLACES
        .iter()
        .find(|place| {
            left -= place.weight;
            left < 0.0
        })
        .unwrap_or(&PLACES[0]);
    let spread = if place.urbanity == "rural" { 0.06 } else { 0.015 };
    Home {
        from,
        place,
        street: chance.pick(STREETS),
        house: 1 + chance.below(120),
        latitude: place.latitude + spread * chance.between(-1.0, 1.0),
        longitude: place.longitude + spread * chance.between(-1.0, 1.0),
    }
}

fn children(chance: &mut Chance, latent: &Latent, age: f64) -> Vec<i64> {
    let mut children = Vec::new();
    if (22.0..58.0).contains(&age) {
        let oldest = (age - 20.0).min(17.0);
        for _ in 0..chance.poisson(latent.children).min(5) {
            children.push(START / DAY - (chance.unit() * oldest * 365.25) as i64);
        }
    }
    if (20.0..45.0).contains(&age) && chance.yes(latent.births) {
        children.push(START / DAY + chance.below(N_DAYS as usize) as i64);
    }
    children.sort_unstable();
    children
}

fn jobs(chance: &mut Chance, seed: u64, number: u64, age: f64, firm: Option<Company>) -> Vec<Job> {
    if let Some(company) = firm {
        let title = chance.pick(super::names::BUSINESS_JOBS);
        let income = 38_000.0 + 40_000.0 * chance.unit();
        let mut jobs = vec![Job { from: 0, title, income, company: Some(company) }];
        if chance.yes(0.1) {
            let from = START + (chance.between(0.15, 0.85) * N_DAYS as f64) as i64 * DAY;
            let company = Some(Company::of_contact_after_change(seed, number));
            jobs.push(Job { from, title, income: income * 1.12, company });
        }
        return jobs;
    }
    let job = |chance: &mut Chance, from, factor: f64| {
        let (title, usual) = match age {
            66.0.. => RETIRED,
            ..21.0 => chance.pick(&OCCUPATIONS[..2]),
            ..27.0 => chance.pick(&OCCUPATIONS[..12]),
            _ => chance.pick(&OCCUPATIONS[2..]),
        };
        let income = usual * factor * (0.18 * chance.normal()).exp();
        Job { from, title, income: (income / 100.0).round() * 100.0, company: None }
    };
    let mut jobs = vec![job(chance, 0, 1.0)];
    if age < 62.0 && chance.yes(0.09) {
        let from = START + chance.below(N_DAYS as usize) as i64 * DAY;
        jobs.push(job(chance, from, 1.15));
    }
    jobs
}

fn marital_status(chance: &mut Chance, age: f64, adults: i64) -> &'static str {
    match (adults, age) {
        (2, 28.0..) if chance.yes(0.8) => "married",
        (1, 75.0..) if chance.yes(0.5) => "widowed",
        (1, 35.0..) if chance.yes(0.35) => "divorced",
        _ => "single",
    }
}

fn phone(number: u64, place: &Place) -> String {
    // 97 and forty million have no common factor, so that no two customers share a number by chance.
    let rest = 60_000_000 + (number.wrapping_mul(97) + 12_345) % 40_000_000;
    let network = match place.country {
        "AT" => "664",
        "CH" => "7",
        "NL" => "6",
        _ => "151",
    };
    format!("{}{network}{rest}", place.calling_code())
}

fn accounts(chance: &mut Chance, person: &Person) -> Vec<Account> {
    let (first, last) = (ascii(person.first_name), ascii(person.last_name));
    let number = person.number;
    let id = |index: u64| 7_000_000_000_000 + number * 8 + index;
    if person.is_business() {
        let of_job = |(index, job): (usize, &Job)| {
            let host = job.company.as_ref().map_or("example.com", |company| company.host.as_str());
            let kind = if index == 0 { AccountKind::Main } else { AccountKind::NewJob };
            let email = format!("{first}.{last}{number}@{host}");
            let from = if index == 0 { person.created_at } else { job.from };
            Account { kind, id: id(index as u64), email, from }
        };
        return person.jobs.iter().enumerate().map(of_job).collect();
    }
    let mut email = format!("{first}.{last}{number}@");
    let host = chance.pick(MAIL_HOSTS);
    email.push_str(host);
    let mut accounts = vec![Account { kind: AccountKind::Main, id: id(0), email, from: person.created_at }];
    let later = |chance: &mut Chance| {
        let begin = person.created_at.max(START);
        begin + (chance.between(0.1, 0.9) * (END - begin) as f64) as i64
    };
    if chance.yes(0.05) {
        let email = other_case(&accounts[0].email);
        accounts.push(Account { kind: AccountKind::OtherCase, id: id(1), email, from: later(chance) });
    }
    if chance.yes(0.05) {
        let mut email = String::new();
        let _ = write!(email, "{}{last}.{number}@{}", first.get(..1).unwrap_or("x"), chance.pick(MAIL_HOSTS));
        let kind = AccountKind::OtherEmail;
        accounts.push(Account { kind, id: id(2), email, from: later(chance) });
    }
    if chance.yes(0.07) && accounts.len() < 3 {
        let email = format!("{last}-{first}-{number}@{}", chance.pick(MAIL_HOSTS));
        accounts.push(Account { kind: AccountKind::Guest, id: id(3), email, from: later(chance) });
    }
    accounts
}

/// `anna.braun7@gmx.de` as `Anna.Braun7@GMX.de`.
fn other_case(email: &str) -> String {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    let words: Vec<String> = local
        .split('.')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect();
    let (name, end) = host.rsplit_once('.').unwrap_or((host, ""));
    format!("{}@{}.{end}", words.join("."), name.to_ascii_uppercase())
}

/// The birthday's date.
pub(super) fn birth_date(person: &Person) -> String {
    super::calendar::date(person.birth_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_drawn_from_seed_and_number() {
        let text = |seed, number| format!("{:?}", Person::draw(seed, number));
        assert_eq!(text(1, 5), text(1, 5));
        assert_ne!(text(1, 5), text(2, 5));
    }

    #[test]
    fn couples_share_home_and_address() {
        let (one, other) = (Person::draw(9, 71), Person::draw(9, 72));
        assert!(other.shares_email && !one.shares_email);
        assert_eq!(one.account().email, other.account().email);
        assert_eq!(one.homes[0].street, other.homes[0].street);
        assert_ne!(one.phone, other.phone);
    }

    #[test]
    fn addresses_in_other_case() {
        assert_eq!(other_case("anna.braun7@gmx.de"), "Anna.Braun7@GMX.de");
    }

    #[test]
    fn ages_are_those_of_people() {
        for number in 0..500 {
            let age = Person::draw(4, number).age(END);
            assert!((17..=92).contains(&age), "{number}: {age}");
        }
    }
}
