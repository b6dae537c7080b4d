//! Reports made up for tests.

mod clicked;
mod clusters;
mod division;
mod drifted;
mod expected;
mod journey;
mod layers;
mod market;
mod meter;
pub(super) mod odd;
mod people;
mod personas;
mod quality;
mod rich;
mod stories;
mod suggested;
mod typing;

use chrono::{NaiveDate, NaiveDateTime};
use strata_spec::definition::Layer;
use strata_spec::table::Subject;

pub(super) use self::meter::metered;
pub(super) use self::rich::emporium;
use super::data::{
    Cell, ClassData, Concentration, Figures, FileData, Grid, LeftOut, Month, Portrait, Rejected, ReportData,
    SegmentData, SegmentationData,
};

/// A shop with a hundred customers, eighty of whom have ordered.
pub(super) fn shop() -> ReportData {
    let rfm = [
        ("champions", "Champions: bought lately, buy often", 10, 6000.0),
        ("loyal_customers", "Loyal: buy often, not long ago", 20, 3000.0),
        ("hibernating", "Hibernating: long silent, few orders", 50, 1000.0),
        ("unassigned", "Unassigned", 20, 0.0),
    ];
    let journey = [
        ("lapsed", "Silent for more than three expected gaps", 41, 1500.0),
        ("at_risk", "Silent for more than one and a half expected gaps", 12, 2500.0),
        ("active", "Has ordered again", 27, 6000.0),
        ("unassigned", "Unassigned", 20, 0.0),
    ];
    ReportData {
        title: "Tea & Cups".to_owned(),
        as_of: midnight(2024, 7, 1),
        timezone: "Europe/Berlin".to_owned(),
        run_id: "0123456789abcdef".to_owned(),
        currency: Some("EUR".to_owned()),
        has_history: true,
        figures: Figures {
            n_customers: 100,
            n_orders: Some(250),
            revenue: Some(10_000.0),
            orders_span: Some((midnight(2024, 1, 2).date(), midnight(2024, 6, 30).date())),
            revenue_of_customers: Some(10_000.0),
            n_buyers: Some(80),
            n_repeat_buyers: Some(30),
            revenue_of_repeat_buyers: Some(7500.0),
            median_days_since_last_order: Some(48.0),
            ..Figures::default()
        },
        concentration: Some(Concentration { n_top: 8, share: 0.55 }),
        segmentations: vec![
            segmentation("journey", "Where they stand", Layer::Journey, &journey),
            segmentation("rfm", "Recency and frequency", Layer::Value, &rfm),
        ],
        grid: Some(Grid {
            n_recency: 5,
            n_frequency: 5,
            cells: vec![
                cell(5, 5, 10, 6000.0, "Champions"),
                cell(3, 4, 20, 3000.0, "Loyal"),
                cell(1, 1, 50, 1000.0, "Hibernating"),
            ],
            n_outside: 20,
        }),
        segments: vec![SegmentData {
            name: "lapsing_regulars".to_owned(),
            title: "Lapsing regulars".to_owned(),
            about: None,
            layer: Layer::Behavioural,
            subject: Subject::Customers,
            goal: Some("win-back".to_owned()),
            n_members: 7,
            n_undecided: 2,
            n_entered: 3,
            n_left: 1,
            revenue: Some(900.0),
            portrait: Portrait::default(),
        }],
        months: (1..=6)
            .map(|month| Month {
                year: 2024,
                month,
                n_orders: 40,
                revenue: if month <= 3 { 1000.0 } else { 1200.0 },
                is_whole: true,
            })
            .collect(),
        files: vec![FileData {
            file: "orders.csv".to_owned(),
            source: "shop".to_owned(),
            n_rows: 260,
            bytes: 9_000,
        }],
        rejected: vec![Rejected {
            table: "orders".to_owned(),
            reason: "ordered_at is missing".to_owned(),
            is_kept: false,
            n_rows: 10,
        }],
        left_out: vec![LeftOut {
            title: "Age".to_owned(),
            layer: Layer::Demographic,
            reason: "no source maps customers.birth_date".to_owned(),
        }],
        n_figures_left_out: 3,
        ..ReportData::default()
    }
}

/// Files that name nobody.
pub(super) fn nobody() -> ReportData {
    ReportData {
        title: "Nobody".to_owned(),
        as_of: midnight(2024, 7, 1),
        timezone: "UTC".to_owned(),
        ..ReportData::default()
    }
}

/// Companies by industry, of which nothing was sold.
pub(super) fn accounts() -> ReportData {
    let mut industry = segmentation(
        "industry",
        "Industry",
        Layer::Firmographic,
        &[("Retail", "Retail", 17, 0.0), ("Media", "Media", 8, 0.0), ("unassigned", "Unassigned", 60, 0.0)],
    );
    industry.subject = Subject::Companies;
    industry.classes.iter_mut().for_each(|class| class.revenue = None);
    ReportData {
        figures: Figures { n_companies: 85, ..Figures::default() },
        segmentations: vec![industry],
        ..nobody()
    }
}

pub(super) fn segmentation(
    name: &str,
    title: &str,
    layer: Layer,
    classes: &[(&str, &str, u64, f64)],
) -> SegmentationData {
    let class = |(name, title, n_members, revenue): &(&str, &str, u64, f64)| ClassData {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
        n_members: *n_members,
        revenue: Some(*revenue),
        portrait: Portrait::default(),
    };
    SegmentationData {
        name: name.to_owned(),
        title: title.to_owned(),
        about: None,
        layer,
        subject: Subject::Customers,
        classes: classes.iter().map(class).collect(),
    }
}

fn cell(recency: u32, frequency: u32, n_members: u64, revenue: f64, class: &str) -> Cell {
    Cell { recency, frequency, n_members, revenue: Some(revenue), class: Some(class.to_owned()) }
}

fn midnight(year: i32, month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(0, 0, 0).unwrap()
}
