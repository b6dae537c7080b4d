//! A condition over several lines: one clause a line where it does not fit into one.
//!
//! There is one printer, and two papers for it. On the one it writes the normal form, in one line; on the other it leaves
//! marks where a line may be broken, and this module breaks them where a line would be too long. So both read as the
//! same condition.

use std::fmt::{self, Write};

use super::Condition;
use super::print::Place;
use crate::table::Subject;

impl Condition {
    /// The text for people over lines of at most `width` characters, as far as names and constants allow. The subject is
    /// called by its name, as in [`Condition::text`].
    pub fn format(&self, subject: Subject, width: usize) -> String {
        let mut marked = Marked::default();
        // Writing to a string cannot fail.
        let _ = Place { subject: Some(subject), ..Place::default() }.whole(self, &mut marked);
        marked.laid_out(width)
    }
}

/// What the printer writes to.
pub(super) trait Paper: Write {
    /// Begins a group: its folds are broken all together or not at all, but for those of lists.
    fn open(&mut self) {}
    /// Ends a group.
    fn close(&mut self) {}
    /// A place where the line may be broken, and what stands there where it is not.
    fn fold(&mut self, fold: Fold, flat: &str) -> fmt::Result;
}

/// Where a line may be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// To go on at the group's own indentation.
    Level,
    /// To go on one step further in.
    In,
    /// To go on one step further in, but only where what follows, up to the next fold, does not fit.
    Fill,
}

/// Paper for one line.
pub(super) struct Flat<'a>(pub(super) &'a mut dyn Write);

impl Write for Flat<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text)
    }
}

impl Paper for Flat<'_> {
    fn fold(&mut self, _: Fold, flat: &str) -> fmt::Result {
        self.0.write_str(flat)
    }
}

/// How far in each level stands.
const STEP: usize = 2;

#[derive(Debug)]
enum Piece {
    Text(String),
    Fold(Fold, String),
    Open,
    Close,
}

/// Paper that keeps the marks.
#[derive(Debug, Default)]
struct Marked(Vec<Piece>);

impl Write for Marked {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match self.0.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
        Ok(())
    }
}

impl Paper for Marked {
    fn open(&mut self) {
        self.0.push(Piece::Open);
    }

    fn close(&mut self) {
        self.0.push(Piece::Close);
    }

    fn fold(&mut self, fold: Fold, flat: &str) -> fmt::Result {
        self.0.push(Piece::Fold(fold, flat.to_owned()));
        Ok(())
    }
}

/// A group that is being laid out.
#[derive(Clone, Copy)]
struct Group {
    /// Whether its folds are broken.
    broken: bool,
    /// The indentation of the line on which it began.
    indent: usize,
}

impl Marked {
    fn laid_out(&self, width: usize) -> String {
        let mut text = String::new();
        let (mut column, mut indent) = (0, 0);
        let mut groups: Vec<Group> = Vec::new();
        for (index, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Text(part) => {
                    text.push_str(part);
                    column += part.chars().count();
                }
                Piece::Open => {
                    // What is inside a group that fits does so too.
                    let flat = groups.last().is_some_and(|group| !group.broken);
                    let broken = !flat && !self.fits(index, width.saturating_sub(column));
                    groups.push(Group { broken, indent });
                }
                Piece::Close => {
                    groups.pop();
                }
                Piece::Fold(fold, flat) => {
                    let group = groups.last().copied().filter(|group| group.broken);
                    let broken = group.filter(|_| {
                        *fold != Fold::Fill
                            || !self.next_fits(index, width.saturating_sub(column + flat.chars().count()))
                    });
                    let Some(group) = broken else {
                        text.push_str(flat);
                        column += flat.chars().count();
                        continue;
                    };
                    indent = group.indent + if *fold == Fold::Level { 0 } else { STEP };
                    text.push('\n');
                    text.extend(std::iter::repeat_n(' ', indent));
                    column = indent;
                }
            }
        }
        text
    }

    /// Whether the group that opens at `index` fits into so many characters, with what follows it up to the next fold.
    fn fits(&self, index: usize, room: usize) -> bool {
        let (mut length, mut depth) = (0, 1_usize);
        for piece in self.0.iter().skip(index + 1) {
            match piece {
                Piece::Open if depth > 0 => depth += 1,
                Piece::Close => depth = depth.saturating_sub(1),
                // What comes after the group may be broken there.
                Piece::Fold(..) if depth == 0 => break,
                Piece::Open => {}
                Piece::Text(text) | Piece::Fold(_, text) => length += text.chars().count(),
            }
            if length > room {
                return false;
            }
        }
        true
    }

    /// Whether what follows the fold at `index` fits, up to the next one of the same group.
    fn next_fits(&self, index: usize, room: usize) -> bool {
        let (mut length, mut depth) = (0, 0_usize);
        for piece in self.0.iter().skip(index + 1) {
            match piece {
                Piece::Open => depth += 1,
                Piece::Close if depth == 0 => break,
                Piece::Close => depth -= 1,
                Piece::Fold(..) if depth == 0 => break,
                Piece::Text(text) | Piece::Fold(_, text) => length += text.chars().count(),
            }
            if length > room {
                return false;
            }
        }
        true
    }
}
