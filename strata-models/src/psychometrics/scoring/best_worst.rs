//! Best-worst scaling: of each few the best and the worst, which nobody can answer by agreeing with everything.
//!
//! Louviere, J. J., Flynn, T. N. and Marley, A. A. J. (2015). Best-Worst Scaling: Theory, Methods and Applications. Cambridge.

use serde::{Deserialize, Serialize};

use crate::psychometrics::error::PsychometricsError;

/// Which objects are shown together: sets of places of objects, from 0. Every object is in as many sets as every other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design {
    objects: Vec<String>,
    sets: Vec<Vec<usize>>,
    n_shown: usize,
}

/// What somebody chose of a set: objects, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The best.
    pub best: usize,
    /// The worst.
    pub worst: usize,
}

/// What one respondent's choices say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestWorst {
    /// For each object `(times best − times worst) / times shown`, from −1 to 1; they sum to 0.
    pub scores: Vec<f64>,
    /// Whether the best stood at one position in all sets, and the worst at one: such answers were hardly read.
    pub is_positional: bool,
}

impl Design {
    /// Refuses sets of fewer than two, objects that are not there or twice in a set, and objects that are shown unequally often.
    pub fn new(objects: Vec<String>, sets: Vec<Vec<usize>>) -> Result<Design, PsychometricsError> {
        let refuse = |place: String, reason: String| {
            let hint = "give sets of two or more objects, counted from 0, each object in equally many sets";
            Err(PsychometricsError::Design { place, reason, hint })
        };
        let mut n_shown = vec![0_usize; objects.len()];
        for (place, set) in sets.iter().enumerate() {
            if set.len() < 2 {
                return refuse(format!("set {place}"), format!("{} objects", set.len()));
            }
            for (position, object) in set.iter().enumerate() {
                if *object >= objects.len() || set[..position].contains(object) {
                    return refuse(
                        format!("set {place}"),
                        format!("object {object} is unknown or twice there"),
                    );
                }
                n_shown[*object] += 1;
            }
        }
        match n_shown.iter().position(|n| *n != n_shown[0] || *n == 0) {
            Some(object) => refuse(
                format!("object `{}`", objects[object]),
                format!("shown {} times, the first {} times", n_shown[object], n_shown[0]),
            ),
            None if objects.is_empty() => refuse("the design".to_owned(), "no objects".to_owned()),
            None => Ok(Design { n_shown: n_shown[0], objects, sets }),
        }
    }

    /// The seven lines of the Fano plane: seven objects in seven sets of three, every pair in one set.
    pub fn fano(objects: [String; 7]) -> Design {
        let sets = [[0, 1, 2], [0, 3, 4], [0, 5, 6], [1, 3, 5], [1, 4, 6], [2, 3, 6], [2, 4, 5]];
        Design { objects: objects.to_vec(), sets: sets.iter().map(|set| set.to_vec()).collect(), n_shown: 3 }
    }

    /// The objects.
    pub fn objects(&self) -> &[String] {
        &self.objects
    }

    /// The sets.
    pub fn sets(&self) -> &[Vec<usize>] {
        &self.sets
    }

    /// The scores of one respondent; none where a set was not answered, for what was shown less often would seem to matter less.
    /// Refuses choices that are not in their set, and a best that is the worst; `respondent` is for the message.
    pub fn score(
        &self,
        respondent: usize,
        choices: &[Option<Choice>],
    ) -> Result<Option<BestWorst>, PsychometricsError> {
        let refuse = |place: String, reason: String| {
            let hint = "give for each set two different objects of it, counted from 0, or nothing";
            Err(PsychometricsError::Design { place: format!("respondent {respondent}{place}"), reason, hint })
        };
        if choices.len() != self.sets.len() {
            return refuse(String::new(), format!("{} choices of {} sets", choices.len(), self.sets.len()));
        }
        let mut counts = vec![0_i32; self.objects.len()];
        let mut positions = vec![];
        for (place, (choice, set)) in choices.iter().zip(&self.sets).enumerate() {
            let Some(choice) = choice else { continue };
            let position = |object: usize| set.iter().position(|other| *other == object);
            match (position(choice.best), position(choice.worst)) {
                (Some(best), Some(worst)) if best != worst => positions.push((best, worst)),
                _ => {
                    let reason = format!("best {} and worst {} of {set:?}", choice.best, choice.worst);
                    return refuse(format!(", set {place}"), reason);
                }
            }
            counts[choice.best] += 1;
            counts[choice.worst] -= 1;
        }
        Ok((positions.len() == self.sets.len()).then(|| BestWorst {
            scores: counts.iter().map(|count| f64::from(*count) / self.n_shown as f64).collect(),
            is_positional: positions.len() > 1 && positions.iter().all(|pair| *pair == positions[0]),
        }))
    }
}
