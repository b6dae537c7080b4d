//! The lake as its users see it: what is written, read, locked and refused.

#[cfg(all(test, feature = "cluster"))]
mod cluster;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod parquet_files;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod tables;
