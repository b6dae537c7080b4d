//! What classes and segments are measured on: the sample, the thresholds, and what definitions say of each other.

use std::sync::Arc;

use roaring::RoaringBitmap;
use strata_models::group::Sums;
use strata_spec::manifest::Meter;
use strata_spec::table::Subject;

use super::differ::{Comparison, compare};
use super::made_of::{Made, Makings};
use super::sample::Sample;
use super::sets::Set;
use super::uses::Uses;
use crate::compile::Program;
use crate::run::Run;

/// Traits about what somebody answers to, by which channel and when: what a campaign can be planned by.
const RESPONSE: [&str; 23] = [
    "accepts_marketing",
    "campaign_response_rate",
    "n_campaigns_answered",
    "email_open_rate_90d",
    "email_click_rate_90d",
    "n_emails_opened_90d",
    "n_emails_clicked_90d",
    "main_channel",
    "main_channel_share",
    "main_device",
    "preferred_language",
    "discount_share",
    "holiday_share",
    "main_quarter",
    "main_quarter_share",
    "median_gap_days",
    "preferred_hour",
    "preferred_weekday",
    "preferred_order_hour",
    "preferred_order_weekday",
    "n_visits_90d",
    "n_active_days_30d",
    "n_carts_abandoned_90d",
];

/// What is measured on.
pub(super) struct Ground<'a> {
    pub(super) subject: Subject,
    pub(super) n_subjects: u64,
    pub(super) sample: &'a Sample,
    pub(super) meter: &'a Meter,
    pub(super) uses: Uses,
    /// Over the whole sample.
    pub(super) all: Sums,
    /// Whether there was an earlier run to have come from.
    pub(super) has_history: bool,
    makings: Makings<'a>,
    /// The place of the revenue among numbers.
    revenue: Option<usize>,
    /// Of every variable, whether it is about response.
    response: Made,
}

/// A class or segment, or some merged in thought.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) names: Vec<String>,
    /// How many members, exactly.
    pub(super) n: u64,
    /// Members in the sample.
    pub(super) rows: Vec<u32>,
    pub(super) sums: Sums,
    pub(super) made: Arc<Made>,
    /// All members, part by part, of what may share some.
    pub(super) parts: Vec<RoaringBitmap>,
}

impl Group {
    /// Its names in one.
    pub(super) fn name(&self) -> String {
        self.names.join(" + ")
    }
}

impl<'a> Ground<'a> {
    pub(super) fn new(run: &'a Run, program: &'a Program, sample: &'a Sample) -> Ground<'a> {
        let manifest = &run.project.manifest;
        let variables = &sample.variables;
        let everybody: Vec<u32> = (0..).take(sample.len()).collect();
        let revenue = match program.subject {
            Subject::Customers => "revenue",
            Subject::Companies => "company_revenue",
        };
        Ground {
            subject: program.subject,
            n_subjects: sample.n_subjects,
            sample,
            meter: &manifest.meter,
            uses: Uses::of(&manifest.definitions),
            all: Sums::of(&everybody, &variables.values, &variables.codes),
            has_history: run.before.is_some(),
            makings: Makings::new(
                &manifest.definitions,
                &program.users,
                variables,
                manifest.meter.max_correlation,
            ),
            revenue: variables.place_of(revenue),
            response: Made {
                numbers: variables
                    .numbers
                    .iter()
                    .map(|number| RESPONSE.contains(&number.name.as_str()))
                    .collect(),
                categories: variables
                    .categories
                    .iter()
                    .map(|name| RESPONSE.contains(&name.as_str()))
                    .collect(),
            },
        }
    }

    /// What a segment or segmentation is made of.
    pub(super) fn made(&self, kind: &'static str, name: &str) -> Arc<Made> {
        Arc::new(self.makings.of(kind, name))
    }

    /// A class or segment with what is known of its members.
    pub(super) fn group(&self, set: &Set, made: &Arc<Made>) -> Group {
        let rows = self.sample.rows(&set.parts);
        let sums = self.sums(&rows);
        let (names, made) = (vec![set.name.clone()], Arc::clone(made));
        Group { names, n: set.n_members, rows, sums, made, parts: Vec::new() }
    }

    /// What is known of some of the sample.
    pub(super) fn sums(&self, rows: &[u32]) -> Sums {
        Sums::of(rows, &self.sample.variables.values, &self.sample.variables.codes)
    }

    /// How far two groups are apart.
    pub(super) fn compare(&self, one: &Group, other: &Group) -> Comparison {
        let (one, other) = ((&one.sums, &*one.made), (&other.sums, &*other.made));
        compare(one, other, &self.sample.variables, self.meter)
    }

    /// How far a group is from everybody else.
    pub(super) fn compare_with_rest(&self, group: &Group) -> Comparison {
        let rest = self.all.without(&group.sums);
        let (one, other) = ((&group.sums, &*group.made), (&rest, &*group.made));
        compare(one, other, &self.sample.variables, self.meter)
    }

    /// How far a group is from everybody else in what campaigns are planned by (as what it "is made of").
    pub(super) fn response(&self, group: &Group) -> Comparison {
        let rest = self.all.without(&group.sums);
        let (one, other) = ((&group.sums, &self.response), (&rest, &self.response));
        compare(one, other, &self.sample.variables, self.meter)
    }

    /// Whether anything is known that campaigns are planned by.
    pub(super) fn knows_response(&self) -> bool {
        self.response.numbers.iter().chain(&self.response.categories).any(|is_one| *is_one)
    }

    /// A group's share of the revenue, as the sample has it; none where there is none.
    pub(super) fn value_share(&self, group: &Group) -> Option<f64> {
        let place = self.revenue?;
        let number = self.sample.variables.numbers.get(place)?;
        let sum = |sums: &Sums| {
            let moments = sums.numbers.get(place)?;
            Some(moments.sum * number.deviation + moments.n as f64 * number.mean)
        };
        let (own, all) = (sum(&group.sums)?, sum(&self.all)?);
        (all > 0.0).then(|| (own / all).clamp(0.0, 1.0))
    }

    /// How many of a group's sampled members can be reached; none where no channel is mapped.
    pub(super) fn n_reachable(&self, group: &Group) -> Option<u64> {
        let reachable = self.sample.reachable.as_ref()?;
        let is_reachable = |row: &&u32| reachable.get(**row as usize).copied().unwrap_or(false);
        Some(group.rows.iter().filter(is_reachable).count() as u64)
    }
}
