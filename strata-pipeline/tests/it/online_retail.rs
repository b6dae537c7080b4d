//! UCI Online Retail (Chen, 2012; CC BY 4.0) against counts made independently from the file with pandas: of 541,909
//! lines, 397,884 have a customer, are not cancelled and have positive quantity and price.

use strata_pipeline::run::Session;

use crate::support::{Trial, number, shared_data};

#[tokio::test(flavor = "multi_thread")]
async fn uci_online_retail_rfm_counts() {
    let Some(file) = shared_data("online_retail/online_retail.csv.gz") else { return };
    let trial = Trial::new(&format!(
        r#"
[project]
title = "Online Retail"
currency = "GBP"
[sources.lines]
path = "{}"
[sources.lines.order_lines]
where = '''"InvoiceNo" not like 'C%' and number("Quantity") > 0 and number("UnitPrice") > 0'''
[sources.lines.order_lines.columns]
order_id = "InvoiceNo"
customer_id = {{ sql = '''replace("CustomerID", '.0', '')''' }}
ordered_at = "InvoiceDate"
product_id = "StockCode"
product_name = "Description"
quantity = "Quantity"
unit_price = "UnitPrice"
"#,
        file.display()
    ));
    trial.run("2011-12-11", &Session::default()).await;
    let lines = trial.ask_one("select count(*) as n from order_lines where customer_id is not null").await;
    assert_eq!(number(&lines, "n"), 397_884.0);
    let raw = trial.ask_one("select count(*) as n from raw.lines").await;
    assert_eq!(number(&raw, "n"), 541_909.0);
    let orders = trial
        .ask_one(
            "select count(*) as n, sum(amount) as revenue, count(distinct customer_id) as n_customers \
             from orders where customer_id is not null",
        )
        .await;
    assert_eq!((number(&orders, "n"), number(&orders, "n_customers")), (18_532.0, 4_338.0));
    assert!((number(&orders, "revenue") - 8_911_407.90).abs() < 0.01, "{orders:?}");
    let profile = trial
        .ask_one(
            "select count(*) as n, median(days_since_last_order) as recency, median(n_orders) as frequency, \
             max(n_orders) as most, median(revenue) as monetary from profile where n_orders > 0",
        )
        .await;
    assert_eq!(number(&profile, "n"), 4_338.0);
    assert_eq!((number(&profile, "frequency"), number(&profile, "most")), (2.0, 209.0));
    assert!((number(&profile, "monetary") - 674.485).abs() < 0.001, "{profile:?}");
    // With the snapshot at 2011-12-11 00:00 the published recency counts from the day after the last purchase.
    assert_eq!(number(&profile, "recency"), 51.0);
}
