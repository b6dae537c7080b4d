//! What each layer weighs in the likelihood, where nobody has said.

use serde::{Deserialize, Serialize};

use super::{JointOptions, Layer};
use crate::cluster::error::ClusterError;

/// What a layer weighs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerWeight {
    /// How the layer is called.
    pub name: String,
    /// The share of customers of whom it is known.
    pub known: f64,
    /// Its weight on the log-likelihood: at 0 it describes classes and does not define them.
    pub weight: f64,
    /// Why.
    pub why: Why,
}

/// Why a layer weighs what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// It stands on its own and is known of enough customers.
    Whole,
    /// Its definition says so.
    Given,
    /// It is known of too few.
    Scarce {
        /// The share that is asked for.
        least_known: f64,
    },
    /// It says much the same as others, with which it shares one weight.
    Shared {
        /// The others.
        with: Vec<String>,
        /// The largest Cramér's V with one of them.
        cramers_v: f64,
    },
}

/// The weights of all layers, in their order.
pub(super) fn all(
    layers: &[Layer<'_>],
    counts: &[f64],
    options: &JointOptions,
) -> Result<Vec<LayerWeight>, ClusterError> {
    let total: f64 = counts.iter().sum();
    let known = |layer: &Layer<'_>| {
        let known = layer.labels.iter().zip(counts).filter(|(label, _)| label.is_some());
        if total > 0.0 { known.map(|(_, count)| count).sum::<f64>() / total } else { 0.0 }
    };
    let shares: Vec<f64> = layers.iter().map(known).collect();
    let is_free: Vec<bool> = layers
        .iter()
        .zip(&shares)
        .map(|(layer, share)| layer.weight.is_none() && *share >= options.least_known)
        .collect();
    let alike = alike(layers, counts, &is_free, options.redundant_above);
    let weights = layers.iter().enumerate().map(|(place, layer)| {
        let others = &alike[place];
        let (weight, why) = match layer.weight {
            Some(weight) => (weight, Why::Given),
            None if !is_free[place] => (0.0, Why::Scarce { least_known: options.least_known }),
            None if others.is_empty() => (1.0, Why::Whole),
            None => {
                let with = others.iter().map(|(other, _)| layers[*other].name.to_owned()).collect();
                let strongest = others.iter().map(|(_, v)| *v).fold(0.0, f64::max);
                (1.0 / (1 + others.len()) as f64, Why::Shared { with, cramers_v: strongest })
            }
        };
        LayerWeight { name: layer.name.to_owned(), known: shares[place], weight, why }
    });
    let weights: Vec<LayerWeight> = weights.collect();
    let defining = weights.iter().filter(|layer| layer.weight > 0.0).count();
    if defining < 2 {
        let (option, value) = ("number of layers that define classes", defining as f64);
        let hint = "name layers that are known of more customers, or give a layer a weight above 0";
        return Err(ClusterError::Option { option, value, hint });
    }
    Ok(weights)
}

/// Of each layer the others that say much the same, directly or by a third, each with Cramér's V (of a third 0).
fn alike(layers: &[Layer<'_>], counts: &[f64], is_free: &[bool], above: f64) -> Vec<Vec<(usize, f64)>> {
    let n = layers.len();
    let mut v_of = vec![0.0; n * n];
    for one in (0..n).filter(|one| is_free[*one]) {
        for other in (one + 1..n).filter(|other| is_free[*other]) {
            let v = cramers_v(&layers[one], &layers[other], counts);
            (v_of[one * n + other], v_of[other * n + one]) = (v, v);
        }
    }
    let mut group: Vec<usize> = (0..n).collect();
    for one in 0..n {
        for other in one + 1..n {
            if v_of[one * n + other] > above {
                let (from, to) = (group[other], group[one]);
                group.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
        }
    }
    (0..n)
        .map(|one| {
            let others = (0..n).filter(|other| *other != one && group[*other] == group[one]);
            others.map(|other| (other, v_of[one * n + other])).collect()
        })
        .collect()
}

/// How far two layers say the same, from 0 to 1, among those of whom both are known: `V = √(χ² / (n (min(r, c) − 1)))` with the
/// labels that occur.
///
/// Cramér, H. (1946). Mathematical Methods of Statistics. Princeton University Press.
fn cramers_v(one: &Layer<'_>, other: &Layer<'_>, counts: &[f64]) -> f64 {
    let width = other.n_labels;
    let mut cells = vec![0.0; one.n_labels * width];
    for ((a, b), count) in one.labels.iter().zip(other.labels).zip(counts) {
        if let (Some(a), Some(b)) = (a, b) {
            cells[usize::from(*a) * width + usize::from(*b)] += count;
        }
    }
    let rows: Vec<f64> = cells.chunks_exact(width).map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..width).map(|column| cells.iter().skip(column).step_by(width).sum()).collect();
    let occurring = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let freedom = occurring(&rows).min(occurring(&columns)).saturating_sub(1);
    if freedom == 0 {
        return 0.0;
    }
    // χ² / n = Σ o² / (row · column) − 1.
    let squares = cells.iter().enumerate().filter(|(_, observed)| **observed > 0.0);
    let sum: f64 = squares
        .map(|(place, observed)| observed * observed / rows[place / width] / columns[place % width])
        .sum();
    ((sum - 1.0).max(0.0) / freedom as f64).sqrt()
}
