//! Agreement with published figures and with R, on data kept beside the repository.

mod bfi;
mod data;
mod thurstone;
