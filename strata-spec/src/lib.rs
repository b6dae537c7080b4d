//! The words of Strata: what tables exist, what a project says, what a condition means.
//!
//! This crate parses and validates; it reads no file, runs no query and asks no clock. The modules, from the
//! outside in:
//!
//! | module | the words for |
//! | --- | --- |
//! | [`manifest`] | a project: `strata.toml`, its sources and how their columns map |
//! | [`definition`] | traits, scores, segmentations and segments, shipped or the project's own |
//! | [`condition`] | a boolean about one subject, in text or JSON |
//! | [`table`] | the canonical tables and their columns |
//! | [`survey`] | questionnaires: instruments, forms, and their answers |
//! | [`guideline`] | how to speak with a segment, by rules with the grade of their evidence |
//! | [`persona`] | a segment described in sentences, each with its evidence |
//! | [`country`] | the codes and names of countries |
//! | [`vendor`] | exports of known systems, as `strata init` recognises them |
//! | [`name`] | ids that cannot be confused with each other |
//! | [`error`] | what went wrong, where, and what to do about it |

pub mod condition;
pub mod country;
pub mod definition;
mod document;
pub mod error;
pub mod guideline;
pub mod manifest;
pub mod name;
pub mod persona;
pub mod survey;
pub mod table;
pub mod vendor;
