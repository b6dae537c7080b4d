//! Questionnaires from outside: what is shipped, what is refused, and that what is printed can be read back.

mod exports;
mod forms;
mod hostile;
mod instruments;
mod own_text;
mod reading;
mod round_trip;
mod typeform;
