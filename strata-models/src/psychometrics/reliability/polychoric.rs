//! Polychoric correlations: the correlation of two normal variables that are seen through ordered categories only.
//!
//! In two steps: the thresholds between categories from each item's own frequencies, then for each pair the correlation of greatest
//! likelihood. Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient. Psychometrika 44, 443–460.

use rayon::prelude::*;

use crate::clv::special::normal_quantile;
use crate::clv::symmetric::Symmetric;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::{PsychometricsError, Warning};
use crate::psychometrics::moments::{Moments, smoothed};

/// Polychoric correlations of all pairs of items, over respondents who answered both; smoothed where they are no correlation matrix. In
/// empty cells of a table, which would draw a correlation to ±1, half a respondent is counted.
///
/// Refuses items with one category, or more than 20, and pairs without three respondents.
pub fn correlations(answers: &Answers<'_>) -> Result<Moments, PsychometricsError> {
    let n_items = answers.n_items();
    let items: Vec<Ordered> = (0..n_items)
        .map(|item| Ordered::of(&answers.items()[item], answers.column(item)))
        .collect::<Result<_, PsychometricsError>>()?;
    let pairs: Vec<(usize, usize)> =
        (0..n_items).flat_map(|one| (0..one).map(move |other| (one, other))).collect();
    let found: Vec<Result<f64, usize>> =
        pairs.par_iter().map(|(one, other)| correlation(&items[*one], &items[*other])).collect();
    let mut matrix = Symmetric::zeros(n_items);
    (0..n_items).for_each(|item| matrix.set(item, item, 1.0));
    for ((one, other), r) in pairs.into_iter().zip(found) {
        let what = "a polychoric correlation";
        let few = |found| PsychometricsError::TooFewRespondents { what, needed: FEWEST_BOTH, found };
        matrix.set(one, other, r.map_err(few)?);
    }
    let mut warnings = vec![];
    if let Some((smoothed, least_eigenvalue)) = smoothed(&matrix) {
        matrix = smoothed;
        warnings.push(Warning::Smoothed { least_eigenvalue });
    }
    Ok(Moments {
        items: answers.items().to_vec(),
        covariances: matrix.clone(),
        correlations: matrix,
        n: answers.n_respondents(),
        warnings,
    })
}

/// Answers as categories, with the thresholds between them.
struct Ordered {
    /// The category of each respondent, from 0; none where nothing was answered.
    categories: Vec<Option<u8>>,
    /// Lower and upper ends of the categories, from −∞ to ∞.
    ends: Vec<f64>,
}

/// More categories than that are as good as continuous, and their tables empty.
const MOST_CATEGORIES: usize = 20;

impl Ordered {
    fn of(item: &str, column: &[f64]) -> Result<Ordered, PsychometricsError> {
        let mut known: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
        known.sort_by(f64::total_cmp);
        let counts: Vec<(f64, usize)> =
            known.chunk_by(|one, other| one == other).map(|equal| (equal[0], equal.len())).collect();
        if counts.len() < 2 {
            let among = "those who answered";
            return Err(PsychometricsError::ConstantItem { item: item.to_owned(), among });
        }
        if counts.len() > MOST_CATEGORIES {
            return Err(PsychometricsError::Design {
                place: format!("item `{item}`"),
                reason: format!("{} different answers of at most {MOST_CATEGORIES}", counts.len()),
                hint: "take ordinary correlations of answers in so many categories",
            });
        }
        let mut ends = vec![f64::NEG_INFINITY];
        let mut below = 0;
        for (_, count) in &counts[..counts.len() - 1] {
            below += count;
            ends.push(normal_quantile(below as f64 / known.len() as f64));
        }
        ends.push(f64::INFINITY);
        let category = |x: &f64| counts.iter().position(|(value, _)| value == x).map(|place| place as u8);
        Ok(Ordered { categories: column.iter().map(category).collect(), ends })
    }

    fn n_categories(&self) -> usize {
        self.ends.len() - 1
    }
}

/// Of fewer who answered both items nothing is said.
const FEWEST_BOTH: usize = 3;
/// A correlation beyond this is one.
const MOST: f64 = 0.9999;

/// The correlation at which the derivative of the likelihood `Σ nᵢⱼ ln πᵢⱼ(ρ)` is 0, by Fisher's scoring between bounds that close in; how many
/// answered both where those are too few.
fn correlation(one: &Ordered, other: &Ordered) -> Result<f64, usize> {
    let width = other.n_categories();
    let mut table = vec![0.0; one.n_categories() * width];
    let mut n = 0;
    for pair in one.categories.iter().zip(&other.categories) {
        if let (Some(row), Some(column)) = pair {
            table[usize::from(*row) * width + usize::from(*column)] += 1.0;
            n += 1;
        }
    }
    if n < FEWEST_BOTH {
        return Err(n);
    }
    table.iter_mut().filter(|count| **count == 0.0).for_each(|count| *count = 0.5);
    let total: f64 = table.iter().sum();
    let (mut low, mut high, mut rho) = (-MOST, MOST, 0.0_f64);
    for _ in 0..100 {
        let (mut slope, mut information) = (0.0, 0.0);
        let cells = Corners::of(one, other, rho);
        for (place, count) in table.iter().enumerate() {
            let (probability, change) = cells.cell(place / width, place % width);
            let probability = probability.max(1e-14);
            slope += count * change / probability;
            information += total * change * change / probability;
        }
        if slope > 0.0 {
            low = rho
        } else {
            high = rho
        }
        let step = rho + slope / information;
        let next = if step > low && step < high { step } else { 0.5 * (low + high) };
        if (next - rho).abs() < 1e-12 {
            break;
        }
        rho = next;
    }
    Ok(rho)
}

/// The distribution function of two normal variables, and its derivative by ρ, at all pairs of thresholds.
struct Corners {
    width: usize,
    below: Vec<f64>,
    density: Vec<f64>,
}

impl Corners {
    fn of(one: &Ordered, other: &Ordered, rho: f64) -> Corners {
        let ends = one.ends.iter().flat_map(|h| other.ends.iter().map(move |k| (*h, *k)));
        let (below, density) =
            ends.map(|(h, k)| (bivariate(h, k, rho), bivariate_density(h, k, rho))).unzip();
        Corners { width: other.ends.len(), below, density }
    }

    /// The probability of a cell and its derivative.
    fn cell(&self, row: usize, column: usize) -> (f64, f64) {
        let place = row * self.width + column;
        let of = |corners: &[f64]| {
            corners[place + self.width + 1] - corners[place + self.width] - corners[place + 1]
                + corners[place]
        };
        (of(&self.below), of(&self.density))
    }
}

/// The standard normal distribution function.
pub(super) fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The density of two standard normal variables of correlation ρ, which is also the derivative of [`bivariate`] by ρ.
fn bivariate_density(h: f64, k: f64, rho: f64) -> f64 {
    if h.is_infinite() || k.is_infinite() {
        return 0.0;
    }
    let rest = 1.0 - rho * rho;
    (-(h * h - 2.0 * rho * h * k + k * k) / (2.0 * rest)).exp() / (2.0 * std::f64::consts::PI * rest.sqrt())
}

/// `P(X ≤ h, Y ≤ k)` of two standard normal variables of correlation ρ:
/// `Φ(h) Φ(k) + 1/2π ∫₀^{asin ρ} exp(−(h² + k² − 2hk sin t) / 2cos² t) dt`, by Gauss's rule of 16 points on four parts.
///
/// Drezner, Z. and Wesolowsky, G. O. (1990). On the computation of the bivariate normal integral. Journal of Statistical Computation and
/// Simulation 35, 101–107.
pub(super) fn bivariate(h: f64, k: f64, rho: f64) -> f64 {
    if h == f64::NEG_INFINITY || k == f64::NEG_INFINITY {
        return 0.0;
    }
    if h == f64::INFINITY || k == f64::INFINITY {
        return normal_below(h.min(k));
    }
    let (half, both) = ((h * h + k * k) / 2.0, h * k);
    let part = rho.asin() / PARTS;
    let mut integral = 0.0;
    for place in 0..PARTS as u32 {
        for (node, weight) in GAUSS_16 {
            for node in [-node, node] {
                let (sine, cosine) = (part * (f64::from(place) + 0.5 * (1.0 + node))).sin_cos();
                integral += weight * ((both * sine - half) / (cosine * cosine)).exp();
            }
        }
    }
    normal_below(h) * normal_below(k) + integral * part / (4.0 * std::f64::consts::PI)
}

const PARTS: f64 = 4.0;

/// Positive nodes and weights of Gauss and Legendre's rule of 16 points. Abramowitz and Stegun (1964), table 25.4.
const GAUSS_16: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];
