//! The stories of the project's own segments: how large each was from month to month, who came and went, what shares its members,
//! and how far its goal has come.

use super::super::data::{ReportData, Story, StoryMonth, share};
use super::goal;
use super::html::{Column, Field, Row, anchor, escape, table};
use super::number::{count, counted, day, month_name, percent, short_month};
use super::plot::{ABOVE, BELOW, Figure, Mark, PLOT, columns, hit, numbers, round_up, tick};
use strata_spec::table::Subject;

/// So many are shown before the rest is folded away.
const SHOWN: usize = 4;

pub(super) fn html(data: &ReportData) -> String {
    let told: Vec<String> = data.stories.iter().filter(|story| has_members(story)).map(story).collect();
    if !any(data) {
        return String::new();
    }
    let (shown, rest) = told.split_at(told.len().min(SHOWN));
    let rest = match rest.len() {
        0 => String::new(),
        n => format!(
            "<details><summary>{}</summary>{}</details>",
            counted(n as u64, "more story", "more stories"),
            rest.concat()
        ),
    };
    format!(
        r#"<section class="part" id="stories" aria-labelledby="h-stories"><header class="head"><h2 id="h-stories">What became of them</h2><p>your segments from month to month, by their definitions of today over all that is known</p></header>{}{rest}</section>"#,
        shown.concat()
    )
}

/// Whether there is a story to tell.
pub(super) fn any(data: &ReportData) -> bool {
    data.stories.iter().any(has_members)
}

fn has_members(story: &Story) -> bool {
    story.months.iter().any(|month| month.n_members > 0)
}

fn story(story: &Story) -> String {
    let id = anchor("story", &story.segment);
    let told: String = sentences(story).iter().map(|text| format!("<li>{}</li>", escape(text))).collect();
    let goal = story.goal.as_ref().map(|goal| goal::chart(&id, goal)).unwrap_or_default();
    format!(
        r#"<article class="story" id="{id}"><h3>{}</h3><p class="small">{}</p><ul class="told">{told}</ul><div class="plots">{}{}{goal}</div>{}</article>"#,
        escape(&story.title),
        escape(&story.sentence),
        sizes(&id, story),
        moves(&id, story),
        numbers(&months(story)),
    )
}

/// The story in sentences.
pub(super) fn sentences(story: &Story) -> Vec<String> {
    let (Some(first), Some(last)) = (story.months.first(), story.months.last()) else { return Vec::new() };
    let who = match story.subject {
        Subject::Customers => "customers",
        Subject::Companies => "companies",
    };
    let of = |month: &StoryMonth| {
        let part = share(month.n_members as f64, month.n_subjects as f64);
        part.map(|part| format!(" ({} of all {who})", percent(part))).unwrap_or_default()
    };
    let mut told = vec![format!(
        "On {} it had {}{}; on {} {}{}.",
        day(first.day),
        count(first.n_members),
        of(first),
        day(last.day),
        count(last.n_members),
        of(last)
    )];
    let most = story.months.iter().rev().max_by_key(|month| month.n_members);
    if let Some(most) = most.filter(|most| most.n_members > first.n_members.max(last.n_members)) {
        told.push(format!("Most were in on {}: {}.", day(most.day), count(most.n_members)));
    }
    let steps = story.months.get(1..).unwrap_or_default();
    let (n_entered, n_left) =
        steps.iter().fold((0, 0), |(entered, left), month| (entered + month.n_entered, left + month.n_left));
    if !steps.is_empty() && n_entered + n_left > 0 {
        let months = steps.len() as f64;
        told.push(format!(
            "In a month {} came and {} went, on average.",
            count((n_entered as f64 / months).round() as u64),
            count((n_left as f64 / months).round() as u64)
        ));
        // Of a population in which one in so many leaves each month, the mean stay is as many months.
        let mean: f64 = steps.iter().map(|month| month.n_members as f64).sum::<f64>() / months;
        if let Some(stay) = share(mean * months, n_left as f64).filter(|stay| *stay <= months) {
            told.push(format!("Whoever comes stays for about {}.", in_months(stay)));
        }
    }
    if let Some(alike) = story.alike.first() {
        told.push(format!("{} of its members are in {}, too.", percent(alike.share), alike.name));
    }
    if let Some(goal) = &story.goal {
        told.extend(goal::sentence(goal));
    }
    told
}

fn in_months(months: f64) -> String {
    if months < 1.5 { "a month".to_owned() } else { format!("{months:.0} months") }
}

fn label(place: usize, n: usize, month: &StoryMonth) -> String {
    use chrono::Datelike;
    // The last, and every sixth before it.
    if (n - 1 - place).is_multiple_of(6) {
        return format!("{} {}", short_month(month.day.month()), month.day.year());
    }
    String::new()
}

fn date(month: &StoryMonth) -> String {
    day(month.day)
}

fn sizes(id: &str, story: &Story) -> String {
    let marks: Vec<Mark> = story
        .months
        .iter()
        .enumerate()
        .map(|(place, month)| Mark {
            label: label(place, story.months.len(), month),
            tip: format!("{}: {}", date(month), count(month.n_members)),
            value: month.n_members as f64,
            kind: "of-n".to_owned(),
        })
        .collect();
    let (shapes, hits) = columns(&marks, 12.0);
    let spoken = match (story.months.first(), story.months.last()) {
        (Some(first), Some(last)) => format!(
            "Members of {} from {} ({}) to {} ({})",
            story.title,
            date(first),
            count(first.n_members),
            date(last),
            count(last.n_members)
        ),
        _ => String::new(),
    };
    Figure {
        id: &format!("{id}-n"),
        title: "Members",
        about: "",
        spoken: &spoken,
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: "",
    }
    .html()
}

/// Who came, above the line, and who went, below it.
fn moves(id: &str, story: &Story) -> String {
    let steps = story.months.get(1..).unwrap_or_default();
    let most = steps.iter().map(|month| month.n_entered.max(month.n_left)).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let top = round_up(most as f64);
    let (half, middle) = (PLOT / 2.0, ABOVE + PLOT / 2.0);
    let slot = 88.0 / steps.len() as f64;
    let mut shapes: String = [(middle - half, top), (middle + half, top)]
        .iter()
        .map(|(y, value)| {
            let above = if *y < middle { y - 4.0 } else { y + 14.0 };
            format!(
                r#"<line x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}"/><text x="100%" y="{above:.1}" text-anchor="end">{}</text>"#,
                tick(*value)
            )
        })
        .collect();
    shapes.push_str(&format!(r#"<line x1="0" x2="100%" y1="{middle:.1}" y2="{middle:.1}"/>"#));
    let mut hits = String::new();
    for (place, month) in steps.iter().enumerate() {
        let x = place as f64 * slot;
        let [up, down] = [month.n_entered, month.n_left].map(|n| n as f64 / top * half);
        shapes.push_str(&format!(
            r#"<rect class="of-n" x="{:.3}%" y="{:.1}" width="{:.3}%" height="{up:.1}"/><rect class="of-r" x="{:.3}%" y="{middle:.1}" width="{:.3}%" height="{down:.1}"/>"#,
            x + slot * 0.1,
            middle - up,
            slot * 0.8,
            x + slot * 0.1,
            slot * 0.8,
        ));
        let tip = format!("{}: {} came, {} went", date(month), count(month.n_entered), count(month.n_left));
        hits.push_str(&hit(x, 0.0, slot, 100.0, &tip));
    }
    let spoken = format!("Who came to {} and who went, month by month, at most {}", story.title, count(most));
    let legend = r#"<div class="legend"><ul><li><i class="of-n"></i>came</li><li><i class="of-r"></i>went</li></ul></div>"#;
    Figure {
        id: &format!("{id}-m"),
        title: "Came and went",
        about: "",
        spoken: &spoken,
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: legend,
    }
    .html()
}

fn months(story: &Story) -> String {
    use chrono::Datelike;
    let heads = [
        ("Date", Column::Text),
        ("Members", Column::Number),
        ("Share", Column::Number),
        ("Came", Column::Number),
        ("Went", Column::Number),
    ];
    let rows: Vec<Row> = story
        .months
        .iter()
        .rev()
        .map(|month| {
            let part = share(month.n_members as f64, month.n_subjects as f64);
            Row::of(vec![
                Field::new(
                    format!("{} {} {}", month.day.day(), month_name(month.day.month()), month.day.year()),
                    "",
                ),
                Field::new(count(month.n_members), ""),
                Field::new(part.map_or_else(|| "–".to_owned(), percent), ""),
                Field::new(count(month.n_entered), ""),
                Field::new(count(month.n_left), ""),
            ])
        })
        .collect();
    table(&format!("{} month by month", story.title), "simple", &heads, &rows)
}
