//! The conditions of the documentation, of somebody of whom nothing is known but the id.

use strata_pipeline::spec::condition::vocabulary::IDIOMS;
use strata_pipeline::spec::table::{Subject, Table};

use super::Rows;

#[tokio::test]
async fn every_condition_of_the_documentation_has_a_meaning() {
    let rows = Rows {
        manifest: "[properties.customers]\nplan = \"text\"\ntags = \"text\"\ntimezone = \"text\"\n[segments.vip]\ntitle = \"VIP\"\nwhere = \"city = 'V'\"\n",
        tables: &[(Table::Customers, "customer_id\n x"), (Table::Companies, "company_id\n x")],
        history: Some("subject | subject_id | property | value | previous | since"),
        memberships: Some("subject | subject_id | segmentation | segment | entered_at | left_at"),
        ..Rows::default()
    };
    for subject in Subject::ALL {
        let idioms = IDIOMS.iter().filter(|idiom| idiom.subject == subject);
        let conditions: Vec<&str> = idioms.map(|idiom| idiom.text).collect();
        let members = rows.members_of(subject, &conditions).await;
        let of =
            |condition: &str| conditions.iter().position(|each| *each == condition).map(|at| &*members[at]);
        match subject {
            Subject::Customers => {
                assert_eq!(of("city is distinct from 'Berlin'"), Some("x"));
                assert_eq!(of("every(orders.channel = 'web')"), Some("?x"));
                assert_eq!(of("entered('vip', in_last('7 days'))"), Some(""));
            }
            Subject::Companies => {
                assert_eq!(of("count(events) filter (where in_period('this month')) = 0"), Some("x"));
            }
        }
    }
}
