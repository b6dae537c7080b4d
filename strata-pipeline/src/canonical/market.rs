//! Markets: rows of people or companies at large, typed by the rules of customers and companies.
//!
//! A row of a market is nobody in particular: its place in its file stands for an id, and it says besides how many it stands
//! for. It is refused when that count is missing, no number, negative or beyond reason.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::functions::unicode::expr_fn::strpos;
use strata_lake::datafusion::logical_expr::expr_fn::cast;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_spec::manifest::{ColumnSource, Identity, Manifest, Market, N_MARKET, Source};
use strata_spec::table::Kind;

use super::error::{CanonicalError, Result, While};
use super::evidence::{self, Decision};
use super::mapping::{self, raw_column};
use super::plan::{joined, null};
use super::rejected;
use super::report::{self, ReasonCount};
use super::{plain, plan_source};

/// The column of a market's table that says where a row stands, as `data/market.csv:7`.
pub(crate) const PLACE: &str = "place";

/// The greatest count that a row may have: far more people than there are, and little enough to be added exactly.
const MOST: f64 = 1e15;

/// A market, typed.
pub(super) struct MarketRows {
    /// [`PLACE`], the mapped columns, [`N_MARKET`].
    pub(super) frame: DataFrame,
    /// The rows refused and the values dropped.
    pub(super) rejected: Vec<DataFrame>,
    /// Refused rows by reason, without the values of single rows.
    pub(super) refused: Vec<ReasonCount>,
    /// Rows kept without a value, by reason.
    pub(super) dropped: Vec<ReasonCount>,
    pub(super) decisions: Vec<Decision>,
}

/// Plans the rows of a market over its raw table.
///
/// # Errors
/// When the manifest and the file do not fit each other, or a plan cannot be made or run.
pub(super) async fn plan(
    ctx: &SessionContext,
    manifest: &Manifest,
    market: &Market,
    raw: DataFrame,
) -> Result<MarketRows> {
    read(ctx, manifest, market, raw).await.map_err(|error| placed(error, market))
}

async fn read(
    ctx: &SessionContext,
    manifest: &Manifest,
    market: &Market,
    raw: DataFrame,
) -> Result<MarketRows> {
    let reading = || format!("read market `{}`", market.name);
    let (source, manifest) = as_source(market, manifest);
    let table = source.name.as_str();
    let raw = plain(raw, &source)?;
    let mappings = mapping::resolve(ctx, &source, &manifest.properties, &raw)?;
    let evidence = evidence::weigh(&source, &mappings, &raw).await?;
    let sound = raw.clone().filter(raw_column("_problem").is_null()).operation(reading)?;
    let bad = raw.clone().filter(raw_column("_problem").is_not_null()).operation(reading)?;
    let mut refused = report::by_reason(bad, "_problem").await.operation(reading)?;
    let mut rejected = Vec::new();
    if !refused.is_empty() {
        rejected.push(rejected::problems(table, &raw).operation(reading)?);
    }
    let typed = plan_source(ctx, &manifest, &source, &evidence, sound)?;
    let Some(rows) = typed.into_iter().next() else {
        return Err(
            strata_spec::error::SpecError::new(format!("market `{}` maps nothing", market.name)).into()
        );
    };
    let mut frame = rows.frame;
    if market.count.is_some() {
        let (kind, reason) = grounds().operation(reading)?;
        frame = frame
            .with_column("_reason_kind", kind)
            .and_then(|frame| frame.with_column("_reason", reason))
            .operation(reading)?;
    } else {
        frame = frame.with_column(N_MARKET, lit(1.0)).operation(reading)?;
    }
    let by_reason = report::by_reason(frame.clone(), "_reason_kind").await.operation(reading)?;
    let are_all_good = by_reason.is_empty();
    refused.extend(by_reason);
    if !are_all_good {
        let bad = frame.clone().filter(raw_column("_reason").is_not_null()).operation(reading)?;
        let noted = rejected::of_source(bad, table, table, raw_column("_reason"), &raw);
        rejected.push(noted.operation(reading)?);
        frame = frame.filter(raw_column("_reason").is_null()).operation(reading)?;
    }
    let dropped = report::by_reason(frame.clone(), "_dropped_kind").await.operation(reading)?;
    if !dropped.is_empty() {
        let without = frame.clone().filter(raw_column("_dropped").is_not_null()).operation(reading)?;
        let reason = joined(vec![lit("value dropped: "), raw_column("_dropped")]);
        rejected.push(rejected::of_source(without, table, table, reason, &raw).operation(reading)?);
    }
    let id = market.subject.id_column();
    let columns = market.columns().map(|name| raw_column(name).alias(name));
    let columns = [raw_column(id).alias(PLACE)].into_iter().chain(columns).chain([raw_column(N_MARKET)]);
    let order = ["_file", "_line"].map(|name| raw_column(name).sort(true, true));
    let frame = frame
        .sort(order.to_vec())
        .and_then(|frame| frame.select(columns.collect::<Vec<Expr>>()))
        .operation(reading)?;
    Ok(MarketRows { frame, rejected, refused, dropped, decisions: evidence.decisions().to_vec() })
}

/// The market as a source of the subject's table, and a manifest in which the count is one of its properties and nothing joins
/// customers.
fn as_source(market: &Market, manifest: &Manifest) -> (Source, Manifest) {
    let mut source = market.source.clone();
    let mut manifest = Manifest { identity: Identity::default(), ..manifest.clone() };
    for mapping in &mut source.tables {
        let place = r#"concat("_file", ':', cast("_line" as varchar))"#.to_owned();
        mapping.columns.push((market.subject.id_column().to_owned(), ColumnSource::Sql(place)));
        let declared = manifest.properties.entry(mapping.table).or_default();
        declared.insert(N_MARKET.to_owned(), Kind::Number);
        mapping.columns.extend(market.count.clone().map(|count| (N_MARKET.to_owned(), count)));
    }
    (source, manifest)
}

/// Why a row's count cannot be used, without the value and with it; null where it can.
fn grounds() -> strata_lake::datafusion::error::Result<(Expr, Expr)> {
    let unreadable = format!("{N_MARKET} is not a number");
    let [missing, negative, large] =
        ["is missing", "is negative", "is too large"].map(|fault| format!("{N_MARKET} {fault}"));
    let count = raw_column(N_MARKET);
    let said = joined(vec![lit(": "), cast(count.clone(), DataType::Utf8)]);
    let is_unreadable = strpos(raw_column("_dropped_kind"), lit(unreadable.as_str())).gt(lit(0));
    let grounds = [
        (is_unreadable, unreadable.as_str(), raw_column("_dropped")),
        (count.clone().is_null(), missing.as_str(), lit(missing.as_str())),
        (count.clone().lt(lit(0.0)), negative.as_str(), joined(vec![lit(negative.as_str()), said.clone()])),
        (count.gt(lit(MOST)), large.as_str(), joined(vec![lit(large.as_str()), said])),
    ];
    let choose = |says: &dyn Fn(&(Expr, &str, Expr)) -> Expr| {
        let [first, rest @ ..] = &grounds;
        let mut chain = when(first.0.clone(), says(first));
        for ground in rest {
            chain = chain.when(ground.0.clone(), says(ground));
        }
        chain.otherwise(null(Kind::Text))
    };
    Ok((choose(&|ground| lit(ground.1))?, choose(&|ground| ground.2.clone())?))
}

/// An error where the market's section stands: its columns are read as those of a source are.
fn placed(error: CanonicalError, market: &Market) -> CanonicalError {
    let CanonicalError::Definition(mut error) = error else { return error };
    let of_source = format!("sources.{}.", market.source.name);
    if let Some((before, rest)) = error.place.as_deref().and_then(|place| place.split_once(&of_source)) {
        let of_table = format!("{}.", market.subject.table());
        let column = match rest.strip_prefix(&of_table) {
            Some("where") => "where".to_owned(),
            Some(N_MARKET) => "count".to_owned(),
            Some(column) => format!("columns.{column}"),
            None => rest.to_owned(),
        };
        error.place = Some(format!("{before}{}.{column}", market.section));
    }
    error.message = error
        .message
        .replace(&format!("source `{}`", market.source.name), &format!("market `{}`", market.name));
    CanonicalError::Definition(error)
}
