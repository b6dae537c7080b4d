//! Suggested segments: what stood out by a goal, or honestly that nothing did; each condition in words and in the language, how many meet
//! it, and what became of them and of the others, later.

mod dots;

use super::super::data::{ReportData, Suggested, capitalised};
use super::html::{Column, Field, Row, escape, sentence_of, table};
use super::number::{count, counted, day, decimal, instant, percent, percent_in_words};
use crate::suggest::{Likeness, Looked, Suggestion};
use dots::Scale;

pub(super) fn html(data: &ReportData) -> String {
    if data.suggested.is_empty() {
        return String::new();
    }
    let all: String =
        data.suggested.iter().enumerate().map(|(place, suggested)| part(data, suggested, place)).collect();
    format!(
        r#"<section class="part" id="suggested" aria-labelledby="h-suggested"><header class="head"><h2 id="h-suggested">Suggested segments</h2><p>conditions whose members go on to do more of something</p></header>{all}<p class="note">They do more, which does not say that they do so <em>because</em> of it, nor that a campaign for them pays: that takes a group that is left alone.</p></section>"#
    )
}

/// One goal; `place` tells its ids from those of others.
fn part(data: &ReportData, suggested: &Suggested, place: usize) -> String {
    let found = &suggested.found;
    format!(
        r#"<div class="story grouped"><h3>{}</h3><p class="small">{}</p>{}{}{}</div>"#,
        escape(&capitalised(&found.title)),
        about(data, suggested),
        told(found),
        figure(data, found, place),
        command(found),
    )
}

/// Among whom it was searched, and on whom it was checked.
fn about(data: &ReportData, suggested: &Suggested) -> String {
    let found = &suggested.found;
    let mut about = match (&found.segment, &found.reason) {
        (Some(segment), _) => format!("By the goal of <code>{}</code>. ", escape(segment)),
        (None, _) => String::new(),
    };
    if let Some([searched, checked]) = suggested.days {
        let sample = if found.is_everybody { "" } else { ", a sample of all," };
        about.push_str(&format!(
            "Searched among {} {}{sample} by {}, as they were on {}; held against {} others, as they were on {}, by what they did until {}.",
            count(found.n_searched),
            found.subject,
            counted(found.n_features, "trait", "traits"),
            day(searched),
            count(found.n_checked),
            day(checked),
            instant(data.as_of),
        ));
    }
    if let Some(among) = found.among.as_ref().filter(|_| suggested.days.is_some()) {
        about.push_str(&format!(" Asked of those of whom <code>{}</code>.", escape(among)));
    }
    about
}

/// Whether anything stood out, before all else.
fn told(found: &Looked) -> String {
    if let Some(reason) = &found.reason {
        return format!(
            r#"<p class="meaning doubtful"><strong>This could not be looked at.</strong> {}.</p>"#,
            sentence_of(&capitalised(reason))
        );
    }
    let all =
        format!("Of all {} it is {}.", count(found.n_checked), figure_in_words(found, found.mean_of_all));
    let Some(first) = found.suggestions.first() else {
        return format!(
            r#"<p class="meaning doubtful"><strong>Nothing stood out.</strong> No combination of up to three of {} held up among others and later so well that it could not be chance. {all}</p>"#,
            counted(found.n_features, "trait", "traits"),
        );
    };
    format!(
        r#"<p class="meaning"><strong>{}.</strong> The surest is “{}”: {} of those who meet it, {} of the others. {all}</p>"#,
        counted(found.suggestions.len() as u64, "condition holds up", "conditions hold up"),
        escape(&first.sentence),
        figure_in_words(found, first.inside.value),
        figure_in_words(found, first.outside.value),
    )
}

/// Every condition with a dot for those who meet it and one for the others.
fn figure(data: &ReportData, found: &Looked, place: usize) -> String {
    if found.suggestions.is_empty() {
        return String::new();
    }
    let scale = Scale::of(found);
    let (low, high) = scale.ends();
    let ends = format!(
        r#"<span class="ends"><i>{}</i><i>{}</i></span>"#,
        figure_in_words(found, low),
        figure_in_words(found, high)
    );
    let of = capitalised(found.subject.as_str());
    let heads = [
        ("Condition", Column::Text),
        (ends.as_str(), Column::Bars),
        ("Meet it", Column::Number),
        ("The others", Column::Number),
        ("Chance", Column::Number),
        (of.as_str(), Column::Number),
    ];
    let rows: Vec<Row> = found.suggestions.iter().map(|one| row(data, found, &scale, one)).collect();
    let what = if found.is_share { "How many do" } else { "The mean" };
    format!(
        r#"<figure class="plot"><figcaption><h3 id="suggested-{place}">{what}, of those who meet a condition and of the others</h3><p>All of {} who were not searched, later; a line is where the figure lies with 95% confidence. Chance: that of a figure as high among as many drawn blindly, adjusted for all conditions that were checked. {of}: how many of {} meet it now. A click on a condition marks it whole, to be copied.</p></figcaption>{}<div class="legend"><ul><li><i class="inside"></i>those who meet it</li><li><i class="outside"></i>the others</li><li><i class="all"></i>all, {}</li><li>from {} to {}</li></ul></div></figure>"#,
        found.subject,
        count(found.n_subjects),
        table(&format!("Suggested segments: {}", found.title), "stack picked", &heads, &rows),
        figure_of(found, found.mean_of_all),
        figure_in_words(found, low),
        figure_in_words(found, high),
    )
}

fn row(data: &ReportData, found: &Looked, scale: &Scale, one: &Suggestion) -> Row {
    let with_range = |estimate: &strata_models::subgroup::Estimate| {
        format!(
            "{} <small>{}–{}</small>",
            figure_of(found, estimate.value),
            figure_of(found, estimate.low).trim_end_matches('%'),
            figure_of(found, estimate.high)
        )
    };
    let like = match &one.most_like {
        Some(like) => {
            format!("{} the same as {}", percent_in_words(like.jaccard), escape(&named(data, like)))
        }
        None => "shares nobody with any segment".to_owned(),
    };
    Row {
        also: format!(
            r#"<code class="copy">{}</code> <span class="why">{like}</span>"#,
            escape(&one.condition)
        ),
        ..Row::of(vec![
            Field::new(escape(&capitalised(&one.sentence)), ""),
            Field::new(scale.dots(one), ""),
            Field::new(with_range(&one.inside), "of those who meet it"),
            Field::new(with_range(&one.outside), "of the others"),
            Field::new(chance(one.adjusted_chance), "by chance"),
            Field::new(count(one.n_members), "meet it now"),
        ])
    }
}

/// What has all figures, and makes segments of them.
fn command(found: &Looked) -> String {
    match found.reason {
        Some(_) => String::new(),
        None => format!(
            r#"<p class="small"><code class="copy">{}</code> shows the same; with <code>--write FILE</code> it makes segments of them.</p>"#,
            escape(&found.command())
        ),
    }
}

/// A segment by its title, a class by those of the segmentation and of the class.
fn named(data: &ReportData, like: &Likeness) -> String {
    let name = like.name.as_str();
    match name.split_once('/') {
        Some((segmentation, class)) => data
            .segmentation(segmentation)
            .and_then(|known| {
                let class = known.classes.iter().find(|known| known.name == class)?;
                Some(format!("{}: {}", known.title, class.label().0))
            })
            .unwrap_or_else(|| name.to_owned()),
        None => {
            let known = data.segments.iter().find(|segment| segment.name == name);
            known.map_or_else(|| name.to_owned(), |segment| format!("your segment “{}”", segment.title))
        }
    }
}

fn figure_of(found: &Looked, value: f64) -> String {
    match found.is_share {
        true => percent(value),
        false => number(value),
    }
}

fn figure_in_words(found: &Looked, value: f64) -> String {
    match found.is_share {
        true => percent_in_words(value),
        false => number(value),
    }
}

fn number(value: f64) -> String {
    decimal(value, if value.abs() < 1000.0 { 2 } else { 0 })
}

fn chance(chance: f64) -> String {
    match chance {
        chance if !(0.0..=1.0).contains(&chance) => "–".to_owned(),
        chance if chance < 0.0001 => "under 0.0001".to_owned(),
        chance => decimal(chance, 4),
    }
}
