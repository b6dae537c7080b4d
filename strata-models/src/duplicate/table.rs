//! The persons as columns of numbered values, with how many have each.

use std::collections::HashMap;

use super::fold::fold;
use super::{Field, Person};

/// No value.
pub(super) const NONE: u32 = u32::MAX;

/// The folded values of all persons.
pub(super) struct Table {
    pub(super) n_persons: usize,
    pub(super) first_name: Column,
    pub(super) last_name: Column,
    pub(super) birth_date: Column,
    pub(super) email_local: Column,
    pub(super) email_domain: Column,
    pub(super) phone: Column,
    pub(super) street: Column,
    pub(super) postal_code: Column,
    pub(super) city: Column,
    /// The texts of both columns of names, so that a first name is comparable with a last name.
    pub(super) names: Vec<String>,
    pub(super) dates: Vec<i32>,
    pub(super) email_locals: Vec<String>,
    pub(super) streets: Vec<String>,
}

/// A number for each person's value.
pub(super) struct Column {
    /// The value's number, or [`NONE`].
    pub(super) values: Vec<u32>,
    /// How many persons have each value.
    counts: Vec<u32>,
    n_known: u32,
    /// The chance that two persons have the same value.
    pub(super) p_same: f64,
}

impl Table {
    pub(super) fn new(persons: &[Person<'_>]) -> Table {
        let mut names = Numbers::default();
        let first_name = names.of_words(persons, |person| person.first_name);
        let last_name = names.of_words(persons, |person| person.last_name);
        let mut email_locals = Numbers::default();
        let email_local = email_locals.of_signs(persons, |person| person.email_local);
        let mut streets = Numbers::default();
        let street = streets.of_words(persons, |person| person.street);
        let signs = |of: for<'a> fn(&Person<'a>) -> Option<&'a str>| {
            Column::new(Numbers::default().of_signs(persons, of))
        };
        let words = |of: for<'a> fn(&Person<'a>) -> Option<&'a str>| {
            Column::new(Numbers::default().of_words(persons, of))
        };
        let mut dates: Vec<i32> = persons.iter().filter_map(|person| person.birth_date).collect();
        dates.sort_unstable();
        dates.dedup();
        let number = |date: i32| dates.binary_search(&date).map_or(NONE, |number| number as u32);
        let birth_date = persons.iter().map(|person| person.birth_date.map_or(NONE, number)).collect();
        Table {
            n_persons: persons.len(),
            first_name: Column::new(first_name),
            last_name: Column::new(last_name),
            birth_date: Column::new(birth_date),
            email_local: Column::new(email_local),
            email_domain: signs(|person| person.email_domain),
            phone: signs(|person| person.phone),
            street: Column::new(street),
            postal_code: signs(|person| person.postal_code),
            city: words(|person| person.city),
            names: names.texts,
            dates,
            email_locals: email_locals.texts,
            streets: streets.texts,
        }
    }

    /// The column of a field; that of the place is the postal code where both have one, else the city.
    pub(super) fn column(&self, field: Field, a: u32, b: u32) -> &Column {
        match field {
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::BirthDate => &self.birth_date,
            Field::EmailLocal => &self.email_local,
            Field::EmailDomain => &self.email_domain,
            Field::Phone => &self.phone,
            Field::Street => &self.street,
            Field::Place if self.postal_code.has(a) && self.postal_code.has(b) => &self.postal_code,
            Field::Place => &self.city,
        }
    }
}

impl Column {
    fn new(values: Vec<u32>) -> Column {
        let n_values =
            values.iter().filter(|value| **value != NONE).max().map_or(0, |most| *most as usize + 1);
        let mut counts = vec![0_u32; n_values];
        for value in values.iter().filter(|value| **value != NONE) {
            counts[*value as usize] += 1;
        }
        let n_known: u32 = counts.iter().sum();
        let n = f64::from(n_known.max(1));
        let p_same = counts.iter().map(|count| (f64::from(*count) / n).powi(2)).sum();
        Column { values, counts, n_known, p_same }
    }

    pub(super) fn has(&self, person: u32) -> bool {
        self.values[person as usize] != NONE
    }

    /// The values of two persons, where both have one.
    pub(super) fn both(&self, a: u32, b: u32) -> Option<(u32, u32)> {
        (self.has(a) && self.has(b)).then(|| (self.values[a as usize], self.values[b as usize]))
    }

    /// The share of those with a value who have this one.
    pub(super) fn share(&self, value: u32) -> f64 {
        let count = self.counts.get(value as usize).copied().unwrap_or(0);
        f64::from(count) / f64::from(self.n_known.max(1))
    }
}

/// Numbers for texts, in the order in which they are first met.
#[derive(Default)]
struct Numbers {
    number_of: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Numbers {
    /// The numbers of texts of words: names and streets.
    fn of_words<'a>(&mut self, persons: &[Person<'a>], of: fn(&Person<'a>) -> Option<&'a str>) -> Vec<u32> {
        persons.iter().map(|person| of(person).map_or(NONE, |text| self.number(fold(text)))).collect()
    }

    /// The numbers of texts in which every sign counts, but not case.
    fn of_signs<'a>(&mut self, persons: &[Person<'a>], of: fn(&Person<'a>) -> Option<&'a str>) -> Vec<u32> {
        let mut number = |text: &str| self.number(text.trim().to_lowercase());
        persons.iter().map(of).map(|text| text.map_or(NONE, &mut number)).collect()
    }

    fn number(&mut self, folded: String) -> u32 {
        if folded.is_empty() {
            return NONE;
        }
        if let Some(number) = self.number_of.get(&folded) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(folded.clone());
        self.number_of.insert(folded, number);
        number
    }
}
