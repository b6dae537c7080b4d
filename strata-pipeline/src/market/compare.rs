//! Puts the rows of a market and the customers into classes by one program, and counts both.
//!
//! What can be said of a market's rows is said in the subject's own columns alone, so that the same plan runs over the table of the
//! market and over that of the customers.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use strata_lake::Engine;
use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::compute::cast as cast_array;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_aggregate::expr_fn::sum;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::market::Counts;
use strata_spec::error::ErrorCode;
use strata_spec::manifest::{Market, N_MARKET};
use strata_spec::name::UNASSIGNED;

use super::{Class, Division, LeftOut, MarketIndex};
use crate::canonical::market::PLACE;
use crate::compile::{
    self, DivisionKind, Earlier, Mapped, Program, Question, Setting, Tables, bare, column_name, data_type,
};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::run::{self, Run};
use crate::segment::class_title;

/// The column with how many a row stands for, on either side.
const WEIGHT: &str = "_n_market";

/// A market, compared, and what the user should know of it.
pub(crate) struct Compared {
    pub(crate) index: MarketIndex,
    pub(crate) warnings: Vec<String>,
}

/// Holds customers against a market.
///
/// # Errors
/// When a table cannot be read, or the market's `among` says more than the subjects' own columns do.
pub(crate) async fn compare(
    run: &Run,
    engine: &Engine,
    programs: &[Program],
    market: &Market,
) -> Result<Compared> {
    let subject = market.subject;
    let mapped = Mapped::of(&run.project.manifest);
    let setting = Setting::of(&run.project, &mapped, market.subject, run.as_of);
    let divisions = programs.iter().filter(|program| program.subject == subject);
    let divisions = divisions.flat_map(|program| compile::divisions(program, setting.definitions));
    let columns: BTreeSet<&str> = market.columns().collect();
    let refused = |faults| run.project.refused(faults);
    let sorted = bare(&setting, divisions, &columns).map_err(refused)?;
    check_among(&run.project, &setting, market)?;

    let table = market.source.name.as_str();
    let rows = run::read(run, engine, table).await?;
    let rows = as_subjects(rows, &setting)
        .context(format!("cannot plan the classes of market `{}`", market.name))?;
    let customers = run::read(run, engine, subject.as_str()).await?;
    let customers = customers.with_column(WEIGHT, lit(1.0)).context(format!("cannot read {subject}"))?;
    let of_market = Question { nodes: sorted.nodes.clone(), ..Question::default() };
    let among = market.among.as_slice();
    let of_customers = Question { nodes: sorted.nodes, conditions: among, ..Question::default() };
    let program = compile::compile_only(&setting, &of_market).map_err(refused)?;
    let market_counts = count(program.clone(), rows.clone()).await?;
    let customer_program = compile::compile_only(&setting, &of_customers).map_err(refused)?;
    let customer_counts = count(customer_program, customers).await?;

    let none = ByClass::new();
    let of = |counts: &BTreeMap<String, ByClass>, column: &str| counts.get(column).unwrap_or(&none).clone();
    let mut made = Vec::new();
    for division in program.levels.iter().flatten() {
        let column = division.column();
        made.push(both(division, &of(&market_counts, &column), &of(&customer_counts, &column), &setting));
    }
    made.sort_by(|a, b| (a.is_segment, &a.name).cmp(&(b.is_segment, &b.name)));
    let (n_rows, n_market) = size(rows).await.context(format!("cannot count market `{}`", market.name))?;
    let mut warnings = Vec::new();
    if made.is_empty() {
        warnings.push(format!(
            "market `{}`: no segmentation speaks only of what its rows have, which is {}",
            market.name,
            columns.iter().copied().collect::<Vec<_>>().join(", ")
        ));
    }
    let mut left_out: Vec<LeftOut> = sorted
        .left_out
        .into_iter()
        .map(|(node, reason)| LeftOut { kind: node.kind().to_owned(), name: node.name().to_owned(), reason })
        .collect();
    left_out.sort_by(|a, b| (b.kind.as_str(), &a.name).cmp(&(a.kind.as_str(), &b.name)));
    let index =
        MarketIndex { name: market.name.clone(), subject, n_rows, n_market, divisions: made, left_out };
    Ok(Compared { index, warnings })
}

/// Checks what the markets of a project say of the customers.
///
/// # Errors
/// When the `among` of one says more than the subjects' own columns do.
pub(crate) fn check(project: &Project) -> Result<()> {
    let mapped = Mapped::of(&project.manifest);
    for market in &project.manifest.markets {
        // Any instant will do: what a condition means does not depend on it.
        let setting = Setting::of(project, &mapped, market.subject, chrono::DateTime::UNIX_EPOCH);
        check_among(project, &setting, market)?;
    }
    Ok(())
}

fn check_among(project: &Project, setting: &Setting<'_>, market: &Market) -> Result<()> {
    let Some(among) = &market.among else { return Ok(()) };
    let question = Question { conditions: slice::from_ref(among), ..Question::default() };
    let program = compile::compile_only(setting, &question).map_err(|faults| project.refused(faults))?;
    let Some(reason) = compile::needs_more(&program) else { return Ok(()) };
    let message = format!(
        "`{}.among` may speak of columns of {} only, and needs more: {reason}",
        market.section,
        setting.subject.table()
    );
    Err(Error::new(ErrorCode::InvalidDefinition, message)
        .with_hint("say whom the market's table covers, as `country in ('DE', 'AT', 'CH')`"))
}

/// The market's rows as rows of the subject's own table: what they have no column for is unknown.
fn as_subjects(rows: DataFrame, setting: &Setting<'_>) -> EngineResult<DataFrame> {
    let table = setting.subject.table();
    let mut columns = vec![ident(PLACE).alias(setting.subject.id_column()), ident(N_MARKET).alias(WEIGHT)];
    for name in setting.columns_of(table).into_iter().filter(|name| *name != setting.subject.id_column()) {
        let Some(kind) = setting.kind_of(table, name) else { continue };
        columns.push(match rows.schema().has_column_with_unqualified_name(name) {
            true => ident(name).alias(name),
            false => lit(ScalarValue::try_from(&data_type(kind))?).alias(name),
        });
    }
    rows.select(columns)
}

/// How many are in each class of a division, by name. Of a segment: in, out, and undecided.
type ByClass = BTreeMap<String, f64>;

/// Of a segment, those who are in it and those who are not; who is undecided is [`UNASSIGNED`].
const IN: &str = "in";
const OUT: &str = "out";

/// Counts the classes of each division of a program, by its column, over rows of the subject's own table, of whom all conditions that are asked
/// hold.
async fn count(mut program: Program, rows: DataFrame) -> Result<BTreeMap<String, ByClass>> {
    let planning = || format!("cannot plan the classes of {}", program.subject);
    // Carried along, as a column of the subject's own.
    program.own_columns.push(WEIGHT.to_owned());
    let tables = Tables::from([(program.subject.table(), rows)]);
    let profile = program.profile_after(&tables, &Earlier::Unavailable).context(planning())?;
    let mut also = vec![ident(WEIGHT)];
    for division in program.levels.iter().flatten() {
        also.push(ident(division.column()));
        if matches!(division.kind, DivisionKind::Members { .. }) {
            also.push(ident(column_name::undecided_of(&division.name)));
        }
    }
    let mut divided = program.answer(profile, &Earlier::Unavailable, also).context(planning())?;
    for n in 0..program.asked.conditions.len() {
        divided = divided.filter(ident(column_name::asked(n)).is_true()).context(planning())?;
    }
    let mut counts = BTreeMap::new();
    for division in program.levels.iter().flatten() {
        let class = match division.kind {
            DivisionKind::Classes(_) => ident(division.column()),
            DivisionKind::Members { .. } => {
                standing(&division.column(), &division.name).context(planning())?
            }
        };
        counts.insert(division.column(), by_class(divided.clone(), class).await.context(planning())?);
    }
    Ok(counts)
}

/// Whether somebody is in a segment, out, or undecided. Who is listed as in or out is not undecided.
fn standing(member: &str, segment: &str) -> EngineResult<Expr> {
    strata_lake::datafusion::logical_expr::when(ident(member), lit(IN))
        .when(ident(column_name::undecided_of(segment)), lit(UNASSIGNED))
        .otherwise(lit(OUT))
}

async fn by_class(rows: DataFrame, class: Expr) -> EngineResult<ByClass> {
    let counted = rows.aggregate(vec![class.alias("class")], vec![exact_sum()])?;
    let counted = counted.select(vec![
        cast(ident("class"), DataType::Utf8).alias("class"),
        cast(ident("n"), DataType::Float64).alias("n"),
    ])?;
    let mut counts = ByClass::new();
    for batch in counted.collect().await? {
        let classes = cast_array(batch.column(0), &DataType::Utf8)?;
        let (classes, sums) = (classes.as_string::<i32>(), batch.column(1).as_primitive::<Float64Type>());
        for row in (0..batch.num_rows()).filter(|row| sums.is_valid(*row)) {
            let class = if classes.is_valid(row) { classes.value(row) } else { UNASSIGNED };
            *counts.entry(class.to_owned()).or_default() += sums.value(row);
        }
    }
    Ok(counts)
}

/// The sum of what rows stand for. Sums of decimals do not depend on the order of rows; counts are told apart by millionths.
fn exact_sum() -> Expr {
    sum(cast(ident(WEIGHT), DataType::Decimal128(38, 6))).alias("n")
}

async fn size(rows: DataFrame) -> EngineResult<(u64, f64)> {
    let n_rows = rows.clone().count().await?;
    let all = by_class(rows, lit("all")).await?;
    Ok((n_rows as u64, all.values().sum()))
}

fn both(
    division: &compile::Division,
    of_market: &ByClass,
    of_customers: &ByClass,
    setting: &Setting<'_>,
) -> Division {
    let counts = |class: &str| Counts {
        n_market: of_market.get(class).copied().unwrap_or(0.0),
        n_customers: of_customers.get(class).copied().unwrap_or(0.0),
    };
    let definitions = setting.definitions;
    let name = division.name.clone();
    let (names, is_segment) = match &division.kind {
        DivisionKind::Members { .. } => (vec![IN.to_owned(), OUT.to_owned()], true),
        DivisionKind::Classes(Some(names)) => (names.clone(), false),
        DivisionKind::Classes(None) => (values(of_market, of_customers), false),
    };
    let assigned = names.iter().filter(|name| *name != UNASSIGNED);
    let total = assigned.clone().map(|name| counts(name)).fold(Counts::default(), |all, each| Counts {
        n_market: all.n_market + each.n_market,
        n_customers: all.n_customers + each.n_customers,
    });
    let classes = if is_segment {
        let title = definitions.segments.get(name.as_str()).map(|segment| segment.header.title.clone());
        vec![Class { name: name.clone(), title: title.unwrap_or_else(|| name.clone()), counts: counts(IN) }]
    } else {
        let title = |class: &str| {
            let segmentation = definitions.segmentations.get(name.as_str());
            segmentation.map_or_else(|| class.to_owned(), |each| class_title(&each.classes, class))
        };
        let class =
            |class: &String| Class { name: class.clone(), title: title(class), counts: counts(class) };
        assigned.map(class).collect()
    };
    Division { name, is_segment, assigned: total, unassigned: counts(UNASSIGNED), classes }
}

/// The values that are classes on either side: those with most customers first, then those with most of the market.
fn values(of_market: &ByClass, of_customers: &ByClass) -> Vec<String> {
    let of = |side: &ByClass, class: &str| side.get(class).copied().unwrap_or(0.0);
    let names: BTreeSet<&String> = of_market.keys().chain(of_customers.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().filter(|name| *name != UNASSIGNED).collect();
    names.sort_by(|a, b| {
        of(of_customers, b)
            .total_cmp(&of(of_customers, a))
            .then(of(of_market, b).total_cmp(&of(of_market, a)))
            .then(a.cmp(b))
    });
    names.into_iter().cloned().collect()
}
