//! What the shop sells, at what price on which day, and how it sells it: sale periods, vouchers and e-mail campaigns.

use super::calendar::{DAY, FIRST_DAY, N_DAYS};
use super::chance::{Chance, Part};

/// The product categories; their positions are the indices of the latent types' preferences.
pub(super) const CATEGORIES: [&str; 10] = [
    "Running",
    "Winter sports",
    "Outdoor",
    "Fitness",
    "Baby & kids",
    "Toys & games",
    "Kitchen",
    "Living",
    "Garden",
    "Gifts & stationery",
];
pub(super) const BABY: usize = 4;

const CODES: [&str; 10] = ["RUN", "WIN", "OUT", "FIT", "BAB", "TOY", "KIT", "LIV", "GAR", "GIF"];

/// Things with their usual price in euro, in the order of the categories.
const THINGS: [[(&str, f64); 12]; 10] = [
    [
        ("running shoes", 119.0),
        ("trail shoes", 139.0),
        ("running shorts", 39.0),
        ("running tights", 54.0),
        ("running jacket", 89.0),
        ("running socks", 12.0),
        ("hydration vest", 74.0),
        ("headlamp", 45.0),
        ("sports watch", 229.0),
        ("reflective belt", 17.0),
        ("running cap", 24.0),
        ("energy gels", 19.0),
    ],
    [
        ("ski goggles", 79.0),
        ("ski helmet", 129.0),
        ("ski jacket", 219.0),
        ("ski trousers", 149.0),
        ("ski gloves", 49.0),
        ("thermal shirt", 44.0),
        ("ski socks", 22.0),
        ("snow boots", 109.0),
        ("snowshoes", 159.0),
        ("sledge", 59.0),
        ("touring skis", 489.0),
        ("ski wax", 14.0),
    ],
    [
        ("hiking boots", 149.0),
        ("rain jacket", 129.0),
        ("fleece", 69.0),
        ("rucksack", 99.0),
        ("two-person tent", 269.0),
        ("sleeping bag", 139.0),
        ("sleeping mat", 64.0),
        ("camping stove", 49.0),
        ("water bottle", 21.0),
        ("trekking poles", 79.0),
        ("pocket knife", 34.0),
        ("dry bag", 19.0),
    ],
    [
        ("yoga mat", 34.0),
        ("dumbbells", 59.0),
        ("kettlebell", 44.0),
        ("resistance bands", 18.0),
        ("foam roller", 24.0),
        ("gymnastics ball", 27.0),
        ("skipping rope", 13.0),
        ("weight bench", 179.0),
        ("training towel", 15.0),
        ("sports top", 36.0),
        ("leggings", 49.0),
        ("exercise bike", 449.0),
    ],
    [
        ("baby carrier", 119.0),
        ("sleeping sack", 39.0),
        ("changing bag", 69.0),
        ("muslin cloths", 19.0),
        ("bottle set", 29.0),
        ("play mat", 45.0),
        ("pushchair", 399.0),
        ("baby monitor", 89.0),
        ("romper", 22.0),
        ("first shoes", 35.0),
        ("bath seat", 27.0),
        ("night light", 24.0),
    ],
    [
        ("building blocks", 39.0),
        ("wooden train", 54.0),
        ("board game", 34.0),
        ("jigsaw", 16.0),
        ("balance bike", 79.0),
        ("doll's house", 99.0),
        ("craft box", 22.0),
        ("football", 25.0),
        ("scooter", 69.0),
        ("card game", 12.0),
        ("soft toy", 21.0),
        ("kite", 28.0),
    ],
    [
        ("chef's knife", 89.0),
        ("frying pan", 59.0),
        ("cast-iron pot", 149.0),
        ("coffee grinder", 69.0),
        ("espresso maker", 39.0),
        ("cutting board", 34.0),
        ("storage jars", 29.0),
        ("stand mixer", 349.0),
        ("kettle", 64.0),
        ("bread tin", 24.0),
        ("kitchen scales", 32.0),
        ("tea towels", 16.0),
    ],
    [
        ("wool blanket", 79.0),
        ("cushion", 29.0),
        ("table lamp", 69.0),
        ("bed linen", 59.0),
        ("curtains", 54.0),
        ("rug", 129.0),
        ("wall shelf", 49.0),
        ("mirror", 89.0),
        ("scented candle", 19.0),
        ("storage basket", 27.0),
        ("armchair", 329.0),
        ("towel set", 44.0),
    ],
    [
        ("secateurs", 29.0),
        ("watering can", 32.0),
        ("raised bed", 119.0),
        ("seed collection", 14.0),
        ("garden chair", 79.0),
        ("fire bowl", 139.0),
        ("parasol", 99.0),
        ("hammock", 69.0),
        ("plant pot", 22.0),
        ("bird feeder", 26.0),
        ("garden gloves", 12.0),
        ("hose", 39.0),
    ],
    [
        ("notebook", 16.0),
        ("fountain pen", 49.0),
        ("gift box", 24.0),
        ("greeting cards", 9.0),
        ("photo album", 28.0),
        ("calendar", 18.0),
        ("wrapping paper", 7.0),
        ("chocolates", 15.0),
        ("tea selection", 19.0),
        ("bouquet of dried flowers", 34.0),
        ("gift hamper", 79.0),
        ("poster", 22.0),
    ],
];

/// Makers, dear ones last.
const BRANDS: [(&str, f64); 4] = [("Heimat", 0.8), ("Nordlicht", 1.0), ("Alba", 1.15), ("Steinfels", 1.45)];

/// One product.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) category: usize,
    pub(super) brand: &'static str,
    /// Cents before, between and after the two rises.
    prices: [i64; 3],
    /// The days of the rises.
    rises: [i64; 2],
}

impl Product {
    /// The price of one on a day, in cents.
    pub(super) fn price(&self, day: i64) -> i64 {
        self.prices[self.rises.iter().filter(|&&rise| day >= rise).count()]
    }

    /// The days of the two price rises.
    pub(super) fn rises(&self) -> [i64; 2] {
        self.rises
    }

    /// How dear it is at first, in cents.
    pub(super) fn first_price(&self) -> i64 {
        self.prices[0]
    }
}

/// All products, those of one category beside each other, cheap makers first within each kind of thing.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) products: Vec<Product>,
}

/// How many products a category has.
pub(super) const PER_CATEGORY: usize = 12 * BRANDS.len();

impl Catalogue {
    /// The products of the shop with this seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed, Part::Traffic, u64::MAX >> 4);
        let mut products = Vec::with_capacity(CATEGORIES.len() * PER_CATEGORY);
        for (category, things) in THINGS.iter().enumerate() {
            for (index, (thing, price)) in things.iter().enumerate() {
                for (at, (brand, level)) in BRANDS.iter().enumerate() {
                    let euros = (price * level * chance.between(0.92, 1.08)).max(4.0).round();
                    let first = euros as i64 * 100 - 10;
                    let second = rise(first, chance.between(1.03, 1.07));
                    let third = rise(second, chance.between(1.02, 1.06));
                    let rises = [
                        FIRST_DAY + 190 + chance.below(50) as i64,
                        FIRST_DAY + 440 + chance.below(60) as i64,
                    ];
                    products.push(Product {
                        sku: format!("{}-{:02}{}", CODES[category], index + 1, at + 1),
                        name: format!("{brand} {thing}"),
                        category,
                        brand,
                        prices: [first, second, third],
                        rises,
                    });
                }
            }
        }
        Self { products }
    }
}

fn rise(cents: i64, factor: f64) -> i64 {
    // Prices end in 90 cents, and every rise is at least 50 cents.
    let risen = (cents as f64 * factor / 100.0).round() as i64 * 100 - 10;
    risen.max(cents + 50)
}

/// A period in which a voucher takes something off everything.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) code: &'static str,
    /// Days since the shop's first day; both are in it.
    pub(super) days: (i64, i64),
    pub(super) percent: i64,
}

/// Summer 2024, Black Week 2024, summer 2025, Black Week 2025.
pub(super) const SALES: [Sale; 4] = [
    Sale { code: "SOMMER24", days: (24, 40), percent: 20 },
    Sale { code: "BLACK24", days: (147, 154), percent: 30 },
    Sale { code: "SOMMER25", days: (389, 405), percent: 20 },
    Sale { code: "BLACK25", days: (511, 518), percent: 30 },
];

/// For the first order of those who are new.
pub(super) const WELCOME: (&str, i64) = ("WELCOME10", 10);
/// For those who ask for one at any time: the app gives it.
pub(super) const APP_VOUCHER: (&str, i64) = ("APP5", 5);

/// The sale of a day, which is counted from the shop's first.
pub(super) fn sale_on(day: i64) -> Option<&'static Sale> {
    SALES.iter().find(|sale| day >= sale.days.0 && day <= sale.days.1)
}

/// One mailing.
#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) subject: &'static str,
    /// When it was sent.
    pub(super) sent_at: i64,
    pub(super) voucher: Option<&'static str>,
    pub(super) cost_cents: i64,
}

const SUBJECTS: [&str; 12] = [
    "Summer is for being outside",
    "Back to school, back to sport",
    "Warm layers for cool mornings",
    "Cosy evenings begin here",
    "Gifts that people keep",
    "The last parcel before the holidays",
    "New year, new routine",
    "Fresh snow, fresh gear",
    "Spring in the garden",
    "Small things, much joy",
    "Ready for the first hike",
    "Long evenings on the balcony",
];

/// The mailings of the two years: one a month, and one before each sale.
pub(super) fn campaigns() -> Vec<Campaign> {
    let monthly = (0..24).map(|month| {
        let day = FIRST_DAY + (month * N_DAYS) / 24 + 8;
        let (year, number, _) = super::calendar::civil(day);
        Campaign {
            id: format!("CMP-{:03}", month + 1),
            name: format!("Newsletter {year}-{number:02}"),
            subject: SUBJECTS[(month % 12) as usize],
            sent_at: day * DAY + 8 * 3600,
            voucher: None,
            cost_cents: 18_000,
        }
    });
    let sales = SALES.iter().enumerate().map(|(index, sale)| Campaign {
        id: format!("CMP-{}", 101 + index),
        name: format!("Sale {}", sale.code),
        subject: "Everything for less, for a few days",
        sent_at: (FIRST_DAY + sale.days.0) * DAY + 6 * 3600,
        voucher: Some(sale.code),
        cost_cents: 42_000,
    });
    let mut all: Vec<Campaign> = monthly.chain(sales).collect();
    all.sort_by_key(|campaign| campaign.sent_at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calendar::date;

    #[test]
    fn every_price_rises_twice() {
        for product in &Catalogue::new(3).products {
            let [first, second] = product.rises();
            let prices = [first - 1, first, second].map(|day| product.price(day));
            assert!(prices[0] < prices[1] && prices[1] < prices[2], "{}: {prices:?}", product.sku);
        }
    }

    #[test]
    fn sales_and_mailings_have_their_days() {
        assert_eq!(sale_on(147).map(|sale| sale.code), Some("BLACK24"));
        assert_eq!(date(FIRST_DAY + 147), "2024-11-25");
        assert!(sale_on(146).is_none());
        let campaigns = campaigns();
        assert_eq!(campaigns.len(), 28);
        assert!(campaigns.windows(2).all(|pair| pair[0].sent_at <= pair[1].sent_at));
    }
}
