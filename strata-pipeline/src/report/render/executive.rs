//! The page for whoever has a minute: the few segments that matter for the stated goals, what changed, what to do next, what that would bring
//! and how to find out. Nothing is said here that does not stand further down; each statement leads there.

use strata_models::proportion::{detectable_uplift, needed_for_test};
use strata_spec::definition::Direction;
use strata_spec::table::Subject;

use super::super::data::{ReportData, SegmentData, Story, share};
use super::goal;
use super::html::{anchor, escape};
use super::number::{count, counted, day, money, percent_in_words};
use crate::goal::{Progress, Status};

/// More are not told in a minute.
const MOST: usize = 4;

/// Months over which a test is worth waiting for.
const MOST_MONTHS: f64 = 12.0;

/// A segment with what is known of it.
struct Told<'a> {
    segment: &'a SegmentData,
    story: Option<&'a Story>,
    /// The place of its persona and what it is called.
    persona: Option<(usize, &'a str)>,
}

pub(super) fn html(data: &ReportData) -> String {
    let told = told(data);
    if told.is_empty() {
        return String::new();
    }
    let cards: String = told.iter().map(|told| card(data, told)).collect();
    let about = match told.iter().any(|told| told.goal().is_some()) {
        true => "the segments that your goals are about, those first that need you most",
        false => {
            "your segments that bring most; none of them has a goal with a figure yet, so nobody can say how far they have come"
        }
    };
    format!(
        r#"<section class="part executive" id="executive" aria-labelledby="h-executive"><header class="head"><h2 id="h-executive">In a minute</h2><p>{about}</p></header><div class="cards">{cards}</div></section>"#
    )
}

/// Whether there is anything to tell.
pub(super) fn any(data: &ReportData) -> bool {
    !told(data).is_empty()
}

/// The segments that matter: those whose goal is furthest from being met, then those that bring most.
fn told(data: &ReportData) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = data
        .segments
        .iter()
        .filter(|segment| segment.n_members > 0)
        .map(|segment| Told {
            segment,
            story: data.stories.iter().find(|story| story.segment == segment.name),
            persona: data
                .personas
                .iter()
                .enumerate()
                .find(|(_, persona)| persona.segment.name == segment.name)
                .map(|(place, persona)| (place, persona.name.as_str())),
        })
        .collect();
    let revenue = |told: &Told<'_>| told.segment.revenue.unwrap_or(0.0);
    told.sort_by(|one, other| {
        one.urgency().cmp(&other.urgency()).then_with(|| revenue(other).total_cmp(&revenue(one)))
    });
    told.truncate(MOST);
    told
}

impl<'a> Told<'a> {
    fn goal(&self) -> Option<&'a Progress> {
        self.story.and_then(|story| story.goal.as_ref())
    }

    /// The lower, the sooner somebody should look at it.
    fn urgency(&self) -> u8 {
        let status = self.goal().and_then(|goal| goal.points.last()).map(|point| point.status);
        match status {
            Some(Status::Missed) => 0,
            Some(Status::Behind) => 1,
            Some(Status::OnTrack) => 2,
            Some(Status::Reached) => 3,
            Some(Status::Unknown) => 4,
            None => 5,
        }
    }
}

fn card(data: &ReportData, told: &Told<'_>) -> String {
    let segment = told.segment;
    let persona = told
        .persona
        .map(|(place, name)| format!(r##" As a persona: <a href="#persona-{place}">{}</a>."##, escape(name)));
    let parts = [
        ("Who", format!("{}{}", who(data, segment), persona.unwrap_or_default())),
        ("What changed", changed(told)),
        ("The goal", stands(told)),
        ("What to do next", next(segment)),
        ("What it would bring", told.goal().map(|goal| effect(data, segment, goal)).unwrap_or_default()),
        ("How to find out", told.goal().map(test).unwrap_or_default()),
    ];
    let said = parts.into_iter().filter(|(_, said)| !said.is_empty());
    let said: String =
        said.map(|(what, said)| format!("<div><dt>{what}</dt><dd>{said}</dd></div>")).collect();
    format!(
        r##"<article class="segment"><header><h3><a href="#{}">{}</a></h3></header><dl class="brief">{said}</dl></article>"##,
        anchor("segment", &segment.name),
        escape(&segment.title),
    )
}

fn who(data: &ReportData, segment: &SegmentData) -> String {
    let of_all = share(segment.n_members as f64, data.n_of(segment.subject) as f64);
    let of_all = of_all.map(|part| format!(", {} of all", percent_in_words(part))).unwrap_or_default();
    let noun = match segment.subject {
        Subject::Customers => ("customer", "customers"),
        Subject::Companies => ("company", "companies"),
    };
    let revenue = segment.revenue.and_then(|revenue| {
        let part = share(revenue, data.revenue_of(segment.subject)?)?;
        Some(format!(", who bring {} of the revenue", percent_in_words(part)))
    });
    format!("{}{of_all}{}.", counted(segment.n_members, noun.0, noun.1), revenue.unwrap_or_default())
}

/// What the last month changed, and the year.
fn changed(told: &Told<'_>) -> String {
    let Some(story) = told.story else { return String::new() };
    let [.., before, last] = story.months.as_slice() else { return String::new() };
    let mut said = format!(
        "Since {} {} came and {} went: {} became {}.",
        day(before.day),
        count(last.n_entered),
        count(last.n_left),
        count(before.n_members),
        count(last.n_members),
    );
    if let Some(year) = story.months.len().checked_sub(13).and_then(|place| story.months.get(place)) {
        said.push_str(&format!(" A year ago there were {}.", count(year.n_members)));
    }
    format!(r##"{said} <a href="#{}">Month by month</a>"##, anchor("story", &told.segment.name))
}

fn stands(told: &Told<'_>) -> String {
    match told.goal() {
        Some(goal) => {
            goal::sentence(goal).iter().map(|sentence| escape(sentence)).collect::<Vec<_>>().join(" ")
        }
        None => "It has none with a figure: nobody can say how far it has come.".to_owned(),
    }
}

fn next(segment: &SegmentData) -> String {
    match &segment.goal {
        Some(goal) => format!("{}.", escape(goal.trim_end_matches('.'))),
        None => "The definition states no goal; a segment without one changes nothing.".to_owned(),
    }
}

/// What meeting the goal comes to: arithmetic, and no forecast.
fn effect(data: &ReportData, segment: &SegmentData, goal: &Progress) -> String {
    let Some((n, value)) = latest(goal) else { return String::new() };
    let gap = goal.target - value;
    if gap == 0.0 || (gap > 0.0) != (goal.direction == Direction::Increase) {
        return "The goal is reached; the next one is yours to set.".to_owned();
    }
    if !goal.is_share {
        return String::new();
    }
    let n_more = (gap.abs() * n as f64).round() as u64;
    let what = if gap > 0.0 { "more" } else { "fewer" };
    let mut said = format!(
        "At the goal it would be {} {what} of {} a month, if nothing else changes.",
        count(n_more),
        count(n)
    );
    // What an order brings says something of a goal that is about orders, and of no other.
    let is_of_orders = goal.metric.contains("orders") && gap > 0.0;
    if let Some(mean) = mean_order(data, segment).filter(|_| is_of_orders) {
        let currency = data.currency.as_deref();
        said.push_str(&format!(
            " With one order each, at the {} that an order of all customers brings, that is {}.",
            money(mean, currency),
            money(mean * n_more as f64, currency)
        ));
    }
    said
}

fn mean_order(data: &ReportData, segment: &SegmentData) -> Option<f64> {
    let is_of_customers = segment.subject == Subject::Customers;
    let figures = &data.figures;
    figures.revenue.filter(|_| is_of_customers).and_then(|revenue| share(revenue, figures.n_orders? as f64))
}

/// How many a test needs, and how long that takes.
fn test(goal: &Progress) -> String {
    let (Some((n, base)), true) = (latest(goal), goal.is_share) else { return String::new() };
    let uplift = (goal.target - base).abs();
    if uplift == 0.0 || n == 0 || base <= 0.0 || base >= 1.0 {
        return String::new();
    }
    // What rounding adds is nobody.
    let needed = (needed_for_test(base, uplift) - 1e-6).ceil();
    let months = (needed / n as f64).ceil();
    let lots = "Draw lots: one half gets it, the other is left alone.";
    if months <= MOST_MONTHS {
        let how_long = match months as u64 {
            0 | 1 => "one month has as many".to_owned(),
            months => format!("{months} months have as many"),
        };
        return format!(
            "{lots} To see the goal met takes {} in both halves together (power 0.8 at 5 %); {how_long}.",
            count(needed as u64)
        );
    }
    let seen = detectable_uplift(base, n.saturating_mul(MOST_MONTHS as u64));
    match seen {
        Some(seen) => format!(
            "{lots} It is too small to see the goal met: a year of it shows a rise from {} to {} and no less.",
            percent_in_words(base),
            percent_in_words(base + seen)
        ),
        None => "It is too small for a test: even a year of it would show no rise at all.".to_owned(),
    }
}

/// Of how many the figure was taken last, and what it was.
fn latest(goal: &Progress) -> Option<(u64, f64)> {
    goal.points.last().and_then(|point| Some((point.n, point.value?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{emporium, nobody};
    use super::*;

    fn progress(value: f64, n: u64, target: f64) -> Progress {
        let data = emporium();
        let mut goal = data.stories.iter().find_map(|story| story.goal.clone()).unwrap();
        goal.target = target;
        if let Some(last) = goal.points.last_mut() {
            (last.n, last.value) = (n, Some(value));
        }
        goal
    }

    #[test]
    fn a_test_is_as_large_as_lehr_says() {
        // 32 · 0.10 · 0.90 / 0.05² = 1,152.
        let said = test(&progress(0.10, 400, 0.15));
        assert!(
            said.contains("takes 1,152 in both halves") && said.contains("3 months have as many"),
            "{said}"
        );
        // √(32 · 0.09 / (12 · 10)) = 0.155.
        let said = test(&progress(0.10, 10, 0.15));
        assert!(said.contains("too small") && said.contains("from 10% to 25%"), "{said}");
        assert_eq!(test(&progress(0.15, 400, 0.15)), "");
    }

    #[test]
    fn meeting_a_goal_comes_to_the_gap_of_all_who_are_measured() {
        let mut data = emporium();
        (data.figures.n_orders, data.figures.revenue) = (Some(1_000), Some(50_000.0));
        let segment = data.segments[0].clone();
        let said = effect(&data, &segment, &progress(0.10, 400, 0.15));
        assert!(said.contains("20 more of 400"), "{said}");
        assert!(said.contains("1,000"), "20 orders of 50: {said}");
        assert!(effect(&data, &segment, &progress(0.20, 400, 0.15)).contains("reached"));
    }

    #[test]
    fn what_needs_somebody_comes_first_and_every_link_leads_somewhere() {
        let mut data = emporium();
        // The last of them has the goal that is behind.
        data.segments.last_mut().unwrap().name = "regulars".to_owned();
        let found = told(&data);
        assert!(!found.is_empty() && found.len() <= MOST);
        assert!(found[0].goal().is_some());
        let page = super::super::render(&data);
        let at = page.find(r#"id="executive""#).unwrap();
        let part = &page[at..page[at..].find("</section>").unwrap() + at];
        let marker = "href=\"#";
        let after = part.match_indices(marker).map(|(at, _)| &part[at + marker.len()..]);
        let links: Vec<&str> = after.filter_map(|rest| rest.split('"').next()).collect();
        // Each segment leads to its card, and one of them to its story.
        assert!(links.len() > found.len(), "{links:?}");
        for link in links {
            assert!(page.contains(&format!(r#"id="{link}""#)), "{link}");
        }
        assert!(!any(&nobody()));
    }
}
