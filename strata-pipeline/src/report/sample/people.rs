//! Invented customers for pictures and tests: a few kinds of people who buy at their own pace and for their own reasons. The
//! same seed gives the same people.

/// Days from the first day on file to the evaluation.
pub(super) const DAYS: i32 = 730;

/// An invented customer.
pub(super) struct Person {
    pub gender: Option<usize>,
    pub age: Option<f64>,
    pub region: Option<usize>,
    pub household: usize,
    pub opens_mail: f64,
    pub visits: f64,
    /// The step reached on the way to a first order, for those without one.
    pub step: usize,
    pub orders: Vec<Order>,
}

/// An invented order.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub day: i32,
    pub hour: usize,
    pub amount: f64,
    pub is_discounted: bool,
    pub category: usize,
}

/// A kind of people.
struct Kind {
    weight: f64,
    /// Orders a year while they are customers, then the chance to stop after each, the mean order, the share of orders with a
    /// discount, the mean age, the share of women, and the share of mail opened.
    pace: f64,
    stop: f64,
    basket: f64,
    discount: f64,
    age: f64,
    woman: f64,
    mail: f64,
}

const KINDS: [Kind; 6] = [
    kind([0.10, 11.0, 0.03, 96.0, 0.10, 46.0, 0.48, 0.55]),
    kind([0.20, 5.0, 0.10, 58.0, 0.22, 39.0, 0.72, 0.42]),
    kind([0.16, 4.0, 0.16, 34.0, 0.78, 31.0, 0.60, 0.35]),
    kind([0.12, 1.4, 0.12, 71.0, 0.18, 56.0, 0.55, 0.25]),
    kind([0.27, 2.0, 0.75, 47.0, 0.30, 37.0, 0.52, 0.18]),
    kind([0.15, 0.0, 1.0, 0.0, 0.0, 34.0, 0.50, 0.15]),
];

/// Regions' weights, categories' and the hours' base.
const REGIONS: [f64; 12] = [0.22, 0.17, 0.14, 0.1, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02];
const HOUR_PEAKS: [f64; 6] = [20.3, 10.2, 21.6, 9.4, 19.0, 20.0];
const DAY_WEIGHTS: [f64; 7] = [1.15, 1.0, 0.95, 1.05, 0.8, 0.75, 1.3];

const fn kind(of: [f64; 8]) -> Kind {
    let [weight, pace, stop, basket, discount, age, woman, mail] = of;
    Kind { weight, pace, stop, basket, discount, age, woman, mail }
}

/// A small generator (a linear congruence): good enough for pictures.
pub(super) struct Random(pub u64);

impl Random {
    /// From 0 to 1, 1 excluded.
    pub(super) fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, by the sum of twelve.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }

    /// One of several by weight.
    pub(super) fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.part() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len() - 1
    }
}

/// So many people.
pub(super) fn people(n: usize) -> Vec<Person> {
    let mut random = Random(20_260_630);
    (0..n).map(|_| person(&mut random)).collect()
}

fn person(random: &mut Random) -> Person {
    let weights: Vec<f64> = KINDS.iter().map(|kind| kind.weight).collect();
    let which = random.pick(&weights);
    let kind = &KINDS[which];
    let woman = random.part() < kind.woman;
    let age = (kind.age + 11.0 * random.normal()).clamp(17.0, 93.0).floor();
    let mut region_weights = REGIONS;
    region_weights[(which * 2) % REGIONS.len()] *= 2.6;
    let region = random.pick(&region_weights);
    let mut orders = Vec::new();
    if kind.pace > 0.0 {
        // A third were customers before the first day on file.
        let mut day = (random.part() * 1.5 - 0.5).max(0.0) * f64::from(DAYS) + random.part() * 60.0;
        while day < f64::from(DAYS) {
            // More in the weeks before Christmas, less in summer.
            let week = (day % 365.0) / 7.0;
            let season = if (19.0..25.0).contains(&week) { 1.0 } else { 0.72 };
            if random.part() < season {
                orders.push(order(random, kind, which, day as i32));
            }
            if random.part() < kind.stop {
                break;
            }
            day += -(1.0 - random.part()).ln() * 365.0 / kind.pace + 1.0;
        }
    }
    Person {
        gender: (random.part() < 0.91).then_some(usize::from(!woman)),
        age: (random.part() < 0.66).then_some(age),
        region: (random.part() < 0.96).then_some(region),
        household: 1 + random.pick(&[0.4, 0.3, 0.12, 0.13, 0.05]),
        opens_mail: (kind.mail + 0.15 * random.normal()).clamp(0.0, 1.0),
        visits: (kind.mail * 12.0 * random.part() * 2.0).floor(),
        step: random.pick(&[0.3, 0.3, 0.25, 0.15]),
        orders,
    }
}

fn order(random: &mut Random, kind: &Kind, which: usize, day: i32) -> Order {
    // Orders move to the days of the week that are busy.
    let shift = random.pick(&DAY_WEIGHTS) as i32;
    let day = (day - day % 7 + shift).min(DAYS - 1);
    let hour = (HOUR_PEAKS[which] + 2.6 * random.normal()).rem_euclid(24.0) as usize;
    let mut categories = [1.0, 0.9, 0.8, 0.6, 0.5, 0.35];
    categories[which % 6] *= 3.2;
    let is_discounted = random.part() < kind.discount;
    let amount = kind.basket * (0.5 * random.normal()).exp() * if is_discounted { 0.82 } else { 1.0 };
    Order {
        day,
        hour,
        amount: (amount * 100.0).round() / 100.0,
        is_discounted,
        category: random.pick(&categories),
    }
}
