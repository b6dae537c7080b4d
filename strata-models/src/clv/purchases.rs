//! What the timing models know of customers: how often they bought again, when last, and for how long they could have.
//!
//! Customers with the same three numbers are one row with a weight, since a likelihood or a prediction depends on nothing else: of a
//! million customers with times in days, two thirds are repetitions.

use rayon::prelude::*;

use super::error::{FitError, InputError, ParameterError};
use super::numbers::{Figures, Known, Places};

/// The purchases of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer {
    pub(crate) frequency: f64,
    pub(crate) recency: f64,
    pub(crate) tenure: f64,
}

impl Customer {
    /// A customer who bought `frequency` times after the first purchase (x), the last time `recency` after it (tₓ), and has been watched for
    /// `tenure` since it (T), both in the unit of time of the model. Refuses what cannot be; the error's row is 0.
    pub fn new(frequency: f64, recency: f64, tenure: f64) -> Result<Customer, InputError> {
        Customer::in_row(0, frequency, recency, tenure)
    }

    /// Repeat purchases, x: a whole number.
    pub fn frequency(&self) -> f64 {
        self.frequency
    }

    /// The time from the first purchase to the last, tₓ; 0 when x is 0.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// The time from the first purchase to the end of observation, T.
    pub fn tenure(&self) -> f64 {
        self.tenure
    }

    fn in_row(row: usize, frequency: f64, recency: f64, tenure: f64) -> Result<Customer, InputError> {
        let wrong = |column, value, reason, hint| Err(InputError::Value { row, column, value, reason, hint });
        for (column, value) in [("frequency", frequency), ("recency", recency), ("tenure", tenure)] {
            if !value.is_finite() {
                return wrong(column, value, "is not a number", "leave out customers without a purchase");
            }
            if value < 0.0 {
                return wrong(column, value, "is negative", "count times from the customer's first purchase");
            }
        }
        if frequency.fract() != 0.0 || frequency > MOST_PURCHASES {
            let hint = "count repeat purchases: the periods with a purchase, less one";
            return wrong("frequency", frequency, "is not a whole number of ordinary size", hint);
        }
        if recency > tenure {
            let hint =
                "measure both from the first purchase, in the same unit, up to the same end of observation";
            return wrong("recency", recency, "is longer than the tenure", hint);
        }
        if frequency == 0.0 && recency > 0.0 {
            let hint = "without a repeat purchase the first purchase is the last, and recency is 0";
            return wrong("recency", recency, "is above 0 without a repeat purchase", hint);
        }
        // Adding zero makes −0 and 0 one value.
        Ok(Customer { frequency: frequency + 0.0, recency: recency + 0.0, tenure: tenure + 0.0 })
    }

    /// The customer of a row that was found good.
    fn of_columns([frequency, recency, tenure]: [&[f64]; 3], row: usize) -> Customer {
        // Adding zero makes −0 and 0 one value.
        Customer { frequency: frequency[row] + 0.0, recency: recency[row] + 0.0, tenure: tenure[row] + 0.0 }
    }
}

/// The most repeat purchases of one customer.
const MOST_PURCHASES: f64 = 1e6;

/// How far ahead a prediction looks, in the unit of time of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon(pub(crate) f64);

impl Horizon {
    /// That far ahead; refuses what is negative or not finite.
    pub fn new(time: f64) -> Result<Horizon, ParameterError> {
        if time >= 0.0 && time.is_finite() {
            return Ok(Horizon(time));
        }
        let hint = "give a finite time from now, in the unit of the tenure";
        Err(ParameterError { of: "a prediction", parameter: "horizon", value: time, hint })
    }
}

/// How fast the future loses value: δ, so that a purchase in t is worth `e^(−δt)` of one now. With a yearly rate d and time in weeks,
/// `δ = ln(1 + d) / 52`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiscountRate(pub(crate) f64);

impl DiscountRate {
    /// That continuous rate per unit of time; refuses what is not positive and finite.
    pub fn new(rate: f64) -> Result<DiscountRate, ParameterError> {
        if rate > 0.0 && rate.is_finite() {
            return Ok(DiscountRate(rate));
        }
        let hint = "give a finite rate above 0 per unit of time, as 0.0027 for 15 % a year and weeks";
        Err(ParameterError { of: "a prediction", parameter: "discount rate", value: rate, hint })
    }
}

/// The purchases of all customers, checked, with equal rows as one.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatPurchases {
    distinct: Vec<Customer>,
    weights: Vec<f64>,
    distinct_of: Vec<u32>,
    /// As they were given; none where every row counts as one customer.
    row_weights: Option<Vec<f64>>,
    /// Of the distinct customers.
    figures: Figures,
}

impl RepeatPurchases {
    /// A customer per row, see [`Customer::new`]. Refuses columns of unequal lengths, and the first row that cannot be.
    pub fn new(frequency: &[f64], recency: &[f64], tenure: &[f64]) -> Result<RepeatPurchases, InputError> {
        RepeatPurchases::collapsed([frequency, recency, tenure], None)
    }

    /// The same where a row counts as many customers as its weight says, which is positive and finite.
    pub fn weighted(
        frequency: &[f64],
        recency: &[f64],
        tenure: &[f64],
        weights: &[f64],
    ) -> Result<RepeatPurchases, InputError> {
        same_length("weights", weights.len(), frequency.len())?;
        if let Some(row) = weights.iter().position(|weight| !(*weight > 0.0 && weight.is_finite())) {
            let (reason, hint) = ("is not a positive number", "leave out rows that count nothing");
            return Err(InputError::Value { row, column: "weights", value: weights[row], reason, hint });
        }
        RepeatPurchases::collapsed([frequency, recency, tenure], Some(weights))
    }

    /// How many rows were given.
    pub fn n_rows(&self) -> usize {
        self.distinct_of.len()
    }

    /// The distinct customers, in no order that means anything.
    pub fn distinct(&self) -> &[Customer] {
        &self.distinct
    }

    /// How many customers each distinct one stands for.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The customers row by row.
    pub fn rows(&self) -> impl Iterator<Item = &Customer> {
        self.distinct_of.iter().map(|place| &self.distinct[*place as usize])
    }

    /// The customer of a row.
    pub(crate) fn row(&self, row: usize) -> &Customer {
        &self.distinct[self.distinct_of[row] as usize]
    }

    /// How many customers a row stands for.
    pub(crate) fn row_weight(&self, row: usize) -> f64 {
        self.row_weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// A value per row given one per distinct customer.
    pub fn spread(&self, of_distinct: &[f64]) -> Vec<f64> {
        self.distinct_of.par_iter().with_min_len(CHUNK).map(|place| of_distinct[*place as usize]).collect()
    }

    /// A value per row, computed once per distinct customer on all cores.
    pub(crate) fn map(&self, value: impl Fn(&Customer) -> f64 + Sync) -> Vec<f64> {
        self.spread(&self.distinct.par_iter().with_min_len(256).map(&value).collect::<Vec<f64>>())
    }

    /// [`RepeatPurchases::map`] for what depends on a customer and on a value that his purchases and tenure alone decide: his future, if
    /// he is alive.
    pub(crate) fn map_with_future(
        &self,
        future: impl Fn(&Customer) -> f64 + Sync,
        value: impl Fn(&Customer, f64) -> f64 + Sync,
    ) -> Vec<f64> {
        let futures = self.figures().by_frequency_and_tenure(&self.distinct, future);
        let pairs = self.distinct.par_iter().zip(&futures).with_min_len(256);
        self.spread(&pairs.map(|(customer, future)| value(customer, *future)).collect::<Vec<f64>>())
    }

    /// The figures of the distinct customers.
    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Refuses what is too little for a fit.
    pub(crate) fn check_enough(&self) -> Result<(), FitError> {
        let is_repeater = |place: &&u32| self.distinct[**place as usize].frequency > 0.0;
        let found = self.distinct_of.iter().filter(is_repeater).take(FEWEST_REPEATERS).count();
        if found < FEWEST_REPEATERS {
            let hint = "observe for longer, or give the model its parameters";
            let who = "with a repeat purchase";
            return Err(InputError::TooFew { found, who, needed: FEWEST_REPEATERS, hint }.into());
        }
        Ok(())
    }

    /// The mean tenure, the unit in which times are searched; 1 where it is 0.
    pub(crate) fn mean_tenure(&self) -> f64 {
        let sum: f64 =
            self.distinct.iter().zip(&self.weights).map(|(customer, weight)| customer.tenure * weight).sum();
        let mean = sum / self.weights.iter().sum::<f64>();
        if mean > 0.0 { mean } else { 1.0 }
    }

    fn collapsed(columns: [&[f64]; 3], weights: Option<&[f64]>) -> Result<RepeatPurchases, InputError> {
        let [frequency, recency, tenure] = columns;
        same_length("recency", recency.len(), frequency.len())?;
        same_length("tenure", tenure.len(), frequency.len())?;
        let customer = |row: usize| Customer::in_row(row, frequency[row], recency[row], tenure[row]);
        // Of several refusals the first row's, whichever thread came upon one first.
        let rows = (0..frequency.len()).into_par_iter().with_min_len(CHUNK);
        if let Some(refusal) = rows.find_map_first(|row| customer(row).err()) {
            return Err(refusal);
        }
        let known = Known::of_columns(columns);
        let chunk = |n: usize| {
            let rows = n * CHUNK..((n + 1) * CHUNK).min(frequency.len());
            let entry = |row: usize| {
                let places = known.places_of(&Customer::of_columns(columns, row));
                Entry { places, row: (row % CHUNK) as u32 }
            };
            Chunk::new(&rows.map(entry).collect::<Vec<_>>())
        };
        let chunks: Vec<Chunk> = (0..frequency.len().div_ceil(CHUNK)).into_par_iter().map(chunk).collect();
        let mut parts: Vec<Part> = (0..N_PARTS)
            .into_par_iter()
            .map(|n| {
                let mut part = Part::default();
                for (number, chunk) in chunks.iter().enumerate() {
                    part.begins.push(part.places.len());
                    for entry in chunk.part(n) {
                        let row = number * CHUNK + entry.row as usize;
                        part.add(entry, weights.map_or(1.0, |weights| weights[row]));
                    }
                }
                part
            })
            .collect();
        let mut n_before = 0;
        for part in &mut parts {
            part.first = n_before;
            n_before += part.distinct.len() as u32;
        }
        let mut distinct_of = vec![0; frequency.len()];
        distinct_of.par_chunks_mut(CHUNK).zip(&chunks).enumerate().for_each(|(number, (places, chunk))| {
            for (n, part) in parts.iter().enumerate() {
                for (entry, place) in chunk.part(n).iter().zip(&part.places[part.begins[number]..]) {
                    places[entry.row as usize] = part.first + place;
                }
            }
        });
        let weights_of_distinct =
            parts.iter().map(|part| part.weights.as_slice()).collect::<Vec<_>>().concat();
        let places = parts.iter().map(|part| part.distinct.as_slice()).collect::<Vec<_>>().concat();
        let figures = known.figures(places);
        Ok(RepeatPurchases {
            distinct: figures.customers(),
            weights: weights_of_distinct,
            distinct_of,
            row_weights: weights.map(<[f64]>::to_vec),
            figures,
        })
    }
}

/// The fewest repeat buyers for a fit: four parameters need a few customers each.
pub const FEWEST_REPEATERS: usize = 10;

/// Rows that are worked on in one go.
const CHUNK: usize = 8192;

/// Parts by hash, so that several threads collect distinct rows and what one part has found stays in a processor's cache; a fixed number, so
/// that the outcome does not depend on the machine.
const N_PARTS: usize = 64;

fn same_length(column: &'static str, found: usize, expected: usize) -> Result<(), InputError> {
    if found == expected {
        Ok(())
    } else {
        Err(InputError::Lengths { column, found, other: "frequency", expected })
    }
}

/// A row by where its figures stand.
#[derive(Clone, Copy)]
struct Entry {
    places: Places,
    /// Within its chunk.
    row: u32,
}

/// A hash of which every bit depends on every bit of the places.
#[inline]
fn hash(places: Places) -> u32 {
    let times = u64::from(places.recency) << 32 | u64::from(places.tenure);
    let mut hash = (times ^ u64::from(places.frequency) << 21).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^= hash >> 32;
    (hash.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
}

/// Rows that follow one another, ordered by part.
struct Chunk {
    entries: Vec<Entry>,
    ends: [u32; N_PARTS],
}

impl Chunk {
    fn new(rows: &[Entry]) -> Chunk {
        let mut ends = [0; N_PARTS];
        rows.iter().for_each(|entry| ends[hash(entry.places) as usize % N_PARTS] += 1);
        for n in 1..N_PARTS {
            ends[n] += ends[n - 1];
        }
        let mut next: Vec<u32> = std::iter::once(0).chain(ends).collect();
        let mut entries = rows.to_vec();
        for entry in rows {
            let place = &mut next[hash(entry.places) as usize % N_PARTS];
            entries[*place as usize] = *entry;
            *place += 1;
        }
        Chunk { entries, ends }
    }

    fn part(&self, n: usize) -> &[Entry] {
        let begin = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.entries[begin as usize..self.ends[n] as usize]
    }
}

/// The distinct customers of one part, in an open table by hash.
#[derive(Default)]
struct Part {
    distinct: Vec<Places>,
    weights: Vec<f64>,
    /// One more than a place in `distinct`, or 0; of a length that is a power of two and at least half empty.
    table: Vec<u32>,
    /// The place of each row of the part in the order in which they were added, and how many there were before each chunk.
    places: Vec<u32>,
    begins: Vec<usize>,
    /// How many distinct customers other parts have before this one's.
    first: u32,
}

impl Part {
    fn add(&mut self, entry: &Entry, weight: f64) {
        if self.distinct.len() * 2 >= self.table.len() {
            self.table = vec![0; (self.table.len() * 4).max(1024)];
            for place in 0..self.distinct.len() {
                let slot = self.slot(self.distinct[place]);
                self.table[slot] = place as u32 + 1;
            }
        }
        let slot = self.slot(entry.places);
        if self.table[slot] == 0 {
            self.distinct.push(entry.places);
            self.weights.push(0.0);
            self.table[slot] = self.distinct.len() as u32;
        }
        let place = self.table[slot] - 1;
        self.weights[place as usize] += weight;
        self.places.push(place);
    }

    /// Where a customer stands in the table, or would.
    fn slot(&self, places: Places) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = (hash(places) as usize / N_PARTS) & mask;
        while self.table[slot] != 0 && self.distinct[self.table[slot] as usize - 1] != places {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A refusal names its row and column, and says what to do.
    #[track_caller]
    fn refused(rows: &[(f64, f64, f64)], row: usize, column: &str, reason: &str) {
        let column_of = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
        let error =
            RepeatPurchases::new(&column_of(|r| r.0), &column_of(|r| r.1), &column_of(|r| r.2)).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("row {row}, column `{column}`")), "{text}");
        assert!(text.contains(reason) && text.contains("; "), "{text}");
    }

    #[test]
    fn rows_that_cannot_be_are_refused() {
        let good = (2.0, 30.0, 39.0);
        refused(&[good, (1.0, -1.0, 39.0)], 1, "recency", "negative");
        refused(&[good, good, (1.0, 40.0, 39.0)], 2, "recency", "longer than the tenure");
        refused(&[(-1.0, 0.0, 39.0)], 0, "frequency", "negative");
        refused(&[(1.5, 3.0, 39.0)], 0, "frequency", "whole number");
        refused(&[(1e9, 3.0, 39.0)], 0, "frequency", "ordinary size");
        refused(&[(0.0, 3.0, 39.0), (f64::NAN, 3.0, 39.0)], 0, "recency", "without a repeat purchase");
        refused(&[good, (f64::NAN, 3.0, 39.0)], 1, "frequency", "not a number");
        refused(&[good, (1.0, 3.0, f64::INFINITY)], 1, "tenure", "not a number");
        let mut many = vec![good; 30_000];
        (many[20_000], many[29_000]) = ((1.0, 40.0, 39.0), (-1.0, 0.0, 39.0));
        refused(&many, 20_000, "recency", "longer than the tenure");
        let lengths = RepeatPurchases::new(&[1.0], &[1.0], &[1.0, 2.0]).unwrap_err().to_string();
        assert!(lengths.contains("column `tenure` has 2 rows where `frequency` has 1"), "{lengths}");
        let weight = RepeatPurchases::weighted(&[1.0], &[1.0], &[1.0], &[0.0]).unwrap_err().to_string();
        assert!(weight.contains("row 0, column `weights`: 0 is not a positive number"), "{weight}");
    }

    #[test]
    fn too_few_repeat_buyers_are_refused_by_a_fit() {
        let few = RepeatPurchases::new(&[1.0; 9], &[1.0; 9], &[2.0; 9]).unwrap();
        let text = few.check_enough().unwrap_err().to_string();
        assert!(
            text.starts_with("9 customers with a repeat purchase where a fit needs at least 10"),
            "{text}"
        );
        assert!(RepeatPurchases::new(&[1.0; 10], &[1.0; 10], &[2.0; 10]).unwrap().check_enough().is_ok());
        assert!(RepeatPurchases::new(&[], &[], &[]).unwrap().check_enough().is_err());
    }

    #[test]
    fn horizons_and_rates_are_checked() {
        assert!(Horizon::new(0.0).is_ok() && Horizon::new(52.0).is_ok() && DiscountRate::new(0.0027).is_ok());
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Horizon::new(wrong).is_err() && DiscountRate::new(wrong).is_err());
        }
        let text = DiscountRate::new(0.0).unwrap_err().to_string();
        assert!(text.starts_with("`discount rate` of a prediction is 0; "), "{text}");
    }

    #[test]
    fn equal_rows_are_one_and_every_row_finds_its_own() {
        let n = 50_000;
        let frequency: Vec<f64> = (0..n).map(|i| f64::from(i % 7)).collect();
        let recency: Vec<f64> = (0..n).map(|i| if i % 7 == 0 { -0.0 } else { f64::from(i % 11) }).collect();
        let tenure: Vec<f64> = (0..n).map(|i| 20.0 + f64::from(i % 13)).collect();
        let purchases = RepeatPurchases::new(&frequency, &recency, &tenure).unwrap();
        assert_eq!(purchases.distinct().len(), 6 * 11 * 13 + 13);
        assert_eq!(purchases.weights().iter().sum::<f64>(), f64::from(n));
        let sums = purchases.map(|c| c.frequency() * 1e4 + c.recency() * 100.0 + c.tenure());
        for (row, sum) in sums.iter().enumerate() {
            assert_eq!(*sum, frequency[row] * 1e4 + recency[row] * 100.0 + tenure[row]);
        }
        let weights: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i % 3)).collect();
        let weighted = RepeatPurchases::weighted(&frequency, &recency, &tenure, &weights).unwrap();
        assert_eq!(weighted.weights().iter().sum::<f64>(), weights.iter().sum::<f64>());
        assert_eq!(weighted.distinct(), purchases.distinct());
    }
}
