//! A market that the invented shop is held against.

use strata_spec::table::Subject;

use crate::market::{Class, Counts, Division, LeftOut, MarketIndex};

/// Three countries; one with hardly a customer, and one that the market's table does not know.
pub(super) fn market() -> MarketIndex {
    let class = |(name, title, n_market, n_customers): (&str, &str, f64, f64)| Class {
        name: name.to_owned(),
        title: title.to_owned(),
        counts: Counts { n_market, n_customers },
    };
    let countries = [
        ("DE", "Germany", 830_000.0, 3_402.0),
        ("AT", "Austria", 90_000.0, 640.0),
        ("FR", "France", 681_000.0, 11.0),
        ("US", "United States", 0.0, 4.0),
    ];
    let country = Division {
        name: "country".to_owned(),
        is_segment: false,
        assigned: Counts { n_market: 1_601_000.0, n_customers: 4_057.0 },
        unassigned: Counts { n_market: 0.0, n_customers: 755.0 },
        classes: countries.map(class).to_vec(),
    };
    let segment = Division {
        name: "of_the_south".to_owned(),
        is_segment: true,
        classes: vec![class(("of_the_south", "Of the south", 200_000.0, 500.0))],
        ..country.clone()
    };
    let reason = "it uses `n_orders`: no row has orders".to_owned();
    MarketIndex {
        name: "market".to_owned(),
        subject: Subject::Customers,
        n_rows: 60,
        n_market: 1_601_000.0,
        divisions: vec![country, segment],
        left_out: vec![LeftOut { kind: "segmentation".to_owned(), name: "rfm".to_owned(), reason }],
    }
}
