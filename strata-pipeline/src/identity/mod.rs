//! Decisions about single customers: who they are, what a decision would change, and where it is kept.
//!
//! A decision stands in `identity.toml` beside the manifest, in its owner's version control. Before it is written, a run is
//! rehearsed with it: the same stages write versions of the tables that nothing names, and their memberships are
//! held against those of the last complete run.

mod duplicates;
mod known;
mod score;

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use strata_lake::Engine;
use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::expr_fn::coalesce;
use strata_lake::datafusion::logical_expr::{cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;
use strata_spec::manifest::{DECISIONS, Decision};

use crate::canonical::{IdentifierKind, REFUSED, parse_identifier};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::{Answer, View};
use crate::run::{Options, Reporter, Session, rehearse};
use crate::segment::MEMBERSHIP;

pub use duplicates::duplicates;
pub(crate) use known::known;
pub use score::{Score, score};

/// Whether two customers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are.
    Together,
    /// They are not.
    Apart,
}

impl Verdict {
    fn key(self) -> &'static str {
        match self {
            Verdict::Together => "together",
            Verdict::Apart => "apart",
        }
    }
}

/// What a decision would change.
pub struct Change {
    /// Customers at the last run, and with the decision.
    pub n_customers: (u64, u64),
    /// `customer`, `change` (`enters` or `leaves`), `segment`: memberships that only one of the two has.
    pub memberships: Answer,
}

/// The identifiers of the customer whom an identifier means, with what joined each: `customer_id`, `kind`, `namespace`, `value`,
/// `source`, `joined_by`.
///
/// # Errors
/// `NotFound` when nobody has the identifier.
pub async fn show(project: &Project, view: &View, identifier: &str) -> Result<Answer> {
    let mut named = same_identifier(project, identifier);
    if matches!(parse_identifier(identifier, &project.manifest).0, IdentifierKind::Id) {
        named = format!("({named} or customer_id = {})", quoted(identifier));
    }
    let found = view.sql(&format!("select count(*) from identity where {named}")).await?.rows(1).await?;
    if found.cells.first().and_then(|row| row.first()?.as_deref()) == Some("0") {
        return Err(Error::new(ErrorCode::NotFound, format!("nobody is known by `{identifier}` and another identifier"))
            .with_hint("write an id, an id with its namespace as `shop:1001`, or `email:ann@example.com`, `phone:+49…`, `anonymous_id:…`"));
    }
    view.sql(&format!(
        "select * from identity where customer_id in (select customer_id from identity where {named}) \
         order by customer_id, kind, namespace, value"
    ))
    .await
}

/// The joins that were not made to the customers whom an identifier means, or by that identifier: the columns of
/// `identity_refused`. None where every join was made, or the last run was of a version that did not list them.
///
/// # Errors
/// When the table cannot be read.
pub async fn refused(project: &Project, view: &View, identifier: &str) -> Result<Option<Answer>> {
    if !view.complete.tables.contains_key("identity_refused") {
        return Ok(None);
    }
    let concerned = format!(
        "from identity_refused where {0} \
         or customer_id in (select customer_id from identity where {0} or customer_id = {1}) \
         or other_customer_id in (select customer_id from identity where {0} or customer_id = {1})",
        same_identifier(project, identifier),
        quoted(identifier),
    );
    let n = view.sql(&format!("select count(*) {concerned}")).await?.rows(1).await?;
    if n.cells.first().and_then(|row| row.first()?.as_deref()) == Some("0") {
        return Ok(None);
    }
    let columns = REFUSED.map(|(name, _)| name).join(", ");
    view.sql(&format!("select {columns} {concerned} order by {columns}")).await.map(Some)
}

/// Whether a row of `identity` or `identity_refused` has an identifier, in SQL.
fn same_identifier(project: &Project, identifier: &str) -> String {
    let (kind, namespace, value) = parse_identifier(identifier, &project.manifest);
    let namespace = match kind {
        IdentifierKind::Id => format!(" and coalesce(namespace, '') = {}", quoted(&namespace)),
        IdentifierKind::Other(_) => String::new(),
    };
    format!("(kind = '{}' and value = {}{namespace})", kind.as_str(), quoted(&value))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What a decision would change at the last run's instant.
///
/// # Errors
/// When the two are the same identifier, or a stage fails.
pub async fn rehearsed(
    project: &Project,
    session: &Session,
    verdict: Verdict,
    decision: &Decision,
    progress: Reporter,
) -> Result<Change> {
    let view = crate::query::open(project, session).await?;
    let mut changed = project.clone();
    let identity = &mut changed.manifest.identity;
    match verdict {
        Verdict::Together => identity.together.push(decision.clone()),
        Verdict::Apart => identity.apart.push(decision.clone()),
    }
    let options = Options { as_of: view.complete.as_of, rewind: false, session: session.clone() };
    let (engine, rehearsal) = rehearse(changed, options, progress).await?;
    let n_customers =
        (n_customers(&engine, &view.complete.tables).await?, n_customers(&engine, &rehearsal).await?);
    let version = |tables: &std::collections::BTreeMap<String, u64>| {
        tables.get(MEMBERSHIP).copied().unwrap_or_default()
    };
    let open = |version| engine.table(MEMBERSHIP, version);
    let before = open(version(&view.complete.tables)).await.context("cannot open the memberships")?;
    let after = open(version(&rehearsal)).await.context("cannot open the rehearsed memberships")?;
    let memberships = difference(before, after).context("cannot compare the memberships")?;
    Ok(Change { n_customers, memberships: Answer(memberships) })
}

async fn n_customers(engine: &Engine, tables: &std::collections::BTreeMap<String, u64>) -> Result<u64> {
    let version = tables.get("customers").copied().unwrap_or_default();
    let customers = engine.table("customers", version).await.context("cannot open the customers")?;
    Ok(customers.count().await.context("cannot count the customers")? as u64)
}

/// Current memberships that only one of two tables has.
fn difference(before: DataFrame, after: DataFrame) -> EngineResult<DataFrame> {
    const KEY: [&str; 4] = ["subject", "subject_id", "segmentation", "segment"];
    let current = |frame: DataFrame, prefix: &str| {
        let columns = KEY.map(|name| coalesce(vec![ident(name), lit("")]).alias(format!("{prefix}{name}")));
        frame.filter(ident("left_at").is_null())?.select(columns.to_vec())
    };
    let (before, after) = (current(before, "old_")?, current(after, "new_")?);
    let names = |prefix: &str| KEY.map(|name| format!("{prefix}{name}"));
    let (old, new) = (names("old_"), names("new_"));
    let (old_keys, new_keys) = (old.each_ref().map(String::as_str), new.each_ref().map(String::as_str));
    let side = |kept: DataFrame, other: DataFrame, kept_keys: &[&str], other_keys: &[&str], word: &str| {
        let segmentation = ident(kept_keys[2]);
        let segment = strata_lake::datafusion::functions::expr_fn::concat_ws(
            lit("/"),
            vec![
                strata_lake::datafusion::functions::expr_fn::nullif(segmentation, lit("")),
                ident(kept_keys[3]),
            ],
        );
        kept.join(other, JoinType::LeftAnti, kept_keys, other_keys, None)?.select(vec![
            ident(kept_keys[1]).alias("customer"),
            cast(lit(word), strata_lake::arrow::datatypes::DataType::Utf8).alias("change"),
            segment.alias("segment"),
        ])
    };
    let leaves = side(before.clone(), after.clone(), &old_keys, &new_keys, "leaves")?;
    let enters = side(after, before, &new_keys, &old_keys, "enters")?;
    let order = ["customer", "change", "segment"].map(|name| ident(name).sort(true, true));
    enters.union(leaves)?.sort(order.to_vec())
}

/// Writes a decision down, at the end of `identity.toml`.
///
/// # Errors
/// When the file cannot be written.
pub fn decide(project: &Project, verdict: Verdict, decision: &Decision) -> Result<()> {
    let path = project.root.join(DECISIONS);
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "\n[[{}]]", verdict.key());
    let quoted =
        decision.identifiers.each_ref().map(|identifier| toml::Value::String(identifier.clone()).to_string());
    let _ = writeln!(text, "identifiers = [{}]", quoted.join(", "));
    if let Some(reason) = &decision.reason {
        let _ = writeln!(text, "reason = {}", toml::Value::String(reason.clone()));
    }
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .context(format!("cannot write {}", path.display()))
}
