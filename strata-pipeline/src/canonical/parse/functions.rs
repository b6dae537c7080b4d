//! The parse functions as the engine calls them: stateless, their parameters literals, so that a plan that uses them can
//! be shipped to a cluster. Typed input (from Parquet) is converted; text is read by the modules beside this one.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int8Array,
    Int64Array, PrimitiveArray, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use strata_lake::arrow::row::{RowConverter, SortField};
use strata_lake::datafusion::common::hash_utils::{QualityRandomState, create_hashes};
use strata_lake::datafusion::common::{HashMap, ScalarValue, exec_err};
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use strata_spec::country;
use strata_spec::manifest::{DateOrder, DecimalMark};

use super::super::identity::normal::IdentifierReader;
use super::json;
use super::number::{decimal_evidence, parse_integer, parse_number, whole};
use super::time::{date_evidence, days_since_epoch, epoch, localise, parse_date, parse_timestamp};
use super::words::{Gender, is_blank, order_state, parse_boolean, parse_gender};

/// Every function that the plans of this stage, and the SQL of a mapping, may call.
pub fn functions() -> Vec<ScalarUDF> {
    Function::ALL.into_iter().map(Function::udf).collect()
}

/// Calls `function` in a plan.
pub(crate) fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    function.udf().call(arguments)
}

/// The parse functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// `timestamp(value, order, zone)`
    Timestamp,
    /// `calendar_day(value, order)`
    Date,
    /// `number(value, mark)`
    Number,
    /// `whole_number(value, mark)`
    Integer,
    /// `truth(value)`
    Boolean,
    /// `trimmed(value)`: text without blanks around it; null where nothing is left.
    Text,
    /// `identifier(value)`: text without the apostrophe by which spreadsheets keep digits text.
    Id,
    /// `email_address(value)`: in lower case.
    Email,
    /// `identity_value(value, kind, country, blocked)`: an identifier in the one form of its kind; null where it identifies
    /// nobody. `blocked` has one pattern a line.
    Identity,
    /// `gender_word(value)`: `female`, `male`, `other`; null where undisclosed or unknown.
    Gender,
    /// `country_code(value)`: the country's alpha-2 code; the text itself where it is none that is known.
    Country,
    /// `given(value)`: the text of a cell that is to be typed; null where it is blank or says so (`n/a`).
    Given,
    /// `given_gender(value)`: the same, for a gender, which has more ways of saying nothing.
    GivenGender,
    /// `date_evidence(value)`: 0 none, 1 ambiguous, 2 day first, 3 month first.
    DateEvidence,
    /// `decimal_evidence(value)`: 0 none, 1 ambiguous, 2 point, 3 comma.
    DecimalEvidence,
    /// `order_event(status)`: the event that takes the place of an order with this status, if one does.
    OrderEvent,
    /// `row_object(name, value, …)`: a JSON object.
    JsonObject,
    /// `merged_object(first, second)`: the union of two JSON objects.
    JsonMerge,
    /// `row_key(value, …)`: 16 bytes that are equal for equal values only.
    RowKey,
    /// `fingerprint(value, …)`: 16 bytes, made quickly, that are equal for equal values and for others by an accident that
    /// does not happen, unless somebody makes the values for it.
    Fingerprint,
}

impl Function {
    const ALL: [Function; 20] = [
        Function::Timestamp,
        Function::Date,
        Function::Number,
        Function::Integer,
        Function::Boolean,
        Function::Text,
        Function::Id,
        Function::Email,
        Function::Identity,
        Function::Gender,
        Function::Country,
        Function::Given,
        Function::GivenGender,
        Function::DateEvidence,
        Function::DecimalEvidence,
        Function::OrderEvent,
        Function::JsonObject,
        Function::JsonMerge,
        Function::RowKey,
        Function::Fingerprint,
    ];

    /// The name by which SQL and plans call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Function::Timestamp => "timestamp",
            Function::Date => "calendar_day",
            Function::Number => "number",
            Function::Integer => "whole_number",
            Function::Boolean => "truth",
            Function::Text => "trimmed",
            Function::Id => "identifier",
            Function::Email => "email_address",
            Function::Identity => "identity_value",
            Function::Gender => "gender_word",
            Function::Country => "country_code",
            Function::Given => "given",
            Function::GivenGender => "given_gender",
            Function::DateEvidence => "date_evidence",
            Function::DecimalEvidence => "decimal_evidence",
            Function::OrderEvent => "order_event",
            Function::JsonObject => "row_object",
            Function::JsonMerge => "merged_object",
            Function::RowKey => "row_key",
            Function::Fingerprint => "fingerprint",
        }
    }

    fn udf(self) -> ScalarUDF {
        ScalarUDF::new_from_impl(Wrapped {
            function: self,
            signature: Signature::variadic_any(Volatility::Immutable),
        })
    }

    fn returns(self) -> DataType {
        match self {
            Function::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Function::Date => DataType::Date32,
            Function::Number => DataType::Float64,
            Function::Integer => DataType::Int64,
            Function::Boolean => DataType::Boolean,
            Function::DateEvidence | Function::DecimalEvidence => DataType::Int8,
            Function::RowKey | Function::Fingerprint => DataType::FixedSizeBinary(16),
            Function::Text
            | Function::Id
            | Function::Email
            | Function::Identity
            | Function::Gender
            | Function::Country
            | Function::Given
            | Function::GivenGender
            | Function::OrderEvent
            | Function::JsonObject
            | Function::JsonMerge => DataType::Utf8,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Wrapped {
    function: Function,
    signature: Signature,
}

impl ScalarUDFImpl for Wrapped {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        let most = match self.function {
            Function::JsonObject | Function::RowKey | Function::Fingerprint => usize::MAX,
            Function::Identity => 4,
            Function::Timestamp => 3,
            Function::Date | Function::Number | Function::Integer | Function::JsonMerge => 2,
            _ => 1,
        };
        if arguments.is_empty() || arguments.len() > most {
            return exec_err!("{}() takes one value, and was given {}", self.name(), arguments.len());
        }
        Ok(self.function.returns())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let array = |at: usize| match arguments.args.get(at) {
            Some(value) => value.to_array(rows),
            None => exec_err!("{}() lacks its argument {}", self.name(), at + 1),
        };
        let order = || date_order(parameter(&arguments.args, 1)?);
        let mark = || decimal_mark(parameter(&arguments.args, 1)?);
        let result = match self.function {
            Function::Timestamp => {
                timestamps(&array(0)?, order()?, time_zone(parameter(&arguments.args, 2)?)?)?
            }
            Function::Date => dates(&array(0)?, order()?)?,
            Function::Number => numbers(&array(0)?, mark()?)?,
            Function::Integer => integers(&array(0)?, mark()?)?,
            Function::Boolean => booleans(&array(0)?)?,
            Function::Text => texts(&array(0)?, |text| Some(text.into()))?,
            Function::Id => texts(&array(0)?, |text| {
                Some(text.trim_start_matches('\'')).filter(|id| !id.is_empty()).map(Cow::from)
            })?,
            Function::Email => texts(&array(0)?, |text| Some(lower(text.trim_start_matches('\''))))?,
            Function::Identity => {
                let parameter = |at| parameter(&arguments.args, at).map(Option::unwrap_or_default);
                let reader = IdentifierReader::new(parameter(1)?, parameter(2)?, parameter(3)?);
                texts(&array(0)?, |text| reader.read(text.trim_start_matches('\'')))?
            }
            Function::Gender => words(&array(0)?, |text| match parse_gender(text) {
                Gender::Known(word) => Some(word.to_owned()),
                Gender::Undisclosed | Gender::Unknown => None,
            })?,
            Function::Country => {
                words(&array(0)?, |text| Some(country::code(text).unwrap_or(text).to_owned()))?
            }
            Function::Given => texts(&array(0)?, |text| (!is_blank(text)).then(|| text.into()))?,
            Function::GivenGender => {
                texts(&array(0)?, |text| (parse_gender(text) != Gender::Undisclosed).then(|| text.into()))?
            }
            Function::DateEvidence => codes(&array(0)?, |text| date_evidence(text) as i8)?,
            Function::DecimalEvidence => codes(&array(0)?, |text| decimal_evidence(text) as i8)?,
            Function::OrderEvent => words(&array(0)?, |text| order_state(text).event().map(str::to_owned))?,
            Function::JsonObject => {
                let mut names = Vec::new();
                let mut columns = Vec::new();
                for at in (0..arguments.args.len()).step_by(2) {
                    names.push(parameter(&arguments.args, at)?.unwrap_or_default().to_owned());
                    columns.push(array(at + 1)?);
                }
                json::objects(&names, &columns, rows)?
            }
            Function::JsonMerge => json::merge(&array(0)?, &array(1)?)?,
            Function::RowKey => row_keys(&ColumnarValue::values_to_arrays(&arguments.args)?)?,
            Function::Fingerprint => fingerprints(&ColumnarValue::values_to_arrays(&arguments.args)?, rows)?,
        };
        Ok(ColumnarValue::Array(result))
    }
}

/// The literal text at `at`, if there is an argument there.
fn parameter(arguments: &[ColumnarValue], at: usize) -> Result<Option<&str>> {
    match arguments.get(at) {
        None => Ok(None),
        Some(ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
        )) => Ok(Some(text)),
        Some(other) => {
            exec_err!("argument {} has to be a literal text, and is {}", at + 1, other.data_type())
        }
    }
}

fn date_order(name: Option<&str>) -> Result<DateOrder> {
    match name {
        None | Some("day_first") => Ok(DateOrder::DayFirst),
        Some("month_first") => Ok(DateOrder::MonthFirst),
        Some(other) => exec_err!("`{other}` is no order of day and month: day_first or month_first"),
    }
}

fn decimal_mark(name: Option<&str>) -> Result<DecimalMark> {
    match name {
        None | Some("point") => Ok(DecimalMark::Point),
        Some("comma") => Ok(DecimalMark::Comma),
        Some(other) => exec_err!("`{other}` is no decimal mark: point or comma"),
    }
}

fn time_zone(name: Option<&str>) -> Result<Tz> {
    match name {
        None => Ok(Tz::UTC),
        Some(name) => name.parse().or_else(|_| exec_err!("`{name}` is no time zone")),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null)
}

/// Reads each text that is not blank.
fn from_text<T, A>(values: &ArrayRef, read: impl Fn(&str) -> Option<T>) -> Result<A>
where
    A: FromIterator<Option<T>>,
{
    let values = cast(values, &DataType::Utf8)?;
    Ok(values
        .as_string::<i32>()
        .iter()
        .map(|cell| cell.filter(|text| !is_blank(text)).and_then(&read))
        .collect())
}

fn timestamps(values: &ArrayRef, order: DateOrder, zone: Tz) -> Result<ArrayRef> {
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let read: TimestampMicrosecondArray = match values.data_type() {
        kind if is_text(kind) => from_text(values, |text| parse_timestamp(text, order, zone))?,
        DataType::Timestamp(_, Some(_)) => return Ok(cast(values, &utc)?),
        DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => {
            let local = cast(values, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let local = local.as_primitive::<TimestampMicrosecondType>();
            if zone == Tz::UTC {
                local.clone()
            } else {
                local.iter().map(|micros| localise(naive(micros?)?, zone)).collect()
            }
        }
        kind if kind.is_integer() => {
            let numbers = cast(values, &DataType::Int64)?;
            let instants = numbers.as_primitive::<Int64Type>().iter();
            instants.map(|number| Some(epoch(number?)?.timestamp_micros())).collect()
        }
        kind if kind.is_floating() => {
            let numbers = cast(values, &DataType::Float64)?;
            let instants = numbers.as_primitive::<Float64Type>().iter();
            instants.map(|number| Some(epoch(whole(number?.trunc())?)?.timestamp_micros())).collect()
        }
        other => return exec_err!("a column of type {other} holds no times"),
    };
    Ok(Arc::new(read.with_timezone("UTC")))
}

fn naive(micros: i64) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp_micros(micros)?.naive_utc())
}

fn dates(values: &ArrayRef, order: DateOrder) -> Result<ArrayRef> {
    let read: Date32Array = match values.data_type() {
        kind if is_text(kind) => from_text(values, |text| parse_date(text, order))?,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
            cast(values, &DataType::Date32)?.as_primitive::<Date32Type>().clone()
        }
        // 19840229, as a number
        kind if kind.is_integer() => return dates(&cast(values, &DataType::Utf8)?, order),
        other => return exec_err!("a column of type {other} holds no dates"),
    };
    Ok(Arc::new(read))
}

fn numbers(values: &ArrayRef, mark: DecimalMark) -> Result<ArrayRef> {
    let read: Float64Array = match values.data_type() {
        kind if is_text(kind) => from_text(values, |text| parse_number(text, mark))?,
        _ => cast(values, &DataType::Float64)?.as_primitive::<Float64Type>().clone(),
    };
    // NaN is how some programs write a missing number; it would poison every sum.
    let finite: PrimitiveArray<Float64Type> = if read.values().iter().all(|value| value.is_finite()) {
        read
    } else {
        read.iter().map(|value| value.filter(|value| value.is_finite())).collect()
    };
    Ok(Arc::new(finite))
}

fn integers(values: &ArrayRef, mark: DecimalMark) -> Result<ArrayRef> {
    let read: Int64Array = match values.data_type() {
        kind if is_text(kind) => from_text(values, |text| parse_integer(text, mark))?,
        kind if kind.is_integer() => return Ok(cast(values, &DataType::Int64)?),
        _ => {
            let numbers = cast(values, &DataType::Float64)?;
            numbers.as_primitive::<Float64Type>().iter().map(|number| number.and_then(whole)).collect()
        }
    };
    Ok(Arc::new(read))
}

fn booleans(values: &ArrayRef) -> Result<ArrayRef> {
    let read: BooleanArray = match values.data_type() {
        kind if is_text(kind) => from_text(values, parse_boolean)?,
        _ => cast(values, &DataType::Boolean)?.as_boolean().clone(),
    };
    Ok(Arc::new(read))
}

/// Maps each text that is not empty; a whole number in a floating-point column is written without its `.0`. Texts that all
/// stay as they are, as most do, are not copied.
fn texts(values: &ArrayRef, map: impl for<'a> Fn(&'a str) -> Option<Cow<'a, str>>) -> Result<ArrayRef> {
    let values = if values.data_type().is_floating() {
        let numbers = cast(values, &DataType::Float64)?;
        let written: StringArray = numbers
            .as_primitive::<Float64Type>()
            .iter()
            .map(|number| number.map(|number| number.to_string()))
            .collect();
        Arc::new(written) as ArrayRef
    } else {
        cast(values, &DataType::Utf8)?
    };
    let cells = values.as_string::<i32>();
    let is_changed = |cell: Option<&str>| match (cell, cell.and_then(trimmed).and_then(&map)) {
        (Some(cell), Some(Cow::Borrowed(text))) => !std::ptr::eq(cell, text) && cell != text,
        (cell, text) => cell != text.as_deref(),
    };
    let Some(first_changed) = cells.iter().position(is_changed) else { return Ok(values) };
    let mut changed = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    for (row, cell) in cells.iter().enumerate() {
        let text =
            if row < first_changed { cell.map(Cow::from) } else { cell.and_then(trimmed).and_then(&map) };
        match text {
            Some(text) => changed.append_value(text),
            None => changed.append_null(),
        }
    }
    Ok(Arc::new(changed.finish()))
}

fn trimmed(text: &str) -> Option<&str> {
    // As most texts are: no blanks at either end, and nothing that might be one beyond ASCII.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return Some(text);
    }
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// How many different words a column may have before they are not remembered.
const MOST_WORDS: usize = 256;

/// As [`texts`], of a column with few different words, each of which is read once.
fn words(values: &ArrayRef, read: impl Fn(&str) -> Option<String>) -> Result<ArrayRef> {
    let known: RefCell<HashMap<String, Option<String>>> = RefCell::default();
    texts(values, |text| {
        let mut known = known.borrow_mut();
        let read = match known.get(text) {
            // Mostly the word stays, and need not be copied.
            Some(Some(read)) if read == text => return Some(Cow::from(text)),
            Some(read) => read.clone(),
            None => {
                let read = read(text);
                if known.len() < MOST_WORDS {
                    known.insert(text.to_owned(), read.clone());
                }
                read
            }
        };
        read.map(Cow::from)
    })
}

fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { text.into() } else { text.to_lowercase().into() }
}

fn codes(values: &ArrayRef, code: impl Fn(&str) -> i8) -> Result<ArrayRef> {
    let values = cast(values, &DataType::Utf8)?;
    let codes: Int8Array = values.as_string::<i32>().iter().map(|cell| cell.map(&code)).collect();
    Ok(Arc::new(codes))
}

/// The first 16 bytes of a cryptographic hash of the row: two different rows of one key are not to be met.
fn row_keys(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let rows = RowConverter::new(fields)?.convert_columns(columns)?;
    let hashes = rows.iter().map(|row| blake3::hash(row.as_ref()));
    let keys = hashes.map(|hash| hash.as_bytes().first_chunk::<16>().copied());
    // With its size, which no rows would not tell.
    Ok(Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(keys, 16)?))
}

fn fingerprints(columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let hashes = |seed| -> Result<Vec<u64>> {
        let mut hashes = vec![0; n_rows];
        create_hashes(columns, &QualityRandomState::with_seed(seed), &mut hashes)?;
        Ok(hashes)
    };
    let halves = hashes(0)?.into_iter().zip(hashes(1)?);
    let bytes: Vec<u8> =
        halves.flat_map(|(low, high)| (u128::from(high) << 64 | u128::from(low)).to_le_bytes()).collect();
    Ok(Arc::new(FixedSizeBinaryArray::try_new(16, bytes.into(), None)?))
}

/// Days since 1970 of a calendar day, for plans that compare with one.
pub(crate) fn day_literal(date: NaiveDate) -> Expr {
    Expr::Literal(ScalarValue::Date32(days_since_epoch(date)), None)
}
