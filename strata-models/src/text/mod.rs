//! What customers say in their own words: how they feel about it, what they talk about, and which of a firm's own classes it belongs to.
//!
//! [`sentiment`] needs no training and is for English alone; [`language`] says whether a text is. [`classify`] learns a firm's own labels
//! from [`words`], or from the [`vectors`] that `embed` makes of English sentences (with the feature `embeddings`). [`topics`] and [`keywords`] find what nobody has labelled, and [`pain`] puts both together: which topics hurt, and in
//! which segment. Nothing here shows a single person: figures are of groups, and phrases are those that several people used.

pub mod classify;
#[cfg(feature = "embeddings")]
pub mod embed;
pub mod error;
pub mod keywords;
pub mod language;
pub mod pain;
pub mod sentiment;
pub mod topics;
pub mod vectors;
pub mod words;
