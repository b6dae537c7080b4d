//! Lowers places among all subjects. Who is ranked may depend on segments, so that each level of divisions ranks anew before
//! it divides.
//!
//! Ranks are found beside the subjects, from the few columns that they need, and joined by id: a sort of whole profiles would
//! carry everything that is known of everybody.

use std::collections::BTreeMap;

use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_window::expr_fn as windows;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{At, Condition, Ranking, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::column_name;
use super::kind::{Typed, article, data_type, placed};
use super::lower::{Frame, Lowering};
use super::plan::left_join;

/// A place among subjects.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    ranking: Ranking,
    by: Expr,
    among: Option<Expr>,
}

impl Place {
    /// What has to be known of subjects to place them.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        [&self.by].into_iter().chain(&self.among)
    }
}

/// The places that one level of divisions needs, by column.
pub(crate) type Places = BTreeMap<String, Place>;

impl Lowering<'_> {
    pub(super) fn rank(
        &mut self,
        term: &Term,
        (ranking, by, among, at): (Ranking, &Term, Option<&Condition>, At),
        frame: Frame,
    ) -> Result<Typed, SpecError> {
        if frame != Frame::Subject || !self.carrying || self.scoring {
            let error = SpecError::new(format!("`{}` is not known here", ranking.as_str()));
            let hint = "a place is that of a subject among all; use it in a segment or a segmentation";
            return Err(placed(error.with_hint(hint), at));
        }
        let typed = self.term(by, frame)?;
        let by = match typed.kind {
            // One zero, not two.
            Some(Kind::Number) => typed.expr + lit(0.0),
            Some(Kind::Integer | Kind::Date | Kind::Timestamp) => typed.expr,
            other => {
                let found = other.map_or("nothing", article);
                let error =
                    SpecError::new(format!("`{}` needs a number and was given {found}", ranking.as_str()));
                return Err(placed(error.with_hint("rank by a figure, as `revenue` or `count(orders)`"), at));
            }
        };
        let among = among.map(|among| self.condition(among, frame)).transpose()?;
        let name = column_name::of_text(&term.to_string());
        self.places.insert(name.clone(), Place { ranking, by, among });
        let kind = match ranking {
            Ranking::PercentRank => Kind::Number,
            Ranking::Rank | Ranking::RowNumber => Kind::Integer,
        };
        Ok(Typed::new(ident(name), kind))
    }
}

/// Gives each subject its places; null to those who are not ranked.
pub(super) fn with_places(subjects: DataFrame, places: &Places, id: &str) -> EngineResult<DataFrame> {
    let mut placed = subjects.clone();
    for (name, place) in places {
        // An earlier level asked for the same.
        if placed.schema().has_column_with_unqualified_name(name) {
            continue;
        }
        let is_ranked = match &place.among {
            Some(among) => place.by.clone().is_not_null().and(among.clone().is_true()),
            None => place.by.clone().is_not_null(),
        };
        // From the subjects as they came: over those that have other places, each place would compute all before it again.
        let ranked = subjects
            .clone()
            .select(vec![ident(id).alias(ID), place.by.clone().alias(BY), is_ranked.alias(RANKED)])?
            .filter(ident(RANKED))?;
        let down = || ident(BY).sort(false, false);
        let window = match place.ranking {
            Ranking::PercentRank => windows::percent_rank().order_by(vec![ident(BY).sort(true, false)]),
            Ranking::Rank => windows::rank().order_by(vec![down()]),
            Ranking::RowNumber => windows::row_number().order_by(vec![down(), ident(ID).sort(true, false)]),
        };
        let ranked = ranked.window(vec![window.build()?.alias(PLACE)])?;
        let kind = match place.ranking {
            Ranking::PercentRank => Kind::Number,
            Ranking::Rank | Ranking::RowNumber => Kind::Integer,
        };
        let found = cast(ident(PLACE), data_type(kind)).alias(name);
        let ranked = ranked.select(vec![ident(ID).alias(id), found])?;
        placed = left_join(placed, ranked, id)?;
    }
    Ok(placed)
}

const ID: &str = "_ranked_id";
const BY: &str = "_ranked_by";
const RANKED: &str = "_is_ranked";
const PLACE: &str = "_place";
