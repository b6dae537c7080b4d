//! One customer behind many ids: rows of all sources get the id of the customer whom their identifiers, taken together,
//! mean. What joins and what does not is decided in `strata_models::identity`; here rows become records, records
//! customers, and customers names.
//!
//! A source's customer id counts within its namespace; e-mail address, telephone and device count everywhere. Where a
//! project has nothing to join by (one namespace and no other identifier) nothing is read and nothing changes.
//!
//! A row's customer is that of its most trusted identifier. A row whose identifier fits several customers, as an
//! e-mail address that two persons share, is nobody's unless it has a better one: it cannot be said whose it is.

mod apply;
mod blocked;
mod collect;
mod name;
pub(crate) mod normal;
mod record;
mod refused;

use std::borrow::Cow;

use serde::Serialize;
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::error::DataFusionError;
use strata_models::identity::{Claim, Evidence, InputError, KindRule, Refusal, Resolution, Rules, resolve};
use strata_spec::error::SpecError;
use strata_spec::manifest::{Identifier, Identity, Manifest, Source};

use super::error::{Result, While};
use super::typed::TypedRows;
use name::Named;
use record::{Record, Records};

pub(crate) use apply::{Applied, renamed};
pub(crate) use collect::{Asked, PREFIX, customer_id, identifier_columns, instead_of_id, joins};
pub use record::IDENTITY;
pub(crate) use record::Kind;
pub use refused::REFUSED;

/// What became of the identifiers, in counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IdentityReport {
    /// Distinct combinations of identifiers that rows carry.
    pub n_records: u64,
    /// Distinct identifiers.
    pub n_identifiers: u64,
    /// Customers whom more than one customer id, e-mail address, telephone or device means.
    pub n_joined_customers: u64,
    /// Customer ids that gave way to another id of the same customer.
    pub n_replaced_ids: u64,
    /// Joins by kind of identifier, the most frequent first.
    pub joins: Vec<KindCount>,
    /// Joins that were not made, by kind of identifier and reason.
    pub refused: Vec<RefusedCount>,
}

/// How many joins an identifier made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// `customer_id`, `email`, `phone`, `anonymous_id` or `decision`.
    pub kind: &'static str,
    /// How many.
    pub n: u64,
}

/// How many joins were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedCount {
    /// As in [`KindCount`].
    pub kind: &'static str,
    /// `apart`, `person`, `ambiguous`, `cap` or `shared`.
    pub reason: &'static str,
    /// How many.
    pub n: u64,
}

/// Records with the customers that they are.
struct Resolved {
    records: Records,
    held: Held,
    resolution: Resolution,
}

/// Finds out who is who among the good rows of all mappings; `None` where there is nothing to join by. Rows will be looked up by
/// what is `asked`.
pub(crate) async fn find(manifest: &Manifest, rows: &[TypedRows], asked: Asked) -> Result<Option<Applied>> {
    if !joins(manifest) {
        return Ok(None);
    }
    let mut records = Records::new(&manifest.identity);
    for mapped in rows {
        let namespace = namespace_of(&manifest.sources, &mapped.source);
        collect::records(mapped, namespace, &manifest.identity, &mut records).await.operation(|| {
            format!("look for customers in the {} of source `{}`", mapped.table, mapped.source)
        })?;
    }
    let together = decided(&mut records, manifest, &manifest.identity.together);
    let apart = decided(&mut records, manifest, &manifest.identity.apart);
    let manifest = manifest.clone();
    // Long work for one core, beside which others go on.
    let resolving = SpawnedTask::spawn_blocking(move || {
        let resolved = resolved(records, &manifest.identity, &together, &apart)?;
        Ok(Named::of(resolved, manifest))
    });
    let finding = || "find out who is who".to_owned();
    let named = resolving.join().await.map_err(|error| DataFusionError::External(Box::new(error)));
    let named = named.operation(finding)?.map_err(|error: InputError| {
        SpecError::new(error.to_string()).with_hint("split the sources over several projects")
    })?;
    Applied::of(named, asked).await.operation(finding).map(Some)
}

fn resolved(
    mut records: Records,
    identity: &Identity,
    together: &[(Record, Record)],
    apart: &[(Record, Record)],
) -> std::result::Result<Resolved, InputError> {
    records.put_in_order();
    let mut numbered = |pairs: &[(Record, Record)]| -> Vec<(u32, u32)> {
        pairs.iter().map(|(one, other)| (records.push(*one), records.push(*other))).collect()
    };
    let (together, apart) = (numbered(together), numbered(apart));
    let (kinds, persons) = (kind_rules(identity), records.persons());
    let rules = Rules { kinds: &kinds, apart: &apart, together: &together, person: &persons };
    let mut claims = records.claims();
    let resolution = resolve(records.len(), &mut claims, &rules)?;
    let held = Held::of(&claims, &records, &resolution);
    Ok(Resolved { records, held, resolution })
}

/// Whether a column of this name identifies a customer.
pub(super) fn is_identifier(name: &str) -> bool {
    name == Kind::Id.as_str() || Identifier::parse(name).is_some()
}

fn decided(
    records: &mut Records,
    manifest: &Manifest,
    decisions: &[strata_spec::manifest::Decision],
) -> Vec<(Record, Record)> {
    let pairs = decisions.iter().map(|decision| {
        let mut record = |text: &str| {
            let (kind, namespace, value) = parse_identifier(text, manifest);
            records.of_identifier(kind, &namespace, &value)
        };
        (record(&decision.identifiers[0]), record(&decision.identifiers[1]))
    });
    pairs.collect()
}

/// What `email:ann@example.com`, `shop:1001` or `1001` means. What stands before the first colon counts only where it is
/// an identifier or a namespace: ids have colons too.
pub(crate) fn parse_identifier(text: &str, manifest: &Manifest) -> (Kind, String, String) {
    if let Some((before, value)) = text.split_once(':') {
        if let Some(identifier) = Identifier::parse(before) {
            let country = manifest.identity.country.as_deref().unwrap_or_default();
            // A decision may be about a value that is blocked otherwise.
            let normal = normal::IdentifierReader::new(before, country, "").read(value);
            let normal = normal.map_or_else(|| value.to_owned(), Cow::into_owned);
            return (Kind::Other(identifier), String::new(), normal);
        }
        if manifest.sources.iter().any(|source| source.namespace.as_deref() == Some(before)) {
            return (Kind::Id, before.to_owned(), value.to_owned());
        }
    }
    (Kind::Id, name::plain_namespace(&manifest.sources).to_owned(), text.to_owned())
}

fn namespace_of<'a>(sources: &'a [Source], name: &str) -> &'a str {
    let source = sources.iter().find(|source| source.name.as_str() == name);
    source.and_then(|source| source.namespace.as_deref()).unwrap_or_default()
}

/// In the order of [`Kind::place`].
fn kind_rules(identity: &Identity) -> Vec<KindRule> {
    let ids = KindRule { most_values: identity.max_values, most_customers: u32::MAX, weak: false };
    let others = identity.join_by.iter().map(|identifier| KindRule {
        most_values: match identifier {
            Identifier::AnonymousId => identity.max_devices,
            Identifier::Email | Identifier::Phone => identity.max_values,
        },
        most_customers: identity.max_shared,
        weak: true,
    });
    [ids].into_iter().chain(others).collect()
}

/// A customer who has an identifier, and the first record through which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    customer: u32,
    record: u32,
}

/// Who has each identifier. Identifiers lie in no order of customers, so that finding these is slow, and is done once.
struct Held {
    /// The place of each identifier, and where its holders end.
    identifiers: Vec<(u32, u32)>,
    /// Of an identifier, each customer once.
    holders: Vec<Holder>,
}

impl Held {
    /// From claims in the order in which they were looked at: by kind, value and record.
    fn of(claims: &[Claim], records: &Records, resolution: &Resolution) -> Held {
        let mut held = Held {
            identifiers: Vec::with_capacity(records.n_values()),
            holders: Vec::with_capacity(claims.len()),
        };
        let (mut from, mut of_one) = (0, Vec::new());
        for claims in claims.chunk_by(|a, b| (a.kind, a.value) == (b.kind, b.value)) {
            let Some(claim) = claims.first() else { continue };
            let Some(place) = records.place(claim.kind, claim.value, from) else { continue };
            from = place;
            of_one.clear();
            of_one.extend(claims.iter().filter_map(|claim| {
                let customer = *resolution.customer_of.get(claim.record as usize)?;
                Some(Holder { customer, record: claim.record })
            }));
            of_one.sort_unstable();
            of_one.dedup_by_key(|holder| holder.customer);
            held.holders.extend(&of_one);
            held.identifiers.push((place, held.holders.len() as u32));
        }
        held
    }

    /// The identifiers, each by its place and with those who have it.
    fn each(&self) -> impl Iterator<Item = (u32, &[Holder])> {
        let mut begin = 0;
        self.identifiers.iter().map(move |(place, end)| {
            let holders = &self.holders[begin..*end as usize];
            begin = *end as usize;
            (*place, holders)
        })
    }
}

impl Resolved {
    /// The counts for the report.
    fn report(&self, identity: &Identity) -> IdentityReport {
        let mut report = IdentityReport {
            n_records: self.records.len() as u64,
            n_identifiers: self.records.n_values() as u64,
            ..IdentityReport::default()
        };
        for join in &self.resolution.joins {
            let kind = evidence_name(join.by, identity);
            match report.joins.iter_mut().find(|count| count.kind == kind) {
                Some(count) => count.n += 1,
                None => report.joins.push(KindCount { kind, n: 1 }),
            }
        }
        for refused in &self.resolution.refused {
            let (kind, reason) = (evidence_name(refused.by, identity), reason_name(refused.reason));
            match report.refused.iter_mut().find(|count| (count.kind, count.reason) == (kind, reason)) {
                Some(count) => count.n += 1,
                None => report.refused.push(RefusedCount { kind, reason, n: 1 }),
            }
        }
        report.joins.sort_by_key(|count| (std::cmp::Reverse(count.n), count.kind));
        report.refused.sort_by_key(|count| (std::cmp::Reverse(count.n), count.kind, count.reason));
        report
    }
}

/// What speaks for a join, in a word.
fn evidence_name(evidence: Evidence, identity: &Identity) -> &'static str {
    match evidence {
        Evidence::Hand => "decision",
        Evidence::Identifier { kind, .. } => Kind::at(kind, identity).as_str(),
    }
}

fn reason_name(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Apart => "apart",
        Refusal::Person => "person",
        Refusal::Ambiguous => "ambiguous",
        Refusal::Cap { .. } => "cap",
        Refusal::Shared { .. } => "shared",
    }
}
