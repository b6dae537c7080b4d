//! Personas: a segment described in sentences that a marketing lead would read aloud, each with its evidence.
//!
//! Nothing is invented: no face, no biography, no figure that is not in the evidence ([`Persona::check`] proves it). Evidence comes from the
//! caller, who compared the segment with the rest; here it is chosen, put into words, and what is not known is said.

mod check;
mod evidence;
mod figure;
mod markdown;
mod name;
mod representative;
mod sentence;
mod stability;
#[cfg(test)]
mod tests;
mod write;

pub use evidence::{Effect, EffectKind, Evidence, Facet, State, Value};
pub use figure::figures;
pub(crate) use figure::{count, share};
pub use markdown::markdown;
pub use name::Names;
pub use representative::{Representative, RepresentativeTrait, Typical};
pub use sentence::Band;
pub use stability::{Badge, Stability};
pub use write::{FEWEST, Input, Persona, Segment, Sentence, Unknown, Why, write, write_all};
