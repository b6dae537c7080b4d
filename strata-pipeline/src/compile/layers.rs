//! Segmentations as layers: the classes that others are found in, for scores that come after them
//! ([decision 0019](../../../docs/decisions/0019-layers.md)).

use chrono::{DateTime, Utc};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::core::expr_fn::nullif;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::name::{SegmentationName, UNASSIGNED};
use strata_spec::table::Subject;

use super::project::all_columns;
use super::{Earlier, Mapped, Node, Program, Question, ScoreColumn, Setting, column_name, compile_only};
use crate::error::Error;
use crate::project::Project;

/// The program that says in which classes of its layers a subject is, and in which that may explain them, for a score that is found in
/// segmentations.
///
/// # Errors
/// Those of [`super::of_project`].
pub(crate) fn of_layers(
    project: &Project,
    subject: Subject,
    as_of: DateTime<Utc>,
    score: &ScoreColumn,
) -> Result<Program, Error> {
    let mapped = Mapped::of(&project.manifest);
    let nodes = score.how.segmentations().map(|name| Node::Segmentation(name.as_str())).collect();
    let question = Question { nodes, ..Question::default() };
    compile_only(&Setting::of(project, &mapped, subject, as_of), &question)
        .map_err(|faults| project.refused(faults))
}

impl Program {
    /// Subjects with their classes in some segmentations as further columns, null where a subject is in none of them.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or what the program asks for is not at hand.
    pub(crate) fn with_layers<'n>(
        &self,
        profile_and_scores: DataFrame,
        memberships: &Earlier,
        segmentations: impl Iterator<Item = &'n SegmentationName>,
    ) -> EngineResult<DataFrame> {
        // What was a layer of others before may be one of these.
        let is_layer =
            |expr: &Expr| matches!(expr, Expr::Column(column) if column_name::is_layer(&column.name));
        let mut columns: Vec<Expr> =
            all_columns(&profile_and_scores).filter(|expr| !is_layer(expr)).collect();
        for name in segmentations {
            let class = ident(column_name::segmentation(name));
            columns.push(nullif(class, lit(UNASSIGNED)).alias(column_name::layer(name)));
        }
        self.with_divisions(profile_and_scores, memberships)?.select(columns)
    }
}
