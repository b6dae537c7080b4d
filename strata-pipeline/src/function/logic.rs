//! `and` and `or` over whole columns.
//!
//! The engine's own, where few rows are left to decide, first copies these rows of every column at hand, which is a hundred
//! columns for the sake of one where hundreds of conditions stand side by side. These only take bits together.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use strata_lake::arrow::array::{AsArray, BooleanArray};
use strata_lake::arrow::compute::{and_kleene, or_kleene};
use strata_lake::arrow::datatypes::{DataType, Field, FieldRef};
use strata_lake::arrow::error::ArrowError;
use strata_lake::datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use strata_lake::datafusion::common::{Result, ScalarValue};
use strata_lake::datafusion::logical_expr::expr::BinaryExpr;
use strata_lake::datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

/// `both(condition, condition)`: `and`, unknown included.
pub(crate) fn both() -> ScalarUDF {
    joining("both", and_kleene)
}

/// `either(condition, condition)`: `or`, unknown included.
pub(crate) fn either() -> ScalarUDF {
    joining("either", or_kleene)
}

/// The same expression with these in place of the engine's own.
pub(crate) fn over_columns(expr: Expr) -> Result<Expr> {
    expr.transform_up(|expr| {
        Ok(match expr {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Transformed::yes(both().call(vec![*left, *right]))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                Transformed::yes(either().call(vec![*left, *right]))
            }
            other => Transformed::no(other),
        })
    })
    .data()
}

type Join = fn(&BooleanArray, &BooleanArray) -> std::result::Result<BooleanArray, ArrowError>;

fn joining(name: &'static str, join: Join) -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Boolean; 2], Volatility::Immutable);
    ScalarUDF::new_from_impl(Joining { name, signature, join })
}

#[derive(Debug)]
struct Joining {
    name: &'static str,
    signature: Signature,
    join: Join,
}

/// Each has a name of its own.
impl PartialEq for Joining {
    fn eq(&self, other: &Joining) -> bool {
        self.name == other.name
    }
}
impl Eq for Joining {}
impl Hash for Joining {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Joining {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _given: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let may_be_unknown = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name, DataType::Boolean, may_be_unknown)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let sides = ColumnarValue::values_to_arrays(&args.args)?;
        let joined = (self.join)(sides[0].as_boolean(), sides[1].as_boolean())?;
        Ok(match all_constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&joined, 0)?),
            false => ColumnarValue::Array(Arc::new(joined)),
        })
    }
}

#[cfg(test)]
mod tests {
    use strata_lake::datafusion::logical_expr::col;

    use super::*;

    #[test]
    fn the_engines_own_words_are_replaced_wherever_they_stand() {
        let expr = col("a").and(col("b").or(col("c"))).is_null();
        assert_eq!(over_columns(expr).unwrap().to_string(), "both(a, either(b, c)) IS NULL");
    }
}
