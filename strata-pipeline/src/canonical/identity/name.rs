//! What customers are called: by the id that the business knows best, and the same whatever order the rows came in.

use strata_lake::datafusion::common::HashMap;
use strata_spec::manifest::{Identifier, Source};

use super::Resolved;
use super::record::{Kind, Value, write};

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
pub(super) fn alone(kind: Kind, namespace: &str, text: &str, plain: &str) -> Option<String> {
    match kind {
        Kind::Id if namespace == plain => Some(text.to_owned()),
        Kind::Id => Some(write(kind, namespace, text)),
        Kind::Other(Identifier::AnonymousId) => None,
        Kind::Other(_) => Some(text.to_owned()),
    }
}

/// Each customer's name, by the number of the customer's first record: an id before an e-mail address before a telephone,
/// ids of earlier namespaces first, and of several the shortest, of equally long ones the first in the alphabet. New
/// customers get longer ids, so that a customer keeps the name when others join.
pub(super) fn names(resolved: &Resolved, sources: &[Source]) -> HashMap<u32, String> {
    let plain = plain_namespace(sources);
    let mut ranks: Vec<&str> = vec![plain];
    for source in sources {
        let namespace = source.namespace.as_deref().unwrap_or_default();
        if !ranks.contains(&namespace) {
            ranks.push(namespace);
        }
    }
    let records = &resolved.records;
    let rank = |value: &Value| {
        let namespace = records.namespace(value);
        let rank = ranks.iter().position(|each| *each == namespace);
        (value.kind, rank, value.text.chars().count(), value.text.clone())
    };
    let mut best: HashMap<u32, u32> = HashMap::new();
    for (record, customer) in records.iter().zip(&resolved.resolution.customer_of) {
        for place in record.values() {
            let entry = best.entry(*customer).or_insert(place);
            if *entry != place && rank(records.value_at(place)) < rank(records.value_at(*entry)) {
                *entry = place;
            }
        }
    }
    best.into_iter()
        .filter_map(|(customer, place)| {
            let value = records.value_at(place);
            Some((customer, alone(value.kind, records.namespace(value), &value.text, plain)?))
        })
        .collect()
}
