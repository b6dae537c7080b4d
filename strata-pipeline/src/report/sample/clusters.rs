//! Groups of the invented shop's customers, made up.

use strata_spec::table::Subject;

use super::super::data::{Feature, Groups};
use crate::models::{
    Cluster, ClusterChoice, ClusterEffect, ClusterMatching, ClusterRule, ClusterVerdict, Clusters, Explained,
    Typical,
};

/// One of each verdict: natural groups, cuts that no rule tells, no reason to segment, and no model at all.
pub(super) fn groups() -> Vec<Groups> {
    let of = |found: Clusters, features: &[(&str, &str, Option<&str>)]| Groups {
        score: format!("{}_cluster", found.segmentation),
        subject: Subject::Customers,
        features: features
            .iter()
            .map(|(name, title, unit)| Feature {
                name: (*name).to_owned(),
                title: (*title).to_owned(),
                unit: unit.map(str::to_owned),
            })
            .collect(),
        found: Clusters { features: features.iter().map(|(name, ..)| (*name).to_owned()).collect(), ..found },
    };
    let habits = [
        ("n_orders", "Orders", Some("orders")),
        ("days_since_last_order", "Days since the last order", Some("days")),
        ("mean_order_value", "Mean order", Some("currency")),
        ("discount_share", "Orders with a discount", Some("share")),
        ("favourite_category", "Favourite category", None),
    ];
    vec![
        of(habits_found(), &habits),
        of(baskets(), &habits[2..4]),
        of(
            Clusters {
                segmentation: "visits".to_owned(),
                title: "Visits".to_owned(),
                model: "gaussian_mixture".to_owned(),
                n_rows: 3_940,
                is_everybody: true,
                verdict: Some(ClusterVerdict::DoNotSegment),
                sentence: "Do not segment. With 2 clusters there are no natural groups: data without groups are cut as stably \
                           (stability 0.81, up to 0.88 without groups). Nor would they be useful: the traits hardly hang \
                           together: clusters explain 31 % of their variance, and 29 % where each trait is shuffled."
                    .to_owned(),
                choices: vec![choice(2, 0.22, 0.81, 0.88, 0.31, 0.29), choice(3, 0.19, 0.44, 0.71, 0.42, 0.41)],
                ..Clusters::default()
            },
            &[("n_visits_90d", "Visits in 90 days", None), ("tenure", "Days known", Some("days"))],
        ),
        of(
            Clusters {
                segmentation: "opinions".to_owned(),
                title: "Opinions".to_owned(),
                model: "latent_class".to_owned(),
                reason: Some("only 12 customers have all 3 features, and 60 are needed".to_owned()),
                ..Clusters::default()
            },
            &[("q1", "Value for money", None), ("q2", "Quality", None)],
        ),
    ]
}

fn choice(
    n_clusters: u64,
    silhouette: f64,
    jaccard: f64,
    jaccard_null: f64,
    explained: f64,
    shuffled: f64,
) -> ClusterChoice {
    ClusterChoice {
        n_clusters,
        criterion: None,
        silhouette: Some(silhouette),
        prediction_strength: Some(jaccard - 0.05),
        jaccard: Some(jaccard),
        jaccard_null: Some(jaccard_null),
        explained: Some(explained),
        explained_null: Some(shuffled),
        smallest_share: Some(0.5 / n_clusters as f64),
    }
}

/// Whom a group has: name, title, how many, the usual of each trait and how far that is from all, whether it was there before.
type Told<'a> = (&'a str, &'a str, u64, [f64; 4], [f64; 4], &'a str, bool);

fn habits_found() -> Clusters {
    let told: [Told<'_>; 4] = [
        ("often_recent", "Often, recent", 812, [9.0, 12.0, 48.26, 0.08], [1.7, -0.9, 0.1, -0.4], "Tea", true),
        (
            "few_recent",
            "Few orders, recent",
            1_470,
            [2.0, 31.0, 39.9, 0.1],
            [-0.3, -0.7, -0.2, -0.3],
            "Sweets",
            true,
        ),
        (
            "few_lapsed",
            "Few orders, long ago",
            1_310,
            [1.0, 388.0, 35.5, 0.0],
            [-0.6, 1.3, -0.3, -0.5],
            "Coffee",
            true,
        ),
        (
            "discounted",
            "Mostly discounted",
            348,
            [3.0, 120.0, 27.0, 0.92],
            [-0.1, 0.0, -0.6, 2.4],
            "Gift sets",
            false,
        ),
    ];
    let names = ["n_orders", "days_since_last_order", "mean_order_value", "discount_share"];
    let rules = |name: &str| -> Vec<(&str, f64, f64)> {
        match name {
            "often_recent" => vec![
                ("n_orders >= 5 and days_since_last_order <= 60", 0.95, 0.88),
                ("n_orders >= 9", 0.83, 0.07),
            ],
            "few_recent" => {
                vec![("n_orders < 5 and days_since_last_order <= 180 and discount_share < 0.5", 0.94, 0.93)]
            }
            "few_lapsed" => vec![("days_since_last_order > 180 and discount_share < 0.5", 0.97, 0.96)],
            _ => Vec::new(),
        }
    };
    let clusters = told.iter().map(|(name, title, n, usual, from_all, category, known)| Cluster {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
        n: *n,
        share: Some(*n as f64 / 3_940.0),
        silhouette: Some(0.4 + 0.1 * usual[3]),
        typical: names
            .iter()
            .zip(usual)
            .map(|(name, value)| ((*name).to_owned(), Some(Typical::Number(*value))))
            .chain([("favourite_category".to_owned(), Some(Typical::Text((*category).to_owned())))])
            .collect(),
        standardised: names
            .iter()
            .zip(from_all)
            .map(|(name, value)| ((*name).to_owned(), Some(*value)))
            .collect(),
        known_before: Some(*known),
        rules: rules(name)
            .into_iter()
            .map(|(text, precision, coverage)| ClusterRule {
                text: text.to_owned(),
                precision: Some(precision),
                coverage: Some(coverage),
            })
            .collect(),
    });
    Clusters {
        segmentation: "habits".to_owned(),
        title: "Habits".to_owned(),
        model: "k_prototypes".to_owned(),
        n_rows: 3_940,
        is_everybody: true,
        verdict: Some(ClusterVerdict::NaturalGroups),
        sentence: "There are 4 natural groups: they come back when customers are drawn again (stability 0.93), and there are gaps \
                   between all of them."
            .to_owned(),
        n_clusters: Some(4),
        choices: vec![
            choice(2, 0.3, 0.72, 0.88, 0.33, 0.24),
            choice(3, 0.38, 0.81, 0.7, 0.46, 0.31),
            choice(4, 0.44, 0.93, 0.66, 0.58, 0.36),
            choice(5, 0.35, 0.51, 0.62, 0.61, 0.4),
            choice(6, 0.31, 0.4, 0.58, 0.63, 0.44),
        ],
        clusters: clusters.collect(),
        fidelity: Some(0.93),
        readable: true,
        map: map(&[(1.9, 0.9, 206), (0.2, -0.7, 373), (-1.6, -0.3, 332), (-0.3, 2.2, 88)], 0.45),
        axes: vec![Some(0.47), Some(0.24)],
        matching: Some(ClusterMatching {
            adjusted_rand: Some(0.91),
            new: vec!["discounted".to_owned()],
            gone: vec!["one_time".to_owned()],
        }),
        ..Clusters::default()
    }
}

fn baskets() -> Clusters {
    let cluster = |name: &str, title: &str, n: u64, usual: f64, from_all: f64| Cluster {
        name: name.to_owned(),
        title: title.to_owned(),
        n,
        share: Some(n as f64 / 3_940.0),
        typical: [("mean_order_value".to_owned(), Some(Typical::Number(usual)))].into(),
        standardised: [("mean_order_value".to_owned(), Some(from_all))].into(),
        ..Cluster::default()
    };
    Clusters {
        segmentation: "baskets".to_owned(),
        title: "Baskets".to_owned(),
        model: "kmeans".to_owned(),
        n_rows: 3_940,
        verdict: Some(ClusterVerdict::UsefulCuts),
        sentence: "There are no natural groups: there is no gap between two of the clusters (chance 0.62). Still, 2 segments are \
                   useful cuts of a continuum: they explain 55 % of the variance of traits, and 38 % where each trait is shuffled."
            .to_owned(),
        reasons: vec!["of the smaller group, a quarter is another one when customers are drawn again".to_owned()],
        n_clusters: Some(2),
        choices: vec![ClusterChoice { criterion: Some(21_410.2), ..choice(2, 0.35, 0.77, 0.79, 0.55, 0.38) }],
        clusters: vec![cluster("large", "Large baskets", 940, 118.5, 1.4), cluster("small", "Small baskets", 3_000, 33.2, -0.4)],
        fidelity: Some(0.71),
        explained: Some(Explained {
            covariates: vec!["age_band".to_owned()],
            n: 3_100,
            known: 0.79,
            reference: Some("small".to_owned()),
            effects: vec![ClusterEffect {
                covariate: "age_band".to_owned(),
                title: "Age band".to_owned(),
                level: "65 and older".to_owned(),
                against: "35 to 44".to_owned(),
                group: Some("large".to_owned()),
                odds_ratio: Some(1.8),
                low: Some(1.3),
                high: Some(2.5),
            }],
            notes: vec!["840 are left out, of whom one of these is not known: Age band".to_owned()],
            reason: None,
        }),
        map: map(&[(0.9, 0.0, 120), (-0.9, 0.0, 380)], 0.9),
        axes: vec![Some(0.64), Some(0.36)],
        ..Clusters::default()
    }
}

/// Points about centres, as many as said; always the same.
fn map(centres: &[(f64, f64, usize)], spread: f64) -> Vec<[Option<f64>; 3]> {
    let mut state = 11_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut bell = move || (0..6).map(|_| draw() - 0.5).sum::<f64>() * spread * 2.0_f64.sqrt();
    let mut points = Vec::new();
    for (place, (x, y, n)) in centres.iter().enumerate() {
        points.extend((0..*n).map(|_| [Some(x + bell()), Some(y + bell()), Some(place as f64)]));
    }
    points
}
