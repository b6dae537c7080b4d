//! From orders to one row per customer: what models of buying behaviour are fitted on, and what RFM scores are made of.
//!
//! Times are microseconds since 1970 in one time zone; results are in days, or whatever unit `time_scaler` makes of them.

use thiserror::Error;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// Orders that can be counted.
#[derive(Debug, Clone, Copy)]
pub struct Orders<'a> {
    customer: &'a [usize],
    n_customers: usize,
    at: &'a [i64],
    amount: Option<&'a [f64]>,
}

/// Why orders cannot be counted.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OrdersError {
    /// The columns differ in length.
    #[error("{column} has {n} values for {n_orders} orders")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        n: usize,
        /// The number of orders.
        n_orders: usize,
    },
    /// An amount is not a finite number.
    #[error("the amount in row {row} is {amount}")]
    Amount {
        /// The row, from 0.
        row: usize,
        /// What stands there.
        amount: f64,
    },
    /// A customer's number is not among the customers.
    #[error("the customer in row {row} is number {customer} of {n_customers}")]
    Customer {
        /// The row, from 0.
        row: usize,
        /// The number, from 0.
        customer: usize,
        /// The number of customers.
        n_customers: usize,
    },
    /// A test ends when or before it begins.
    #[error("the test ends before it begins")]
    TestEnd,
    /// There is nothing to test on.
    #[error("nobody bought after the end of training")]
    NoTest,
}

impl OrdersError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            OrdersError::Length { .. } => "give one value per order in every column",
            OrdersError::Amount { .. } => "leave out orders without an amount, or give no amounts at all",
            OrdersError::Customer { .. } => "number the customers from 0",
            OrdersError::TestEnd => "give an end after that of training, or none for the last purchase",
            OrdersError::NoTest => "give an earlier end of training",
        }
    }
}

impl<'a> Orders<'a> {
    /// One order a row: the number of its customer, its time, and what was paid.
    ///
    /// # Errors
    /// [`OrdersError`] with the row that cannot be used.
    pub fn new(
        customer: &'a [usize],
        n_customers: usize,
        at: &'a [i64],
        amount: Option<&'a [f64]>,
    ) -> Result<Orders<'a>, OrdersError> {
        let n_orders = customer.len();
        for (column, n) in [("time", at.len()), ("amount", amount.map_or(n_orders, <[f64]>::len))] {
            if n != n_orders {
                return Err(OrdersError::Length { column, n, n_orders });
            }
        }
        if let Some(row) = customer.iter().position(|customer| *customer >= n_customers) {
            return Err(OrdersError::Customer { row, customer: customer[row], n_customers });
        }
        if let Some((row, amount)) =
            amount.into_iter().flatten().enumerate().find(|(_, amount)| !amount.is_finite())
        {
            return Err(OrdersError::Amount { row, amount: *amount });
        }
        Ok(Orders { customer, n_customers, at, amount })
    }

    /// The time of the last purchase; none of no purchases.
    pub fn last(&self) -> Option<i64> {
        self.at.iter().copied().max()
    }

    /// The purchases until `end`, customer by customer.
    fn by_customer(&self, end: i64) -> impl Iterator<Item = (usize, Vec<usize>)> {
        let mut begins = vec![0; self.n_customers + 1];
        let counted = || (0..self.customer.len()).filter(move |row| self.at[*row] <= end);
        counted().for_each(|row| begins[self.customer[row] + 1] += 1);
        for customer in 0..self.n_customers {
            begins[customer + 1] += begins[customer];
        }
        let mut rows = vec![0; begins[self.n_customers]];
        let mut next = begins.clone();
        for row in counted() {
            let place = &mut next[self.customer[row]];
            rows[*place] = row;
            *place += 1;
        }
        (0..self.n_customers)
            .map(move |customer| (customer, rows[begins[customer]..begins[customer + 1]].to_vec()))
            .filter(|(_, rows)| !rows.is_empty())
    }

    fn amount(&self, row: usize) -> f64 {
        self.amount.map_or(0.0, |amount| amount[row])
    }
}

/// The stretches of time within which all purchases of a customer count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From hour to hour.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
}

impl Period {
    /// The number of the period that an instant falls into.
    fn of(self, at: i64) -> i64 {
        let day = at.div_euclid(MICROS_PER_DAY);
        match self {
            Period::Hour => at.div_euclid(MICROS_PER_HOUR),
            Period::Day => day,
            // The first of January 1970 was a Thursday.
            Period::Week => (day + 3).div_euclid(7),
            Period::Month => month(day),
        }
    }
}

/// Months since 1970 of a day since 1970, in the Gregorian calendar: years are counted from a first of March, so that the leap day
/// is the last of a year, and months have 153 days in each five.
fn month(day: i64) -> i64 {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day = day.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    (era * 400 + year - 1970) * 12 + from_march + 2
}

/// How purchases are summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SummaryOptions {
    /// The end of observation; later purchases do not exist. The last purchase where none is given.
    pub end: Option<i64>,
    /// What counts as one purchase.
    pub period: Period,
    /// How many periods make one unit of `recency` and `tenure`: 7 with days gives weeks.
    pub time_scaler: f64,
    /// Whether the first period's spend counts in `monetary_value`. Models of spend leave it out.
    pub with_first: bool,
}

/// One row per customer who has bought: the sufficient statistics of the models, column by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RepeatSummary {
    /// The number of the customer.
    pub customer: Vec<usize>,
    /// `x`: in how many periods after the first the customer has bought.
    pub frequency: Vec<f64>,
    /// `t_x`: from the first period with a purchase to the last.
    pub recency: Vec<f64>,
    /// `T`: from the first period with a purchase to the end of observation.
    pub tenure: Vec<f64>,
    /// `m`: what was spent per repeat period, on average; 0 of no repeat period.
    pub monetary_value: Vec<f64>,
}

/// Frequency, recency, tenure and monetary value per customer, in the order of customers.
///
/// With the periods `d_0 < d_1 < … < d_x` in which a customer bought, their sums `m_0 … m_x`, the period `e` of the end, and `u`
/// periods to the unit: `frequency = x`, `recency = (d_x − d_0) / u`, `T = (e − d_0) / u`, `monetary_value = Σ_{i≥1} m_i / x`.
///
/// Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way. Marketing Science 24, 275–284.
pub fn repeat_summary(orders: &Orders<'_>, options: &SummaryOptions) -> RepeatSummary {
    let mut summary = RepeatSummary::default();
    let Some(end) = options.end.or_else(|| orders.last()) else { return summary };
    let unit = |periods: i64| periods as f64 / options.time_scaler;
    for (customer, mut rows) in orders.by_customer(end) {
        rows.sort_by_key(|row| orders.at[*row]);
        let mut spent: Vec<(i64, f64)> = Vec::with_capacity(rows.len());
        for row in rows {
            let (period, amount) = (options.period.of(orders.at[row]), orders.amount(row));
            match spent.last_mut() {
                Some((last, sum)) if *last == period => *sum += amount,
                _ => spent.push((period, amount)),
            }
        }
        let (Some((first, _)), Some((last, _))) = (spent.first(), spent.last()) else { continue };
        let valued = if options.with_first { &spent[..] } else { &spent[1..] };
        let sum: f64 = valued.iter().map(|(_, amount)| amount).sum();
        summary.customer.push(customer);
        summary.frequency.push((spent.len() - 1) as f64);
        summary.recency.push(unit(last - first));
        summary.tenure.push(unit(options.period.of(end) - first));
        summary.monetary_value.push(if valued.is_empty() { 0.0 } else { sum / valued.len() as f64 });
    }
    summary
}

/// What the customers of a summary did after it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TestSummary {
    /// In how many more periods each has bought.
    pub frequency: Vec<f64>,
    /// What each spent per such period, on average; 0 of none.
    pub monetary_value: Vec<f64>,
    /// How long the test is.
    pub tenure: f64,
}

/// The summary as of `train_end`, and what its customers did from then to the end of `options`, in the same order.
///
/// # Errors
/// [`OrdersError::TestEnd`] and [`OrdersError::NoTest`] where there is nothing in between.
pub fn train_test(
    orders: &Orders<'_>,
    train_end: i64,
    options: &SummaryOptions,
) -> Result<(RepeatSummary, TestSummary), OrdersError> {
    if options.end.is_some_and(|end| end <= train_end) {
        return Err(OrdersError::TestEnd);
    }
    let end =
        options.end.or_else(|| orders.last()).filter(|end| *end > train_end).ok_or(OrdersError::NoTest)?;
    let train = repeat_summary(orders, &SummaryOptions { end: Some(train_end), ..*options });
    let all = repeat_summary(orders, &SummaryOptions { end: Some(end), ..*options });
    let n_periods = options.period.of(end) - options.period.of(train_end);
    let mut test = TestSummary { tenure: n_periods as f64 / options.time_scaler, ..TestSummary::default() };
    let mut later = 0;
    for (row, customer) in train.customer.iter().enumerate() {
        // Who had bought by then has by the end: both are in the order of customers.
        while all.customer[later] != *customer {
            later += 1;
        }
        let n = all.frequency[later] - train.frequency[row];
        let spent =
            |summary: &RepeatSummary, row: usize| summary.monetary_value[row] * summary.frequency[row];
        let mean = (spent(&all, later) - spent(&train, row)) / n;
        test.frequency.push(n);
        test.monetary_value.push(if n > 0.0 { mean } else { 0.0 });
    }
    Ok((train, test))
}

/// One row per customer who has bought: what RFM scores rank by, column by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecentSummary {
    /// The number of the customer.
    pub customer: Vec<usize>,
    /// Whole days from the last purchase to the end of observation, rounded down.
    pub days_since_last_order: Vec<f64>,
    /// The number of orders.
    pub n_orders: Vec<f64>,
    /// The sum of amounts.
    pub revenue: Vec<f64>,
}

/// Days since the last order, number of orders and revenue per customer, in the order of customers. `end` is the end of
/// observation, the last purchase where none is given; later purchases do not exist.
pub fn recent_summary(orders: &Orders<'_>, end: Option<i64>) -> RecentSummary {
    let mut summary = RecentSummary::default();
    let Some(end) = end.or_else(|| orders.last()) else { return summary };
    for (customer, rows) in orders.by_customer(end) {
        let last = rows.iter().map(|row| orders.at[*row]).max().unwrap_or(end);
        summary.customer.push(customer);
        summary.days_since_last_order.push((end - last).div_euclid(MICROS_PER_DAY) as f64);
        summary.n_orders.push(rows.len() as f64);
        summary.revenue.push(rows.iter().map(|row| orders.amount(*row)).sum());
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: SummaryOptions =
        SummaryOptions { end: None, period: Period::Day, time_scaler: 1.0, with_first: false };

    fn days(days: &[f64]) -> Vec<i64> {
        days.iter().map(|day| (day * MICROS_PER_DAY as f64) as i64).collect()
    }

    #[test]
    fn repeat_purchases_are_counted_by_day_and_the_first_is_left_out() {
        let at = days(&[10.2, 10.9, 12.0, 20.5, 3.0, 30.0, 31.0]);
        let amount = [1.0, 2.0, 5.0, 7.0, 9.0, 4.0, 100.0];
        let customer = [0, 0, 0, 0, 1, 3, 0];
        let orders = Orders::new(&customer, 4, &at, Some(&amount)).unwrap();
        let options = SummaryOptions { end: Some(days(&[30.5])[0]), ..OPTIONS };
        let expected = RepeatSummary {
            customer: vec![0, 1, 3],
            frequency: vec![2.0, 0.0, 0.0],
            recency: vec![10.0, 0.0, 0.0],
            tenure: vec![20.0, 27.0, 0.0],
            monetary_value: vec![6.0, 0.0, 0.0],
        };
        assert_eq!(repeat_summary(&orders, &options), expected);
        let weeks = repeat_summary(&orders, &SummaryOptions { time_scaler: 7.0, ..options });
        assert_eq!(weeks.recency[0], 10.0 / 7.0);
        let with_first = repeat_summary(&orders, &SummaryOptions { with_first: true, ..options });
        assert_eq!(with_first.monetary_value, [5.0, 9.0, 4.0]);
    }

    #[test]
    fn periods_begin_where_the_calendar_says() {
        for (period, day, expected) in [
            (Period::Day, -0.5, -1),
            (Period::Week, 3.9, 0),
            (Period::Week, 4.0, 1),
            (Period::Month, 0.0, 0),
            (Period::Month, 30.9, 0),
            (Period::Month, 31.0, 1),
            (Period::Month, -1.0, -1),
            (Period::Month, 789.9, 25),
            (Period::Month, 790.0, 26),
            (Period::Hour, 1.5, 36),
        ] {
            assert_eq!(period.of(days(&[day])[0]), expected, "{period:?} of day {day}");
        }
    }

    #[test]
    fn rfm_counts_orders_and_whole_days() {
        let at = days(&[10.2, 10.9, 12.0, 3.0]);
        let orders = Orders::new(&[0, 0, 0, 1], 2, &at, Some(&[1.0, 2.0, 5.0, 9.0])).unwrap();
        let summary = recent_summary(&orders, Some(days(&[13.9])[0]));
        assert_eq!(summary.days_since_last_order, [1.0, 10.0]);
        assert_eq!(summary.n_orders, [3.0, 1.0]);
        assert_eq!(summary.revenue, [8.0, 9.0]);
    }

    #[test]
    fn what_cannot_be_counted_is_refused_with_its_row() {
        let check = |customer: &[usize], at: &[i64], amount: Option<&[f64]>, expected: &str| {
            let error = Orders::new(customer, 2, at, amount).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(&[0, 1], &[1], None, "time has 1 values for 2 orders");
        check(&[0, 1], &[1, 2], Some(&[1.0]), "amount has 1 values for 2 orders");
        check(&[0, 1], &[1, 2], Some(&[1.0, f64::NAN]), "the amount in row 1 is NaN");
        check(&[0, 2], &[1, 2], None, "the customer in row 1 is number 2 of 2");
    }
}
