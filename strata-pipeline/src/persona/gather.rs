//! The sums that comparisons are made of: of everybody and of the members of all targets, from one pass over the profiles, a part of the
//! customers at a time.

use std::collections::BTreeMap;

use strata_lake::arrow::array::{AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_models::portrait::sums::{LevelSums, NumberSums};
use strata_models::rank::quantile;
use strata_spec::error::ErrorCode;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::complaint::{Complained, Writers};
use super::crowd::Crowd;
use super::fact::{CATEGORIES, Category, FACTS, Fact, Kind, in_sql};
use super::member::{Candidates, Sought};
use super::scale::Scale;
use super::target::Target;
use super::wish::Wish;
use crate::error::{Error, Result};
use crate::overlap::Key;
use crate::preview::texts;
use crate::project::Project;
use crate::query::ask::{Columns, ask, columns_of};
use crate::query::{View, quoted};
use crate::voice::complaints;

/// Correlations are of so many customers.
const CORRELATED: usize = 20_000;
/// Quartiles are of so many members, if there are so many.
const ENOUGH: usize = 50_000;
/// Of a category with more levels than this none is told.
const MOST_LEVELS: usize = 80;

/// All that is compared.
pub(super) struct Gathered {
    /// How many customers there are.
    pub(super) n_customers: u64,
    /// What numbers are of.
    pub(super) numbers: Vec<Number>,
    /// What categories are of.
    pub(super) categories: Vec<Levels>,
    /// What is complained of.
    pub(super) complained: Complained,
    /// By pair of places of numbers, the lower first: how far they say the same.
    pub(super) correlations: BTreeMap<(usize, usize), f64>,
    /// The project's currency.
    pub(super) currency: String,
    /// What representatives are sought in, and by place of the target among whom.
    pub(super) sought: Sought,
    pub(super) candidates: Vec<Candidates>,
}

/// A number with its sums.
pub(super) struct Number {
    pub(super) of: Variable,
    /// The middle, which values are less in the sums.
    pub(super) centre: f64,
    pub(super) everybody: NumberSums,
    /// By place of the target.
    pub(super) members: Vec<NumberSums>,
    /// By place of the target, what so many of its members have that quartiles can be told, where they are.
    values: Vec<Vec<f64>>,
    /// Its value in SQL.
    value: String,
}

impl Number {
    fn is_range(&self) -> bool {
        matches!(&self.of, Variable::Fact(fact) if matches!(fact.kind, Kind::Range(_)))
    }
}

/// What a number is.
#[derive(Clone)]
pub(super) enum Variable {
    Fact(Fact),
    Scale(Scale),
    Wish(Wish),
}

/// A category with its sums.
pub(super) struct Levels {
    pub(super) of: Category,
    /// What people call each level.
    pub(super) titles: Vec<String>,
    pub(super) everybody: LevelSums,
    /// By place of the target; none where the target is one of its levels.
    pub(super) members: Vec<Option<LevelSums>>,
}

/// Sums everything up.
pub(super) async fn all(
    project: &Project,
    view: &View,
    targets: &[Target],
    scales: &[Scale],
    wishes: &[Wish],
) -> Result<Gathered> {
    let columns = columns_of(view, Subject::Customers.profile_table()).await?;
    let variables = variables(&columns, scales, wishes);
    let crowd = Crowd::open(view).await?;
    let mut gathered = Gathered {
        n_customers: 0,
        categories: categories(view, &crowd, targets).await?,
        complained: Complained::default(),
        correlations: correlations(view, &variables).await?,
        currency: view.currency(project).unwrap_or_default(),
        numbers: variables.into_iter().map(|variable| Number::of(variable, targets.len())).collect(),
        sought: Sought::of(&columns),
        candidates: vec![Candidates::default(); targets.len()],
    };
    let terms: Vec<String> = gathered.numbers.iter().map(|number| number.value.clone()).collect();
    let terms: Vec<String> = terms.into_iter().chain(gathered.sought.terms()).collect();
    let said = complaints(project, view).await?;
    let mut writers = Writers::of(&said, targets.len());
    for part in 0..crowd.n_parts() {
        let rows = crowd.read(part, &terms).await?;
        let members: Vec<Vec<u32>> = targets.iter().map(|target| crowd.numbers(target, part)).collect();
        gathered.add(&rows, &members)?;
        writers.add(texts(&rows, 0)?, &members);
    }
    gathered.complained = writers.told()?;
    Ok(gathered)
}

impl Gathered {
    /// Adds a part of the customers: the id, each number and what representatives are sought in, and who of them is in each target.
    fn add(&mut self, rows: &RecordBatch, members: &[Vec<u32>]) -> Result<()> {
        self.n_customers += rows.num_rows() as u64;
        let everybody: Vec<u32> = (0..).take(rows.num_rows()).collect();
        for (place, number) in self.numbers.iter_mut().enumerate() {
            let mut values = numbers(rows, 1 + place)?;
            if number.everybody.n == 0 {
                number.centre = NumberSums::of_places(&values, &everybody).mean().unwrap_or(0.0);
            }
            if number.is_range() {
                for (quartiles, members) in number.values.iter_mut().zip(members) {
                    // Of more no more is to be learned of the middle half.
                    if quartiles.len() < ENOUGH {
                        let known = members.iter().map(|row| values[*row as usize]);
                        quartiles.extend(known.filter(|value| !value.is_nan()));
                    }
                }
            }
            values.iter_mut().for_each(|value| *value -= number.centre);
            number.everybody = number.everybody.with(NumberSums::of_places(&values, &everybody));
            for (sums, members) in number.members.iter_mut().zip(members) {
                *sums = sums.with(NumberSums::of_places(&values, members));
            }
        }
        let seen = self.sought.seen(rows, 1 + self.numbers.len())?;
        for (candidates, members) in self.candidates.iter_mut().zip(members) {
            candidates.add(&seen, members);
        }
        Ok(())
    }
}

impl Number {
    fn of((of, value): (Variable, String), n_targets: usize) -> Number {
        Number {
            of,
            centre: 0.0,
            everybody: NumberSums::default(),
            members: vec![NumberSums::default(); n_targets],
            values: vec![Vec::new(); n_targets],
            value,
        }
    }

    /// The quartiles of a target's members, where they are told.
    pub(super) fn quartiles(&self, target: usize) -> Option<(f64, f64)> {
        let mut values = self.values[target].clone();
        values.sort_unstable_by(f64::total_cmp);
        Some((quantile(&values, 0.25)?, quantile(&values, 0.75)?))
    }
}

/// A column as numbers, not a number where there is none.
pub(super) fn numbers(rows: &RecordBatch, place: usize) -> Result<Vec<f64>> {
    let failed =
        |error| Error::new(ErrorCode::Internal, "cannot read a figure of customers").caused_by(error);
    let column = cast(rows.column(place), &DataType::Float64).map_err(failed)?;
    let column = column.as_primitive::<Float64Type>();
    Ok(column.iter().map(|value| value.filter(|value| value.is_finite()).unwrap_or(f64::NAN)).collect())
}

/// What there is to look at, with its value in SQL.
fn variables(columns: &Columns, scales: &[Scale], wishes: &[Wish]) -> Vec<(Variable, String)> {
    let number = |name: &str| columns.as_number(name, "");
    let facts =
        FACTS.into_iter().filter_map(|fact| Some((Variable::Fact(fact), in_sql(fact.value, number)?)));
    // What people under 18 answered is not used.
    let of_adults = |value: String| match number("age_years") {
        Some(age) => format!("case when coalesce({age}, 18.0) >= 18.0 then {value} end"),
        None => value,
    };
    let scales = scales
        .iter()
        .filter_map(|scale| Some((Variable::Scale(scale.clone()), of_adults(number(&scale.name)?))));
    let wishes = wishes.iter().filter(|wish| columns.has(&wish.of));
    let wishes = wishes.map(|wish| (Variable::Wish(wish.clone()), of_adults(wish.value.clone())));
    facts.chain(scales).chain(wishes).collect()
}

/// How far numbers say the same, of some customers.
async fn correlations(
    view: &View,
    variables: &[(Variable, String)],
) -> Result<BTreeMap<(usize, usize), f64>> {
    if variables.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let columns: Vec<String> =
        variables.iter().enumerate().map(|(place, (_, value))| format!("{value} as v{place}")).collect();
    let pairs: Vec<(usize, usize)> = (0..variables.len())
        .flat_map(|one| (one + 1..variables.len()).map(move |other| (one, other)))
        .collect();
    let terms: Vec<String> = pairs.iter().map(|(one, other)| format!("corr(v{one}, v{other})")).collect();
    let query = format!(
        "select {} from (select {} from profile limit {CORRELATED})",
        terms.join(", "),
        columns.join(", ")
    );
    let rows = ask(view, "correlate what customers are like", &query).await?;
    let Some(row) = rows.first() else { return Ok(BTreeMap::new()) };
    Ok(pairs.into_iter().enumerate().filter_map(|(place, pair)| Some((pair, row.number(place)?))).collect())
}

/// The classes of segmentations as levels: how many customers, and how many members, are in each.
async fn categories(view: &View, crowd: &Crowd<'_>, targets: &[Target]) -> Result<Vec<Levels>> {
    let wanted =
        CATEGORIES.iter().map(|category| quoted(category.segmentation)).collect::<Vec<_>>().join(", ");
    let query = format!(
        "select segmentation, segment, n_members, title from segment where subject = 'customers' \
         and segmentation in ({wanted}) and segment <> '{UNASSIGNED}' and n_members > 0 order by 1, 2"
    );
    let mut sizes: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    let mut titles: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in ask(view, "list the levels of categories", &query).await? {
        sizes.entry(row.text(0).to_owned()).or_default().insert(row.text(1).to_owned(), row.count(2));
        titles.insert((row.text(0).to_owned(), row.text(1).to_owned()), row.text(3).to_owned());
    }
    sizes.retain(|_, levels| (2..=MOST_LEVELS).contains(&levels.len()));
    let levels = CATEGORIES.into_iter().filter_map(|of| {
        let (name, sizes) = sizes.get_key_value(of.segmentation)?;
        let title = |level: &String| {
            let title = titles.get(&(name.clone(), level.clone())).filter(|title| !title.is_empty());
            title.unwrap_or(level).clone()
        };
        let of_target = |place: usize| {
            let counted = |level: &String| {
                let class = Key { segmentation: Some(name.clone()), segment: level.clone() };
                crowd.n_in_both(&targets[place], &class)
            };
            let is_itself = targets[place].segmentation.as_ref() == Some(name);
            (!is_itself).then(|| LevelSums::of_people(&sizes.keys().map(counted).collect::<Vec<_>>()))
        };
        Some(Levels {
            of,
            titles: sizes.keys().map(title).collect(),
            everybody: LevelSums::of_people(&sizes.values().copied().collect::<Vec<_>>()),
            members: (0..targets.len()).map(of_target).collect(),
        })
    });
    Ok(levels.collect())
}
