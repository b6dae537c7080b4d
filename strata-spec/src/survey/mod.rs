//! Questionnaires: what is asked, how it is printed or sent to a survey tool, and how its answers are read back.

mod attention;
mod best_worst;
mod catalogue;
mod check;
mod csv;
mod export;
mod form;
mod import;
mod instrument;
mod items;
mod kano;
mod norms;
mod own_text;
mod pack;
mod parse;
mod read;
mod text;

pub use attention::{AttentionCheck, Pass};
pub use best_worst::{APPEARANCES, Appeal, BestWorst, Contact};
pub use form::{CHECKS, CONSENT, Consent, Form, FormSection, Question};
pub use instrument::{
    AspectsDimension, Choice, Content, Contrast, HigherOrder, Instrument, Item, Rating, ResponseRange, Scale,
    Scoring, Standardise, Tier,
};
pub use items::{Counted, Items, KnownItem, surveys_to_text};
pub use kano::{CLASSES, FEATURE, Feature, Kano, KanoPair, class_word};
pub use norms::{FEWEST_OF_CELL, NormCell, Norms, Reference, ReferenceBy};
pub use own_text::{ItemTexts, Permission};
pub use pack::{Block, Pack, PackOptions};
pub use read::{
    Answer, By, ColumnMatch, Match, MatchReport, NamedBy, ReadOptions, Reader, Reason, Refused, Responses,
    Role,
};
