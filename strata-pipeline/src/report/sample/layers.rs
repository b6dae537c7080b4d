//! What the invented shop's plots show.

use std::collections::BTreeMap;

use strata_spec::definition::Layer;
use strata_spec::table::Subject;

use super::super::data::{
    AgeBand, Ages, Bin, Cadence, ClassData, Cross, Distribution, Feedback, PlotData, Portrait, Scale,
    SegmentationData, Side, Step, Topic,
};
use super::division::{Division, affinities};
use super::people::Person;
use super::rich::CATEGORIES;

/// Companies by size and industry: employees' class by row, industry by column.
const SIZES: [&str; 4] =
    ["Micro, up to 9 employees", "Small, 10 to 49", "Medium, 50 to 249", "Large, 250 to 999"];
const SIZE_NAMES: [&str; 4] = ["micro", "small", "medium", "large"];
const INDUSTRIES: [&str; 5] = ["Restaurants and cafés", "Hotels", "Offices", "Retail", "Care homes"];
const COMPANIES: [[u64; 5]; 4] = [[61, 4, 18, 31, 1], [14, 15, 17, 9, 7], [1, 9, 8, 2, 6], [0, 2, 4, 0, 1]];

/// Revenue of each company of a size, and how industries differ from that.
const OF_SIZE: [f64; 4] = [900.0, 2_900.0, 6_100.0, 11_900.0];
const OF_INDUSTRY: [f64; 5] = [1.15, 1.5, 0.6, 0.9, 0.7];

pub(super) fn plots(people: &[Person], rfm: &Division, revenues: &[f64]) -> PlotData {
    PlotData {
        ages: Some(ages(people)),
        cadence: Some(cadence(people)),
        funnel: funnel(people),
        clv: Some(values(revenues)),
        crosses: vec![sizes_by_industry(), affinities(people, &CATEGORIES, rfm)],
        scales: scales(),
        feedback: Some(feedback()),
    }
}

/// Companies by size, and by industry.
pub(super) fn companies() -> Vec<SegmentationData> {
    let class = |name: &str, title: &str, cells: Vec<(usize, usize)>| ClassData {
        name: name.to_owned(),
        title: title.to_owned(),
        n_members: cells.iter().map(|(size, industry)| COMPANIES[*size][*industry]).sum(),
        revenue: Some(
            cells
                .iter()
                .map(|(size, industry)| {
                    COMPANIES[*size][*industry] as f64 * OF_SIZE[*size] * OF_INDUSTRY[*industry]
                })
                .sum(),
        ),
        portrait: Portrait::default(),
    };
    let sizes = (0..4)
        .map(|size| class(SIZE_NAMES[size], SIZES[size], (0..5).map(|industry| (size, industry)).collect()));
    let industries = (0..5).map(|industry| {
        class(INDUSTRIES[industry], INDUSTRIES[industry], (0..4).map(|size| (size, industry)).collect())
    });
    let division = |name: &str, title: &str, classes: Vec<ClassData>| SegmentationData {
        name: name.to_owned(),
        title: title.to_owned(),
        about: None,
        layer: Layer::Firmographic,
        subject: Subject::Companies,
        classes,
    };
    vec![
        division("company_size", "Company size", sizes.collect()),
        division("industry", "Industry", industries.collect()),
    ]
}

fn sizes_by_industry() -> Cross {
    let side = |title: &str, n: u64| Side { title: title.to_owned(), n };
    let rows = INDUSTRIES
        .iter()
        .enumerate()
        .map(|(industry, title)| side(title, COMPANIES.iter().map(|size| size[industry]).sum()));
    let columns = SIZES
        .iter()
        .zip(COMPANIES)
        .map(|(title, cells)| side(title.split(',').next().unwrap_or(title), cells.iter().sum()));
    Cross {
        layer: Layer::Firmographic,
        counted: "companies".to_owned(),
        rows_title: "Industry".to_owned(),
        columns_title: "Company size".to_owned(),
        rows: rows.collect(),
        columns: columns.collect(),
        n: (0..5).map(|industry| COMPANIES.iter().map(|size| size[industry]).collect()).collect(),
        n_all: COMPANIES.iter().flatten().sum(),
    }
}

fn ages(people: &[Person]) -> Ages {
    let mut bands: BTreeMap<u32, AgeBand> = BTreeMap::new();
    for person in people {
        let Some(age) = person.age else { continue };
        let from = (age as u32) / 5 * 5;
        let band = bands.entry(from).or_insert(AgeBand { from, n: vec![0, 0], n_other: 0 });
        match person.gender {
            Some(gender) => band.n[gender] += 1,
            None => band.n_other += 1,
        }
    }
    Ages {
        width: 5,
        genders: vec!["Women".to_owned(), "Men".to_owned()],
        bands: bands.into_values().collect(),
        n_unknown: people.iter().filter(|person| person.age.is_none()).count() as u64,
    }
}

fn cadence(people: &[Person]) -> Cadence {
    let mut gaps: Vec<f64> = people
        .iter()
        .flat_map(|person| person.orders.windows(2).map(|pair| f64::from(pair[1].day - pair[0].day)))
        .filter(|gap| *gap > 0.0)
        .collect();
    gaps.sort_by(f64::total_cmp);
    let limits = [1.0, 8.0, 15.0, 31.0, 61.0, 91.0, 181.0, 366.0];
    let mut hours = Box::new([[0; 24]; 7]);
    for order in people.iter().flat_map(|person| &person.orders) {
        hours[usize::try_from(order.day.rem_euclid(7)).unwrap()][order.hour] += 1;
    }
    Cadence {
        gaps: Some(Distribution {
            bins: bins(&gaps, &limits),
            median: gaps.get(gaps.len() / 2).copied(),
            mean: Some(gaps.iter().sum::<f64>() / gaps.len() as f64),
        }),
        weekdays: Some(hours.map(|day| day.iter().sum())),
        hours: Some(hours),
    }
}

fn funnel(people: &[Person]) -> Vec<Step> {
    let n = |is_in: &dyn Fn(&Person) -> bool| people.iter().filter(|person| is_in(person)).count() as u64;
    let reached = |person: &Person, step: usize| !person.orders.is_empty() || person.step >= step;
    let step = |title: &str, n: u64| Step { title: title.to_owned(), n };
    vec![
        step("On file", people.len() as u64),
        step("Showed interest", n(&|person| reached(person, 1))),
        step("Looked at products", n(&|person| reached(person, 2))),
        step("Put something in the cart", n(&|person| reached(person, 3))),
        step("Ordered", n(&|person| !person.orders.is_empty())),
        step("Ordered again", n(&|person| person.orders.len() > 1)),
        step("Ordered four times or more", n(&|person| person.orders.len() > 3)),
    ]
}

fn values(revenues: &[f64]) -> Distribution {
    // What they will bring until they lapse is not the question here.
    let values: Vec<f64> = revenues.iter().rev().map(|revenue| revenue * 1.3).collect();
    let limits: Vec<f64> = (0..=20).map(|place| f64::from(place) * 50.0).collect();
    let mut bins = bins(&values, &limits);
    for bin in &mut bins {
        let inside =
            values.iter().filter(|value| **value >= bin.from && bin.to.is_none_or(|to| **value < to));
        bin.revenue = Some(inside.map(|value| value / 1.3).sum());
    }
    Distribution {
        bins,
        median: values.get(values.len() / 2).copied(),
        mean: Some(values.iter().sum::<f64>() / values.len() as f64),
    }
}

fn bins(values: &[f64], limits: &[f64]) -> Vec<Bin> {
    limits
        .iter()
        .enumerate()
        .map(|(place, from)| {
            let to = limits.get(place + 1).copied();
            let n =
                values.iter().filter(|value| **value >= *from && to.is_none_or(|to| **value < to)).count();
            Bin { from: *from, to, n: n as u64, revenue: None }
        })
        .collect()
}

fn scales() -> Vec<Scale> {
    [
        ("Attention to price", "does not matter", "comes first", 4.6, 1.5, 0.81),
        ("Love of novelty", "the tried", "the new", 3.9, 1.3, 0.77),
        ("Care for sustainability", "no concern", "decides", 5.2, 1.1, 0.84),
        ("Trust in the shop", "wary", "trusting", 5.7, 0.9, 0.88),
    ]
    .map(|(title, low, high, mean, deviation, alpha)| Scale {
        title: title.to_owned(),
        ends: Some((low.to_owned(), high.to_owned())),
        lowest: 1.0,
        highest: 7.0,
        mean,
        deviation,
        n: 612,
        reliability: Some(alpha),
    })
    .to_vec()
}

fn feedback() -> Feedback {
    Feedback {
        n_texts: 1_384,
        mean_rating: Some(4.1),
        highest_rating: Some(5.0),
        topics: [
            ("Taste and quality", 402, 61, 38),
            ("Delivery", 148, 72, 131),
            ("Packaging", 121, 34, 47),
            ("Price", 52, 60, 88),
            ("Service", 96, 21, 25),
        ]
        .map(|(title, n_positive, n_neutral, n_negative)| Topic {
            title: title.to_owned(),
            n_positive,
            n_neutral,
            n_negative,
        })
        .to_vec(),
    }
}
