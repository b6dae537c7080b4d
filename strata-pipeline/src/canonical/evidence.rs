//! Decides, once per source and by counting, how ambiguous dates and numbers of each column are to be read.
//!
//! A value such as 25/12/2024 shows that its column is written day first, 12.5 that it has a decimal point. One scan
//! counts such values for every mapped column; the majority decides. A column without evidence follows its source's
//! other columns; failing those, numbers have a decimal point and dates are read day first. Every decision that mattered is
//! reported, with the setting that overrides it.

use std::collections::BTreeMap;

use serde::Serialize;
use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::datatypes::Int64Type;
use strata_lake::datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use strata_lake::datafusion::functions_aggregate::expr_fn::{count, min};
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::manifest::{DateOrder, DecimalMark, Source};
use strata_spec::table::Kind;

use super::error::{Result, While};
use super::mapping::{Mapping, is_text, raw_column};
use super::parse::{Function, call};

/// How the ambiguous values of a source's columns are read.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    date_orders: BTreeMap<String, DateOrder>,
    decimal_marks: BTreeMap<String, DecimalMark>,
    default_order: Option<DateOrder>,
    default_mark: Option<DecimalMark>,
    decisions: Vec<Decision>,
}

/// A decision about a column, for the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The source.
    pub source: String,
    /// Its column, or the SQL expression over its columns.
    pub column: String,
    /// `day_first`, `month_first`, `point` or `comma`.
    pub reading: &'static str,
    /// What it rests on: `setting`, `evidence`, `contradictory`, `sibling` or `default`.
    pub basis: &'static str,
    /// Values that speak for this reading.
    pub n_for: i64,
    /// Values that can only be read the other way, and are.
    pub n_against: i64,
    /// Values that could be read both ways.
    pub n_ambiguous: i64,
    /// One sentence that says all that.
    pub sentence: String,
}

impl Evidence {
    /// The decisions that mattered, in the order of the mappings.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The order of day and month in the values of `raw`, as the parse functions take it.
    pub(crate) fn order_literal(&self, raw: &Expr) -> Expr {
        let known = self.date_orders.get(&raw.to_string()).copied();
        lit(order_name(known.or(self.default_order).unwrap_or(DateOrder::DayFirst)))
    }

    /// The decimal mark in the values of `raw`, as the parse functions take it.
    pub(crate) fn mark_literal(&self, raw: &Expr) -> Expr {
        let known = self.decimal_marks.get(&raw.to_string()).copied();
        lit(mark_name(known.or(self.default_mark).unwrap_or(DecimalMark::Point)))
    }

    /// Gives the calls `number(x)` and `timestamp(x)` of a mapping's SQL what was decided about `x`.
    pub(crate) fn settle(
        &self,
        expression: Expr,
        zone: &str,
    ) -> strata_lake::datafusion::error::Result<Expr> {
        let settled = expression.transform_up(|each| {
            let Expr::ScalarFunction(mut inner) = each else { return Ok(Transformed::no(each)) };
            if let [value] = inner.args.as_slice() {
                let value = value.clone();
                if inner.func.name() == Function::Number.name() {
                    inner.args.push(self.mark_literal(&value));
                } else if inner.func.name() == Function::Timestamp.name() {
                    inner.args.push(self.order_literal(&value));
                    inner.args.push(lit(zone));
                }
            }
            Ok(Transformed::yes(Expr::ScalarFunction(inner)))
        })?;
        Ok(settled.data)
    }
}

/// What is to be decided about the values of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    DateOrder,
    DecimalMark,
}

struct Target {
    question: Question,
    raw: Expr,
    label: String,
}

/// Counts of values by what they show: for the first reading, for the second, for neither; and an ambiguous example.
#[derive(Debug, Clone, Default)]
struct Counts {
    first: i64,
    second: i64,
    ambiguous: i64,
    example: Option<String>,
}

/// Scans `raw` once and decides. Nothing is scanned where settings or types leave nothing to decide.
pub(crate) async fn weigh(source: &Source, mappings: &[Mapping], raw: &DataFrame) -> Result<Evidence> {
    let mut targets = Vec::new();
    for mapping in mappings {
        for column in &mapping.columns {
            collect_targets(&column.raw, &column.label, raw, &mut targets);
            let question = match column.kind {
                Kind::Date | Kind::Timestamp => Question::DateOrder,
                Kind::Number | Kind::Integer => Question::DecimalMark,
                Kind::Text | Kind::Boolean | Kind::Json => continue,
            };
            if column.is_text() {
                push_target(&mut targets, question, &column.raw, &column.label);
            }
        }
        if let Some(filter) = &mapping.filter {
            collect_targets(filter, "where", raw, &mut targets);
        }
    }
    let mut evidence =
        Evidence { default_order: source.date_order, default_mark: source.decimal, ..Evidence::default() };
    targets.retain(|target| match target.question {
        Question::DateOrder => source.date_order.is_none(),
        Question::DecimalMark => source.decimal.is_none(),
    });
    if targets.is_empty() {
        return Ok(evidence);
    }
    let counts = scan(&targets, raw)
        .await
        .operation(|| format!("look at the dates and numbers of source `{}`", source.name))?;
    decide(source, &targets, &counts, &mut evidence);
    Ok(evidence)
}

fn push_target(targets: &mut Vec<Target>, question: Question, raw: &Expr, label: &str) {
    if !targets.iter().any(|target| target.question == question && target.raw == *raw) {
        targets.push(Target { question, raw: raw.clone(), label: label.to_owned() });
    }
}

/// Finds `number(x)` and `timestamp(x)` inside a mapping's SQL.
fn collect_targets(expression: &Expr, label: &str, raw: &DataFrame, targets: &mut Vec<Target>) {
    use strata_lake::datafusion::logical_expr::ExprSchemable;
    // Walking does not fail: the closure has no error to give.
    let _ = expression.apply(|each| {
        if let Expr::ScalarFunction(inner) = each
            && let [value] = inner.args.as_slice()
            && value.get_type(raw.schema()).is_ok_and(|kind| is_text(&kind))
        {
            if inner.func.name() == Function::Number.name() {
                push_target(targets, Question::DecimalMark, value, label);
            } else if inner.func.name() == Function::Timestamp.name() {
                push_target(targets, Question::DateOrder, value, label);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
}

async fn scan(targets: &[Target], raw: &DataFrame) -> strata_lake::datafusion::error::Result<Vec<Counts>> {
    let mut codes = Vec::new();
    let mut aggregates = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let (code, text) = (format!("code_{at}"), format!("text_{at}"));
        let function = match target.question {
            Question::DateOrder => Function::DateEvidence,
            Question::DecimalMark => Function::DecimalEvidence,
        };
        codes.push(call(function, vec![target.raw.clone()]).alias(&code));
        codes.push(call(Function::Text, vec![target.raw.clone()]).alias(&text));
        for (value, suffix) in [(2_i8, "first"), (3, "second"), (1, "ambiguous")] {
            let counted = count(lit(1)).filter(raw_column(&code).eq(lit(value))).build()?;
            aggregates.push(counted.alias(format!("{suffix}_{at}")));
        }
        aggregates.push(
            min(raw_column(&text))
                .filter(raw_column(&code).eq(lit(1_i8)))
                .build()?
                .alias(format!("example_{at}")),
        );
    }
    let sound = raw.clone().filter(raw_column("_problem").is_null())?;
    let batches = sound.select(codes)?.aggregate(vec![], aggregates)?.collect().await?;
    let mut all = vec![Counts::default(); targets.len()];
    for batch in batches.iter().filter(|batch| batch.num_rows() > 0) {
        for (at, counts) in all.iter_mut().enumerate() {
            let number = |name: &str| {
                let column = batch.column_by_name(&format!("{name}_{at}"));
                column.map_or(0, |column| column.as_primitive::<Int64Type>().value(0))
            };
            *counts = Counts {
                first: number("first"),
                second: number("second"),
                ambiguous: number("ambiguous"),
                example: batch
                    .column_by_name(&format!("example_{at}"))
                    .filter(|column| column.is_valid(0))
                    .map(|column| column.as_string::<i32>().value(0).to_owned()),
            };
        }
    }
    Ok(all)
}

fn decide(source: &Source, targets: &[Target], counts: &[Counts], evidence: &mut Evidence) {
    let total = |question: Question| {
        let each = targets.iter().zip(counts).filter(|(target, _)| target.question == question);
        each.fold((0, 0), |(first, second), (_, counts)| (first + counts.first, second + counts.second))
    };
    let (comma_votes, order_votes) = (total(Question::DecimalMark), total(Question::DateOrder));
    for (target, counts) in targets.iter().zip(counts) {
        let siblings = match target.question {
            Question::DateOrder => order_votes,
            Question::DecimalMark => comma_votes,
        };
        // A tie decides nothing: then the source's other columns do, and then the default, which is the first reading.
        let (takes_first, basis) = if counts.first != counts.second {
            let basis = if counts.first > 0 && counts.second > 0 { "contradictory" } else { "evidence" };
            (counts.first > counts.second, basis)
        } else if siblings.0 != siblings.1 {
            (siblings.0 > siblings.1, "sibling")
        } else {
            (true, "default")
        };
        let key = target.raw.to_string();
        let reading = match target.question {
            Question::DateOrder => {
                let order = if takes_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
                evidence.date_orders.insert(key, order);
                order_name(order)
            }
            Question::DecimalMark => {
                let mark = if takes_first { DecimalMark::Point } else { DecimalMark::Comma };
                evidence.decimal_marks.insert(key, mark);
                mark_name(mark)
            }
        };
        let (n_for, n_against) =
            if takes_first { (counts.first, counts.second) } else { (counts.second, counts.first) };
        // A column of which every value can be read in one way only, and the common way, needs no report.
        let plain = counts.ambiguous == 0 && n_against == 0 && takes_first;
        if !plain {
            let sentence = sentence(target, counts, reading, basis, n_for, n_against);
            evidence.decisions.push(Decision {
                source: source.name.to_string(),
                column: target.label.clone(),
                reading,
                basis,
                n_for,
                n_against,
                n_ambiguous: counts.ambiguous,
                sentence,
            });
        }
    }
    let default_mark = if comma_votes.1 > comma_votes.0 { DecimalMark::Comma } else { DecimalMark::Point };
    evidence.default_mark.get_or_insert(default_mark);
    let default_order =
        if order_votes.1 > order_votes.0 { DateOrder::MonthFirst } else { DateOrder::DayFirst };
    evidence.default_order.get_or_insert(default_order);
}

fn sentence(
    target: &Target,
    counts: &Counts,
    reading: &str,
    basis: &str,
    n_for: i64,
    n_against: i64,
) -> String {
    let setting = match target.question {
        Question::DateOrder => "date_order",
        Question::DecimalMark => "decimal",
    };
    let words = reading.replace('_', " ");
    let example = counts.example.as_ref().map_or_else(String::new, |example| format!("{example} "));
    let values = |count: i64| if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    match basis {
        "evidence" => format!("read {words}, as {} can only be read", values(n_for)),
        "contradictory" => format!(
            "contradictory evidence: {} can only be read {words}, {} only the other way; {example}is read {words}; set {setting} if that is wrong",
            values(n_for),
            values(n_against),
        ),
        "sibling" => {
            format!("no evidence: {example}is read {words}, as the source's other columns are; set {setting}")
        }
        _ => format!("no evidence: {example}is read {words}; set {setting}"),
    }
}

fn order_name(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayFirst => "day_first",
        DateOrder::MonthFirst => "month_first",
    }
}

fn mark_name(mark: DecimalMark) -> &'static str {
    match mark {
        DecimalMark::Point => "point",
        DecimalMark::Comma => "comma",
    }
}
