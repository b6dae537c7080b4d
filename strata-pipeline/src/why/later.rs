//! Until when: the same rows at one wake time after the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::Until;
use super::moment::{self, Begun, Moment};
use super::own_rows::{Memberships, OwnRows};
use super::target::{Asked, BEFORE_CLAUSES};
use crate::error::Result;
use crate::preview::Basis;

/// So far ahead is looked.
const MOST_YEARS: u32 = 10;
/// At so many instants at most.
const MOST_STEPS: usize = 1_000;
/// For the clauses alone at fewer: what is asked is the whole.
const MOST_STEPS_FOR_CLAUSES: usize = 10;
/// So many instants are looked at side by side.
const SIDE_BY_SIDE: usize = 2;
/// What comes no further than this in a few steps changes all the time.
const HARDLY: TimeDelta = TimeDelta::seconds(1);
const FEW_STEPS: usize = 8;

/// Until when the whole and each clause stay as they are.
pub(super) struct Stays {
    pub(super) whole: Until,
    pub(super) clauses: Vec<Until>,
}

pub(super) async fn stays(
    basis: &Basis<'_>,
    rows: &OwnRows<'_>,
    asked: &Asked,
    now: &Moment,
    mut memberships: Memberships,
) -> Result<Stays> {
    let alone = Asked::later(asked);
    let mut begun: BTreeMap<DateTime<Utc>, Begun> = BTreeMap::new();
    let end = basis.as_of.checked_add_months(Months::new(12 * MOST_YEARS)).unwrap_or(basis.as_of);
    let mut found: Vec<Option<Until>> = vec![None; asked.conditions.len()];
    // Whether it holds at all is not asked: whether the subject is in is.
    found[1] = Some(Until::Always);
    let mut wakes = now.wakes.clone();
    let mut at = basis.as_of;
    let mut before = std::collections::VecDeque::from([at]);
    for step in 0..MOST_STEPS {
        for (found, _) in found.iter_mut().zip(&wakes).filter(|(_, wake)| wake.is_none()) {
            found.get_or_insert(Until::Always);
        }
        // For the classes before it alone nobody looks ahead: when they come to matter, the whole changes.
        let is_own = |place: usize| asked.earlier.get(place - BEFORE_CLAUSES).is_some_and(Option::is_none);
        let asks = |place: usize| place == 0 || step < MOST_STEPS_FOR_CLAUSES && is_own(place);
        let open = found.iter().zip(&wakes).enumerate();
        let open = open.filter(|(place, (found, _))| *place != 1 && found.is_none() && asks(*place));
        let ahead: BTreeSet<DateTime<Utc>> = open.filter_map(|(_, (_, wake))| *wake).collect();
        let Some(next) = ahead.first().copied() else { break };
        // What may change before nobody looks again is known no further.
        for (found, wake) in found.iter_mut().zip(&wakes).skip(BEFORE_CLAUSES) {
            if let Some(wake) = wake.filter(|wake| *wake < next) {
                found.get_or_insert(Until::AtLeast(wake));
            }
        }
        let stands_still =
            before.len() == FEW_STEPS && before.front().is_some_and(|first| next - *first < HARDLY);
        if next > end || stands_still {
            at = if stands_still { at } else { end };
            break;
        }
        at = next;
        if before.len() == FEW_STEPS {
            before.pop_front();
        }
        before.push_back(at);
        // What may be asked next is begun beside, where it does not hang on what comes of this.
        for instant in ahead.into_iter().take(SIDE_BY_SIDE).filter(|instant| *instant <= end) {
            if begun.contains_key(&instant) {
                continue;
            }
            let program = moment::compile(basis, &alone, instant)?;
            let hangs_on_this = program.asks_for_memberships();
            if instant == at || !hangs_on_this {
                begun.insert(instant, Begun::of(rows, program, &alone, &memberships));
            }
            if hangs_on_this {
                break;
            }
        }
        let Some(moment) = begun.remove(&at) else { break };
        let then = moment.end(rows, &alone, &mut memberships).await?;
        // What lies before is asked no more.
        begun = begun.split_off(&at);
        for (place, found) in found.iter_mut().enumerate() {
            let is_other = match place {
                0 => (then.conditions[0] == Some(true)) != (now.conditions[0] == Some(true)),
                _ => then.conditions[place] != now.conditions[place],
            };
            if found.is_none() && is_other {
                *found = Some(Until::Then(at));
            }
        }
        wakes = then.wakes;
    }
    let mut found = found.into_iter().map(|found| found.unwrap_or(Until::AtLeast(at)));
    let whole = found.next().unwrap_or(Until::AtLeast(at));
    Ok(Stays { whole, clauses: found.skip(BEFORE_CLAUSES - 1).collect() })
}

impl Asked {
    /// What is asked of later instants: truths, and no values or rows.
    fn later(asked: &Asked) -> Asked {
        Asked {
            name: String::new(),
            title: String::new(),
            group: asked.group.clone(),
            segmentation: asked.segmentation.clone(),
            lists: asked.lists.clone(),
            conditions: asked.conditions.clone(),
            earlier: asked.earlier.clone(),
            shown: Vec::new(),
            terms: Vec::new(),
            evidence: Vec::new(),
            counted: Vec::new(),
            subject: asked.subject,
        }
    }
}
