//! The command line as its users meet it: the real program in projects of its own, with good input and with bad.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod definitions;
mod drift;
#[cfg(test)]
mod embeddings;
#[cfg(test)]
mod heat;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod market;
#[cfg(test)]
mod meter;
#[cfg(test)]
mod models;
#[cfg(test)]
mod norms;
mod persona;
#[cfg(test)]
mod privacy;
mod project;
#[cfg(test)]
mod quality;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod segments;
#[cfg(test)]
mod states;
#[cfg(all(test, unix))]
mod stopped;
#[cfg(test)]
mod suggest;
mod survey;
#[cfg(test)]
mod text;
mod time;
#[cfg(test)]
mod touches;
#[cfg(test)]
mod why;
