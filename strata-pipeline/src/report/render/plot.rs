//! What plots share: a figure with its title and its text alternative, scales that end at round numbers, columns, and
//! places that tell their number when pointed at. A plot's numbers also stand in a table, for keyboards, ears and copying.

use super::super::data::{Bin, share};
use super::html::escape;
use super::number::{count, decimal};

/// The height of a chart's plot, of the space for labels below and for the scale above, in pixels.
pub(super) const PLOT: f64 = 150.0;
pub(super) const BELOW: f64 = 22.0;
pub(super) const ABOVE: f64 = 18.0;

/// A picture with a title.
pub(super) struct Figure<'a> {
    /// What its ids begin with; unique on the page.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// A line below the title.
    pub about: &'a str,
    /// What the picture shows, for whom cannot see it.
    pub spoken: &'a str,
    /// Classes of its own.
    pub kind: &'a str,
    /// The picture's height in pixels.
    pub height: f64,
    /// What the picture is made of, as SVG.
    pub shapes: &'a str,
    /// Places to point at, from [`hit`].
    pub hits: &'a str,
    /// HTML below the picture.
    pub after: &'a str,
}

impl Figure<'_> {
    /// The figure as HTML.
    pub(super) fn html(&self) -> String {
        let about =
            if self.about.is_empty() { String::new() } else { format!("<p>{}</p>", escape(self.about)) };
        let hits = if self.hits.is_empty() {
            String::new()
        } else {
            format!(r#"<div class="hits" aria-hidden="true">{}</div>"#, self.hits)
        };
        format!(
            r#"<figure class="plot {kind}"><figcaption><h3>{title}</h3>{about}</figcaption><div class="draw"><svg role="img" aria-labelledby="{id}-t {id}-d" width="100%" height="{height:.0}"><title id="{id}-t">{title}</title><desc id="{id}-d">{spoken}</desc>{shapes}</svg>{hits}</div>{after}</figure>"#,
            kind = self.kind,
            title = escape(self.title),
            id = self.id,
            height = self.height,
            spoken = escape(self.spoken),
            shapes = self.shapes,
            after = self.after,
        )
    }
}

/// A place to point at, in percent of the picture's size.
pub(super) fn hit(x: f64, y: f64, width: f64, height: f64, tip: &str) -> String {
    // What is told stays within the picture.
    let end = if x + width / 2.0 > 50.0 { r#" class="e""# } else { "" };
    format!(
        r#"<i{end} style="left:{x:.2}%;top:{y:.2}%;width:{width:.2}%;height:{height:.2}%" data-tip="{}"></i>"#,
        escape(tip)
    )
}

/// A table that is folded away below a picture.
pub(super) fn numbers(table: &str) -> String {
    format!(r#"<details class="numbers"><summary>As a table</summary>{table}</details>"#)
}

/// One column of a chart.
pub(super) struct Mark {
    /// What stands below it; empty where there is no room.
    pub label: String,
    /// What it tells when pointed at.
    pub tip: String,
    /// Its height on the scale.
    pub value: f64,
    /// Its classes.
    pub kind: String,
}

/// Columns over a scale from zero, as shapes and places to point at. `widest` is the greatest width of a column in percent.
pub(super) fn columns(marks: &[Mark], widest: f64) -> (String, String) {
    let largest = marks.iter().map(|mark| mark.value).filter(|value| value.is_finite()).fold(0.0, f64::max);
    columns_up_to(marks, widest, round_up(largest))
}

/// The room that each of so many columns has, in percent.
pub(super) fn slot_of(n: usize, widest: f64) -> f64 {
    // Right of the columns stand the scale's numbers.
    (88.0 / n.max(1) as f64).min(widest)
}

/// Columns over a scale from zero up to a number.
pub(super) fn columns_up_to(marks: &[Mark], widest: f64, top: f64) -> (String, String) {
    let slot = slot_of(marks.len(), widest);
    let (mut shapes, mut hits) = (scale(top), String::new());
    // A phone has room for half of many labels.
    let is_crowded = marks.iter().filter(|mark| !mark.label.is_empty()).count() > 6;
    for (place, mark) in marks.iter().enumerate() {
        let height = share(mark.value, top).map_or(0.0, |part| part.clamp(0.0, 1.0) * PLOT);
        let x = place as f64 * slot;
        shapes.push_str(&format!(
            r#"<rect class="{}" x="{:.3}%" y="{:.1}" width="{:.3}%" height="{height:.1}"/>"#,
            mark.kind,
            x + slot * 0.1,
            ABOVE + PLOT - height,
            slot * 0.8,
        ));
        if !mark.label.is_empty() {
            shapes.push_str(&format!(
                r#"<text{} x="{:.3}%" y="{:.1}"{}>{}</text>"#,
                if is_crowded && place % 2 == 1 { r#" class="odd""# } else { "" },
                x + if slot > 6.0 { slot / 2.0 } else { slot * 0.1 },
                ABOVE + PLOT + 16.0,
                if slot > 6.0 { r#" text-anchor="middle""# } else { "" },
                escape(&mark.label)
            ));
        }
        hits.push_str(&hit(x, 0.0, slot, 100.0, &mark.tip));
    }
    (shapes, hits)
}

/// The lines of a scale from zero, with its numbers.
pub(super) fn scale(top: f64) -> String {
    let line = |part: f64| {
        let y = ABOVE + PLOT * (1.0 - part);
        let label = if part > 0.0 {
            format!(r#"<text x="100%" y="{:.1}" text-anchor="end">{}</text>"#, y - 4.0, tick(top * part))
        } else {
            String::new()
        };
        format!(r#"<line x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}"/>{label}"#)
    };
    [0.0, 0.5, 1.0].into_iter().map(line).collect()
}

/// The limits of a bin in words; values that are whole numbers are named by the first and the last that belong to it.
pub(super) fn bin_label(bin: &Bin, is_whole: bool) -> String {
    match bin.to {
        None => format!("{}+", tick(bin.from)),
        Some(to) if is_whole && to - bin.from <= 1.0 => tick(bin.from),
        Some(to) if is_whole => format!("{}–{}", tick(bin.from), tick(to - 1.0)),
        Some(to) => format!("{}–{}", tick(bin.from), tick(to)),
    }
}

/// The next of 1, 2, 2.5, 4, 5, 8, 10 times a power of ten; 1 where there is nothing.
pub(super) fn round_up(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0];
    steps.iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(10.0 * power)
}

/// A number of the scale, short enough for a phone.
pub(super) fn tick(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e9 => (value / 1e9, "\u{a0}bn"),
        value if value >= 1e6 => (value / 1e6, "\u{a0}M"),
        value if value >= 1e4 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let decimals = [0, 1, 2].into_iter().find(|decimals| {
        let scaled = value * 10_f64.powi(*decimals);
        (scaled - scaled.round()).abs() < 1e-6
    });
    format!("{}{unit}", decimal(value, usize::try_from(decimals.unwrap_or(2)).unwrap_or(2)))
}

/// Which of five shades a part of the largest has; none where there is nothing.
pub(super) fn shade(part: Option<f64>) -> Option<usize> {
    let part = part.filter(|part| *part > 0.0)?;
    let limits = [0.1, 0.3, 0.55, 0.8];
    Some(limits.iter().take_while(|limit| part > **limit).count())
}

/// `1,204 customers (12.3%)`.
pub(super) fn counted_of(n: u64, whole: u64, what: &str) -> String {
    match share(n as f64, whole as f64) {
        Some(part) => format!("{} {what} ({})", count(n), super::number::percent(part)),
        None => format!("{} {what}", count(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, expected) in [
            (0.0, 1.0),
            (f64::NAN, 1.0),
            (1.0, 1.0),
            (37.0, 40.0),
            (1201.0, 2000.0),
            (0.3, 0.4),
            (9999.0, 10000.0),
        ] {
            assert!((round_up(value) - expected).abs() < 1e-9, "{value} gave {}", round_up(value));
        }
        for (value, expected) in
            [(0.5, "0.5"), (250.0, "250"), (2500.0, "2,500"), (12_500.0, "12.5k"), (4e6, "4\u{a0}M")]
        {
            assert_eq!(tick(value), expected);
        }
    }

    #[test]
    fn bins_are_named_by_their_limits() {
        let bin = |from, to| Bin { from, to, ..Bin::default() };
        for (bin, is_whole, expected) in [
            (bin(1.0, Some(8.0)), true, "1–7"),
            (bin(1.0, Some(2.0)), true, "1"),
            (bin(0.0, Some(50.0)), false, "0–50"),
            (bin(366.0, None), true, "366+"),
        ] {
            assert_eq!(bin_label(&bin, is_whole), expected);
        }
    }

    #[test]
    fn shades_grow_with_the_value() {
        let found: Vec<_> = [0.0, 0.05, 0.2, 0.5, 0.6, 1.0].map(|part| shade(Some(part))).to_vec();
        assert_eq!(found, [None, Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(shade(None), None);
    }
}
