//! The latent types: what kinds of customers there are, which is the truth that segmentations should find.
//!
//! A type says what its customers do on average. Each customer's own rate and loyalty are drawn around it: purchases
//! form a Poisson process whose rate is gamma distributed among customers, and after each purchase the customer drops
//! out with a probability that is beta distributed (BG/NBD, Fader, Hardie & Lee 2005), with seasons upon that.

use super::calendar::{FIRST_DAY, N_DAYS, civil, weekday};
use super::catalogue::sale_on;

/// The scales of attitude that drive survey answers, in this order in all tables.
pub(super) const ATTITUDES: [&str; 8] = [
    "price_consciousness",
    "quality_orientation",
    "brand_loyalty",
    "innovativeness",
    "environmental_concern",
    "convenience",
    "advertising_openness",
    "privacy_concern",
];

/// When in the year people of a type buy.
#[derive(Debug, Clone, Copy)]
pub(super) enum Season {
    Even,
    Christmas,
    Snow,
    Summer,
    Office,
}

/// When in the day and week people of a type buy.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rhythm {
    Evening,
    Lunch,
    Morning,
    Weekend,
    Office,
}

/// What people of a type do on average.
#[derive(Debug)]
pub(super) struct Latent {
    pub(super) name: &'static str,
    /// Of the customers who are private persons.
    pub(super) share: f64,
    pub(super) orders_per_year: f64,
    /// The gamma distribution's shape: small means that rates differ widely.
    pub(super) shape: f64,
    /// The beta distribution of the probability to drop out after an order.
    pub(super) dropout: (f64, f64),
    /// Lines of an order beyond the first.
    pub(super) more_lines: f64,
    pub(super) more_units: f64,
    /// By category.
    pub(super) tastes: [f64; 10],
    /// By brand, cheap to dear.
    pub(super) brands: [f64; 4],
    /// Web, app, store.
    pub(super) channels: [f64; 3],
    /// How many times as often they buy in a sale.
    pub(super) sale_lift: f64,
    /// Probability of a voucher outside of sales.
    pub(super) voucher: f64,
    pub(super) season: Season,
    pub(super) rhythm: Rhythm,
    pub(super) returns: f64,
    /// Probability that visits may be tracked, and visits a year of those.
    pub(super) tracked: f64,
    pub(super) visits_per_year: f64,
    pub(super) newsletter: f64,
    pub(super) opens: f64,
    pub(super) clicks: f64,
    /// Probability that a click leads to an order that would not have been.
    pub(super) persuaded: f64,
    /// Means of the attitudes, in standard deviations.
    pub(super) attitudes: [f64; 8],
    /// Mean of the sentiment, in standard deviations.
    pub(super) sentiment: f64,
    /// Mean and standard deviation of age.
    pub(super) age: (f64, f64),
    pub(super) women: f64,
    pub(super) children: f64,
    pub(super) moves: f64,
    pub(super) births: f64,
}

const PERSON: Latent = Latent {
    name: "",
    share: 0.0,
    orders_per_year: 6.0,
    shape: 2.0,
    dropout: (1.0, 12.0),
    more_lines: 0.49,
    more_units: 0.15,
    tastes: [1.0; 10],
    brands: [1.0, 1.2, 0.8, 0.4],
    channels: [0.6, 0.2, 0.2],
    sale_lift: 1.6,
    voucher: 0.05,
    season: Season::Even,
    rhythm: Rhythm::Evening,
    returns: 0.06,
    tracked: 0.3,
    visits_per_year: 2.2,
    newsletter: 0.45,
    opens: 0.3,
    clicks: 0.2,
    persuaded: 0.08,
    attitudes: [0.0; 8],
    sentiment: 0.2,
    age: (42.0, 13.0),
    women: 0.52,
    children: 0.35,
    moves: 0.06,
    births: 0.02,
};

/// The types of private persons, then those of firms' contacts.
pub(super) const LATENTS: [Latent; 9] = [
    Latent {
        name: "one_time_visitor",
        share: 0.20,
        orders_per_year: 2.2,
        shape: 1.0,
        dropout: (8.0, 2.0),
        more_lines: 0.23,
        tastes: [1.0, 1.0, 1.0, 1.0, 0.6, 1.0, 1.0, 1.0, 1.0, 1.5],
        channels: [0.75, 0.05, 0.2],
        tracked: 0.3,
        newsletter: 0.2,
        opens: 0.12,
        clicks: 0.08,
        persuaded: 0.01,
        attitudes: [0.2, -0.1, -0.7, -0.1, 0.0, 0.3, -0.4, 0.3],
        sentiment: -0.1,
        age: (40.0, 15.0),
        ..PERSON
    },
    Latent {
        name: "bargain_hunter",
        share: 0.18,
        orders_per_year: 14.0,
        shape: 2.0,
        dropout: (1.0, 22.0),
        more_lines: 0.61,
        brands: [2.4, 1.0, 0.3, 0.1],
        channels: [0.5, 0.42, 0.08],
        sale_lift: 7.0,
        voucher: 0.3,
        returns: 0.1,
        newsletter: 0.75,
        opens: 0.45,
        clicks: 0.35,
        persuaded: 0.15,
        attitudes: [1.2, -0.6, -0.6, 0.0, -0.1, 0.0, 0.5, -0.2],
        sentiment: -0.1,
        age: (37.0, 12.0),
        ..PERSON
    },
    Latent {
        name: "loyal_gift_giver",
        share: 0.15,
        orders_per_year: 15.0,
        shape: 4.0,
        dropout: (1.0, 40.0),
        more_lines: 0.76,
        more_units: 0.3,
        tastes: [0.2, 0.2, 0.3, 0.3, 1.0, 3.0, 1.5, 2.0, 1.0, 6.0],
        brands: [0.8, 1.2, 1.2, 0.6],
        channels: [0.55, 0.05, 0.4],
        sale_lift: 1.1,
        season: Season::Christmas,
        rhythm: Rhythm::Morning,
        returns: 0.03,
        newsletter: 0.6,
        opens: 0.5,
        clicks: 0.25,
        persuaded: 0.1,
        attitudes: [-0.3, 0.4, 1.0, -0.3, 0.3, -0.1, 0.3, 0.1],
        sentiment: 0.8,
        age: (55.0, 11.0),
        women: 0.68,
        children: 0.2,
        ..PERSON
    },
    Latent {
        name: "seasonal_sportsperson",
        share: 0.14,
        orders_per_year: 13.5,
        shape: 3.0,
        dropout: (1.0, 25.0),
        more_lines: 0.38,
        tastes: [1.4, 6.0, 2.5, 1.2, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2],
        brands: [0.5, 1.2, 1.2, 0.8],
        channels: [0.55, 0.25, 0.2],
        season: Season::Snow,
        rhythm: Rhythm::Weekend,
        returns: 0.09,
        attitudes: [-0.1, 0.5, 0.2, 0.4, 0.4, 0.0, -0.1, 0.0],
        sentiment: 0.3,
        age: (36.0, 10.0),
        women: 0.42,
        ..PERSON
    },
    Latent {
        name: "premium_enthusiast",
        share: 0.09,
        orders_per_year: 24.0,
        shape: 3.0,
        dropout: (1.0, 45.0),
        more_lines: 0.53,
        tastes: [2.5, 1.0, 2.5, 1.8, 0.2, 0.3, 2.0, 1.5, 0.8, 0.5],
        brands: [0.1, 0.4, 1.2, 3.0],
        channels: [0.6, 0.25, 0.15],
        sale_lift: 0.9,
        voucher: 0.02,
        rhythm: Rhythm::Lunch,
        returns: 0.07,
        tracked: 0.4,
        visits_per_year: 2.9,
        newsletter: 0.55,
        opens: 0.5,
        clicks: 0.4,
        persuaded: 0.12,
        attitudes: [-1.1, 1.3, 0.7, 0.9, 0.2, 0.2, 0.2, -0.1],
        sentiment: 0.6,
        age: (44.0, 9.0),
        women: 0.45,
        ..PERSON
    },
    Latent {
        name: "family",
        share: 0.15,
        orders_per_year: 22.5,
        shape: 4.0,
        dropout: (1.0, 40.0),
        more_lines: 0.84,
        more_units: 0.4,
        tastes: [0.5, 0.5, 0.8, 0.3, 3.5, 4.0, 1.2, 1.0, 1.0, 0.5],
        brands: [1.4, 1.3, 0.6, 0.2],
        channels: [0.4, 0.45, 0.15],
        season: Season::Summer,
        rhythm: Rhythm::Evening,
        returns: 0.08,
        visits_per_year: 2.7,
        attitudes: [0.5, 0.2, 0.3, 0.0, 0.3, 1.0, 0.1, 0.4],
        sentiment: 0.3,
        age: (36.0, 5.0),
        women: 0.6,
        children: 2.0,
        moves: 0.08,
        births: 0.22,
        ..PERSON
    },
    Latent {
        name: "new_mover",
        share: 0.09,
        orders_per_year: 17.5,
        shape: 2.0,
        dropout: (1.0, 14.0),
        more_lines: 0.68,
        more_units: 0.4,
        tastes: [0.2, 0.1, 0.2, 0.3, 0.2, 0.2, 3.0, 6.0, 1.6, 0.3],
        channels: [0.6, 0.15, 0.25],
        rhythm: Rhythm::Weekend,
        attitudes: [0.4, 0.1, -0.2, 0.4, 0.1, 0.6, 0.2, 0.0],
        sentiment: 0.0,
        age: (30.0, 6.0),
        children: 0.15,
        moves: 1.0,
        births: 0.05,
        ..PERSON
    },
    Latent {
        name: "small_studio",
        orders_per_year: 16.5,
        shape: 3.0,
        dropout: (1.0, 30.0),
        more_lines: 0.68,
        more_units: 5.0,
        tastes: [0.6, 0.1, 0.4, 8.0, 0.3, 0.4, 0.6, 1.2, 0.3, 1.0],
        brands: [1.0, 1.5, 0.8, 0.4],
        channels: [1.0, 0.0, 0.0],
        sale_lift: 1.2,
        season: Season::Office,
        rhythm: Rhythm::Office,
        returns: 0.03,
        tracked: 0.25,
        newsletter: 0.4,
        attitudes: [0.4, 0.5, 0.4, 0.0, 0.3, 0.7, -0.1, 0.2],
        sentiment: 0.3,
        age: (44.0, 9.0),
        ..PERSON
    },
    Latent {
        name: "chain",
        orders_per_year: 36.0,
        shape: 5.0,
        dropout: (1.0, 80.0),
        more_lines: 1.22,
        more_units: 18.0,
        tastes: [0.3, 0.2, 0.3, 4.0, 0.3, 0.3, 1.5, 4.0, 0.5, 3.0],
        brands: [1.4, 1.4, 0.6, 0.2],
        channels: [1.0, 0.0, 0.0],
        sale_lift: 1.0,
        voucher: 0.0,
        season: Season::Office,
        rhythm: Rhythm::Office,
        returns: 0.02,
        tracked: 0.15,
        newsletter: 0.25,
        attitudes: [0.8, 0.3, 0.1, -0.2, 0.2, 0.9, -0.4, 0.3],
        sentiment: 0.1,
        age: (46.0, 9.0),
        ..PERSON
    },
];
/// Where the firms' contacts begin.
pub(super) const STUDIO: usize = 7;
pub(super) const CHAIN: usize = 8;

impl Season {
    fn month(self, month: u32) -> f64 {
        let factors: [f64; 12] = match self {
            Season::Even => [0.9, 0.9, 1.0, 1.0, 1.0, 0.95, 0.85, 0.85, 1.0, 1.05, 1.25, 1.4],
            Season::Christmas => [0.4, 0.9, 0.7, 1.0, 1.1, 0.6, 0.5, 0.5, 0.6, 0.9, 2.2, 3.6],
            Season::Snow => [2.2, 1.5, 0.6, 0.4, 0.4, 0.5, 0.5, 0.5, 0.7, 1.2, 2.4, 2.8],
            Season::Summer => [0.8, 0.8, 1.0, 1.1, 1.2, 1.3, 1.0, 1.1, 1.0, 0.9, 1.1, 1.3],
            Season::Office => [1.3, 1.1, 1.1, 1.0, 1.0, 0.9, 0.7, 0.6, 1.2, 1.1, 1.1, 0.9],
        };
        factors[(month.clamp(1, 12) - 1) as usize]
    }
}

impl Rhythm {
    fn weekday(self, weekday: usize) -> f64 {
        let factors: [f64; 7] = match self {
            Rhythm::Evening => [1.1, 1.0, 1.0, 1.0, 0.8, 0.8, 1.3],
            Rhythm::Lunch => [1.1, 1.2, 1.2, 1.1, 1.0, 0.7, 0.7],
            Rhythm::Morning => [1.0, 1.1, 1.1, 1.0, 1.1, 1.1, 0.6],
            Rhythm::Weekend => [0.6, 0.6, 0.7, 0.7, 1.0, 1.7, 1.7],
            Rhythm::Office => [1.4, 1.5, 1.4, 1.4, 1.1, 0.1, 0.05],
        };
        factors[weekday]
    }

    /// Mean and standard deviation of the hour at which people order, on the clocks of Berlin.
    pub(super) fn hour(self) -> (f64, f64) {
        match self {
            Rhythm::Evening => (20.3, 1.8),
            Rhythm::Lunch => (12.6, 1.5),
            Rhythm::Morning => (9.5, 1.8),
            Rhythm::Weekend => (15.5, 3.2),
            Rhythm::Office => (11.0, 2.4),
        }
    }
}

/// How likely an order is on each day of the two years, relative to the likeliest, for each type.
#[derive(Debug)]
pub(super) struct Seasons {
    days: Vec<Vec<f64>>,
    /// How much likelier than on average the likeliest day is.
    pub(super) peak: Vec<f64>,
}

impl Seasons {
    /// Of all types.
    pub(super) fn new() -> Self {
        let (days, peak) = LATENTS.iter().map(of_type).unzip();
        Self { days, peak }
    }

    /// Of a type on a day counted from the first.
    pub(super) fn on(&self, latent: usize, day: i64) -> f64 {
        self.days[latent].get(day.max(0) as usize).copied().unwrap_or(0.0)
    }
}

fn of_type(latent: &Latent) -> (Vec<f64>, f64) {
    let mut days: Vec<f64> = (0..N_DAYS)
        .map(|day| {
            let (_, month, of_month) = civil(FIRST_DAY + day);
            // Nobody orders on Christmas Day what is to lie under the tree.
            let closed = if month == 12 && (24..=26).contains(&of_month) { 0.2 } else { 1.0 };
            let sale = if sale_on(day).is_some() { latent.sale_lift } else { 1.0 };
            latent.season.month(month) * latent.rhythm.weekday(weekday(FIRST_DAY + day)) * closed * sale
        })
        .collect();
    let mean = days.iter().sum::<f64>() / days.len() as f64;
    let peak = days.iter().copied().fold(0.0, f64::max);
    days.iter_mut().for_each(|each| *each /= peak);
    (days, peak / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        let sum: f64 = LATENTS.iter().map(|latent| latent.share).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        assert_eq!((LATENTS[STUDIO].name, LATENTS[CHAIN].name), ("small_studio", "chain"));
    }

    #[test]
    fn seasons_have_their_mean_and_peak() {
        let seasons = Seasons::new();
        for (index, latent) in LATENTS.iter().enumerate() {
            let mean = (0..N_DAYS).map(|day| seasons.on(index, day)).sum::<f64>() / N_DAYS as f64;
            assert!((mean * seasons.peak[index] - 1.0).abs() < 1e-9, "{}", latent.name);
        }
        // 2024-12-14 and 2025-03-15 are Saturdays: gifts are for Christmas.
        assert!(seasons.on(2, 166) > 4.0 * seasons.on(2, 257));
        assert!(seasons.on(0, N_DAYS) == 0.0);
    }
}
