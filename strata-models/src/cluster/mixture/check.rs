//! What a mixture refuses before it is fitted.

use super::{MODEL, MixtureOptions};
use crate::cluster::error::ClusterError;
use crate::cluster::points::Points;

/// Settings are in their ranges.
pub(super) fn options(options: &MixtureOptions) -> Result<(), ClusterError> {
    let MixtureOptions { n_components, n_starts, max_iterations, tolerance, regularisation, .. } = options;
    let refused = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    if !(1..=1000).contains(n_components) {
        return refused("n_components", *n_components as f64, "give 1 to 1,000 components");
    }
    if !(1..=1000).contains(n_starts) {
        return refused("n_starts", *n_starts as f64, "give 1 to 1,000 starts");
    }
    if *max_iterations == 0 {
        return refused("max_iterations", 0.0, "give at least one iteration, 100 is usual");
    }
    if !(0.0..f64::INFINITY).contains(tolerance) {
        return refused("tolerance", *tolerance, "give 0 or a small number, 0.001 is usual");
    }
    if !(0.0..f64::INFINITY).contains(regularisation) {
        return refused("regularisation", *regularisation, "give 0 or a small number, 0.000001 is usual");
    }
    Ok(())
}

/// No column is constant, and there are as many different rows as components.
pub(super) fn points(points: &Points, n_components: usize) -> Result<(), ClusterError> {
    let first = points.row(0);
    let mut constant = vec![true; points.n_columns()];
    for row in points.rows() {
        for ((constant, value), first) in constant.iter_mut().zip(row).zip(first) {
            *constant &= value == first;
        }
        if constant.iter().all(|constant| !constant) {
            break;
        }
    }
    if let Some(column) = constant.iter().position(|constant| *constant) {
        return Err(ClusterError::Constant { column: column.to_string() });
    }
    let n_distinct = points.n_distinct(n_components);
    if n_distinct < n_components {
        return Err(ClusterError::TooFewRows { n_distinct, n_clusters: n_components });
    }
    Ok(())
}

/// There is a label for every row, and a row for every component.
pub(super) fn labels<'a>(
    labels: &'a [u32],
    points: &Points,
    n_components: usize,
) -> Result<&'a [u32], ClusterError> {
    let (n_values, n_rows) = (labels.len(), points.n_rows());
    if n_values != n_rows {
        return Err(ClusterError::Lengths { column: "start".to_string(), n_values, n_rows });
    }
    let mut has_rows = vec![false; n_components];
    for label in labels {
        match has_rows.get_mut(*label as usize) {
            Some(has_rows) => *has_rows = true,
            None => {
                let (value, hint) = (f64::from(*label), "give each row a component below `n_components`");
                return Err(ClusterError::Option { option: "start", value, hint });
            }
        }
    }
    if has_rows.contains(&false) {
        return Err(START_WITHOUT_ROWS);
    }
    Ok(labels)
}

/// There is a mean of as many finite numbers as columns for every component. The means, one after another.
pub(super) fn means(
    means: &[Vec<f64>],
    points: &Points,
    options: &MixtureOptions,
) -> Result<Vec<f64>, ClusterError> {
    if means.len() != options.n_components {
        let (value, hint) = (means.len() as f64, "give as many means as `n_components`");
        return Err(ClusterError::Option { option: "start", value, hint });
    }
    if let Some(mean) = means.iter().find(|mean| mean.len() != points.n_columns()) {
        let (value, hint) = (mean.len() as f64, "give each mean a number for every column");
        return Err(ClusterError::Option { option: "start", value, hint });
    }
    if let Some(value) = means.iter().flatten().find(|value| !value.is_finite()) {
        return Err(ClusterError::Option {
            option: "start",
            value: *value,
            hint: "give means that are numbers",
        });
    }
    Ok(means.concat())
}

/// A division of the rows that leaves a component out.
pub(super) const START_WITHOUT_ROWS: ClusterError = ClusterError::NotFound {
    model: MODEL,
    reason: "its start leaves a component without rows",
    hint: "give each component a row to start with, or let starts be drawn",
};
