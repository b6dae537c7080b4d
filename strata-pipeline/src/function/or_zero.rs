//! What a count or a sum over no rows is.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use strata_lake::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_err};
use strata_lake::datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `or_zero(number)`: the number, and 0 where there is none; never null. The engine's `coalesce` takes rows with and without one
/// apart and puts them together again.
pub(crate) fn or_zero() -> ScalarUDF {
    let numbers = vec![DataType::Int64, DataType::Float64];
    ScalarUDF::new_from_impl(OrZero { signature: Signature::uniform(1, numbers, Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OrZero {
    signature: Signature,
}

impl ScalarUDFImpl for OrZero {
    fn name(&self) -> &'static str {
        "or_zero"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [number] => Ok(number.clone()),
            other => exec_err!("or_zero takes one number, not {other:?}"),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, false)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let number = ColumnarValue::values_to_arrays(&args.args)?.swap_remove(0);
        let known = match number.data_type() {
            _ if number.null_count() == 0 => number,
            DataType::Int64 => filled::<Int64Type>(&number),
            DataType::Float64 => filled::<Float64Type>(&number),
            other => return exec_err!("or_zero takes a number, not {other}"),
        };
        Ok(match &args.args[0] {
            ColumnarValue::Scalar(_) => ColumnarValue::Scalar(ScalarValue::try_from_array(&known, 0)?),
            ColumnarValue::Array(_) => ColumnarValue::Array(known),
        })
    }
}

fn filled<T: ArrowPrimitiveType>(numbers: &ArrayRef) -> ArrayRef {
    let numbers = numbers.as_primitive::<T>().iter().map(Option::unwrap_or_default);
    Arc::new(PrimitiveArray::<T>::from_iter_values(numbers))
}

#[cfg(test)]
mod tests {
    use strata_lake::arrow::array::{Float64Array, Int64Array};

    use super::*;

    #[test]
    fn what_is_missing_is_zero() {
        let (integers, numbers) = (vec![Some(2), None], vec![None, Some(0.5)]);
        let integers: ArrayRef = Arc::new(Int64Array::from(integers));
        assert_eq!(filled::<Int64Type>(&integers).as_ref(), &Int64Array::from(vec![2, 0]));
        let numbers: ArrayRef = Arc::new(Float64Array::from(numbers));
        assert_eq!(filled::<Float64Type>(&numbers).as_ref(), &Float64Array::from(vec![0.0, 0.5]));
    }
}
