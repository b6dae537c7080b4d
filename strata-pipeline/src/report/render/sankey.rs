//! A Sankey diagram: who was in which class then, and where they are now, as bands as wide as they are many. The same numbers stand
//! in the matrix beside it.

use super::super::data::{MigrationData, Move, share};
use super::flow::spread;
use super::html::escape;
use super::migration::{CAME, WENT, title};
use super::number::{count, counted, percent_in_words};

/// More classes than this cannot be told apart; the smallest are drawn as one.
const MOST: usize = 9;
/// What lies between two classes, in percent of the picture's height.
const GAP: f64 = 1.2;
/// How many colours there are.
const COLOURS: usize = 7;

/// A class at one of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End<'a> {
    Class(&'a str),
    Others,
    Nowhere,
}

/// The picture, or nothing where nobody moved.
pub(super) fn html(migration: &MigrationData) -> String {
    if !migration.moves.iter().any(|each| each.n > 0 && each.from != each.to) {
        return String::new();
    }
    let ends = ends(migration);
    let (left, right) = (side(migration, &ends, |each| &each.from), side(migration, &ends, |each| &each.to));
    let total: f64 = left.iter().map(|(_, n)| n).sum();
    let gaps = GAP * left.len().max(right.len()).saturating_sub(1) as f64;
    let Some(unit) = share(100.0 - gaps, total) else { return String::new() };
    let (left, right) = (tops(&left, unit), tops(&right, unit));
    let mut left_used: Vec<f64> = left.iter().map(|node| node.top).collect();
    let mut right_used: Vec<f64> = right.iter().map(|node| node.top).collect();
    let mut paths = String::new();
    for (from, left) in left.iter().enumerate() {
        for (to, right) in right.iter().enumerate() {
            let n = between(migration, &ends, left.end, right.end);
            if n == 0.0 {
                continue;
            }
            let (l, r) = (left_used[from], right_used[to]);
            let (l_end, r_end) = (l + n * unit, r + n * unit);
            (left_used[from], right_used[to]) = (l_end, r_end);
            paths.push_str(&format!(
                r#"<path class="band k{}" d="M0 {l:.2}C45 {l:.2} 55 {r:.2} 100 {r:.2}L100 {r_end:.2}C55 {r_end:.2} 45 {l_end:.2} 0 {l_end:.2}Z"/>"#,
                colour(&ends, left.end),
            ));
        }
    }
    let n_others = migration.classes.len().saturating_sub(MOST - 1);
    let called = |end: End, nobody: &str| match end {
        End::Class(name) => title(migration, Some(name), nobody),
        End::Others => counted(n_others as u64, "other class", "other classes"),
        End::Nowhere => nobody.to_owned(),
    };
    let labels = |nodes: &[Node], nobody: &str| -> String {
        let centres: Vec<f64> = nodes.iter().map(|node| node.top + node.n * unit / 2.0).collect();
        let label = |(node, top): (&Node, f64)| {
            format!(
                r#"<span class="k{}" style="top:{top:.2}%"><b>{}</b> <i>{}</i></span>"#,
                colour(&ends, node.end),
                percent_in_words(share(node.n, total).unwrap_or(0.0)),
                escape(&called(node.end, nobody)),
            )
        };
        nodes.iter().zip(spread(&centres)).map(label).collect()
    };
    let moved: u64 = migration.moves.iter().filter(|each| each.from != each.to).map(|each| each.n).sum();
    format!(
        r#"<figure class="plot sankey"><figcaption><h4>The flow</h4><p>Left: class then; right: class now. A band is as wide as those it holds are many.</p></figcaption><div class="beds"><div class="left" aria-hidden="true">{}</div><svg role="img" aria-label="{} are in another class than then; the table above has the numbers" viewBox="0 0 100 100" preserveAspectRatio="none">{paths}</svg><div class="right" aria-hidden="true">{}</div></div></figure>"#,
        labels(&left, CAME),
        count(moved),
        labels(&right, WENT),
    )
}

/// A class at one side, with where it begins.
struct Node<'a> {
    end: End<'a>,
    n: f64,
    top: f64,
}

/// The classes that are drawn, in their order: the largest, the others as one, and those who are in none.
fn ends(migration: &MigrationData) -> Vec<End<'_>> {
    let size = |name: &str| -> f64 {
        let of = |end: fn(&Move) -> &Option<String>| -> f64 {
            migration
                .moves
                .iter()
                .filter(|each| end(each).as_deref() == Some(name))
                .map(|each| each.n as f64)
                .sum()
        };
        of(|each| &each.from).max(of(|each| &each.to))
    };
    let mut kept: Vec<&str> = migration.classes.iter().map(|(name, _)| name.as_str()).collect();
    let mut others = None;
    if kept.len() > MOST {
        kept.sort_by(|one, other| size(other).total_cmp(&size(one)).then_with(|| one.cmp(other)));
        kept.truncate(MOST - 1);
        others = Some(End::Others);
    }
    let in_order = migration.classes.iter().map(|(name, _)| name.as_str()).filter(|name| kept.contains(name));
    in_order.map(End::Class).chain(others).chain([End::Nowhere]).collect()
}

/// What a class is drawn as.
fn drawn<'a>(ends: &[End<'a>], name: Option<&str>) -> End<'a> {
    let Some(name) = name else { return End::Nowhere };
    let is_named = |end: &&End| matches!(end, End::Class(class) if *class == name);
    ends.iter().find(is_named).copied().unwrap_or(End::Others)
}

fn side<'a>(
    migration: &MigrationData,
    ends: &[End<'a>],
    of: fn(&Move) -> &Option<String>,
) -> Vec<(End<'a>, f64)> {
    let n = |end: End| -> f64 {
        let there = migration.moves.iter().filter(|each| drawn(ends, of(each).as_deref()) == end);
        there.map(|each| each.n as f64).sum()
    };
    let with_others = ends.iter().copied().chain((!ends.contains(&End::Others)).then_some(End::Others));
    with_others.map(|end| (end, n(end))).filter(|(_, n)| *n > 0.0).collect()
}

fn tops<'a>(nodes: &[(End<'a>, f64)], unit: f64) -> Vec<Node<'a>> {
    let mut top = 0.0;
    nodes
        .iter()
        .map(|(end, n)| {
            let node = Node { end: *end, n: *n, top };
            top += n * unit + GAP;
            node
        })
        .collect()
}

fn between(migration: &MigrationData, ends: &[End], from: End, to: End) -> f64 {
    let there = migration
        .moves
        .iter()
        .filter(|each| drawn(ends, each.from.as_deref()) == from && drawn(ends, each.to.as_deref()) == to);
    there.map(|each| each.n as f64).sum()
}

fn colour(ends: &[End], end: End) -> usize {
    ends.iter().position(|each| *each == end).unwrap_or(ends.len()) % COLOURS
}
