//! What is asked of a subject's rows together, gathered: each group's pieces in order, as bytes.
//!
//! What is read off them is the business of a function of the gathered bytes. A state is the same bytes.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray};
use strata_lake::datafusion::common::{Result, exec_datafusion_err, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::counted;

/// What is gathered of a row.
pub(crate) trait Piece: Copy + Ord + Send + Sync + 'static {
    /// How many bytes one is.
    const BYTES: usize;

    /// Reads one of a row, if the row has one. The first column is known in every row that is read. None where columns are not
    /// what they should be.
    fn reader(columns: &[ArrayRef]) -> Option<impl Fn(usize) -> Option<Self>>;

    /// Writes it.
    fn encode(self, bytes: &mut Vec<u8>);

    /// Reads it back.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// What takes the place of two neighbours, where one does.
    fn joined(self, next: Self) -> Option<Self>;
}

/// The pieces of one group, in order.
pub(crate) fn decoded<P: Piece>(bytes: &[u8]) -> impl Iterator<Item = P> {
    bytes.chunks_exact(P::BYTES).filter_map(P::decode)
}

/// How many rows are worth looking through for pieces that can be joined.
const WORTH_COMPACTING: usize = 1 << 16;

/// The pieces of all groups.
pub(super) struct Gathered<P> {
    pieces: Vec<(u32, P)>,
    n_groups: usize,
    /// How many there may be before they are joined.
    full_at: usize,
}

impl<P: Piece> Gathered<P> {
    pub(super) fn new() -> Gathered<P> {
        Gathered { pieces: Vec::new(), n_groups: 0, full_at: WORTH_COMPACTING }
    }

    fn compact(&mut self) {
        self.pieces.sort_unstable();
        let mut kept: usize = 0;
        for at in 0..self.pieces.len() {
            let (group, piece) = self.pieces[at];
            if let Some((last_group, last)) = kept.checked_sub(1).map(|last| self.pieces[last])
                && last_group == group
                && let Some(joined) = last.joined(piece)
            {
                self.pieces[kept - 1] = (group, joined);
                continue;
            }
            self.pieces[kept] = (group, piece);
            kept += 1;
        }
        self.pieces.truncate(kept);
        self.full_at = WORTH_COMPACTING.max(2 * self.pieces.len());
    }

    /// The bytes of the groups to be emitted, which are forgotten; null where there is none.
    pub(super) fn emitted(&mut self, emit_to: EmitTo) -> BinaryArray {
        self.compact();
        let n_groups = match emit_to {
            EmitTo::All => self.n_groups,
            EmitTo::First(n) => n,
        };
        let end = self.pieces.partition_point(|(group, _)| (*group as usize) < n_groups);
        let rest = self.pieces.split_off(end);
        let emitted = std::mem::replace(&mut self.pieces, rest);
        self.pieces.iter_mut().for_each(|(group, _)| *group -= n_groups as u32);
        self.n_groups -= n_groups;
        let mut gathered = BinaryBuilder::with_capacity(n_groups, emitted.len() * P::BYTES);
        let mut groups = emitted.chunk_by(|(a, _), (b, _)| a == b).peekable();
        let mut bytes = Vec::new();
        for group in 0..n_groups {
            match groups.next_if(|pieces| pieces[0].0 as usize == group) {
                None => gathered.append_null(),
                Some(pieces) => {
                    bytes.clear();
                    pieces.iter().for_each(|(_, piece)| piece.encode(&mut bytes));
                    gathered.append_value(&bytes);
                }
            }
        }
        gathered.finish()
    }
}

impl<P: Piece> GroupsAccumulator for Gathered<P> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.n_groups = n_groups;
        let read = reader::<P>(values)?;
        for (row, group) in counted(values[0].as_ref(), groups, filter) {
            self.pieces.extend(read(row).map(|piece| (group as u32, piece)));
        }
        if self.pieces.len() > self.full_at {
            self.compact();
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(self.emitted(emit_to)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.emitted(emit_to))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.n_groups = n_groups;
        let Some(state) = states.first() else { return Ok(()) };
        let Some(gathered) = state.as_binary_opt::<i32>() else {
            return exec_err!("what is gathered travels as bytes, not as {}", state.data_type());
        };
        for (row, group) in groups.iter().enumerate().filter(|(row, _)| gathered.is_valid(*row)) {
            self.pieces.extend(decoded(gathered.value(row)).map(|piece| (*group as u32, piece)));
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let read = reader::<P>(values)?;
        let mut gathered = BinaryBuilder::with_capacity(values[0].len(), values[0].len() * P::BYTES);
        let mut bytes = Vec::new();
        for row in 0..values[0].len() {
            let passes = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            match (passes && values[0].is_valid(row)).then(|| read(row)).flatten() {
                None => gathered.append_null(),
                Some(piece) => {
                    bytes.clear();
                    piece.encode(&mut bytes);
                    gathered.append_value(&bytes);
                }
            }
        }
        Ok(vec![Arc::new(gathered.finish())])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.pieces.capacity() * size_of::<(u32, P)>()
    }
}

fn reader<P: Piece>(columns: &[ArrayRef]) -> Result<impl Fn(usize) -> Option<P>> {
    P::reader(columns).ok_or_else(|| {
        let types: Vec<String> = columns.iter().map(|column| column.data_type().to_string()).collect();
        exec_datafusion_err!("rows cannot be gathered from {}", types.join(", "))
    })
}
