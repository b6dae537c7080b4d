//! The marks of groups: each has a colour and a shape of its own, so that neither is needed to tell them apart.

/// So many colours, and so many shapes.
const KINDS: usize = 8;

/// The radius of a mark.
const RADIUS: f64 = 3.2;

/// The colour of the group at a place, as classes.
pub(super) fn colour(place: usize) -> String {
    format!("g g{}", place % KINDS)
}

/// A mark beside the name of the group at a place.
pub(super) fn mark(place: usize) -> String {
    icon(&colour(place), &at(place, 0.0, 0.0))
}

/// The mark of whoever is in no group, beside what says so.
pub(super) fn mark_of_none() -> String {
    icon(NONE, &at_none(0.0, 0.0))
}

/// The classes of those.
pub(super) const NONE: &str = "g gx";

fn icon(kind: &str, path: &str) -> String {
    format!(
        r#"<svg class="mark-of" width="12" height="12" viewBox="-5 -5 10 10" aria-hidden="true"><path class="{kind}" d="{path}"/></svg>"#
    )
}

/// A small dot for whoever is in no group.
pub(super) fn at_none(x: f64, y: f64) -> String {
    circle(x, y, 1.6, true)
}

/// The shape of the group at a place, around a point. Where colours begin anew, shapes are others.
pub(super) fn at(place: usize, x: f64, y: f64) -> String {
    let r = RADIUS;
    match (place + place / KINDS) % KINDS {
        0 => circle(x, y, r, true),
        1 => polygon(x, y, &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
        2 => polygon(x, y, &[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]),
        3 => polygon(x, y, &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
        4 => polygon(x, y, &CROSS),
        5 => polygon(x, y, &[(0.0, 1.15), (1.1, -0.85), (-1.1, -0.85)]),
        6 => polygon(x, y, &CROSS.map(|(across, down)| (turned(across - down), turned(across + down)))),
        // A ring: what is inside runs the other way round.
        _ => circle(x, y, r * 1.1, true) + &circle(x, y, r * 0.55, false),
    }
}

const CROSS: [(f64, f64); 12] = [
    (-0.42, -1.25),
    (0.42, -1.25),
    (0.42, -0.42),
    (1.25, -0.42),
    (1.25, 0.42),
    (0.42, 0.42),
    (0.42, 1.25),
    (-0.42, 1.25),
    (-0.42, 0.42),
    (-1.25, 0.42),
    (-1.25, -0.42),
    (-0.42, -0.42),
];

/// Half a right angle.
fn turned(sum: f64) -> f64 {
    sum * std::f64::consts::FRAC_1_SQRT_2
}

fn circle(x: f64, y: f64, r: f64, is_clockwise: bool) -> String {
    let sweep = u8::from(is_clockwise);
    format!(
        "M{:.1} {y:.1}a{r:.1} {r:.1} 0 1 {sweep} {:.1} 0a{r:.1} {r:.1} 0 1 {sweep} {:.1} 0z",
        x - r,
        2.0 * r,
        -2.0 * r
    )
}

fn polygon(x: f64, y: f64, corners: &[(f64, f64)]) -> String {
    let corners: Vec<String> = corners
        .iter()
        .map(|(across, down)| format!("{:.1} {:.1}", x + across * RADIUS, y + down * RADIUS))
        .collect();
    format!("M{}z", corners.join("L"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_groups_have_the_same_colour_and_shape() {
        let marks: BTreeSet<(String, String)> =
            (0..30).map(|place| (colour(place), at(place, 0.0, 0.0))).collect();
        assert_eq!(marks.len(), 30);
    }
}
