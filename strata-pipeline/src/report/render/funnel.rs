//! The journey: how far customers have ever come, as a funnel whose steps say how many go on.

use super::super::data::{ReportData, Step, share};
use super::html::escape;
use super::number::{count, percent_in_words};
use super::plot::{Figure, hit};

/// The height of a step and of the space between two, in pixels.
const STEP: f64 = 34.0;
const SPACE: f64 = 18.0;

/// Where the bars begin, in percent: left of it stand the names.
const NAMES: f64 = 29.0;

/// What is left for the numbers beside the longest bar, in percent: a phone needs that much.
const ROOM: f64 = 17.0;

pub(super) fn html(data: &ReportData) -> String {
    let steps = &data.plots.funnel;
    let Some(first) = steps.first().filter(|first| steps.len() > 1 && first.n > 0) else {
        return String::new();
    };
    let height = STEP * steps.len() as f64 + SPACE * (steps.len() - 1) as f64;
    let (mut shapes, mut hits) = (String::new(), String::new());
    for (place, step) in steps.iter().enumerate() {
        let y = (STEP + SPACE) * place as f64;
        let part = share(step.n as f64, first.n as f64).unwrap_or(0.0).clamp(0.0, 1.0);
        let width = (part * (100.0 - NAMES - ROOM)).max(0.3);
        shapes.push_str(&format!(
            r#"<rect class="of-r" x="{NAMES}%" y="{y:.1}" width="{width:.2}%" height="{STEP:.1}" rx="2"/><text class="value" x="{:.2}%" y="{:.1}" dx="8">{} <tspan>{}</tspan></text>"#,
            NAMES + width,
            y + STEP * 0.62,
            count(step.n),
            if place == 0 { String::new() } else { percent_in_words(part) },
        ));
        let before = place.checked_sub(1).and_then(|before| steps.get(before));
        let going_on = before.and_then(|before| share(step.n as f64, before.n as f64));
        if let Some(going_on) = going_on {
            shapes.push_str(&format!(
                r#"<text class="small" x="{NAMES}%" y="{:.1}">↓ {} go on</text>"#,
                y - SPACE * 0.28,
                percent_in_words(going_on)
            ));
        }
        let of_before = going_on
            .map(|part| format!(", {} of the step before", percent_in_words(part)))
            .unwrap_or_default();
        let tip = format!("{}: {} of {}{of_before}", step.title, count(step.n), count(first.n));
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, STEP / height * 100.0, &tip));
    }
    let spoken: Vec<String> = steps.iter().map(|step| format!("{}: {}", step.title, count(step.n))).collect();
    Figure {
        id: "funnel",
        title: "How far they have come",
        about: "Customers who have ever come so far or further",
        spoken: &spoken.join("; "),
        kind: "funnel",
        height,
        shapes: &(shapes + &names(steps, height)),
        hits: &hits,
        after: "",
    }
    .html()
}

/// Names are HTML within the picture, so that long ones break.
fn names(steps: &[Step], height: f64) -> String {
    let names: String = steps.iter().map(|step| format!(r#"<span>{}</span>"#, escape(&step.title))).collect();
    format!(
        r#"<foreignObject x="0" y="0" width="{:.2}%" height="{height:.1}"><div class="names">{names}</div></foreignObject>"#,
        NAMES - 2.0
    )
}
