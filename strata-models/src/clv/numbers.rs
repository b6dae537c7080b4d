//! Columns in which few numbers are distinct: whole purchases, whole days. What depends on one of them is computed once for each.

use rayon::prelude::*;

use super::purchases::Customer;

/// The distinct numbers of a column in the order in which they came, found again in an open table by their bits.
#[derive(Default)]
pub(super) struct Numbers {
    distinct: Vec<f64>,
    /// One more than a place in `distinct`, or 0; of a length that is a power of two and at least half empty.
    table: Vec<u32>,
}

impl Numbers {
    /// The place of a number among the distinct ones.
    pub(super) fn place(&mut self, number: f64) -> u32 {
        if self.distinct.len() * 2 >= self.table.len() {
            self.table = vec![0; (self.table.len() * 4).max(256)];
            for place in 0..self.distinct.len() {
                let slot = self.slot(self.distinct[place]);
                self.table[slot] = place as u32 + 1;
            }
        }
        let slot = self.slot(number);
        if self.table[slot] == 0 {
            self.distinct.push(number);
            self.table[slot] = self.distinct.len() as u32;
        }
        self.table[slot] - 1
    }

    /// The place of a number that is among them.
    fn place_of(&self, number: f64) -> u32 {
        self.table[self.slot(number)] - 1
    }

    /// Those of rows with a number each, found on all cores; the outcome is that of one.
    fn of<T: Sync>(rows: &[T], number: impl Fn(&T) -> f64 + Sync) -> Numbers {
        let of_piece = |rows: &[T]| {
            let mut numbers = Numbers::default();
            rows.iter().for_each(|row| {
                numbers.place(number(row));
            });
            numbers.distinct
        };
        let pieces: Vec<Vec<f64>> = rows.par_chunks(PIECE).map(of_piece).collect();
        let mut all = Numbers::default();
        pieces.iter().flatten().for_each(|number| {
            all.place(*number);
        });
        all
    }

    /// Where the number stands in the table, or would.
    fn slot(&self, number: f64) -> usize {
        let mask = self.table.len() - 1;
        // The highest bits: a whole number's lower ones are all 0, and so are its product's.
        let hash = number.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut slot = (hash >> (self.table.len().leading_zeros() + 1)) as usize;
        while self.table[slot] != 0 && self.distinct[self.table[slot] as usize - 1] != number {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Rows whose numbers are found by themselves, before they come together.
const PIECE: usize = 1 << 15;

/// The figures of customers, each of few distinct ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figures {
    /// Each number of purchases that occurs.
    pub(super) frequencies: Vec<f64>,
    /// Each recency that occurs, and after them each tenure.
    pub(super) times: Vec<f64>,
    n_recencies: usize,
    pub(super) places: Vec<Places>,
}

/// Where a customer's figures stand in those lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) frequency: u32,
    pub(crate) recency: u32,
    pub(crate) tenure: u32,
}

/// The distinct figures of three columns.
pub(super) struct Known {
    frequencies: Numbers,
    recencies: Numbers,
    tenures: Numbers,
}

impl Known {
    /// Of frequency, recency and tenure.
    pub(super) fn of_columns(columns: [&[f64]; 3]) -> Known {
        // Adding zero makes −0 and 0 one number.
        let [frequencies, recencies, tenures] =
            columns.map(|column| Numbers::of(column, |number| number + 0.0));
        Known { frequencies, recencies, tenures }
    }

    fn of_customers(customers: &[Customer]) -> Known {
        Known {
            frequencies: Numbers::of(customers, |customer| customer.frequency),
            recencies: Numbers::of(customers, |customer| customer.recency),
            tenures: Numbers::of(customers, |customer| customer.tenure),
        }
    }

    /// Where a customer's figures stand, who is of these rows.
    #[inline]
    pub(super) fn places_of(&self, customer: &Customer) -> Places {
        Places {
            frequency: self.frequencies.place_of(customer.frequency),
            recency: self.recencies.place_of(customer.recency),
            tenure: self.recencies.distinct.len() as u32 + self.tenures.place_of(customer.tenure),
        }
    }

    /// The figures of customers at these places.
    pub(super) fn figures(self, places: Vec<Places>) -> Figures {
        let n_recencies = self.recencies.distinct.len();
        let times = [self.recencies.distinct, self.tenures.distinct].concat();
        Figures { frequencies: self.frequencies.distinct, times, n_recencies, places }
    }
}

impl Figures {
    pub(super) fn of(customers: &[Customer]) -> Figures {
        let known = Known::of_customers(customers);
        let places = customers.par_iter().with_min_len(PIECE).map(|customer| known.places_of(customer));
        let places = places.collect();
        known.figures(places)
    }

    /// The customers at all places.
    pub(super) fn customers(&self) -> Vec<Customer> {
        let customer = |places: &Places| Customer {
            frequency: self.frequencies[places.frequency as usize],
            recency: self.times[places.recency as usize],
            tenure: self.times[places.tenure as usize],
        };
        self.places.par_iter().with_min_len(PIECE).map(customer).collect()
    }

    /// What depends on purchases and tenure alone, by customer. Where the two have fewer combinations than there are customers, each is
    /// computed once.
    pub(super) fn by_frequency_and_tenure(
        &self,
        customers: &[Customer],
        value: impl Fn(&Customer) -> f64 + Sync,
    ) -> Vec<f64> {
        let tenures = &self.times[self.n_recencies..];
        let n_cells = self.frequencies.len() * tenures.len();
        if n_cells > customers.len() / 2 {
            return customers.par_iter().with_min_len(FEWEST).map(&value).collect();
        }
        let cell = |at: usize| {
            let (frequency, tenure) = (self.frequencies[at / tenures.len()], tenures[at % tenures.len()]);
            value(&Customer { frequency, recency: 0.0, tenure })
        };
        let cells: Vec<f64> = (0..n_cells).into_par_iter().with_min_len(FEWEST).map(cell).collect();
        let of_customer = |places: &Places| {
            let tenure = places.tenure as usize - self.n_recencies;
            cells[places.frequency as usize * tenures.len() + tenure]
        };
        self.places.par_iter().with_min_len(PIECE).map(of_customer).collect()
    }
}

/// So many are computed in one go.
const FEWEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_order_in_which_they_came() {
        // More rows than a piece, and numbers that come in one piece alone.
        let rows: Vec<f64> =
            (0..3 * PIECE).map(|at| ((at * 7919) % (1000 + at / PIECE)) as f64 / 7.0).collect();
        let found = Numbers::of(&rows, |row| *row);
        let mut distinct: Vec<f64> = vec![];
        for row in &rows {
            if !distinct.contains(row) {
                distinct.push(*row);
            }
        }
        assert_eq!(found.distinct, distinct);
        assert!(rows.iter().all(|row| distinct[found.place_of(*row) as usize] == *row));
    }

    #[test]
    fn what_depends_on_purchases_and_tenure_is_that_of_each_customer() {
        let value = |customer: &Customer| customer.frequency * 1000.0 + customer.tenure;
        // Few combinations, and hardly fewer than customers.
        for n_tenures in [5, 1000] {
            let customer = |at: usize| {
                let recency = (at % 3) as f64;
                Customer { frequency: (at % 4) as f64, recency, tenure: 3.0 + (at % n_tenures) as f64 }
            };
            let customers: Vec<Customer> = (0..1000).map(customer).collect();
            let expected: Vec<f64> = customers.iter().map(value).collect();
            assert_eq!(Figures::of(&customers).by_frequency_and_tenure(&customers, value), expected);
        }
    }
}
