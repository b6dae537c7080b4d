//! What sets a segment apart from the rest: how it differs in each of many variables, which of the differences to tell, and one customer
//! who stands for it.
//!
//! | module | the question |
//! | --- | --- |
//! | [`sums`] | What does one scan have to add up? |
//! | [`contrast`] | How does the segment differ from the rest in one variable? |
//! | [`select`] | Which differences are worth telling, each once? |
//! | [`representative`] | Who is in the middle of it, without anybody being shown? |
//!
//! Every comparison is of the segment with *the rest*, not with everybody, of whom the segment is part. It is made from sums, so that
//! a million customers, fifty segments and sixty variables are read once.

pub mod contrast;
pub mod representative;
pub mod select;
pub mod sums;
#[cfg(test)]
mod tests;
