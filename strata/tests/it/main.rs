//! The command line as its users meet it: the real program in projects of its own, with good input and with bad.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod project;
#[cfg(test)]
mod runs;
#[cfg(all(test, unix))]
mod stopped;
