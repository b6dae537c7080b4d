//! What answers to a survey make of somebody, as traits in the segment language: scores on scales, preferences, kinds of features, wishes.

use std::fmt::Write as _;

use toml::Value;

use super::survey::Survey;
use crate::survey::{APPEARANCES, BestWorst, CLASSES, Contact, Content, Kano, Rating, class_word};

/// The traits of a survey, as a file that might define them; and what errors call it.
pub(super) fn definitions_of(survey: &Survey) -> (String, String) {
    let mut text = String::new();
    match &survey.instrument.content {
        Content::Rating(rating) => rated(survey, rating, &mut text),
        Content::BestWorst { best_worst, contact } => {
            chosen(survey, best_worst, &mut text);
            if let Some(contact) = contact {
                wished(survey, contact, &mut text);
            }
        }
        Content::Kano(kano) => paired(survey, kano, &mut text),
    }
    (format!("[surveys.{}]", survey.name), text)
}

/// A scale is the mean of what somebody last said to each of its items, if they said enough. Scales of a block that is ipsatised have the
/// mean of the block taken off: what is left is what matters more to somebody than other things do.
fn rated(survey: &Survey, rating: &Rating, text: &mut String) {
    let least =
        |n_items: usize| (rating.scoring.min_answered_fraction * n_items as f64 - 1e-9).ceil().max(1.0);
    let names: Vec<String> = survey.scales().map(|(_, name)| format!("'{name}'")).collect();
    let counts = survey.still_counts("as_of");
    let block = format!(
        "latest_mean(responses.points, responses.item, {}) filter (where scale in ({}) and {counts})",
        least(rating.items.len()),
        names.join(", ")
    );
    for (scale, name) in survey.scales() {
        let ends = [("low", &scale.low_label), ("high", &scale.high_label)];
        let ends = ends.map(|(end, label)| label.as_ref().map(|label| format!(" {end}: {label}.")));
        let about = format!(
            "Mean of {} items of {}.{}",
            scale.n_items,
            survey.instrument.name,
            ends.into_iter().flatten().collect::<String>()
        );
        let mut value = format!(
            "latest_mean(responses.points, responses.item, {}) filter (where scale = '{name}' and {counts})",
            least(scale.n_items)
        );
        if rating.scoring.is_ipsatised {
            write!(value, " - {block}").ok();
        }
        let unit = match rating.scoring.is_ipsatised {
            true => "points above the person's mean".to_owned(),
            false => format!("points from {} to {}", rating.response.min, rating.response.max),
        };
        define(text, &name, &[("title", &scale.name), ("about", &about), ("unit", &unit), ("value", &value)]);
    }
    let known: Vec<String> = survey.scales().map(|(_, name)| format!("{name} is not null")).collect();
    state(survey, &known.join(" or "), text);
}

/// A preference is the times that something was last chosen as the best of its sets less the times it was the worst, by the times it is
/// shown. Whoever left a set out has none: what was shown less often would seem to matter less.
fn chosen(survey: &Survey, best_worst: &BestWorst, text: &mut String) {
    let counts = survey.still_counts("as_of");
    let chosen =
        |item: &str| format!("last_value(responses.scale) filter (where item = '{item}' and {counts})");
    let sets: Vec<(String, String)> = (0..best_worst.sets.len())
        .map(|set| (chosen(&best_worst.best_id(set)), chosen(&best_worst.worst_id(set))))
        .collect();
    // Also unknown of a set whose best is its worst: the two were said at different times.
    let known: Vec<String> = sets.iter().map(|(best, worst)| format!("{best} <> {worst}")).collect();
    state(survey, &known.join(" and "), text);
    for ((place, appeal), (scale, name)) in best_worst.appeals.iter().enumerate().zip(survey.scales()) {
        let about = format!(
            "How much “{}” is preferred: the best of its {APPEARANCES} sets less the worst, of {}.",
            appeal.text, survey.instrument.name
        );
        let points = best_worst.sets_of(place).filter_map(|set| sets.get(set)).map(|(best, worst)| {
            format!("case when {best} = '{name}' then 1 when {worst} = '{name}' then -1 else 0 end")
        });
        let value = format!(
            "case when {} = 'measured' then ({}) / {APPEARANCES} end",
            survey.state(),
            points.collect::<Vec<_>>().join(" + ")
        );
        let unit = "from -1, always the worst, to 1, always the best";
        define(text, &name, &[("title", &scale.name), ("about", &about), ("unit", unit), ("value", &value)]);
    }
}

/// What somebody last said of how to be reached, and how often.
fn wished(survey: &Survey, contact: &Contact, text: &mut String) {
    let Some(names) = survey.contact_traits() else { return };
    let asked = [
        ("contact_channel", "Wished channel", &contact.channel_question, &contact.channels),
        ("contact_frequency", "Wished frequency", &contact.frequency_question, &contact.frequencies),
    ];
    for (name, (item, title, question, labels)) in names.iter().zip(asked) {
        let place = format!(
            "last_value(responses.points) filter (where item = '{item}' and {})",
            survey.still_counts("as_of")
        );
        let said = (1..)
            .zip(labels)
            .map(|(value, label)| format!("when {place} = {value} then '{}'", label.replace('\'', "''")));
        let value = format!("case {} end", said.collect::<Vec<_>>().join(" "));
        let about = format!("The last answer to “{question}”.");
        define(text, name, &[("title", title), ("about", &about), ("value", &value)]);
    }
}

/// A feature is of the kind that the last answers to its two questions make together; unknown where one is missing.
fn paired(survey: &Survey, kano: &Kano, text: &mut String) {
    // A mistake, which is told where it is.
    if survey.features.is_empty() {
        return;
    }
    let counts = survey.still_counts("as_of");
    let said =
        |item: &str| format!("last_value(responses.points) filter (where item = '{item}' and {counts})");
    for feature in &survey.features {
        let pair = kano.pair(feature);
        let (with, without) = (said(&pair.functional.0), said(&pair.dysfunctional.0));
        let classes = CLASSES.into_iter().filter_map(|class| {
            let read = |(answer, answers): (usize, Vec<usize>)| {
                let answers: Vec<String> = answers.iter().map(usize::to_string).collect();
                format!("{with} = {answer} and {without} in ({})", answers.join(", "))
            };
            let pairs: Vec<String> = kano.pairs_of(class).into_iter().map(read).collect();
            let word = class_word(class).filter(|_| !pairs.is_empty())?;
            Some(format!("when {} then '{word}'", pairs.join(" or ")))
        });
        let value = format!("case {} end", classes.collect::<Vec<_>>().join(" "));
        let about = format!("What kind of feature it is to somebody, by {}.", survey.instrument.name);
        let title = capitalised(&feature.name);
        let pairs = [("title", title.as_str()), ("about", &about), ("value", &value)];
        define(text, &survey.trait_of_feature(feature), &pairs);
    }
    let known: Vec<String> = survey.traits().iter().map(|name| format!("{name} is not null")).collect();
    state(survey, &known.join(" or "), text);
}

/// Whether somebody has answered enough.
fn state(survey: &Survey, known: &str, text: &mut String) {
    let value = format!("case when {known} then 'measured' else 'unknown' end");
    let of = match &survey.instrument.content {
        Content::Rating(_) => survey.instrument.aspects_dimension.as_str().replace('_', " "),
        Content::BestWorst { .. } => "what messages are liked".to_owned(),
        Content::Kano(_) => "what features are wished for".to_owned(),
    };
    define(text, &survey.state(), &[("title", &format!("What is known of {of}")), ("value", &value)]);
}

fn define(text: &mut String, name: &str, pairs: &[(&str, &str)]) {
    writeln!(text, "[traits.{name}]\nlayer = \"psychometric\"").ok();
    for (key, said) in pairs {
        writeln!(text, "{key} = {}", Value::String((*said).to_owned())).ok();
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
