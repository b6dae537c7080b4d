//! Named arrays of numbers from the bytes of a file in the format safetensors: eight bytes with the length of what follows, that many bytes of JSON
//! which say type, shape and place of each array, and the arrays.
//!
//! The crate of that name would turn on a feature of `serde`, on which everything rests, and have the engine built a second time for one header.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::EmbedError;

const FILE: &str = "model.safetensors";
/// A longer header is none: that of 105 arrays has 10,000 bytes.
const MOST_HEADER: usize = 10_000_000;

/// The arrays of a file.
pub(super) struct Tensors<'a> {
    header: Map<String, Value>,
    data: &'a [u8],
}

/// What the header says of one.
#[derive(Deserialize)]
struct Described {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'a> Tensors<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Tensors<'a>, EmbedError> {
        let cut = || EmbedError::new(FILE, "ends before its header does");
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > MOST_HEADER {
            return Err(EmbedError::new(FILE, "is not in the format safetensors"));
        }
        let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
        let header = serde_json::from_slice(header)
            .map_err(|error| EmbedError::new(FILE, format!("has a header that cannot be read: {error}")))?;
        Ok(Tensors { header, data })
    }

    /// The numbers of an array of that shape, the last dimension fastest.
    pub(super) fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let wrong = |what: String| EmbedError::new(FILE, format!("{what} in `{name}`"));
        // A model that was made for something else keeps what it shares with this one under a name of its own.
        let found = self.header.get(name).or_else(|| self.header.get(&format!("bert.{name}")));
        let found = found.ok_or_else(|| EmbedError::new(FILE, format!("has no `{name}`")))?;
        let found = Described::deserialize(found).map_err(|error| wrong(error.to_string()))?;
        if found.dtype != "F32" {
            return Err(wrong(format!("has numbers of the type {}, not F32,", found.dtype)));
        }
        if found.shape != shape {
            return Err(wrong(format!("has the shape {:?}, not {shape:?},", found.shape)));
        }
        let (begin, end) = found.data_offsets;
        let bytes = self.data.get(begin..end).ok_or_else(|| wrong("ends before the numbers".to_owned()))?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        let n = shape.iter().try_fold(1_usize, |n, size| n.checked_mul(*size));
        if n != Some(numbers.len()) || !rest.is_empty() {
            return Err(wrong(format!("has {} bytes, which is not the shape's number,", bytes.len())));
        }
        let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        match numbers.iter().all(|number| number.is_finite()) {
            true => Ok(numbers),
            false => Err(wrong("has what is no number".to_owned())),
        }
    }
}
