//! A B2B pipeline (Maven Analytics' CRM sample: 85 accounts, 8,800 opportunities) against counts made independently from the
//! files: 4,238 won deals of 85 accounts, worth 10,005,534 together.

use strata_pipeline::run::Session;

use crate::support::{Trial, number, shared_data, text};

#[tokio::test(flavor = "multi_thread")]
async fn maven_crm_accounts_and_won_deals() {
    let (Some(accounts), Some(pipeline)) =
        (shared_data("b2b/accounts.csv"), shared_data("b2b/sales_pipeline.csv"))
    else {
        return;
    };
    let trial = Trial::new(&format!(
        r#"
[project]
title = "B2B"
[sources.accounts]
path = "{}"
[sources.accounts.companies.columns]
company_id = "account"
industry = "sector"
n_employees = "employees"
annual_revenue = "revenue"
country = "office_location"
parent_company_id = {{ sql = "nullif(subsidiary_of, 'NULL')" }}
[sources.pipeline]
path = "{}"
[sources.pipeline.orders]
where = "deal_stage = 'Won'"
[sources.pipeline.orders.columns]
order_id = "opportunity_id"
company_id = "account"
ordered_at = "close_date"
amount = "close_value"
[segments.large_buyers]
subject = "companies"
where = "n_employees >= 1000 and sum(orders.amount) > 100000 and in_class('company_size', 'enterprise')"
"#,
        accounts.display(),
        pipeline.display()
    ));
    trial.run("2018-01-01", &Session::default()).await;
    let orders = trial
        .ask_one(
            "select count(*) as n, sum(amount) as revenue, count(distinct company_id) as n_companies from orders",
        )
        .await;
    assert_eq!((number(&orders, "n"), number(&orders, "revenue")), (4_238.0, 10_005_534.0));
    assert_eq!(number(&orders, "n_companies"), 85.0);
    let companies =
        trial.ask_one("select count(*) as n, sum(company_revenue) as revenue from company_profile").await;
    assert_eq!((number(&companies, "n"), number(&companies, "revenue")), (85.0, 10_005_534.0));
    let largest = trial
        .ask("select segment, n_members from segment where segmentation = 'industry' order by n_members desc limit 1")
        .await;
    assert_eq!((text(&largest[0], "segment"), number(&largest[0], "n_members")), ("retail", 17.0));
    let members = trial
        .ask_one(
            "select count(*) as n from membership where segment = 'large_buyers' and subject = 'companies'",
        )
        .await;
    let expected = trial
        .ask_one("select count(*) as n from company_profile where n_employees >= 1000 and company_revenue > 100000")
        .await;
    assert!(number(&members, "n") > 0.0);
    assert_eq!(number(&members, "n"), number(&expected, "n"));
}
