//! Questionnaires: what is asked, how it is printed or sent to a survey tool, and how its answers are read back.

mod attention;
mod best_worst;
mod catalogue;
mod check;
mod instrument;
mod kano;
mod parse;

pub use attention::{AttentionCheck, Pass};
pub use best_worst::{APPEARANCES, Appeal, BestWorst, Contact};
pub use instrument::{
    AspectsDimension, Choice, Content, Contrast, HigherOrder, Instrument, Item, Rating, ResponseRange, Scale,
    Scoring, Standardise, Tier,
};
pub use kano::{CLASSES, FEATURE, Feature, Kano, KanoPair};
