//! What customers think and feel: where they stand on psychometric scales, and what their texts praise and complain of.

use super::super::data::{Feedback, ReportData, Scale, Topic, share};
use super::html::escape;
use super::number::{count, decimal, percent_in_words};
use super::plot::{Figure, hit};

/// The height of a scale's row, and of a topic's, in pixels.
const SCALE: f64 = 54.0;
const TOPIC: f64 = 30.0;

/// Where a topic's bars begin, in percent.
const NAMES: f64 = 32.0;

/// More topics are not drawn.
const MOST: usize = 10;

pub(super) fn html(data: &ReportData) -> String {
    scales(&data.plots.scales) + &data.plots.feedback.as_ref().map(topics).unwrap_or_default()
}

fn scales(scales: &[Scale]) -> String {
    let drawn: Vec<(&Scale, f64)> =
        scales.iter().filter_map(|scale| Some((scale, place(scale, scale.mean)?))).collect();
    if drawn.is_empty() {
        return String::new();
    }
    let height = SCALE * drawn.len() as f64;
    let (mut shapes, mut hits, mut spoken) = (String::new(), String::new(), Vec::new());
    for (row, (scale, mean)) in drawn.iter().enumerate() {
        let y = SCALE * row as f64;
        let line = y + 31.0;
        let low = place(scale, scale.mean - scale.deviation).unwrap_or(*mean).clamp(0.0, 100.0);
        let high = place(scale, scale.mean + scale.deviation).unwrap_or(*mean).clamp(0.0, 100.0);
        let (from, to) = scale.ends.as_ref().map_or_else(
            || (decimal(scale.lowest, 0), decimal(scale.highest, 0)),
            |(from, to)| (from.clone(), to.clone()),
        );
        shapes.push_str(&format!(
            r#"<text class="lead" x="0" y="{:.1}">{}</text><text class="value" x="100%" y="{:.1}" text-anchor="end">{}</text><line x1="0" x2="100%" y1="{line:.1}" y2="{line:.1}"/><rect class="of-n" x="{low:.2}%" y="{:.1}" width="{:.2}%" height="6" rx="3"/><circle class="of-r" cx="{mean:.2}%" cy="{line:.1}" r="6"/><text class="small" x="0" y="{:.1}">{}</text><text class="small" x="100%" y="{:.1}" text-anchor="end">{}</text>"#,
            y + 16.0,
            escape(&scale.title),
            y + 16.0,
            decimal(scale.mean, 1),
            line - 3.0,
            (high - low).max(0.0),
            line + 15.0,
            escape(&from),
            line + 15.0,
            escape(&to),
        ));
        let reliability = scale
            .reliability
            .map(|alpha| format!("; Cronbach’s alpha {}", decimal(alpha, 2)))
            .unwrap_or_default();
        let told = format!(
            "{}: mean {} of {} to {}, standard deviation {}, {} answers{reliability}",
            scale.title,
            decimal(scale.mean, 2),
            decimal(scale.lowest, 0),
            decimal(scale.highest, 0),
            decimal(scale.deviation, 2),
            count(scale.n),
        );
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, SCALE / height * 100.0, &told));
        spoken.push(told);
    }
    Figure {
        id: "scales",
        title: "What they say of themselves",
        about: "Dot: mean of those who answered; band: one standard deviation to each side, where about two thirds are",
        spoken: &spoken.join(". "),
        kind: "scales",
        height,
        shapes: &shapes,
        hits: &hits,
        after: "",
    }
    .html()
}

/// Where a value stands on its scale, in percent.
fn place(scale: &Scale, value: f64) -> Option<f64> {
    share(value - scale.lowest, scale.highest - scale.lowest).map(|part| part.clamp(0.0, 1.0) * 100.0)
}

fn topics(feedback: &Feedback) -> String {
    let total = |topic: &Topic| topic.n_positive + topic.n_neutral + topic.n_negative;
    let drawn: Vec<&Topic> = feedback.topics.iter().filter(|topic| total(topic) > 0).take(MOST).collect();
    let Some(largest) = drawn.iter().map(|topic| total(topic)).max() else { return String::new() };
    let height = TOPIC * drawn.len() as f64;
    let (mut shapes, mut hits, mut spoken) = (String::new(), String::new(), Vec::new());
    for (row, topic) in drawn.iter().enumerate() {
        let y = TOPIC * row as f64;
        let mut x = NAMES;
        for (n, kind) in
            [(topic.n_negative, "k5"), (topic.n_neutral, "of-n pale"), (topic.n_positive, "of-r")]
        {
            let width = share(n as f64, largest as f64).unwrap_or(0.0) * (100.0 - NAMES - 10.0);
            shapes.push_str(&format!(
                r#"<rect class="{kind}" x="{x:.2}%" y="{:.1}" width="{width:.2}%" height="{:.1}"/>"#,
                y + 6.0,
                TOPIC - 12.0
            ));
            x += width;
        }
        shapes.push_str(&format!(
            r#"<text class="value" x="{x:.2}%" dx="8" y="{:.1}">{}</text>"#,
            y + TOPIC * 0.64,
            count(total(topic))
        ));
        let complain = share(topic.n_negative as f64, total(topic) as f64).map(percent_in_words);
        let told = format!(
            "{}: {} texts, {} praise, {} complain ({})",
            topic.title,
            count(total(topic)),
            count(topic.n_positive),
            count(topic.n_negative),
            complain.unwrap_or_default()
        );
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, TOPIC / height * 100.0, &told));
        spoken.push(told);
    }
    let names: String = drawn.iter().map(|topic| format!("<span>{}</span>", escape(&topic.title))).collect();
    let rating = match (feedback.mean_rating, feedback.highest_rating) {
        (Some(mean), Some(highest)) => {
            format!("; mean rating {} of {}", decimal(mean, 1), decimal(highest, 0))
        }
        (Some(mean), None) => format!("; mean rating {}", decimal(mean, 1)),
        _ => String::new(),
    };
    let shapes = format!(
        r#"{shapes}<foreignObject x="0" y="0" width="{:.2}%" height="{height:.1}"><div class="names">{names}</div></foreignObject>"#,
        NAMES - 2.0
    );
    Figure {
        id: "topics",
        title: "What they write about",
        about: &format!("{} texts by topic{rating}", count(feedback.n_texts)),
        spoken: &spoken.join(". "),
        kind: "topics",
        height,
        shapes: &shapes,
        hits: &hits,
        after: r#"<div class="legend"><ul><li><i class="k5"></i>complain</li><li><i class="of-n pale"></i>neither</li><li><i class="of-r"></i>praise</li></ul></div>"#,
    }
    .html()
}
