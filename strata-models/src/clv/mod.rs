//! What customers are worth in the time to come: how often they will buy, how much they will spend, and whether such
//! figures held where it can be checked.

pub mod validate;
