//! The sums that comparisons are made of: of everybody, and of the members of all targets, each from one pass over their profiles.

use std::collections::BTreeMap;
use std::fmt::Write;

use strata_models::portrait::sums::{LevelSums, NumberSums};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::complaint::{self, Complained};
use super::fact::{CATEGORIES, Category, FACTS, Fact, Kind, in_sql};
use super::scale::Scale;
use super::target::Target;
use super::wish::Wish;
use crate::error::Result;
use crate::project::Project;
use crate::query::ask::{Columns, Row, ask, columns_of};
use crate::query::{View, quoted};

/// Correlations are of so many customers.
const CORRELATED: usize = 20_000;
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
}

/// A number with its sums.
pub(super) struct Number {
    pub(super) of: Variable,
    /// The middle, which values are less in the sums.
    pub(super) centre: f64,
    pub(super) everybody: NumberSums,
    /// By place of the target.
    pub(super) members: Vec<NumberSums>,
    /// By place of the target, the quartiles, where they are told.
    pub(super) quartiles: Vec<Option<(f64, f64)>>,
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
    let mut gathered = Gathered {
        n_customers: 0,
        numbers: Vec::new(),
        categories: categories(view, targets).await?,
        complained: complaint::all(project, view, targets).await?,
        correlations: correlations(view, &variables).await?,
        currency: view.currency(project).unwrap_or_default(),
    };
    everybody(view, variables, targets.len(), &mut gathered).await?;
    members(view, targets, &mut gathered.numbers).await?;
    Ok(gathered)
}

/// What there is to look at, with its value in SQL.
fn variables(columns: &Columns, scales: &[Scale], wishes: &[Wish]) -> Vec<(Variable, String)> {
    let number = |name: &str| columns.as_number(name, "p.");
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

async fn everybody(
    view: &View,
    variables: Vec<(Variable, String)>,
    n_targets: usize,
    gathered: &mut Gathered,
) -> Result<()> {
    let mut terms = "count(*)".to_owned();
    for (_, value) in &variables {
        let _ = write!(terms, ", count({value}), avg({value}), var_pop({value})");
    }
    let rows = ask(view, "sum up customers", &format!("select {terms} from profile p")).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    gathered.n_customers = row.count(0);
    for (place, (of, value)) in variables.into_iter().enumerate() {
        let centre = row.number(2 + 3 * place).unwrap_or(0.0);
        gathered.numbers.push(Number {
            of,
            centre,
            everybody: sums(row, 1 + 3 * place, centre),
            members: vec![NumberSums::default(); n_targets],
            quartiles: vec![None; n_targets],
            value,
        });
    }
    Ok(())
}

/// The sums of a count, a mean and a variance that stand from a place on.
fn sums(row: &Row, from: usize, centre: f64) -> NumberSums {
    let n = row.count(from);
    let (Some(mean), Some(variance)) = (row.number(from + 1), row.number(from + 2)) else {
        return NumberSums::default();
    };
    let (count, apart) = (n as f64, mean - centre);
    NumberSums {
        n,
        weight: count,
        weight_squares: count,
        sum: count * apart,
        squares: count * (variance + apart * apart),
    }
}

async fn members(view: &View, targets: &[Target], numbers: &mut [Number]) -> Result<()> {
    let mut terms = String::new();
    for number in numbers.iter() {
        let value = &number.value;
        let _ = write!(terms, ", count({value}), avg({value}), var_pop({value})");
    }
    let ranges: Vec<usize> = (0..numbers.len()).filter(|place| numbers[*place].is_range()).collect();
    for place in &ranges {
        let value = &numbers[*place].value;
        let _ =
            write!(terms, ", approx_percentile_cont({value}, 0.25), approx_percentile_cont({value}, 0.75)");
    }
    let query = format!(
        "select m.segmentation, m.segment{terms} from membership m join profile p on p.customer_id = m.subject_id \
         where m.subject = 'customers' and m.left_at is null and ({}) group by 1, 2",
        of_targets(targets),
    );
    for row in ask(view, "sum up the members of segments", &query).await? {
        let Some(target) = place_of(targets, &row) else { continue };
        for (place, number) in numbers.iter_mut().enumerate() {
            number.members[target] = sums(&row, 2 + 3 * place, number.centre);
        }
        for (nth, place) in ranges.iter().enumerate() {
            let from = 2 + 3 * numbers.len() + 2 * nth;
            numbers[*place].quartiles[target] = row.number(from).zip(row.number(from + 1));
        }
    }
    Ok(())
}

/// The rows of all targets among those of `membership m`, in SQL.
pub(super) fn of_targets(targets: &[Target]) -> String {
    targets.iter().map(Target::rows).collect::<Vec<_>>().join(" or ")
}

/// The target that the first two columns of a row name: its segmentation and segment.
pub(super) fn place_of(targets: &[Target], row: &Row) -> Option<usize> {
    targets
        .iter()
        .position(|target| target.segmentation.as_deref() == row.maybe(0) && target.segment == row.text(1))
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
        "select {} from (select {} from profile p limit {CORRELATED})",
        terms.join(", "),
        columns.join(", ")
    );
    let rows = ask(view, "correlate what customers are like", &query).await?;
    let Some(row) = rows.first() else { return Ok(BTreeMap::new()) };
    Ok(pairs.into_iter().enumerate().filter_map(|(place, pair)| Some((pair, row.number(place)?))).collect())
}

/// The classes of segmentations as levels: how many customers, and how many members, are in each.
async fn categories(view: &View, targets: &[Target]) -> Result<Vec<Levels>> {
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
    if sizes.is_empty() {
        return Ok(Vec::new());
    }
    let shown: Vec<String> = sizes.keys().map(|name| quoted(name)).collect();
    let query = format!(
        "select m.segmentation, m.segment, b.segmentation, b.segment, count(*) from membership m \
         join (select subject_id, segmentation, segment from membership where subject = 'customers' \
         and left_at is null and segmentation in ({}) and segment <> '{UNASSIGNED}') b \
         on m.subject_id = b.subject_id where m.subject = 'customers' and m.left_at is null and ({}) \
         group by 1, 2, 3, 4",
        shown.join(", "),
        of_targets(targets),
    );
    let mut counts: BTreeMap<(usize, String, String), u64> = BTreeMap::new();
    for row in ask(view, "count members by level", &query).await? {
        if let Some(target) = place_of(targets, &row) {
            counts.insert((target, row.text(2).to_owned(), row.text(3).to_owned()), row.count(4));
        }
    }
    let levels = CATEGORIES.into_iter().filter_map(|of| {
        let (name, sizes) = sizes.get_key_value(of.segmentation)?;
        let title = |level: &String| {
            let title = titles.get(&(name.clone(), level.clone())).filter(|title| !title.is_empty());
            title.unwrap_or(level).clone()
        };
        let of_target = |place: usize| {
            let counted = |level: &String| counts.get(&(place, name.clone(), level.clone())).copied();
            let is_itself = targets[place].segmentation.as_ref() == Some(name);
            (!is_itself).then(|| {
                LevelSums::of_people(
                    &sizes.keys().map(|level| counted(level).unwrap_or(0)).collect::<Vec<_>>(),
                )
            })
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
