//! Groups as a map: some customers on the two axes along which they differ most.

use super::super::super::data::Groups;
use super::super::html::escape;
use super::super::number::{count, percent_in_words};
use super::super::plot::Figure;
use super::mark::{NONE, at, at_none, colour, mark, mark_of_none};

/// The width of the picture, and the least and the greatest height.
const WIDTH: f64 = 480.0;
const LEAST: f64 = 180.0;
const MOST: f64 = 340.0;

/// What marks need at the edges, and the line below for the first axis's name.
const EDGE: f64 = 7.0;
const LINE: f64 = 22.0;

/// More marks are not drawn.
const MARKS: usize = 1_000;

/// Coordinates in standard deviations are never so large.
const FARTHEST: f64 = 1e6;

pub(super) fn html(groups: &Groups, place: usize) -> String {
    let points = points(groups);
    let Some(frame) = Frame::around(&points) else { return String::new() };
    let clusters = &groups.found.clusters;
    let mut sizes: Vec<(usize, usize)> = (0..clusters.len())
        .map(|group| (group, points.iter().filter(|each| each.2 == Some(group)).count()))
        .collect();
    // The largest lie below.
    sizes.sort_by_key(|(group, n)| (std::cmp::Reverse(*n), *group));
    let outside: String = points
        .iter()
        .filter(|(.., group)| group.is_none())
        .map(|(x, y, _)| frame.place(*x, *y))
        .map(|(x, y)| at_none(x, y))
        .collect();
    let drawn = |kind: &str, path: &str| match path {
        "" => String::new(),
        path => format!(r#"<path class="{kind}" d="{path}"/>"#),
    };
    let mut shapes = drawn(NONE, &outside);
    for (group, _) in &sizes {
        let of_group = points.iter().filter(|each| each.2 == Some(*group));
        let path: String =
            of_group.map(|(x, y, _)| frame.place(*x, *y)).map(|(x, y)| at(*group, x, y)).collect();
        shapes.push_str(&drawn(&colour(*group), &path));
    }
    let held = |axis: usize| {
        let share = groups.found.axes.get(axis).copied().flatten();
        share.filter(|share| (0.0..=1.0).contains(share)).map(percent_in_words)
    };
    let named = |which: &str, share: Option<String>| match share {
        Some(share) => format!("{which} axis, {share} of the variance"),
        None => format!("{which} axis"),
    };
    let (first, second) = (named("first", held(0)), named("second", held(1)));
    let height = frame.height;
    let bottom = LINE + height;
    let shapes = format!(
        r#"<line x1="0" x2="100%" y1="{bottom:.0}" y2="{bottom:.0}"/><line x1="0" x2="0" y1="{LINE:.0}" y2="{bottom:.0}"/><svg x="0" y="{LINE:.0}" width="100%" height="{height:.0}" viewBox="0 0 {WIDTH:.0} {height:.0}">{shapes}</svg><text x="0" y="14">↑ {second}</text><text x="100%" y="{:.0}" text-anchor="end">{first} →</text>"#,
        bottom + 16.0,
    );
    let legend: String = clusters
        .iter()
        .enumerate()
        .map(|(group, cluster)| format!("<li>{}{}</li>", mark(group), escape(cluster.label())))
        .collect();
    let of_none = match outside.as_str() {
        "" => String::new(),
        _ => format!("<li>{}in no group</li>", mark_of_none()),
    };
    let told: Vec<String> = sizes
        .iter()
        .filter_map(|(group, n)| Some(format!("{}: {}", clusters.get(*group)?.label(), count(*n as u64))))
        .collect();
    Figure {
        id: &format!("groups-map-{place}"),
        title: "Where they lie",
        about: &format!(
            "Each mark is one of {} {}; the nearer two are, the more alike. What tells them apart along other axes is not seen here",
            count(points.len() as u64),
            groups.subject
        ),
        spoken: &format!("Across: {first}. Up: {second}. Marks by group: {}", told.join("; ")),
        kind: "scatter",
        height: LINE + height + LINE,
        shapes: &shapes,
        hits: "",
        after: &format!(r#"<div class="legend"><ul>{legend}{of_none}</ul></div>"#),
    }
    .html()
}

/// The points that can be drawn, each with the place of its group; none for no group.
fn points(groups: &Groups) -> Vec<(f64, f64, Option<usize>)> {
    let n_groups = groups.found.clusters.len();
    let inside = |value: Option<f64>| value.filter(|value| value.abs() < FARTHEST);
    groups
        .found
        .map
        .iter()
        .take(MARKS)
        .filter_map(|[x, y, group]| {
            let group = group.and_then(|group| (0..n_groups).find(|place| *place as f64 == group));
            Some((inside(*x)?, inside(*y)?, group))
        })
        .collect()
}

/// What maps points onto the picture. Both axes have the same scale, so that distances are what they are.
struct Frame {
    left: f64,
    top: f64,
    scale: f64,
    width: f64,
    height: f64,
}

impl Frame {
    /// None where there is no room between the points.
    fn around(points: &[(f64, f64, Option<usize>)]) -> Option<Frame> {
        let ends = |of: fn(&(f64, f64, Option<usize>)) -> f64| {
            points.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((left, right), (bottom, top)) = (ends(|point| point.0), ends(|point| point.1));
        let (across, up) = (right - left, top - bottom);
        if points.len() < 3 || across.is_nan() || across <= 0.0 {
            return None;
        }
        let (wide, most) = (WIDTH - 2.0 * EDGE, MOST - 2.0 * EDGE);
        let scale = if up > 0.0 { (wide / across).min(most / up) } else { wide / across };
        let height = (up * scale + 2.0 * EDGE).clamp(LEAST, MOST);
        // What is left of the picture is left on both sides.
        Some(Frame {
            left: left - (WIDTH / scale - across) / 2.0,
            top: top + (height / scale - up) / 2.0,
            scale,
            width: WIDTH,
            height,
        })
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let (across, down) = ((x - self.left) * self.scale, (self.top - y) * self.scale);
        (across.clamp(0.0, self.width), down.clamp(0.0, self.height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_lie_within_the_picture_and_distances_are_kept() {
        let points = [(-2.0, 0.0, Some(0)), (2.0, 1.0, Some(0)), (0.0, -1.0, None)];
        let frame = Frame::around(&points).unwrap();
        let placed: Vec<(f64, f64)> = points.iter().map(|(x, y, _)| frame.place(*x, *y)).collect();
        for (x, y) in &placed {
            assert!(
                (EDGE - 1e-9..=WIDTH - EDGE + 1e-9).contains(x) && (EDGE..=frame.height - EDGE).contains(y),
                "{x} {y}"
            );
        }
        let distance = |one: usize, other: usize| {
            (placed[one].0 - placed[other].0).hypot(placed[one].1 - placed[other].1)
        };
        assert!((distance(0, 1) / distance(0, 2) - 17_f64.sqrt() / 5_f64.sqrt()).abs() < 1e-9);
        assert!(placed[1].1 < placed[2].1, "up is up");
        assert!(Frame::around(&[(1.0, 1.0, None); 9]).is_none());
        assert!(Frame::around(&points[..2]).is_none());
    }
}
