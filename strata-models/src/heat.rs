//! Where people click and how far they scroll: points smoothed to a map of heat, depths to the share that reaches each.
//!
//! A page is as wide as the window that it is seen in, so places across are shares of its width; down it goes by pixels.

use serde::Serialize;

/// A click, or several in one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How far from the left edge, as a share of the window's width: 0 to 1.
    pub x: f64,
    /// How far below the top of the page, in pixels.
    pub y: f64,
    /// How much it counts; 1 for a click.
    pub weight: f64,
}

/// How a page is divided into cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Cells across.
    pub n_columns: usize,
    /// Cells down.
    pub n_rows: usize,
    /// How many pixels of the page they cover from its top down.
    pub height: f64,
    /// The standard deviation of the smoothing, in cells; 0 smooths nothing.
    pub bandwidth: f64,
}

/// Heat by cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeatMap {
    /// Cells across.
    pub n_columns: usize,
    /// Cells down.
    pub n_rows: usize,
    /// How many pixels of the page they cover from its top down.
    pub height: f64,
    /// The heat of each cell, row by row from the top left: 1 where it is greatest. All 0 where nothing weighs anything.
    pub values: Vec<f64>,
    /// How many points lie outside of the plane; they are in no cell.
    pub n_outside: usize,
}

/// How many get so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reach {
    /// A depth, as a share of the page's height.
    pub depth: f64,
    /// The share of views that reached it.
    pub share: f64,
}

/// Why there is no map.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HeatError {
    /// A value that is no number, or that no such value can be.
    #[error("{what} of point {place} is {value}; hint: leave out what has no place")]
    Value {
        /// Which of its values.
        what: &'static str,
        /// The point, from 0.
        place: usize,
        /// What it is.
        value: f64,
    },
    /// A plane without cells, or with a size that is none.
    #[error("a plane cannot have {what} of {value}; hint: give {expected}")]
    Plane {
        /// What of it.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}

/// The heat of each cell of a page.
///
/// With `n(r, c)` the weight of the points in the cell of row r and column c, and b the bandwidth in cells,
/// `h(r, c) = Σᵢ Σⱼ n(i, j) k(r − i) k(c − j)` with `k(d) = exp(−d² / 2b²)` for `|d| ≤ ⌈3b⌉` and 0 beyond. As k of both is a product, rows
/// are smoothed first and columns then. Beyond the plane there is nothing. The result is `h / max h`.
///
/// # Errors
/// Values that are not finite, weights below 0, and planes without cells.
pub fn heat_map(points: &[Point], plane: &Plane) -> Result<HeatMap, HeatError> {
    plane.check()?;
    let (n_columns, n_rows) = (plane.n_columns, plane.n_rows);
    let mut values = vec![0.0; n_columns * n_rows];
    let mut n_outside = 0;
    for (place, point) in points.iter().enumerate() {
        point.check(place)?;
        match plane.cell(point) {
            Some(cell) => values[cell] += point.weight,
            None => n_outside += 1,
        }
    }
    let kernel = kernel(plane.bandwidth);
    let across = smoothed(&values, n_rows, n_columns, (n_columns, 1), &kernel);
    let mut values = smoothed(&across, n_columns, n_rows, (1, n_columns), &kernel);
    let most = values.iter().copied().fold(0.0, f64::max);
    if most > 0.0 {
        values.iter_mut().for_each(|value| *value /= most);
    }
    Ok(HeatMap { n_columns, n_rows, height: plane.height, values, n_outside })
}

/// The share of views that reach each of `n_steps` depths, `1/n_steps` to 1, given how far each view got as a share of the page's height;
/// nothing without views.
///
/// # Errors
/// A depth that is no share.
pub fn reach(depths: &[f64], n_steps: usize) -> Result<Vec<Reach>, HeatError> {
    if let Some((place, value)) = depths.iter().enumerate().find(|(_, depth)| !(0.0..=1.0).contains(*depth)) {
        return Err(HeatError::Value { what: "the depth", place, value: *value });
    }
    if depths.is_empty() {
        return Ok(Vec::new());
    }
    let step = |step: usize| {
        let depth = step as f64 / n_steps as f64;
        // A depth that was computed may lack its last digit.
        let n = depths.iter().filter(|reached| **reached >= depth - 1e-9).count();
        Reach { depth, share: n as f64 / depths.len() as f64 }
    };
    Ok((1..=n_steps).map(step).collect())
}

impl Point {
    fn check(&self, place: usize) -> Result<(), HeatError> {
        for (what, value) in [("x", self.x), ("y", self.y), ("the weight", self.weight)] {
            if !value.is_finite() {
                return Err(HeatError::Value { what, place, value });
            }
        }
        match self.weight < 0.0 {
            true => Err(HeatError::Value { what: "the weight", place, value: self.weight }),
            false => Ok(()),
        }
    }
}

impl Plane {
    fn check(&self) -> Result<(), HeatError> {
        let refused = |what, value, expected| Err(HeatError::Plane { what, value, expected });
        if self.n_columns == 0 {
            return refused("a number of columns", 0.0, "1 or more");
        }
        if self.n_rows == 0 {
            return refused("a number of rows", 0.0, "1 or more");
        }
        if !(self.height.is_finite() && self.height > 0.0) {
            return refused("a height", self.height, "pixels above 0");
        }
        if !(0.0..=1000.0).contains(&self.bandwidth) {
            return refused("a bandwidth", self.bandwidth, "cells, 0 to 1000");
        }
        Ok(())
    }

    /// The cell of a point; the right and the lower edge belong to the last ones.
    fn cell(&self, point: &Point) -> Option<usize> {
        let place = |share: f64, n: usize| {
            (0.0..=1.0).contains(&share).then(|| ((share * n as f64) as usize).min(n - 1))
        };
        let column = place(point.x, self.n_columns)?;
        let row = place(point.y / self.height, self.n_rows)?;
        Some(row * self.n_columns + column)
    }
}

/// `exp(−d² / 2b²)` for d from 0 to ⌈3b⌉.
fn kernel(bandwidth: f64) -> Vec<f64> {
    let reach = (3.0 * bandwidth).ceil() as usize;
    let weight = |distance: usize| {
        if distance == 0 { 1.0 } else { (-(distance as f64 / bandwidth).powi(2) / 2.0).exp() }
    };
    (0..=reach).map(weight).collect()
}

/// `n_lines` lines of `n` cells each, smoothed along themselves. `steps` is how far apart lines begin, and cells of a line follow each other.
fn smoothed(
    values: &[f64],
    n_lines: usize,
    n: usize,
    (line_step, cell_step): (usize, usize),
    kernel: &[f64],
) -> Vec<f64> {
    let mut result = vec![0.0; values.len()];
    let reach = kernel.len() - 1;
    for line in 0..n_lines {
        let begin = line * line_step;
        for from in 0..n {
            let value = values[begin + from * cell_step];
            if value == 0.0 {
                continue;
            }
            for to in from.saturating_sub(reach)..=(from + reach).min(n - 1) {
                result[begin + to * cell_step] += value * kernel[from.abs_diff(to)];
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64, weight: f64) -> Point {
        Point { x, y, weight }
    }

    fn plane(n_columns: usize, n_rows: usize, bandwidth: f64) -> Plane {
        Plane { n_columns, n_rows, height: 100.0 * n_rows as f64, bandwidth }
    }

    /// By hand: one point in the middle of nine cells, b = 1; beside it exp(−1/2), in the corners exp(−1/2)².
    #[test]
    fn one_point_is_a_bell() {
        let found = heat_map(&[point(0.5, 150.0, 3.0)], &plane(3, 3, 1.0)).unwrap();
        let (side, corner) = ((-0.5_f64).exp(), (-1.0_f64).exp());
        let expected = [corner, side, corner, side, 1.0, side, corner, side, corner];
        for (found, expected) in found.values.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
    }

    /// By hand: rows and columns must not be confused. Two cells apart, b = 1: each lies in the other's bell by exp(−2).
    #[test]
    fn points_add_up_along_rows_and_columns() {
        let found = heat_map(&[point(0.1, 50.0, 1.0), point(0.6, 50.0, 1.0)], &plane(4, 2, 1.0)).unwrap();
        let [one, two, three] = [1, 2, 3].map(|d: i32| (-f64::from(d * d) / 2.0).exp());
        let most = f64::max(1.0 + two, 2.0 * one);
        let first = [1.0 + two, 2.0 * one, 1.0 + two, one + three].map(|value| value / most);
        let expected: Vec<f64> = first.into_iter().chain(first.map(|value| value * one)).collect();
        for (found, expected) in found.values.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
    }

    #[test]
    fn weights_and_edges_without_smoothing() {
        let points = [
            point(0.0, 0.0, 2.0),
            point(1.0, 200.0, 0.5),
            point(0.999, 199.0, 0.5),
            point(1.01, 0.0, 9.0),
            point(0.5, -1.0, 9.0),
            point(0.5, 201.0, 9.0),
        ];
        let found = heat_map(&points, &plane(2, 2, 0.0)).unwrap();
        assert_eq!((found.values, found.n_outside), (vec![1.0, 0.0, 0.0, 0.5], 3));
    }

    #[test]
    fn nothing_is_cold_everywhere() {
        assert_eq!(heat_map(&[], &plane(2, 1, 1.0)).unwrap().values, [0.0, 0.0]);
        assert_eq!(heat_map(&[point(0.5, 0.0, 0.0)], &plane(2, 1, 1.0)).unwrap().values, [0.0, 0.0]);
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for (points, says) in [
            ([point(f64::NAN, 1.0, 1.0)], "x of point 0 is NaN"),
            ([point(0.5, f64::INFINITY, 1.0)], "y of point 0 is inf"),
            ([point(0.5, 1.0, f64::NAN)], "the weight of point 0 is NaN"),
            ([point(0.5, 1.0, -1.0)], "the weight of point 0 is -1"),
        ] {
            let error = heat_map(&points, &plane(2, 2, 1.0)).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("hint: "), "{error}");
        }
        for (plane, says) in [
            (plane(0, 2, 1.0), "columns"),
            (Plane { n_rows: 0, ..plane(1, 1, 1.0) }, "rows"),
            (Plane { height: 0.0, ..plane(1, 1, 1.0) }, "height"),
            (Plane { bandwidth: f64::NAN, ..plane(1, 1, 1.0) }, "bandwidth"),
        ] {
            let error = heat_map(&[], &plane).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn depths_become_shares() {
        let found = reach(&[0.1, 0.5, 0.5, 1.0], 4).unwrap();
        let found: Vec<(f64, f64)> = found.into_iter().map(|step| (step.depth, step.share)).collect();
        assert_eq!(found, [(0.25, 0.75), (0.5, 0.75), (0.75, 0.25), (1.0, 0.25)]);
        assert_eq!(reach(&[], 4).unwrap(), []);
        for wrong in [-0.1, 1.1, f64::NAN] {
            assert!(reach(&[0.5, wrong], 4).unwrap_err().to_string().contains("the depth of point 1"));
        }
    }
}
