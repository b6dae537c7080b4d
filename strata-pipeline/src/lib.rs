//! The stages of Strata and the run that orders them: the only place where words, numbers and the engine meet.
//!
//! Stages speak through tables, never through calls. In order:
//!
//! | stage | reads | writes |
//! | --- | --- | --- |
//! | [`source`] | files | `raw.*`, `batch` |
//! | [`canonical`] | `raw.*` | `customers`, `companies`, `orders`, `order_lines`, `events`, `responses`, `feedback`, `identity`, `property_history`, `rejected`, `market` |
//! | [`profile`] | canonical tables | `profile`, `company_profile` |
//! | [`score`] | profiles | `model`, `score`, `company_score` |
//! | [`segment`] | profiles, scores | `membership`, `segment`, `bitmap` |
//! | [`measure`] | all of these | `overlap`, `goal_progress`, `drift`, `market_index`, `meter`, `suggestion` |
//!
//! Beside them stand [`compile`], which alone decides what a definition means, [`identity`], decisions about single customers,
//! [`run`], which pins what a run reads and makes its outcome count, [`layout`], how tables lie on disk, [`project`], [`quality`], which measures how far the data
//! can be trusted, [`report`], which reads every table and writes one HTML file, [`preview`], what definitions would say that
//! no run has evaluated, [`mod@why`], why one customer is in a segment and until when, [`example`], the unit tests of definitions, [`overlap`], how far segments are the same, [`mod@agreement`], how far a segmentation says what is known from elsewhere, [`drift`], what has changed from run to run beyond the usual, [`goal`], how far segments have come towards their goals, [`heat`], where people click and how far they scroll, [`replay`], what definitions would have said at earlier dates, [`market`], customers held against a market, [`meter`], which segments are worth having apart, [`models`], what was fitted and how well it held up, [`suggest`], segments that stand out by a goal, [`usage`] and [`explain`], who uses what and how it is
//! computed, [`mod@format`], how definitions are written, [`mod@journey`], the way of customers through stages, and [`demo`], which writes source files and what is true of them, and which no
//! stage knows.

pub mod agreement;
pub mod canonical;
pub mod check;
pub mod compile;
pub mod demo;
pub mod drift;
pub mod error;
pub mod example;
pub mod explain;
pub mod format;
pub mod function;
pub mod goal;
pub mod heat;
pub mod identity;
pub mod init;
pub mod journey;
pub mod layout;
pub mod market;
pub mod measure;
pub mod meter;
pub mod models;
pub mod overlap;
pub mod persona;
pub mod preview;
pub mod profile;
pub mod project;
pub mod quality;
pub mod query;
pub mod replay;
pub mod report;
pub mod run;
pub mod score;
pub mod segment;
pub mod source;
pub mod suggest;
pub mod survey;
pub mod usage;
pub mod voice;
pub mod why;

pub use strata_lake::Mode;
pub use strata_spec as spec;
