//! Polygons as well-known text: `POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))`, longitude before latitude.

use crate::error::SpecError;

/// An area on the map, in degrees: one polygon or several, each with holes if it has any.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// Closed rings, without their last point, which is the first again. A point is inside where the line from it to the
    /// edge of the map crosses an odd number of edges of all of them, which makes inner rings holes.
    pub rings: Vec<Vec<Point>>,
}

/// A place on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees east, from −180 to 180.
    pub longitude: f64,
    /// Degrees north, from −90 to 90.
    pub latitude: f64,
}

/// The most points that a polygon may have: it is gone through for every subject.
const MAX_POINTS: usize = 10_000;

impl Polygon {
    /// Reads a `POLYGON` or `MULTIPOLYGON`.
    pub fn parse(text: &str) -> Result<Polygon, SpecError> {
        let hint = "write `POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))`: longitude and latitude of each corner, the first again at the end";
        let wrong = |message: String| SpecError::new(message).with_hint(hint);
        let upper = text.trim().to_ascii_uppercase();
        let (depth, body) = match (upper.strip_prefix("MULTIPOLYGON"), upper.strip_prefix("POLYGON")) {
            (Some(body), _) => (3, body),
            (None, Some(body)) => (2, body),
            (None, None) => {
                return Err(wrong("the polygon does not begin with `POLYGON` or `MULTIPOLYGON`".to_owned()));
            }
        };
        let rings = Rings { rest: body, points: 0, rings: Vec::new() }.read(depth).map_err(wrong)?;
        Ok(Polygon { rings })
    }
}

/// The rings read so far, and the text that is left.
struct Rings<'t> {
    rest: &'t str,
    points: usize,
    rings: Vec<Vec<Point>>,
}

impl Rings<'_> {
    fn read(mut self, depth: u32) -> Result<Vec<Vec<Point>>, String> {
        self.list(depth)?;
        match self.rest.trim() {
            "" => Ok(self.rings),
            rest => Err(format!("after the polygon stands `{}`", shortened(rest))),
        }
    }

    /// `(…, …)`, of lists or at last of points.
    fn list(&mut self, depth: u32) -> Result<(), String> {
        self.expect('(')?;
        if depth == 1 {
            let inside = self.rest.split_once(')').ok_or("a parenthesis of the polygon is not closed")?;
            self.rest = inside.1;
            let points = inside.0.split(',').map(point).collect::<Result<Vec<_>, _>>()?;
            return self.ring(points);
        }
        loop {
            self.list(depth - 1)?;
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return self.expect(')'),
            }
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        let rest = self.rest.trim_start();
        self.rest = rest.strip_prefix(wanted).ok_or_else(|| match rest {
            "" => format!("the polygon ends where `{wanted}` is expected"),
            rest => format!("the polygon has `{}` where `{wanted}` is expected", shortened(rest)),
        })?;
        Ok(())
    }

    fn ring(&mut self, mut points: Vec<Point>) -> Result<(), String> {
        self.points += points.len();
        if self.points > MAX_POINTS {
            return Err(format!("a polygon has at most {MAX_POINTS} points"));
        }
        let last = points.pop();
        if last != points.first().copied() {
            return Err("a ring of the polygon does not end where it begins".to_owned());
        }
        if points.len() < 3 {
            return Err("a ring of the polygon has fewer than three corners".to_owned());
        }
        self.rings.push(points);
        Ok(())
    }
}

fn point(text: &str) -> Result<Point, String> {
    let numbers: Vec<f64> = text.split_whitespace().map_while(|number| number.parse().ok()).collect();
    match numbers[..] {
        [longitude, latitude] if text.split_whitespace().count() == 2 => {
            if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 {
                Ok(Point { longitude, latitude })
            } else {
                Err(format!("`{}` is not on the map", shortened(text.trim())))
            }
        }
        _ => Err(format!("`{}` is not a longitude and a latitude", shortened(text.trim()))),
    }
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(30).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_are_read_with_their_holes() {
        let text = " polygon((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 5 6.5, 4 4)) ";
        let rings = Polygon::parse(text).unwrap().rings;
        assert_eq!(rings.iter().map(Vec::len).collect::<Vec<_>>(), [4, 3]);
        assert_eq!(rings[1][2], Point { longitude: 5.0, latitude: 6.5 });
        let two = Polygon::parse("MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))").unwrap();
        assert_eq!(two.rings.len(), 2);
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        let cases = [
            ("", "does not begin"),
            ("CIRCLE (1 2)", "does not begin"),
            ("POLYGON", "ends where `(`"),
            ("POLYGON ((0 0, 1 0, 1 1, 0 0)", "ends where `)`"),
            ("POLYGON ((0 0, 1 0, 1 1, 0 0", "not closed"),
            ("POLYGON ((0 0, 1 0, 1 1, 0 0)) x", "stands `X`"),
            ("POLYGON ((0 0, 1 0, 1 1))", "end where it begins"),
            ("POLYGON ((0 0, 1 0, 0 0))", "three corners"),
            ("POLYGON ((0 0, 1 zero, 1 1, 0 0))", "`1 ZERO` is not"),
            ("POLYGON ((0 0, 1 2 3, 1 1, 0 0))", "`1 2 3` is not"),
            ("POLYGON ((0 0, NaN 1, 1 1, 0 0))", "not on the map"),
            ("POLYGON ((52.5 113.4, 1 0, 1 1, 52.5 113.4))", "`52.5 113.4` is not on the map"),
        ];
        for (text, message) in cases {
            let error = Polygon::parse(text).unwrap_err();
            assert!(error.message.contains(message), "{text}: {}", error.message);
        }
        let many = format!("POLYGON (({}0 0))", "0 0,".repeat(MAX_POINTS));
        assert!(Polygon::parse(&many).unwrap_err().message.contains("at most"));
    }
}
