//! A table between Python and Rust: Arrow batches that every library with the PyCapsule interface can take or give.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_pyarrow::FromPyArrow;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PyTuple};
use strata_spec::error::nearest;

use crate::column::{Kind, is_of, joined, values};
use crate::error::Refusal;

/// Rows in columns.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Table {
        Table { schema, batches }
    }

    /// A table of columns of one length.
    pub(crate) fn of(columns: Vec<(String, ArrayRef)>) -> Result<Table, Refusal> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, column)| Field::new(name, column.data_type().clone(), column.null_count() > 0))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
            .map_err(|error| Refusal::new(format!("the columns make no table: {error}")))?;
        Ok(Table::new(schema, vec![batch]))
    }

    /// How many rows there are.
    pub(crate) fn n_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.schema.fields().iter().map(|field| field.name().as_str())
    }

    /// A column, whole.
    pub(crate) fn column(&self, name: &str) -> Result<ArrayRef, Refusal> {
        let (at, field) = self.schema.column_with_name(name).ok_or_else(|| lacks(name, self.names()))?;
        let chunks: Vec<ArrayRef> = self.batches.iter().map(|batch| Arc::clone(batch.column(at))).collect();
        joined(&chunks, field.data_type())
    }
}

/// The refusal where a table has no such column.
fn lacks<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Refusal {
    let refusal = Refusal::new(format!("the table has no column `{name}`"));
    match nearest(name, names.clone()) {
        Some(near) => refusal.with_hint(format!("did you mean `{near}`?")),
        None => refusal.with_hint(format!("its columns are {}", names.collect::<Vec<_>>().join(", "))),
    }
}

#[pymethods]
impl Table {
    /// Takes a table from an object with `__arrow_c_stream__` or `__arrow_c_array__`.
    #[staticmethod]
    fn from_arrow(data: &Bound<'_, PyAny>) -> PyResult<Table> {
        if data.hasattr("__arrow_c_stream__")? {
            let reader = ArrowArrayStreamReader::from_pyarrow_bound(data)?;
            let schema = reader.schema();
            let batches = reader.collect::<Result<Vec<_>, ArrowError>>();
            let batches = batches.map_err(|error| Refusal::new(format!("cannot read the table: {error}")))?;
            return Ok(Table::new(schema, batches));
        }
        let batch = RecordBatch::from_pyarrow_bound(data)?;
        Ok(Table::new(batch.schema(), vec![batch]))
    }

    /// Makes a table of columns, each with its name, what it is made of, and bytes or a list.
    #[staticmethod]
    fn from_columns(columns: Vec<(String, String, Bound<'_, PyAny>)>) -> PyResult<Table> {
        let columns = columns
            .into_iter()
            .map(|(name, kind, values)| Ok((name, Kind::named(&kind)?.column(&values)?)))
            .collect::<PyResult<Vec<_>>>()?;
        let lengths = || columns.iter().map(|(name, column)| (name, column.len()));
        if let (Some((first, n)), Some((other, m))) =
            (lengths().next(), lengths().find(|(_, m)| lengths().next().is_some_and(|(_, n)| n != *m)))
        {
            let message = format!("column `{first}` has {n} values and column `{other}` has {m}");
            return Err(Refusal::new(message).with_hint("columns of one table have one length").into());
        }
        Ok(Table::of(columns)?)
    }

    /// Whether a table consists of just these columns of numbers, handed over as for [`Table::from_columns`]: to look takes a tenth of
    /// the time of copying them. Of what is not an array of numbers it is not known.
    fn holds(&self, columns: Vec<(String, String, Bound<'_, PyAny>)>) -> PyResult<bool> {
        let [batch] = self.batches.as_slice() else { return Ok(false) };
        let are_named = columns.iter().map(|(name, ..)| name.as_str()).eq(self.names());
        let holds = |((_, kind, values), column): (&(_, String, Bound<'_, PyAny>), &ArrayRef)| {
            Ok(Kind::named(kind)? == Kind::Number && is_of(column, values))
        };
        let found: PyResult<Vec<bool>> = columns.iter().zip(batch.columns()).map(holds).collect();
        Ok(are_named && found?.into_iter().all(|holds| holds))
    }

    /// Refuses a table that lacks a wanted column, given the names of those that it has.
    #[staticmethod]
    fn require(names: Vec<String>, wanted: Vec<String>) -> PyResult<()> {
        match wanted.iter().find(|name| !names.contains(name)) {
            None => Ok(()),
            Some(name) => Err(lacks(name, names.iter().map(String::as_str)).into()),
        }
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer hand out its own schema when asked for another; consumers cast.
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader: Box<dyn RecordBatchReader + Send> =
            Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema)));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
    }

    fn __len__(&self) -> usize {
        self.n_rows()
    }

    /// The names of the columns, in order.
    fn column_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.names().collect::<Vec<_>>())
    }

    /// What a column is made of, and its bytes or a list.
    fn values<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyTuple>> {
        let (kind, values) = values(py, name, &self.column(name)?)?;
        (kind, values).into_pyobject(py)
    }
}
