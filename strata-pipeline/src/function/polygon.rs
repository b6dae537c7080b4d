//! Whether a place lies in an area on the map.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, AsArray, BooleanArray};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::{Result, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_spec::condition::polygon::{Point, Polygon};

use super::scalar::{value, with_constant};

/// `within_polygon(latitude, longitude, area)`: whether a point lies in an area or on its edge. The area is a constant
/// well-known text.
pub(crate) fn within_polygon() -> ScalarUDF {
    let arguments = vec![DataType::Float64, DataType::Float64, DataType::Utf8];
    with_constant("within_polygon", arguments, DataType::Boolean, |arguments, text| {
        let latitudes = arguments[0].as_primitive::<Float64Type>();
        let longitudes = arguments[1].as_primitive::<Float64Type>();
        if latitudes.is_empty() {
            return Ok(Arc::new(BooleanArray::new_null(0)) as ArrayRef);
        }
        let area = area(text)?;
        let inside = (0..latitudes.len()).map(|row| {
            let (latitude, longitude) = (value(latitudes, row)?, value(longitudes, row)?);
            Some(area.holds(Point { longitude, latitude }))
        });
        Ok(Arc::new(inside.collect::<BooleanArray>()))
    })
}

fn area(text: &str) -> Result<Area> {
    let polygon = Polygon::parse(text).map_err(|error| exec_datafusion_err!("{error}"))?;
    let edges = polygon.rings.iter().flat_map(|ring| {
        let next = ring.iter().skip(1).chain(ring.first());
        ring.iter().zip(next).map(|(from, to)| (*from, *to))
    });
    Ok(Area { edges: edges.collect() })
}

/// The edges of all rings of a polygon.
struct Area {
    edges: Vec<(Point, Point)>,
}

impl Area {
    /// Planar, in degrees: on an edge, or inside of an odd number of rings.
    fn holds(&self, point: Point) -> bool {
        let mut inside = false;
        for (from, to) in &self.edges {
            if lies_on(point, *from, *to) {
                return true;
            }
            let crosses = (from.latitude > point.latitude) != (to.latitude > point.latitude);
            inside ^= crosses
                && point.longitude
                    < (to.longitude - from.longitude) * (point.latitude - from.latitude)
                        / (to.latitude - from.latitude)
                        + from.longitude;
        }
        inside
    }
}

fn lies_on(point: Point, from: Point, to: Point) -> bool {
    let between = |value: f64, one: f64, other: f64| value >= one.min(other) && value <= one.max(other);
    let cross = (to.longitude - from.longitude) * (point.latitude - from.latitude)
        - (to.latitude - from.latitude) * (point.longitude - from.longitude);
    cross == 0.0
        && between(point.longitude, from.longitude, to.longitude)
        && between(point.latitude, from.latitude, to.latitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_and_out() {
        let square_with_hole = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))";
        let two = "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 7 5, 6 7, 5 5)))";
        // Longitude, latitude.
        let cases = [
            (square_with_hole, 2.0, 2.0, true),
            (square_with_hole, 5.0, 5.0, false),
            (square_with_hole, 11.0, 5.0, false),
            (square_with_hole, -0.000001, 5.0, false),
            // Corners and edges, those of the hole too.
            (square_with_hole, 0.0, 0.0, true),
            (square_with_hole, 10.0, 10.0, true),
            (square_with_hole, 10.0, 5.0, true),
            (square_with_hole, 5.0, 0.0, true),
            (square_with_hole, 4.0, 5.0, true),
            (square_with_hole, 6.0, 6.0, true),
            // Level with a corner, and outside.
            (square_with_hole, -1.0, 10.0, false),
            (two, 0.75, 0.25, true),
            (two, 0.5, 0.5, true),
            (two, 0.25, 0.75, false),
            (two, 6.0, 6.9, true),
            (two, 3.0, 3.0, false),
        ];
        for (text, longitude, latitude, expected) in cases {
            let found = area(text).unwrap().holds(Point { longitude, latitude });
            assert_eq!(found, expected, "({longitude} {latitude}) in {text}");
        }
    }
}
