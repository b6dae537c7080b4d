//! Functions of as many arguments as a call has, all of one type.

use std::hash::{Hash, Hasher};

use strata_lake::arrow::array::ArrayRef;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::{Result, ScalarValue};
use strata_lake::datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// A function of one or more values of a type, row by row.
pub(super) fn variadic(
    name: &'static str,
    of: DataType,
    returns: DataType,
    function: fn(&[ArrayRef]) -> Result<ArrayRef>,
) -> ScalarUDF {
    let signature = Signature::variadic(vec![of], Volatility::Immutable);
    ScalarUDF::new_from_impl(Variadic { name, signature, returns, function })
}

#[derive(Debug)]
struct Variadic {
    name: &'static str,
    signature: Signature,
    returns: DataType,
    function: fn(&[ArrayRef]) -> Result<ArrayRef>,
}

/// Each has a name of its own.
impl PartialEq for Variadic {
    fn eq(&self, other: &Variadic) -> bool {
        self.name == other.name
    }
}
impl Eq for Variadic {}
impl Hash for Variadic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Variadic {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _given: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let result = (self.function)(&ColumnarValue::values_to_arrays(&args.args)?)?;
        Ok(match all_constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?),
            false => ColumnarValue::Array(result),
        })
    }
}
