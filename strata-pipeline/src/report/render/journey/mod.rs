//! The way of customers: who goes from which stage to which, how long it takes, by which exits they leave, where they end, and who has
//! stayed behind. What is not known is said.

mod arcs;

use super::super::data::{ClassData, ReportData, capitalised, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, counted, day, decimal, percent, percent_in_words};
use crate::journey::{Absorbed, AbsorbedFrom, Exit, HORIZONS, Journey, Role, Stage, Told};

/// Exits that fewer take stand in no row.
const LEAST: f64 = 0.005;

pub(super) fn any(data: &ReportData) -> bool {
    data.journey.is_some()
}

pub(super) fn html(data: &ReportData) -> String {
    let Some(journey) = &data.journey else { return String::new() };
    // Of one date there is nothing to say but who is where.
    let over_time = match journey.days_between {
        Some(_) => stages(journey) + &exits(journey) + &outcome(journey),
        None => String::new(),
    };
    format!(
        r#"<section class="part" id="way" aria-labelledby="h-way"><header class="head"><h2 id="h-way">The way of {}</h2><p>{}</p></header>{}<div class="journey">{}{over_time}</div></section>"#,
        journey.subject,
        escape(&journey.title),
        known(journey),
        arcs::html(journey),
    )
}

/// Of whom and since when anything is known.
fn known(journey: &Journey) -> String {
    let subjects = journey.subject;
    let dates = match journey.days_between {
        None => format!(
            "It was looked once, on {}: who is where is known, and nothing of how they came there or of how long they stay. Run again at later dates, and this part tells it; <code>strata journey show --replay</code> says what the definition would have said at earlier ones.",
            day(journey.since.date_naive())
        ),
        Some(days) => format!(
            "It was looked {} times from {} to {}, typically {} days apart, by which lengths of time are as fine. Who was in a stage on the first date has been there for longer than is known, and does not count where times are told.",
            count(journey.n_dates),
            day(journey.since.date_naive()),
            day(journey.as_of.date_naive()),
            decimal(days, 0),
        ),
    };
    let cut = match journey.is_cut {
        true => " Earlier runs were of another version of the definition, and are left out.",
        false => "",
    };
    format!(r#"<p class="note">{} {subjects}. {dates}{cut}</p>"#, count(journey.n_subjects))
}

/// A stage by a word or two.
pub(super) fn label(stage: &Stage) -> String {
    let (name, title) = (stage.name.clone(), stage.title.clone());
    ClassData { name, title, ..ClassData::default() }.label().0
}

fn label_of(journey: &Journey, name: &str) -> String {
    let stage = journey.stages.iter().find(|stage| stage.name == name);
    stage.map_or_else(|| name.to_owned(), label)
}

/// The stages in the order of the way. Classes are asked from the last stage to the first where ends come before what leads to them.
pub(super) fn in_order(journey: &Journey) -> Vec<&Stage> {
    let mean = |role: Role| {
        let places = journey.stages.iter().enumerate().filter(|(_, stage)| stage.role == role);
        let places: Vec<f64> = places.map(|(place, _)| place as f64).collect();
        share(places.iter().sum(), places.len() as f64)
    };
    let mut stages: Vec<&Stage> = journey.stages.iter().collect();
    if mean(Role::Converted).zip(mean(Role::Way)).is_some_and(|(converted, way)| converted < way) {
        stages.reverse();
    }
    stages
}

/// How many are in each stage, how long they stay, and who has stayed behind.
fn stages(journey: &Journey) -> String {
    let total: u64 = journey.stages.iter().map(|stage| stage.n_now).sum();
    let subjects = capitalised(journey.subject.as_str());
    let heads = [
        ("Stage", Column::Text),
        (subjects.as_str(), Column::Number),
        ("Share", Column::Number),
        ("Seen to enter", Column::Number),
        ("Days: a quarter has left", Column::Number),
        ("Half", Column::Number),
        ("Three quarters", Column::Number),
        ("Stuck", Column::Number),
    ];
    let rows: Vec<Row> = in_order(journey).into_iter().map(|stage| stage_row(stage, total)).collect();
    figure(
        "way-stages",
        "How long they stay",
        "Days by which a quarter, half and three quarters of those who were seen to enter a stage had left it (Kaplan-Meier: those who are in it still count as far as they have come). Stuck: longer than three of four, and without a sign of life for long.",
        &table("The stages", "simple stack", &heads, &rows),
    )
}

fn stage_row(stage: &Stage, total: u64) -> Row {
    let days = |place: usize| {
        let days = stage.days.known().and_then(|days| days.quartiles[place]);
        days.map_or_else(|| "–".to_owned(), |days| decimal(days, 0))
    };
    let role = match stage.role {
        Role::Way => "",
        Role::Converted => r#" <span class="why">converted</span>"#,
        Role::Lost => r#" <span class="why">lost</span>"#,
    };
    let unknown = [("How long", stage.days.why()), ("Who is stuck", stage.stuck.why())];
    let unknown: Vec<String> = unknown
        .into_iter()
        .filter(|(what, _)| stage.role == Role::Way || *what == "How long")
        .filter_map(|(what, why)| Some(format!("{what} is not told: {}.", escape(why?))))
        .collect();
    let stuck = stage.stuck.known();
    let late = stuck.filter(|judged| judged.n_stuck > 0).map(|judged| {
        format!(
            "Stuck: in it for more than {} days, and no sign of life for more than {}.",
            decimal(judged.late_after, 0),
            decimal(judged.quiet_after, 0)
        )
    });
    Row {
        fields: vec![
            Field::new(format!("{}{role}", escape(&label(stage))), ""),
            Field::new(count(stage.n_now), "now"),
            Field::new(share(stage.n_now as f64, total as f64).map(percent).unwrap_or_default(), "of all"),
            Field::new(count(stage.n_begun), "seen to enter"),
            Field::new(days(0), "days: a quarter has left"),
            Field::new(days(1), "days: half"),
            Field::new(days(2), "days: three quarters"),
            Field::new(stuck.map_or_else(|| "–".to_owned(), |judged| count(judged.n_stuck)), "stuck"),
        ],
        is_muted: stage.n_now == 0 && stage.n_begun == 0,
        also: unknown.into_iter().chain(late).collect::<Vec<_>>().join(" "),
    }
}

/// By which exits stages are left, and how many have not been left.
fn exits(journey: &Journey) -> String {
    let told: Vec<(&Stage, &Vec<Exit>)> =
        in_order(journey).into_iter().filter_map(|stage| Some((stage, stage.exits.known()?))).collect();
    if told.is_empty() {
        return String::new();
    }
    let heads: Vec<String> = HORIZONS.map(|days| format!("{days} days")).to_vec();
    let heads: Vec<(&str, Column)> = [("Stage, and what comes next", Column::Text)]
        .into_iter()
        .chain(heads.iter().map(|head| (head.as_str(), Column::Number)))
        .collect();
    let mut rows = Vec::new();
    for (stage, exits) in told {
        let still = (0..HORIZONS.len()).map(|place| {
            let left: Option<f64> = exits.iter().map(|exit| Some(exit.shares[place]?.share)).sum();
            left.map_or_else(|| "–".to_owned(), |left| percent((1.0 - left).max(0.0)))
        });
        // Without any exit it is not known of which horizon nothing is known.
        if exits.is_empty() {
            continue;
        }
        let head = Field::new(format!("<b>{}</b>: in it still", escape(&label(stage))), "");
        rows.push(Row::of([head].into_iter().chain(still.map(|html| Field::new(html, ""))).collect()));
        let is_worth_a_row = |exit: &&Exit| exit.shares.iter().flatten().any(|share| share.share >= LEAST);
        for exit in exits.iter().filter(is_worth_a_row) {
            let shares = exit.shares.iter().map(|share| match share {
                Some(share) => Field::new(percent(share.share), ""),
                None => Field::new("–", ""),
            });
            let head = Field::new(format!("→ {}", escape(&label_of(journey, &exit.to))), "");
            rows.push(Row {
                fields: [head].into_iter().chain(shares).collect(),
                is_muted: true,
                also: String::new(),
            });
        }
    }
    figure(
        "way-exits",
        "By which way they leave",
        "Of all who were seen to enter a stage, who is in it still and who has left it for which, so many days later (Aalen-Johansen). A dash stands beyond the longest stay, and for less time than lies between two dates.",
        &table("Exits", "simple", &heads, &rows),
    )
}

/// Where ways end.
fn outcome(journey: &Journey) -> String {
    match &journey.outcome {
        Told::Unknown { why } => {
            format!(r#"<p class="note">Where they end is not told: {}.</p>"#, escape(why))
        }
        Told::Known(absorbed) => ends(journey, absorbed),
    }
}

fn ends(journey: &Journey, absorbed: &Absorbed) -> String {
    let named = |names: &[String]| -> String {
        names.iter().map(|name| label_of(journey, name)).collect::<Vec<_>>().join(", ")
    };
    let n_ended = absorbed.n_converted + absorbed.n_lost;
    let about = format!(
        "Of {} that came to an end, {} led to {} ({}), the others to {}; {} are open. Probabilities and means by an absorbing Markov chain over these.",
        counted(n_ended, "way", "ways"),
        count(absorbed.n_converted),
        named(&absorbed.converted),
        share(absorbed.n_converted as f64, n_ended as f64).map(percent_in_words).unwrap_or_default(),
        named(&absorbed.lost),
        count(absorbed.n_open),
    );
    let heads = [
        ("From", Column::Text),
        ("Converted", Column::Number),
        ("Lost", Column::Number),
        ("Moves", Column::Number),
        ("Days", Column::Number),
        ("Stays", Column::Number),
    ];
    let row = |from: &AbsorbedFrom| {
        let before = match (&from.before, absorbed.order) {
            (Some(before), _) => {
                format!(r#" <span class="why">from {}</span>"#, escape(&label_of(journey, before)))
            }
            (None, 2) => r#" <span class="why">first seen here</span>"#.to_owned(),
            (None, _) => String::new(),
        };
        Row::of(vec![
            Field::new(format!("{}{before}", escape(&label_of(journey, &from.stage))), ""),
            Field::new(percent(from.converted), ""),
            Field::new(percent(from.lost), ""),
            Field::new(decimal(from.moves, 1), ""),
            Field::new(from.days.map_or_else(|| "–".to_owned(), |days| decimal(days, 0)), ""),
            Field::new(count(from.n), ""),
        ])
    };
    let place = |from: &AbsorbedFrom| in_order(journey).iter().position(|stage| stage.name == from.stage);
    let mut from: Vec<&AbsorbedFrom> = absorbed.from.iter().collect();
    from.sort_by_key(|from| place(from));
    let rows: Vec<Row> = from.into_iter().map(row).collect();
    figure("way-ends", "Where they end", &about, &table("Where ways end", "simple", &heads, &rows))
}

/// A table with a title.
fn figure(id: &str, title: &str, about: &str, table: &str) -> String {
    format!(
        r#"<figure class="plot"><figcaption><h3 id="{id}">{title}</h3><p>{}</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="{id}">{table}</div></figure>"#,
        escape(about)
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{emporium, shop};
    use super::*;

    #[test]
    fn stages_stand_in_the_order_of_the_way_and_what_is_not_known_is_said() {
        let page = html(&emporium());
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
        assert!(
            place("<b>Unknown</b>") < place("<b>Aware</b>") && place("<b>Aware</b>") < place("<b>Active</b>")
        );
        // The stage of those who are lost stands before the first, so that moves to it lead back.
        let (back, on) = page.split_once(r#"<svg class="on""#).unwrap();
        assert_eq!((back.matches("<path").count(), on.matches("<path").count()), (2, 2));
        assert!(page.contains("Aware → Consider: 600 (75% of those who left)"), "{page}");
        assert!(page.contains("How long is not told: 3 were seen to enter it, and 10 are needed."));
        assert!(page.contains("Earlier runs were of another version of the definition"));
        assert!(page.contains("150 led to Active (43%)"), "{page}");
        assert!(html(&shop()).is_empty());
    }

    #[test]
    fn one_date_says_who_is_where_and_nothing_else() {
        let mut data = emporium();
        if let Some(journey) = &mut data.journey {
            (journey.days_between, journey.n_dates) = (None, 1);
            journey.flow = Told::Unknown { why: "it was looked once".to_owned() };
            journey.outcome = Told::Unknown { why: "it was looked once".to_owned() };
        }
        let page = html(&data);
        assert!(page.contains("nothing of how they came there") && !page.contains("<path"), "{page}");
        assert!(page.contains("Who moved is not told: it was looked once."));
        assert!(!page.contains("How long they stay") && !page.contains("Where they end"), "{page}");
    }
}
