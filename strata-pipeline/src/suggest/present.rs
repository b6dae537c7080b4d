//! How many meet what was found at the last run, and which of its segments and classes they are in already. Counted over everybody.

use std::collections::BTreeSet;

use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_aggregate::expr_fn::sum;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::Condition;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::Likeness;
use super::word::Worded;
use crate::compile::{Question, column_name, compile_only};
use crate::error::{Context, Result};
use crate::preview::{Basis, texts};
use crate::segment::MEMBERSHIP;

/// What is so at the last run.
pub(super) struct Present {
    pub(super) n_subjects: u64,
    /// Of each segment.
    pub(super) of_each: Vec<OfOne>,
}

/// A segment at the last run.
pub(super) struct OfOne {
    pub(super) n_members: u64,
    /// Whether to say who can reach the goal keeps nobody out.
    pub(super) is_population_idle: bool,
    pub(super) most_like: Option<Likeness>,
}

/// The id of a membership beside that of a subject.
const MEMBER: &str = "_member";

/// Counts members and what they share with segments and classes.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn look_up(basis: &Basis<'_>, subject: Subject, worded: &[Worded]) -> Result<Present> {
    let planning = || format!("cannot plan what is asked of {subject}");
    let full = worded.iter().map(|worded| worded.full.clone());
    let short = worded.iter().map(|worded| worded.short.clone());
    let conditions: Vec<Condition> = full.chain(short).collect();
    let question = Question { conditions: &conditions, ..Question::default() };
    let program = compile_only(&basis.setting(subject), &question);
    let program = program.map_err(|faults| basis.project.refused(faults))?;
    let (program, rows) = basis.evaluate(program, &BTreeSet::new()).await?;
    let memberships = basis.memberships(&program).await?;
    let id = ident(subject.id_column()).alias(MEMBER);
    let members = program.answer(rows, &memberships, vec![id]).context(planning())?;

    let counting = || "cannot count who would be in";
    let mut columns = vec![sum(lit(1_i64))];
    columns.extend((0..conditions.len()).map(meets));
    let counted = members.clone().aggregate(vec![], columns).context(counting())?;
    let counted = counted.collect().await.context(counting())?;
    let sizes = counted.first().map_or_else(Vec::new, |batch| counts(batch, 0, 0));
    let size = |place: usize| sizes.get(place).copied().unwrap_or(0);
    let n_subjects = size(0);
    let most_like = if worded.is_empty() {
        Vec::new()
    } else {
        let sets = Sets { basis, subject, n: worded.len() };
        sets.most_like(members, &sizes).await?
    };
    let mut most_like = most_like.into_iter();
    let of_each = (0..worded.len()).map(|place| OfOne {
        n_members: size(1 + place),
        is_population_idle: size(1 + place) == size(1 + worded.len() + place),
        most_like: most_like.next().flatten(),
    });
    Ok(Present { n_subjects, of_each: of_each.collect() })
}

/// How many meet a condition.
fn meets(place: usize) -> Expr {
    sum(cast(ident(column_name::asked(place)).is_true(), DataType::Int64)).alias(format!("n_{place}"))
}

/// The segments and classes of the last run.
struct Sets<'a> {
    basis: &'a Basis<'a>,
    subject: Subject,
    /// How many segments are suggested.
    n: usize,
}

impl Sets<'_> {
    /// Of each that is suggested, what is most like it.
    async fn most_like(&self, members: DataFrame, sizes: &[u64]) -> Result<Vec<Option<Likeness>>> {
        let comparing = || "cannot compare with the segments of the last run";
        let shared = self.shared(members).await?.collect().await.context(comparing())?;
        let n_members = self.sizes().await?;
        let mut best: Vec<Option<Likeness>> = vec![None; self.n];
        for batch in &shared {
            let (segmentations, segments) = (texts(batch, 0)?, texts(batch, 1)?);
            for row in 0..batch.num_rows() {
                let segment = segments.value(row);
                let name = match segmentations.is_valid(row) {
                    true => format!("{}/{segment}", segmentations.value(row)),
                    false => segment.to_owned(),
                };
                let Some((_, n_other)) = n_members.iter().find(|(other, _)| *other == name) else { continue };
                for (place, n_both) in counts(batch, 2, row).into_iter().enumerate() {
                    let n_own = sizes.get(1 + place).copied().unwrap_or(0);
                    let n_either = (n_own + n_other).saturating_sub(n_both);
                    if n_both == 0 || n_either == 0 {
                        continue;
                    }
                    let jaccard = n_both as f64 / n_either as f64;
                    // Of those that are equally like it, the first by name.
                    let is_better = best[place].as_ref().is_none_or(|best| {
                        best.jaccard < jaccard || (best.jaccard == jaccard && name < best.name)
                    });
                    if is_better {
                        best[place] = Some(Likeness { name: name.clone(), n_both, jaccard });
                    }
                }
            }
        }
        Ok(best)
    }

    /// Per segment and class, how many of each suggested segment are in it.
    async fn shared(&self, members: DataFrame) -> Result<DataFrame> {
        let comparing = || "cannot compare with the segments of the last run";
        let open = ident("subject").eq(lit(self.subject.as_str())).and(ident("left_at").is_null());
        let columns = ["subject_id", "segmentation", "segment"].map(ident).to_vec();
        let stays = self.basis.table(MEMBERSHIP).await?;
        let stays = stays.filter(open).and_then(|stays| stays.select(columns)).context(comparing())?;
        let is_any = (0..self.n).map(|place| ident(column_name::asked(place)).is_true());
        let is_any = is_any.reduce(Expr::or).unwrap_or_else(|| lit(false));
        let joined = || -> EngineResult<DataFrame> {
            let mut columns = vec![ident(MEMBER)];
            columns.extend((0..self.n).map(|place| ident(column_name::asked(place))));
            let members = members.filter(is_any)?.select(columns)?;
            let joined = members.join(stays, JoinType::Inner, &[MEMBER], &["subject_id"], None)?;
            let group = vec![ident("segmentation"), ident("segment")];
            joined.aggregate(group, (0..self.n).map(meets).collect())
        };
        joined().context(comparing())
    }

    /// How many are in each segment and class; who is in no class is left out.
    async fn sizes(&self) -> Result<Vec<(String, u64)>> {
        let query = format!(
            "select case when segmentation is null then segment else segmentation || '/' || segment end, n_members \
             from segment where subject = '{}' and (segmentation is null or segment <> '{UNASSIGNED}')",
            self.subject
        );
        let rows = self.basis.view.sql(&query).await?.rows(usize::MAX).await?;
        let size = |row: Vec<Option<String>>| {
            let [Some(name), Some(n)] = row.as_slice() else { return None };
            Some((name.clone(), n.parse().ok()?))
        };
        Ok(rows.cells.into_iter().filter_map(size).collect())
    }
}

/// The counts of a row, from a column on.
fn counts(batch: &RecordBatch, from: usize, row: usize) -> Vec<u64> {
    let count = |place: usize| {
        let column = batch.column(place).as_primitive_opt::<Int64Type>()?;
        column.is_valid(row).then(|| u64::try_from(column.value(row)).unwrap_or(0))
    };
    (from..batch.num_columns()).map(|place| count(place).unwrap_or(0)).collect()
}
