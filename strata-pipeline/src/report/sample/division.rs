//! Divides the invented customers and sums them up as the lake's tables would.

use strata_spec::definition::Layer;
use strata_spec::table::Subject;

use super::super::data::{ClassData, Cross, Difference, Portrait, SegmentationData, Side};
use super::people::{DAYS, Person};

/// What a division is called, its classes by name and title, and which class someone is in.
pub(super) struct Division {
    pub name: &'static str,
    pub title: &'static str,
    pub layer: Layer,
    pub classes: Vec<(&'static str, &'static str)>,
    pub class_of: Vec<Option<usize>>,
}

/// A number about someone: its name, its title, its unit, and how it is read.
type Number = (&'static str, &'static str, Option<&'static str>, fn(&Person) -> Option<f64>);

const NUMBERS: [Number; 9] = [
    ("n_orders", "Orders", Some("orders"), |person| Some(person.orders.len() as f64)),
    ("mean_order_value", "Mean order value", Some("currency"), |person| {
        (!person.orders.is_empty()).then(|| revenue(person) / person.orders.len() as f64)
    }),
    ("days_since_last_order", "Days since the last order", Some("days"), |person| {
        last(person).map(f64::from)
    }),
    ("discount_share", "Orders with a discount", Some("share"), |person| {
        let n = person.orders.iter().filter(|order| order.is_discounted).count();
        (!person.orders.is_empty()).then(|| n as f64 / person.orders.len() as f64)
    }),
    ("age_years", "Age", Some("years"), |person| person.age),
    ("email_open_rate_90d", "E-mails opened", Some("share"), |person| Some(person.opens_mail)),
    ("n_visits_90d", "Visits in the last 90 days", Some("visits"), |person| Some(person.visits)),
    ("household_size", "Persons in the household", Some("persons"), |person| Some(person.household as f64)),
    ("tenure", "Days as a customer", Some("days"), |person| {
        person.orders.first().map(|order| f64::from(DAYS - order.day))
    }),
];

/// What someone has paid.
pub(super) fn revenue(person: &Person) -> f64 {
    person.orders.iter().map(|order| order.amount).sum()
}

/// Days since the last order.
pub(super) fn last(person: &Person) -> Option<i32> {
    person.orders.last().map(|order| DAYS - order.day)
}

/// The division with sums and portraits; classes whom nobody is in stay.
pub(super) fn segmentation(people: &[Person], division: &Division, others: &[&Division]) -> SegmentationData {
    let class = |place: usize, (name, title): &(&str, &str)| ClassData {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
        ..sums(people, &|at| division.class_of[at] == Some(place), others)
    };
    let mut classes: Vec<ClassData> =
        division.classes.iter().enumerate().map(|(place, named)| class(place, named)).collect();
    let rest = sums(people, &|at| division.class_of[at].is_none(), others);
    classes.push(ClassData { name: "unassigned".to_owned(), title: "Unassigned".to_owned(), ..rest });
    SegmentationData {
        name: division.name.to_owned(),
        title: division.title.to_owned(),
        about: None,
        layer: division.layer,
        subject: Subject::Customers,
        classes,
    }
}

/// Sums and portrait of whoever is inside.
pub(super) fn sums(people: &[Person], is_inside: &dyn Fn(usize) -> bool, others: &[&Division]) -> ClassData {
    let (inside, outside): (Vec<usize>, Vec<usize>) = (0..people.len()).partition(|at| is_inside(*at));
    let of = |places: &[usize], read: fn(&Person) -> Option<f64>| -> Vec<f64> {
        places.iter().filter_map(|at| read(&people[*at])).collect()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut differences = Vec::new();
    for (name, title, unit, read) in NUMBERS {
        let (here, there) = (of(&inside, read), of(&outside, read));
        let all: Vec<f64> = here.iter().chain(&there).copied().collect();
        let centre = mean(&all);
        let squares: Vec<f64> = all.iter().map(|value| (value - centre).powi(2)).collect();
        differences.push(Difference::Mean {
            name: name.to_owned(),
            title: title.to_owned(),
            unit: unit.map(str::to_owned),
            mean: mean(&here),
            mean_of_rest: mean(&there),
            deviation: mean(&squares).sqrt(),
            n_known: here.len() as u64,
            n_known_of_rest: there.len() as u64,
        });
    }
    for other in others {
        let known =
            |places: &[usize]| places.iter().filter(|at| other.class_of[**at].is_some()).count() as f64;
        let (n_known, n_known_of_rest) = (known(&inside), known(&outside));
        for (place, (_, title)) in other.classes.iter().enumerate() {
            let n = |places: &[usize]| {
                places.iter().filter(|at| other.class_of[**at] == Some(place)).count() as f64
            };
            differences.push(Difference::Share {
                name: other.name.to_owned(),
                title: other.title.to_owned(),
                class: (*title).to_owned(),
                share: n(&inside) / n_known,
                share_of_rest: n(&outside) / n_known_of_rest,
                n_known: n_known as u64,
                n_known_of_rest: n_known_of_rest as u64,
            });
        }
    }
    let mut days: Vec<i32> = inside.iter().filter_map(|at| last(&people[*at])).collect();
    days.sort_unstable();
    ClassData {
        n_members: inside.len() as u64,
        revenue: Some(inside.iter().map(|at| revenue(&people[*at])).sum()),
        portrait: Portrait {
            n_orders: Some(inside.iter().map(|at| people[*at].orders.len() as u64).sum()),
            median_days_since_last_order: days.get(days.len() / 2).map(|days| f64::from(*days)),
            differences,
        },
        ..ClassData::default()
    }
}

/// Orders by category against the classes of who placed them.
pub(super) fn affinities(people: &[Person], categories: &[&str], division: &Division) -> Cross {
    let count = |class: Option<usize>, category: Option<usize>| {
        let of_class = |at: &usize| {
            class.map_or(division.class_of[*at].is_some(), |class| division.class_of[*at] == Some(class))
        };
        let orders = (0..people.len()).filter(of_class).flat_map(|at| &people[at].orders);
        orders.filter(|order| category.is_none_or(|category| order.category == category)).count() as u64
    };
    let n_classes = division.classes.len();
    let mut rows: Vec<(Side, Vec<u64>)> = categories
        .iter()
        .enumerate()
        .map(|(category, title)| {
            let cells = (0..n_classes).map(|class| count(Some(class), Some(category))).collect();
            (Side { title: (*title).to_owned(), n: count(None, Some(category)) }, cells)
        })
        .collect();
    rows.sort_by(|(a, _), (b, _)| b.n.cmp(&a.n).then_with(|| a.title.cmp(&b.title)));
    let (rows, n) = rows.into_iter().unzip();
    let column = |(class, (_, title)): (usize, &(&str, &str))| Side {
        title: title.split(": ").next().unwrap_or(title).to_owned(),
        n: count(Some(class), None),
    };
    Cross {
        layer: Layer::Behavioural,
        counted: "orders".to_owned(),
        rows_title: "Category of the order".to_owned(),
        columns_title: division.title.to_owned(),
        rows,
        columns: division.classes.iter().enumerate().map(column).collect(),
        n,
        n_all: count(None, None),
    }
}
