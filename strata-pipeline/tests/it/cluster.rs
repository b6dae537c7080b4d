//! The main job on a standalone Ballista cluster gives what it gives embedded.

use strata_pipeline::Mode;
use strata_pipeline::run::Session;

use crate::support::Trial;

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let embedded = Trial::example("cdnow");
    embedded.run("1997-09-30", &Session::default()).await;
    let cluster = Trial::example("cdnow");
    cluster.run("1997-09-30", &Session { mode: Mode::Standalone, ..Session::default() }).await;
    for query in [
        "select * from orders order by order_id",
        "select * from profile order by customer_id",
        "select * from score order by customer_id",
        "select model, parameters from model order by model",
        "select * from membership order by segmentation, segment, subject_id",
        "select * from segment order by segmentation, segment",
    ] {
        let (here, there) = (embedded.ask(query).await, cluster.ask(query).await);
        assert_eq!(here.len(), there.len(), "{query}");
        for (here, there) in here.iter().zip(&there) {
            assert_eq!(here, there, "{query}");
        }
    }
}
