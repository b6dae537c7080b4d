//! What customers are called: by the id that the business knows best, and the same whatever order the rows came in.

use std::borrow::Cow;

use strata_spec::manifest::{Identifier, Manifest, Source};

use super::Resolved;
use super::record::{Kind, Records, write};

/// The namespace whose ids stand alone, without it: that of the sources of customers that name none, else the first one.
pub(crate) fn plain_namespace(sources: &[Source]) -> &str {
    let with_ids = sources.iter().filter(|source| {
        let mut columns = source.tables.iter().flat_map(|mapping| &mapping.columns);
        columns.any(|(name, _)| name == "customer_id")
    });
    let mut namespaces = with_ids.map(|source| source.namespace.as_deref().unwrap_or_default());
    let first = namespaces.clone().next().unwrap_or_default();
    if namespaces.any(str::is_empty) { "" } else { first }
}

/// An identifier as the customer id of somebody who has no better one; none for a device, which is no customer.
fn alone<'a>(kind: Kind, namespace: &str, text: &'a str, plain: &str) -> Option<Cow<'a, str>> {
    match kind {
        Kind::Id if namespace == plain => Some(text.into()),
        Kind::Id => Some(write(kind, namespace, text).into()),
        Kind::Other(Identifier::AnonymousId) => None,
        Kind::Other(_) => Some(text.into()),
    }
}

/// Where a customer has no identifier that could be a name.
const NOBODY: u32 = u32::MAX;

/// Customers and what they are called: by an id before an e-mail address before a telephone, by ids of earlier namespaces
/// first, and of several by the shortest, of equally long ones by the first in the alphabet. New customers get longer ids, so
/// that a customer keeps the name when others join.
pub(super) struct Named {
    pub(super) resolved: Resolved,
    pub(super) manifest: Manifest,
    /// The namespace whose ids stand alone.
    plain: String,
    /// The place of each customer's best identifier, by the number of the customer's first record.
    best: Vec<u32>,
}

impl Named {
    pub(super) fn of(resolved: Resolved, manifest: Manifest) -> Named {
        let ranks = ranks(&resolved.records, &manifest.sources);
        let rank = |place: u32| {
            let value = resolved.records.value_at(place);
            (value.kind, ranks.get(value.namespace()).copied().unwrap_or(usize::MAX))
        };
        let length_and_text = |place: u32| {
            let text = &*resolved.records.value_at(place).text;
            (text.chars().count(), text)
        };
        let is_better = |one: u32, other: u32| {
            let texts = || length_and_text(one).cmp(&length_and_text(other));
            rank(one).cmp(&rank(other)).then_with(texts).is_lt()
        };
        let mut best = vec![NOBODY; resolved.records.len()];
        for (place, holders) in resolved.held.each() {
            for holder in holders {
                let best = &mut best[holder.customer as usize];
                if *best == NOBODY || is_better(place, *best) {
                    *best = place;
                }
            }
        }
        for best in &mut best {
            // A device is no customer.
            let is_device =
                |place: u32| resolved.records.value_at(place).kind == Kind::Other(Identifier::AnonymousId);
            if *best != NOBODY && is_device(*best) {
                *best = NOBODY;
            }
        }
        let plain = plain_namespace(&manifest.sources).to_owned();
        Named { resolved, manifest, plain, best }
    }

    /// Whether more than a device is known of a customer.
    pub(super) fn has_name(&self, customer: u32) -> bool {
        self.best.get(customer as usize).is_some_and(|best| *best != NOBODY)
    }

    /// What a customer is called; nothing where only a device is known.
    pub(super) fn name(&self, customer: u32) -> Option<Cow<'_, str>> {
        let best = self.best.get(customer as usize).filter(|best| **best != NOBODY)?;
        self.alone(*best)
    }

    /// An identifier as the customer id of somebody who has no better one.
    pub(super) fn alone(&self, place: u32) -> Option<Cow<'_, str>> {
        let records = &self.resolved.records;
        let value = records.value_at(place);
        alone(value.kind, records.namespace(value), &value.text, &self.plain)
    }

    /// Whether a customer is called by this identifier.
    pub(super) fn is_name(&self, place: u32, customer: u32) -> bool {
        self.best.get(customer as usize) == Some(&place)
    }
}

/// The rank of each namespace of the records: the plain one, then in the order of the sources.
fn ranks(records: &Records, sources: &[Source]) -> Vec<usize> {
    let mut ranked: Vec<&str> = vec![plain_namespace(sources)];
    ranked.extend(sources.iter().map(|source| source.namespace.as_deref().unwrap_or_default()));
    let rank = |namespace: &String| ranked.iter().position(|each| each == namespace);
    records.namespaces().iter().map(|namespace| rank(namespace).unwrap_or(usize::MAX)).collect()
}
