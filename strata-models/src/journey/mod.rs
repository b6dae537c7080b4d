//! The way of customers through stages: who comes to buy, over what, how long it takes, and where they stay behind.
//!
//! [`episodes`] makes runs in one stage and paths of memberships. Paths go to an absorbing [`chain`] (of the [`order`] that they have) and to
//! [`attribution`]; durations to [`survival`] and [`stuck`]. A [`funnel`] is asked of events, not of stages. Stages, channels and steps are
//! codes from 0; what they mean is the caller's.

pub mod attribution;
pub mod chain;
pub mod episodes;
pub mod error;
pub mod funnel;
mod linear;
pub mod order;
pub mod paths;
pub mod stuck;
pub mod survival;
#[cfg(test)]
mod tests;
