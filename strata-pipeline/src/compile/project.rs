//! Projections over frames whose columns are known by their names alone.

use std::sync::Arc;

use strata_lake::datafusion::common::{Column, DFSchema};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Projection, col};

/// What [`DataFrame::select`] makes of expressions whose columns are called as those of the frame. `select` walks the whole plan for
/// each column to find out which table's it is, and of eighty columns over a plan of twenty steps that takes longer than to compute
/// them of one subject.
///
/// # Errors
/// When the frame lacks a column of an expression, or two would have one name.
pub(super) fn projected(frame: DataFrame, exprs: Vec<Expr>) -> Result<DataFrame> {
    let (state, input) = frame.into_parts();
    let fields = exprs.iter().map(|expr| expr.to_field(input.schema())).collect::<Result<Vec<_>>>()?;
    let schema = DFSchema::new_with_metadata(fields, input.schema().metadata().clone())?;
    let projection = Projection::try_new_with_schema(exprs, Arc::new(input), Arc::new(schema))?;
    Ok(DataFrame::new(state, LogicalPlan::Projection(projection)))
}

/// The frame with more columns.
///
/// # Errors
/// As those of [`projected`].
pub(super) fn with_columns(frame: DataFrame, more: impl IntoIterator<Item = Expr>) -> Result<DataFrame> {
    let columns = all_columns(&frame).chain(more).collect();
    projected(frame, columns)
}

/// The frame without a column.
///
/// # Errors
/// As those of [`projected`].
pub(super) fn without_column(frame: DataFrame, name: &str) -> Result<DataFrame> {
    let is_kept = |column: &Expr| !matches!(column, Expr::Column(column) if column.name == name);
    let columns = all_columns(&frame).filter(is_kept).collect();
    projected(frame, columns)
}

pub(super) fn all_columns(frame: &DataFrame) -> impl Iterator<Item = Expr> + use<> {
    let columns = frame.schema().iter().map(|(qualifier, field)| col(Column::from((qualifier, field))));
    columns.collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use strata_lake::arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use strata_lake::arrow::util::pretty::pretty_format_batches;
    use strata_lake::datafusion::logical_expr::lit;
    use strata_lake::datafusion::prelude::SessionContext;

    use super::*;

    fn frame() -> DataFrame {
        let numbers = |numbers: [Option<i64>; 3]| Arc::new(Int64Array::from(numbers.to_vec())) as ArrayRef;
        let columns = [("a", numbers([Some(1), None, Some(3)]), true), ("B", numbers([Some(4); 3]), false)];
        let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        SessionContext::new().read_batch(rows).unwrap()
    }

    async fn shown(frame: DataFrame) -> String {
        let schema = format!("{:?}", frame.schema().as_arrow());
        let rows = frame.collect().await.unwrap();
        format!("{schema}\n{}", pretty_format_batches(&rows).unwrap())
    }

    #[tokio::test]
    async fn columns_are_those_that_select_makes() {
        let exprs = || {
            vec![
                (col("a") + lit(1_i64)).alias("a"),
                Expr::Column(Column::from_name("B")),
                lit("x").alias("c"),
            ]
        };
        let expected = shown(frame().select(exprs()).unwrap()).await;
        assert_eq!(shown(projected(frame(), exprs()).unwrap()).await, expected);
    }

    #[tokio::test]
    async fn columns_come_and_go() {
        let more = with_columns(frame(), [lit(7_i64).alias("c")]).unwrap();
        assert_eq!(shown(more.clone()).await, shown(frame().with_column("c", lit(7_i64)).unwrap()).await);
        assert_eq!(shown(without_column(more, "c").unwrap()).await, shown(frame()).await);
        assert_eq!(shown(without_column(frame(), "absent").unwrap()).await, shown(frame()).await);
    }

    #[test]
    fn what_is_not_there_or_there_twice_is_an_error() {
        let error = projected(frame(), vec![col("absent")]).unwrap_err();
        assert!(error.to_string().contains("absent"), "{error}");
        let error = with_columns(frame(), [lit(1_i64).alias("a")]).unwrap_err();
        assert!(error.to_string().contains('a'), "{error}");
    }
}
