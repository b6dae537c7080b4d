//! Segments to start with, so that nobody begins with an empty page.

use chrono::{Months, NaiveDate};
use strata_spec::manifest::Survey;
use strata_spec::name::SurveyName;
use strata_spec::table::Table;
use toml::Value;

use super::{Proposal, ProposedColumn, ProposedTable};

/// What every file of them begins with.
const ABOUT: &str = "# Segments to start with: change them, add your own, delete what you do not need.";

/// The file's text, for a project that has orders of customers or answers to a questionnaire; none for others. `today` is the day at which
/// it is evaluated.
pub fn starters(proposal: &Proposal, today: NaiveDate) -> Option<String> {
    let parts: Vec<String> =
        [of_orders(proposal, today), of_answers(proposal)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{ABOUT}{}", parts.join("\n")))
}

/// The more scales, the more answers it takes to find groups in them: to start with so many will do.
const MOST_SCALES: usize = 4;

/// Groups of people who think alike, by the scales of the questionnaire of which most was asked; none where that is of feelings, which pass.
fn of_answers(proposal: &Proposal) -> Option<String> {
    let mut found = super::survey::instruments(proposal).into_iter();
    // What was chosen among messages is a preference and no way of thinking.
    let found = found.find(|found| found.instrument.rating().is_some())?;
    let name = SurveyName::new(found.name()).ok()?;
    let survey = Survey::new(name, found.instrument.clone());
    let scales = survey.scales().filter(|(scale, _)| !survey.is_of_groups_only(scale));
    let features: Vec<String> =
        scales.take(MOST_SCALES).map(|(_, name)| format!("    {},\n", Value::String(name))).collect();
    (features.len() > 1).then(|| {
        format!(
            r#"
# Who thinks alike: groups in what the questionnaire measured, if there are any. Take in other scales, or more of them once a
# thousand have answered. Whoever was not asked is in no group; `strata survey states` says of whom one can be told.
[segmentations.mindset]
title = "Mindset"
layer = "psychometric"
model = "gaussian_mixture"
features = [
{}]
"#,
            features.concat()
        )
    })
}

fn of_orders(proposal: &Proposal, today: NaiveDate) -> Option<String> {
    let mut orders =
        proposal.mapped().flat_map(|source| &source.tables).filter(|each| each.table == Table::Orders);
    let has = |names: &[&str], columns: &[ProposedColumn]| {
        columns.iter().any(|column| names.contains(&column.name.as_str()))
    };
    let is_known = |table: &ProposedTable| {
        has(&["customer_id", "email", "phone"], &table.columns) && has(&["ordered_at"], &table.columns)
    };
    orders.find(|table| is_known(table))?;
    let as_of = proposal.as_of.as_ref().map_or(today, |as_of| as_of.value);
    let by = as_of + Months::new(6);
    let from = as_of - Months::new(6);
    Some(format!(
        r#" Each is a condition about one customer;
# `strata segments preview "CONDITION"` shows whom another one would have.

[segments.regulars]
title = "Regulars"
about = "Three orders within a year: the business rests on them."
goal = "Keep them: thank them first, sell second"
where = "count(orders) filter (where in_last('1 year')) >= 3"

[segments.lately]
title = "Bought lately"
goal = "Ask how it was"
where = "max(orders.ordered_at) >= as_of - interval '60 days'"

[segments.second_order_due]
title = "Second order due"
about = "One order, and the time in which most people order again."
where = "count(orders) = 1 and max(orders.ordered_at) between as_of - interval '120 days' and as_of - interval '14 days'"

# A goal may be words, or have a figure that is watched from month to month (`strata segments goals`).
[segments.second_order_due.goal]
title = "Get them to order again"
metric = "count(orders) >= 2"    # the share for whom this holds, …
of = "former_members"            # … of those who were in the segment a month before
direction = "increase"
target = 0.2                     # a guess: put your own here
from = "{from}"
by = "{by}"

[segments.lapsing_regulars]
title = "Lapsing regulars"
about = "They ordered often, and have been silent for three months."
goal = "Win them back before they are lost"
where = "count(orders) >= 3 and max(orders.ordered_at) < as_of - interval '90 days'"
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{file, options};
    use super::super::{create, propose};
    use super::starters;

    #[test]
    fn a_shop_gets_segments_to_start_with_and_keeps_those_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let orders = folder.path().join("orders.csv");
        std::fs::write(
            &orders,
            "order_id,customer_id,ordered_at,amount\n1,a,2024-01-05,10\n2,b,2024-03-01,20\n",
        )
        .unwrap();
        let (project, today) = (folder.path().join("shop"), "2026-06-01".parse().unwrap());
        let made = |force| create(std::slice::from_ref(&orders), &project, today, force).unwrap();
        let path = made(false).starters.unwrap();
        let opened = crate::project::Project::open(&project).unwrap();
        assert_eq!(opened.manifest.definitions.segments.len(), 4);
        crate::check::definitions(&opened).unwrap();
        let goal = opened.manifest.definitions.segments["second_order_due"].goal.clone().unwrap();
        let target = goal.target.unwrap();
        // Half a year around the day after the last order, and not around today.
        assert_eq!(
            (target.from.unwrap().to_string(), target.by.to_string()),
            ("2023-09-02".to_owned(), "2024-09-02".to_owned())
        );
        let formatted = crate::format::project(&project, false).unwrap();
        assert!(formatted.iter().all(|file| !file.n_changed > 0), "{formatted:?}");
        std::fs::write(&path, "# mine\n").unwrap();
        assert_eq!(made(true).starters, None);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
    }

    #[test]
    fn without_orders_there_are_no_segments_to_start_with() {
        let people = file("people.csv", &["customer_id", "email", "country"], &[&["a", "a@x.de", "DE"]]);
        let proposal = propose(std::slice::from_ref(&people), &options("2024-02-01"));
        assert_eq!(starters(&proposal, "2024-02-01".parse().unwrap()), None);
    }
}
