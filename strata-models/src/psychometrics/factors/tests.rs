//! By hand, and at the extremes.
