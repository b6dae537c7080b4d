//! Changes in the lives of subjects: which properties became others between two instants (a city, a plan, a household), and which
//! classes and segments those subjects came into or left, against everybody else.

mod ask;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::{Ask, n_subjects, run_by};
use crate::error::{Error, Result};
use crate::query::View;
use crate::run::{PROPERTY_HISTORY, evaluated_before};
use ask::Moved;

/// So many pairs of values are told of each property.
pub(super) const MOST_CHANGES: usize = 5;

/// Which properties changed between two instants, and what changed with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LifeChanges {
    /// The earlier instant; none where there was no earlier run, so that nothing can have changed.
    pub from: Option<DateTime<Utc>>,
    /// The later instant.
    pub to: DateTime<Utc>,
    /// The properties that changed of anybody, by how many subjects they changed of.
    pub properties: Vec<Property>,
}

/// A property that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Of whom.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// Of how many subjects it is another at the later instant. Those who became known in between are not among them.
    pub n_changed: u64,
    /// How many others were known at the earlier instant.
    pub n_others: u64,
    /// The most frequent changes, five at most.
    pub changes: Vec<Change>,
    /// What those subjects came into or left, that which chance explains least first.
    pub moves: Vec<Move>,
}

/// From what to what a property changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The value before; none where there was none.
    pub from: Option<String>,
    /// The value since.
    pub to: Option<String>,
    /// Of how many subjects.
    pub n: u64,
}

/// A class or segment that subjects came into or left.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The segment, or the class as `segmentation/class`.
    pub segment: String,
    /// Whether they came into it.
    pub entered: bool,
    /// How many of those whose property changed, since it did.
    pub n: u64,
    /// Their share of all those.
    pub share: f64,
    /// How many of the others, between the two instants.
    pub n_others: u64,
    /// Their share of the others; none where there are no others.
    pub share_of_others: Option<f64>,
    /// How many times as frequent it is with the change as without: the quotient of the shares. None where none of the others did.
    pub lift: Option<f64>,
    /// By how many standard errors the shares differ: the statistic of the two-proportion z-test with a pooled share.
    pub z: f64,
}

/// Finds out what changed between two instants; between the run before and the last run unless said otherwise.
///
/// # Errors
/// `NotFound` when there was no run by the later instant, `InvalidDefinition` when the instants are not in order.
pub async fn life_changes(view: &View, ask: &Ask) -> Result<LifeChanges> {
    let now = match ask.to {
        Some(to) => run_by(view, to).await?,
        None => view.complete.clone(),
    };
    let to = ask.to.unwrap_or(now.as_of);
    let from = match ask.from {
        Some(from) => Some(from),
        None => evaluated_before(view.engine(), &now).await?.map(|before| before.as_of),
    };
    let mut found = LifeChanges { from, to, properties: Vec::new() };
    let Some(from) = from else { return Ok(found) };
    if from >= to {
        return Err(Error::new(ErrorCode::InvalidDefinition, "the first date must lie before the second")
            .with_hint("as `--from 2026-01-01 --to 2026-04-01`"));
    }
    if !view.complete.tables.contains_key(PROPERTY_HISTORY) {
        return Ok(found);
    }
    for subject in Subject::ALL {
        let between = ask::Between { view, subject, from, to };
        let changes = between.changes().await?;
        if changes.is_empty() {
            continue;
        }
        let n_known = n_subjects(view, &now, subject).await?.saturating_sub(between.n_new().await?);
        let of_all = between.moved().await?;
        let mut of_changed = between.moved_with().await?;
        found.properties.extend(changes.into_iter().map(|(name, n_changed, changes)| {
            let n_others = n_known.saturating_sub(n_changed);
            let moved = of_changed.remove(&name).unwrap_or_default();
            let moves = moves(n_changed, n_others, moved, &of_all);
            Property { subject, name, n_changed, n_others, changes, moves }
        }));
    }
    found.properties.sort_by(|one, other| {
        let n = other.n_changed.cmp(&one.n_changed);
        n.then_with(|| (one.subject, &one.name).cmp(&(other.subject, &other.name)))
    });
    Ok(found)
}

/// What those whose property changed came into or left, against all.
fn moves(
    n_changed: u64,
    n_others: u64,
    moved: BTreeMap<String, Moved>,
    of_all: &BTreeMap<String, [u64; 2]>,
) -> Vec<Move> {
    let mut moves = Vec::new();
    for (segment, moved) in moved {
        let all = of_all.get(&segment).copied().unwrap_or_default();
        for (entered, n, of_changed, all) in [
            (true, moved.since[0], moved.between[0], all[0]),
            (false, moved.since[1], moved.between[1], all[1]),
        ] {
            if n > 0 {
                moves.push(a_move(
                    &segment,
                    entered,
                    [n, n_changed],
                    [all.saturating_sub(of_changed), n_others],
                ));
            }
        }
    }
    moves.sort_by(|one, other| {
        let z = other.z.total_cmp(&one.z).then(other.n.cmp(&one.n));
        z.then_with(|| (&one.segment, one.entered).cmp(&(&other.segment, other.entered)))
    });
    moves
}

fn a_move(segment: &str, entered: bool, [n, n_changed]: [u64; 2], [n_others, others]: [u64; 2]) -> Move {
    let share = n as f64 / n_changed.max(1) as f64;
    let share_of_others = (others > 0).then(|| n_others as f64 / others as f64);
    let lift = share_of_others.filter(|others| *others > 0.0).map(|others| share / others);
    let pooled = (n + n_others) as f64 / (n_changed + others).max(1) as f64;
    let error =
        (pooled * (1.0 - pooled) * (1.0 / n_changed.max(1) as f64 + 1.0 / others.max(1) as f64)).sqrt();
    let z = if error > 0.0 { (share - share_of_others.unwrap_or(share)) / error } else { 0.0 };
    Move { segment: segment.to_owned(), entered, n, share, n_others, share_of_others, lift, z }
}

impl LifeChanges {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let change = |change: &Change| json!({ "from": change.from, "to": change.to, "n": change.n });
        let a_move = |each: &Move| {
            json!({
                "segment": each.segment,
                "move": if each.entered { "entered" } else { "left" },
                "n": each.n,
                "share": each.share,
                "n_others": each.n_others,
                "share_of_others": each.share_of_others,
                "lift": each.lift,
                "z": each.z,
            })
        };
        let property = |property: &Property| {
            json!({
                "subject": property.subject.as_str(),
                "property": property.name,
                "n_changed": property.n_changed,
                "n_others": property.n_others,
                "changes": property.changes.iter().map(change).collect::<Vec<_>>(),
                "moves": property.moves.iter().map(a_move).collect::<Vec<_>>(),
            })
        };
        json!({
            "from": self.from.map(|from| from.to_rfc3339()),
            "to": self.to.to_rfc3339(),
            "properties": self.properties.iter().map(property).collect::<Vec<_>>(),
        })
    }
}

impl Property {
    /// The moves that the change goes with: more frequent than without it, and more than chance explains but once in a thousand times.
    pub fn telling(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(|each| each.z >= TELLING)
    }
}

/// The normal quantile of one in a thousand.
const TELLING: f64 = 3.090_232;

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 30 of 100 against 45 of 900; pooled 0.075, standard error 0.027764, z = 0.25 / 0.027764.
    #[test]
    fn lift_is_the_quotient_of_shares_and_z_that_of_two_proportions() {
        let found = a_move("rfm/champions", true, [30, 100], [45, 900]);
        assert!((found.share - 0.3).abs() < 1e-12 && found.share_of_others == Some(0.05));
        assert!((found.lift.unwrap() - 6.0).abs() < 1e-9);
        assert!((found.z - 0.25 / 0.027_764).abs() < 1e-2, "{}", found.z);
    }

    #[test]
    fn nobody_else_is_no_reason_to_divide_by_zero() {
        assert_eq!(a_move("a", true, [3, 3], [0, 0]).lift, None);
        assert_eq!(a_move("a", true, [3, 3], [0, 0]).z, 0.0);
        let only_they = a_move("a", true, [3, 10], [0, 100]);
        assert_eq!((only_they.lift, only_they.share_of_others), (None, Some(0.0)));
        assert!(only_they.z > 3.0);
    }
}
