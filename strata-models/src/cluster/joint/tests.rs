//! Layers with classes behind them that are known, and layers without any.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::*;
use crate::cluster::agreement::adjusted_rand;

/// Customers of equally many kinds: in each layer, a kind has its own label with the chance `clear`, and any other label else.
struct Made {
    kinds: Vec<u32>,
    layers: Vec<Vec<Option<u16>>>,
}

const N_LABELS: usize = 4;

fn made(n: usize, n_kinds: u32, n_layers: usize, clear: f64, seed: u64) -> Made {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = move || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let kinds: Vec<u32> = (0..n).map(|row| row as u32 % n_kinds).collect();
    let layers = (0..n_layers).map(|layer| {
        kinds
            .iter()
            .map(|kind| match uniform() < clear {
                true => Some(((*kind as usize + layer) % N_LABELS) as u16),
                false => Some((uniform() * N_LABELS as f64) as u16),
            })
            .collect()
    });
    Made { layers: layers.collect(), kinds }
}

impl Made {
    fn layers(&self) -> Vec<Layer<'_>> {
        let names = ["rfm", "value", "journey", "age", "mindset", "products"];
        let layers = names.into_iter().zip(&self.layers);
        layers.map(|(name, labels)| Layer { name, n_labels: N_LABELS, labels, weight: None }).collect()
    }

    fn found(&self, options: &JointOptions) -> Joint {
        find(&self.layers(), &vec![1.0; self.kinds.len()], options, 1).unwrap()
    }

    fn labels(&self, joint: &Joint) -> Vec<u32> {
        let labels = joint.model.predict(&answers(&self.layers()).unwrap(), None).unwrap();
        labels.into_iter().map(|label| label as u32).collect()
    }
}

#[test]
fn classes_behind_layers_are_found_and_beat_each_layer_alone() {
    let made = made(6_000, 3, 5, 0.6, 7);
    let joint = made.found(&JointOptions::default());
    assert_eq!((joint.model.n_classes(), joint.verdict), (3, JointVerdict::Stable));
    let of_joint = adjusted_rand(&made.labels(&joint), &made.kinds).unwrap();
    for layer in &made.layers {
        let own: Vec<u32> = layer.iter().map(|label| u32::from(label.unwrap())).collect();
        let of_layer = adjusted_rand(&own, &made.kinds).unwrap();
        assert!(of_joint > of_layer + 0.2, "{of_joint} {of_layer}");
    }
    assert!(of_joint > 0.7, "{of_joint}");
}

#[test]
fn layers_that_have_nothing_to_do_with_each_other_have_one_class() {
    let made = made(4_000, 3, 4, 0.0, 3);
    let joint = made.found(&JointOptions::default());
    assert_eq!((joint.model.n_classes(), joint.verdict), (1, JointVerdict::OneForAll));
}

#[test]
fn a_missing_layer_is_skipped_and_a_scarce_one_describes() {
    let mut made = made(6_000, 3, 5, 0.6, 11);
    for (row, label) in made.layers[4].iter_mut().enumerate() {
        *label = label.filter(|_| row % 50 == 0);
    }
    for (row, label) in made.layers[0].iter_mut().enumerate() {
        *label = label.filter(|_| row % 3 != 0);
    }
    let joint = made.found(&JointOptions::default());
    assert_eq!(joint.layers[4].why, Why::Scarce { least_known: 0.3 });
    assert_eq!((joint.layers[4].weight, joint.layers[4].known), (0.0, 0.02));
    assert_eq!((joint.layers[0].weight, &joint.layers[0].why), (1.0, &Why::Whole));
    assert_eq!(joint.model.n_classes(), 3);
    assert!(adjusted_rand(&made.labels(&joint), &made.kinds).unwrap() > 0.5);
    // What a layer of the weight 0 says of classes is still told: its own kind's label is the commonest.
    let mindset = &joint.model.items[4].probabilities;
    let commonest: std::collections::BTreeSet<usize> = mindset
        .iter()
        .map(|class| (0..N_LABELS).max_by(|a, b| class[*a].total_cmp(&class[*b])).unwrap())
        .collect();
    assert_eq!(commonest.len(), 3);
}

#[test]
fn layers_that_say_the_same_share_one_weight() {
    let mut made = made(3_000, 3, 3, 0.6, 5);
    let twin = made.layers[0].clone();
    made.layers.push(twin);
    let joint = made.found(&JointOptions { n_classes: 3..=3, ..JointOptions::default() });
    let weights: Vec<f64> = joint.layers.iter().map(|layer| layer.weight).collect();
    assert_eq!(weights, [0.5, 1.0, 1.0, 0.5]);
    assert_eq!(joint.layers[0].why, Why::Shared { with: vec!["age".to_owned()], cramers_v: 1.0 });
    // A weight that is given is taken.
    let mut layers = made.layers();
    layers[0].weight = Some(0.2);
    let joint =
        find(&layers, &vec![1.0; 3_000], &JointOptions { n_classes: 3..=3, ..JointOptions::default() }, 1);
    let joint = joint.unwrap();
    assert_eq!((joint.layers[0].weight, &joint.layers[0].why), (0.2, &Why::Given));
    assert_eq!((joint.layers[3].weight, &joint.layers[3].why), (1.0, &Why::Whole));
}

#[test]
fn counted_patterns_say_what_their_customers_say() {
    let made = made(4_000, 3, 3, 0.6, 9);
    let mut counts = std::collections::BTreeMap::new();
    for row in 0..4_000 {
        let pattern: Vec<Option<u16>> = made.layers.iter().map(|layer| layer[row]).collect();
        *counts.entry(pattern).or_insert(0.0) += 1.0;
    }
    let columns: Vec<Vec<Option<u16>>> =
        (0..3).map(|layer| counts.keys().map(|pattern| pattern[layer]).collect()).collect();
    let layers: Vec<Layer<'_>> = ["rfm", "value", "journey"]
        .into_iter()
        .zip(&columns)
        .map(|(name, labels)| Layer { name, n_labels: N_LABELS, labels, weight: None })
        .collect();
    let options = JointOptions { n_classes: 3..=3, ..JointOptions::default() };
    let counts: Vec<f64> = counts.into_values().collect();
    let of_patterns = find(&layers, &counts, &options, 1).unwrap();
    let of_rows = made.found(&options);
    let (one, other) = (of_patterns.model.fit.log_likelihood, of_rows.model.fit.log_likelihood);
    assert!((one - other).abs() < 1e-3, "{one} {other}");
    assert_eq!(of_patterns.model.fit.n_rows, 4_000.0);
}

#[test]
fn what_cannot_define_classes_is_refused() {
    let made = made(200, 2, 2, 0.8, 1);
    let refused = |layers: &[Layer<'_>]| {
        find(layers, &[1.0; 200], &JointOptions::default(), 1).unwrap_err().to_string()
    };
    let layers = made.layers();
    let told = refused(&layers[..1]);
    assert!(told.contains("number of layers that define classes"), "{told}");
    let nobody = [None; 200];
    let scarce = [layers[0], Layer { name: "mindset", labels: &nobody, ..layers[1] }];
    assert!(refused(&scarce).contains("number of layers that define classes"));
    let negative = [layers[0], Layer { weight: Some(-1.0), ..layers[1] }];
    assert!(refused(&negative).contains("weight"));
    assert!(find(&[], &[], &JointOptions::default(), 1).is_err());
}
