//! A whole invented shop with every layer, for pictures and tests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate};
use strata_spec::definition::Layer;
use strata_spec::table::Subject;

use super::super::data::{
    Cell, Concentration, Figures, FileData, Grid, LeftOut, MigrationData, Month, Move, Rejected, ReportData,
    SegmentData, SegmentationData,
};
use super::division::{Division, last, revenue, segmentation, sums};
use super::people::{DAYS, Person, people};
use super::{drifted, layers, midnight, quality};

pub(super) const CATEGORIES: [&str; 6] = ["Tea", "Cups and pots", "Sweets", "Gift sets", "Coffee", "Kitchen"];

const REGIONS: [&str; 12] = [
    "Bayern",
    "Nordrhein-Westfalen",
    "Baden-Württemberg",
    "Hessen",
    "Niedersachsen",
    "Berlin",
    "Sachsen",
    "Wien",
    "Hamburg",
    "Zürich",
    "Rheinland-Pfalz",
    "Noord-Holland",
];

const RFM: [(&str, &str); 10] = [
    ("champions", "Champions: bought lately, buy often"),
    ("loyal_customers", "Loyal: buy often, not long ago"),
    ("potential_loyalists", "Could become loyal: recent, a few orders"),
    ("new_customers", "New: bought lately, few orders"),
    ("promising", "Promising: fairly recent, few orders"),
    ("need_attention", "Need attention: middling in both"),
    ("about_to_sleep", "About to fall asleep: some time ago, few orders"),
    ("cant_lose", "Cannot lose them: bought most often, long silent"),
    ("at_risk", "At risk: bought often, long silent"),
    ("hibernating", "Hibernating: long silent, few orders"),
];

/// The shop, made once.
static SHOP: LazyLock<ReportData> = LazyLock::new(made);

/// The shop.
pub(in super::super) fn emporium() -> ReportData {
    SHOP.clone()
}

fn made() -> ReportData {
    let people = people(4_812);
    let first = NaiveDate::from_ymd_opt(2024, 7, 1).unwrap();
    let now = scores(&people, DAYS);
    let before = scores(&people, DAYS - 92);
    let divisions = divisions(&people, &now);
    let find = |name: &str| divisions.iter().find(|division| division.name == name).unwrap();
    let told: Vec<&Division> =
        ["region", "age_band", "gender", "favourite_category"].into_iter().map(find).collect();
    let mut segmentations: Vec<SegmentationData> = divisions
        .iter()
        .map(|division| {
            let others: Vec<&Division> =
                told.iter().copied().filter(|other| other.name != division.name).collect();
            segmentation(&people, division, &others)
        })
        .collect();
    segmentations.extend(layers::companies());
    segmentations.sort_by_key(|each| Layer::ALL.iter().position(|layer| *layer == each.layer));
    let all: f64 = people.iter().map(revenue).sum();
    let buyers: Vec<&Person> = people.iter().filter(|person| !person.orders.is_empty()).collect();
    let mut revenues: Vec<f64> = buyers.iter().map(|person| revenue(person)).collect();
    revenues.sort_by(|a, b| b.total_cmp(a));
    let n_top = revenues.len().div_ceil(10);
    let repeat = |person: &&&Person| person.orders.len() > 1;
    let mut days: Vec<i32> = buyers.iter().filter_map(|person| last(person)).collect();
    days.sort_unstable();
    let mut data = ReportData {
        title: "Leaf & Kiln".to_owned(),
        as_of: midnight(2026, 7, 1),
        timezone: "Europe/Berlin".to_owned(),
        run_id: "3f9c01ab77d2e410".to_owned(),
        currency: Some("EUR".to_owned()),
        has_history: true,
        figures: Figures {
            n_customers: people.len() as u64,
            n_companies: 210,
            n_orders: Some(people.iter().map(|person| person.orders.len() as u64).sum::<u64>() + 640),
            revenue: Some(all + 31_000.0),
            orders_span: Some((first, NaiveDate::from_ymd_opt(2026, 6, 30).unwrap())),
            revenue_of_customers: Some(all),
            revenue_of_companies: Some(486_200.0),
            n_buyers: Some(buyers.len() as u64),
            n_repeat_buyers: Some(buyers.iter().filter(repeat).count() as u64),
            revenue_of_repeat_buyers: Some(buyers.iter().filter(repeat).map(|person| revenue(person)).sum()),
            median_days_since_last_order: Some(f64::from(days[days.len() / 2])),
        },
        concentration: Some(Concentration {
            n_top: n_top as u64,
            share: revenues[..n_top].iter().sum::<f64>() / all,
        }),
        grid: Some(grid(&people, &now)),
        segments: segments(&people, &told),
        months: months(&people, first),
        files: files(),
        rejected: [
            ("orders", "ordered_at is missing", 212, false),
            ("customers", "age is not between 1 and 120", 58, true),
        ]
        .map(|(table, reason, n_rows, is_kept)| Rejected {
            table: table.to_owned(),
            reason: reason.to_owned(),
            is_kept,
            n_rows,
        })
        .to_vec(),
        left_out: vec![LeftOut {
            title: "Climate".to_owned(),
            layer: Layer::Geographic,
            reason: "no source maps customers.climate".to_owned(),
        }],
        n_figures_left_out: 2,
        warnings: vec!["The source `pos` has no rows of the last 12 days.".to_owned()],
        quality: Some(quality::quality()),
        plots: layers::plots(&people, find("rfm"), &revenues),
        meter: super::metered(),
        migrations: vec![migration(&people, &before, &now)],
        drift: Some(drifted::drift()),
        life_changes: Some(drifted::life_changes()),
        markets: vec![super::market::market()],
        groups: super::clusters::groups(),
        suggested: super::suggested::suggested(),
        expected: Some(super::expected::expected()),
        surveys: vec![super::quality::survey()],
        wanted: super::quality::wanted(),
        typings: vec![super::typing::typing()],
        personas: super::personas::personas(),
        journey: Some(super::journey::journey()),
        clicked: super::clicked::pages(),
        segmentations,
        ..ReportData::default()
    };
    super::stories::add(&mut data);
    data
}

/// Recency and frequency scores among whoever had ordered by a day.
fn scores(people: &[Person], day: i32) -> Vec<Option<(usize, usize)>> {
    let until = |person: &Person| person.orders.iter().filter(|order| order.day < day).count();
    let latest = |person: &Person| person.orders.iter().map(|order| order.day).filter(|at| *at < day).max();
    let mut buyers: Vec<usize> = (0..people.len()).filter(|at| until(&people[*at]) > 0).collect();
    let mut scores = vec![None; people.len()];
    let n = buyers.len();
    buyers.sort_by_key(|at| (until(&people[*at]), *at));
    let often: BTreeMap<usize, usize> =
        buyers.iter().enumerate().map(|(rank, at)| (*at, rank * 5 / n + 1)).collect();
    buyers.sort_by_key(|at| (latest(&people[*at]), *at));
    for (rank, at) in buyers.iter().enumerate() {
        scores[*at] = Some((rank * 5 / n + 1, often[at]));
    }
    scores
}

fn rfm_class((recency, frequency): (usize, usize)) -> usize {
    match (recency, frequency) {
        (5, 4..) => 0,
        (3..=4, 4..) => 1,
        (4.., 2..=3) => 2,
        (5, 1) => 3,
        (4, 1) => 4,
        (3, 3) => 5,
        (3, _) => 6,
        (_, 5..) => 7,
        (_, 3 | 4) => 8,
        _ => 9,
    }
}

fn divisions(people: &[Person], scores: &[Option<(usize, usize)>]) -> Vec<Division> {
    let by = |name,
              title,
              layer,
              classes: &[(&'static str, &'static str)],
              class: &dyn Fn(&Person) -> Option<usize>| {
        let class_of = people.iter().map(class).collect();
        Division { name, title, layer, classes: classes.to_vec(), class_of }
    };
    let regions: Vec<_> = REGIONS.map(|region| (region, region)).to_vec();
    let categories: Vec<_> = CATEGORIES.map(|category| (category, category)).to_vec();
    let ages = [
        ("under_18", "Under 18"),
        ("from_18_to_24", "18 to 24"),
        ("from_25_to_34", "25 to 34"),
        ("from_35_to_44", "35 to 44"),
        ("from_45_to_54", "45 to 54"),
        ("from_55_to_64", "55 to 64"),
        ("from_65", "65 and older"),
    ];
    let journey = [
        ("lapsed", "Silent for more than three expected gaps"),
        ("at_risk", "Silent for more than one and a half expected gaps"),
        ("loyal", "Four orders or more, two of them lately"),
        ("active", "Has ordered again"),
        ("onboard", "Has just ordered for the first time"),
        ("intent", "About to buy: cart, checkout, quote or trial"),
        ("consider", "Weighing: looks at products, compares, reads reviews"),
        ("engaged", "Interested: clicks, signs up, comes back"),
        ("aware", "In touch within 180 days"),
    ];
    let mut ranked: Vec<usize> = (0..people.len()).filter(|at| !people[*at].orders.is_empty()).collect();
    ranked.sort_by(|a, b| revenue(&people[*b]).total_cmp(&revenue(&people[*a])));
    let mut tiers = vec![None; people.len()];
    for (rank, at) in ranked.iter().enumerate() {
        tiers[*at] = Some([0, 1, 1, 2, 2, 2, 2, 3, 3, 3][rank * 10 / ranked.len()]);
    }
    vec![
        by("age_band", "Age", Layer::Demographic, &ages, &|person| {
            person
                .age
                .map(|age| [18.0, 25.0, 35.0, 45.0, 55.0, 65.0].iter().filter(|limit| age >= **limit).count())
        }),
        by("gender", "Gender", Layer::Demographic, &[("women", "Women"), ("men", "Men")], &|person| {
            person.gender
        }),
        by(
            "household",
            "Household size",
            Layer::Demographic,
            &[
                ("one", "One person"),
                ("two", "Two persons"),
                ("three_or_four", "Three or four persons"),
                ("five_or_more", "Five persons or more"),
            ],
            &|person| Some([0, 0, 1, 2, 2, 3][person.household.min(5)]),
        ),
        by("region", "State or region", Layer::Geographic, &regions, &|person| person.region),
        by(
            "purchase_frequency",
            "How often they buy",
            Layer::Behavioural,
            &[
                ("frequent", "Four orders or more in the last year"),
                ("occasional", "More than one order, but not often"),
                ("one_time", "One order so far"),
                ("browsing_only", "Active, but never ordered"),
            ],
            &|person| {
                let lately = person.orders.iter().filter(|order| order.day >= DAYS - 365).count();
                Some(match (lately, person.orders.len()) {
                    (4.., _) => 0,
                    (_, 2..) => 1,
                    (_, 1) => 2,
                    _ => 3,
                })
            },
        ),
        by("favourite_category", "Favourite category", Layer::Behavioural, &categories, &|person| {
            let n = |category: usize| person.orders.iter().filter(|order| order.category == category).count();
            (0..CATEGORIES.len())
                .max_by_key(|category| (n(*category), 9 - category))
                .filter(|most| n(*most) > 0)
        }),
        by("journey", "Where they stand", Layer::Journey, &journey, &|person| {
            Some(match (last(person), person.orders.len()) {
                (None, _) => 8 - person.step,
                (Some(200..), _) => 0,
                (Some(100..), _) => 1,
                (_, 4..) => 2,
                (_, 2..) => 3,
                _ => 4,
            })
        }),
        Division {
            name: "clv_tier",
            title: "Lifetime value",
            layer: Layer::Value,
            classes: vec![
                ("top", "Top tenth"),
                ("high", "Next fifth"),
                ("middle", "Next two fifths"),
                ("low", "Lowest three tenths"),
            ],
            class_of: tiers,
        },
        Division {
            name: "rfm",
            title: "Recency and frequency",
            layer: Layer::Value,
            classes: RFM.to_vec(),
            class_of: scores.iter().map(|scores| scores.map(rfm_class)).collect(),
        },
    ]
}

fn grid(people: &[Person], scores: &[Option<(usize, usize)>]) -> Grid {
    let mut cells: BTreeMap<(usize, usize), (u64, f64)> = BTreeMap::new();
    for (person, scores) in people.iter().zip(scores) {
        let Some(scores) = scores else { continue };
        let cell = cells.entry(*scores).or_default();
        cell.0 += 1;
        cell.1 += revenue(person);
    }
    let n_inside: u64 = cells.values().map(|(n, _)| n).sum();
    let cell = |((recency, frequency), (n_members, revenue)): ((usize, usize), (u64, f64))| Cell {
        recency: u32::try_from(recency).unwrap(),
        frequency: u32::try_from(frequency).unwrap(),
        n_members,
        revenue: Some(revenue),
        class: RFM[rfm_class((recency, frequency))].1.split(": ").next().map(str::to_owned),
    };
    Grid {
        n_recency: 5,
        n_frequency: 5,
        cells: cells.into_iter().map(cell).collect(),
        n_outside: people.len() as u64 - n_inside,
    }
}

fn segments(people: &[Person], told: &[&Division]) -> Vec<SegmentData> {
    type Own = (&'static str, &'static str, &'static str, Option<&'static str>, Layer, fn(&Person) -> bool);
    let own: [Own; 4] = [
        (
            "lapsing_regulars",
            "Lapsing regulars",
            "Bought five times or more, and nothing for 90 days.",
            Some("win-back"),
            Layer::Behavioural,
            |person| person.orders.len() >= 5 && last(person) > Some(90),
        ),
        (
            "bavarian_gift_givers",
            "Gift givers in Bayern",
            "Gift sets bought, delivered to Bayern.",
            Some("Christmas catalogue"),
            Layer::Composite,
            |person| person.region == Some(0) && person.orders.iter().any(|order| order.category == 3),
        ),
        (
            "bargain_hunters",
            "Bargain hunters",
            "Three quarters of their orders came with a voucher.",
            Some("fewer discounts"),
            Layer::Behavioural,
            |person| {
                let n = person.orders.iter().filter(|order| order.is_discounted).count();
                n >= 2 && n * 4 >= person.orders.len() * 3
            },
        ),
        ("big_baskets", "Big baskets", "Mean order over EUR 100.", None, Layer::Value, |person| {
            !person.orders.is_empty() && revenue(person) / person.orders.len() as f64 > 100.0
        }),
    ];
    own.into_iter()
        .enumerate()
        .map(|(place, (name, title, about, goal, layer, is_in))| {
            let found = sums(people, &|at| is_in(&people[at]), told);
            SegmentData {
                name: name.to_owned(),
                title: title.to_owned(),
                about: Some(about.to_owned()),
                layer,
                subject: Subject::Customers,
                goal: goal.map(str::to_owned),
                n_undecided: if place == 1 { 176 } else { 0 },
                n_entered: found.n_members / (6 + place as u64),
                n_left: found.n_members / (11 + place as u64),
                n_members: found.n_members,
                revenue: found.revenue,
                portrait: found.portrait,
            }
        })
        .collect()
}

fn months(people: &[Person], first: NaiveDate) -> Vec<Month> {
    let mut sums: BTreeMap<(i32, u32), (u64, f64)> = BTreeMap::new();
    for order in people.iter().flat_map(|person| &person.orders) {
        let day = first.checked_add_days(Days::new(u64::try_from(order.day).unwrap())).unwrap();
        let month = sums.entry((day.year(), day.month())).or_default();
        month.0 += 1;
        month.1 += order.amount;
    }
    let month =
        |((year, month), (n_orders, revenue))| Month { year, month, n_orders, revenue, is_whole: true };
    sums.into_iter().map(month).collect()
}

fn files() -> Vec<FileData> {
    let files = [
        ("exports/shopify_customers.csv", "shop", 5_204, 812_000),
        ("exports/shopify_orders_2025.csv", "shop", 9_876, 2_410_000),
        ("exports/store_orders.parquet", "pos", 2_310, 96_000),
        ("exports/events.jsonl.gz", "web", 61_200, 3_900_000),
        ("exports/hubspot_companies.csv", "crm", 210, 41_000),
    ];
    files
        .map(|(file, source, n_rows, bytes)| FileData {
            file: file.to_owned(),
            source: source.to_owned(),
            n_rows,
            bytes,
        })
        .to_vec()
}

fn migration(
    people: &[Person],
    before: &[Option<(usize, usize)>],
    now: &[Option<(usize, usize)>],
) -> MigrationData {
    let mut moves: BTreeMap<(&str, &str), (u64, f64)> = BTreeMap::new();
    // Without an order there is no class; all were on file at both instants.
    let name =
        |scores: &Option<(usize, usize)>| scores.map_or("unassigned", |scores| RFM[rfm_class(scores)].0);
    for ((person, before), now) in people.iter().zip(before).zip(now).filter(|(_, now)| now.is_some()) {
        let each = moves.entry((name(before), name(now))).or_default();
        each.0 += 1;
        each.1 += revenue(person);
    }
    MigrationData {
        segmentation: "rfm".to_owned(),
        title: "Recency and frequency".to_owned(),
        subject: Subject::Customers,
        from: midnight(2026, 3, 31),
        to: midnight(2026, 7, 1),
        classes: RFM
            .iter()
            .chain(&[("unassigned", "Unassigned")])
            .map(|(name, title)| ((*name).to_owned(), (*title).to_owned()))
            .collect(),
        moves: moves
            .into_iter()
            .map(|((from, to), (n, revenue))| Move {
                from: Some(from.to_owned()),
                to: Some(to.to_owned()),
                n,
                revenue: Some(revenue),
            })
            .collect(),
    }
}
