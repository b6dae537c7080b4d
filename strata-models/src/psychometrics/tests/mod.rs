//! Agreement with published figures and with R, on data kept beside the repository.

mod bfi;
mod careless;
pub(super) mod data;
mod portrait_values;
mod thurstone;
