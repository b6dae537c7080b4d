//! The last complete run as something to evaluate other definitions over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::compute::concat_batches;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::Term;
use strata_spec::definition::Definitions;
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use crate::compile::{
    self, Earlier, MEANING, Mapped, Meaning, Node, Program, Question, Setting, Stored, Tables, column_name,
};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::run::PROPERTY_HISTORY;
use crate::score;
use crate::segment::MEMBERSHIP;

/// A run's tables, an instant, and which definitions have not changed since the run.
#[derive(Clone)]
pub(crate) struct Basis<'a> {
    pub(crate) project: &'a Project,
    pub(crate) view: &'a View,
    pub(crate) as_of: DateTime<Utc>,
    mapped: Mapped,
    meaning: Meaning,
    /// By kind and name.
    versions: BTreeMap<(&'static str, String), String>,
}

impl<'a> Basis<'a> {
    /// At the run's own instant, or at an earlier one: a run's tables have all rows up to its instant and need not have later ones.
    pub(crate) async fn open(
        project: &'a Project,
        view: &'a View,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Basis<'a>> {
        let last = view.complete.as_of;
        let as_of = as_of.unwrap_or(last);
        if as_of > last {
            let message =
                format!("{} lies after the last run's instant, {}", as_of.to_rfc3339(), last.to_rfc3339());
            return Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("run at that date first: `strata run --as-of DATE`"));
        }
        let profile = view.complete.summaries.get("profile");
        let meaning = Meaning::read(project, profile.and_then(|summary| summary.facts.get(MEANING)));
        let mut versions: BTreeMap<(&'static str, String), String> = BTreeMap::new();
        versions
            .extend(meaning.traits.iter().map(|(name, version)| (("trait", name.clone()), version.clone())));
        let noted = "select 'score' as kind, model as name, version from model where kind in ('rank', 'prediction', 'classifier') union all \
                     select distinct case when segmentation is null then 'segment' else 'segmentation' end, \
                     coalesce(segmentation, segment), version from segment";
        for row in view.sql(noted).await?.rows(usize::MAX).await?.cells {
            let [Some(kind), Some(name), Some(version)] = row.as_slice() else { continue };
            let kind = match kind.as_str() {
                "score" => "score",
                "segment" => "segment",
                _ => "segmentation",
            };
            versions.insert((kind, name.clone()), version.clone());
        }
        Ok(Basis { project, view, as_of, mapped: Mapped::of(&project.manifest), meaning, versions })
    }

    /// The same at an earlier instant.
    pub(crate) fn at(&self, as_of: DateTime<Utc>) -> Basis<'a> {
        Basis { as_of, ..self.clone() }
    }

    /// What definitions of a subject are compiled against.
    pub(crate) fn setting(&self, subject: Subject) -> Setting<'_> {
        Setting::of(self.project, &self.mapped, subject, self.as_of)
    }

    /// Whether the project's sources have a subject, as a run would find.
    pub(super) fn mapped(&self, subject: Subject) -> bool {
        self.mapped.has(subject.table(), subject.id_column())
    }

    /// Whether the run has profiles of a subject.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        self.view.complete.tables.contains_key(subject.profile_table())
    }

    /// The version that a definition had at the run; none where it had no part in it.
    pub(crate) fn version(&self, node: Node<'_>) -> Option<&str> {
        self.versions.get(&(node.kind(), node.name().to_owned())).map(String::as_str)
    }

    /// The definitions of a subject that say what they said at the run, and so does everything that they use. None where the run
    /// was of another version of Strata, or in another time zone.
    pub(crate) fn unchanged<'s>(&self, setting: &Setting<'s>) -> BTreeSet<Node<'s>> {
        if !self.meaning.figures_last {
            return BTreeSet::new();
        }
        let all = compile::uses(setting);
        let mut changed: BTreeSet<Node> = all
            .iter()
            .filter(|(node, (version, _))| self.version(**node) != Some(version.0.as_str()))
            .map(|(node, _)| *node)
            .collect();
        // Whatever uses what has changed has changed too, until nothing is added.
        loop {
            let n_changed = changed.len();
            let affected = all.iter().filter(|(_, (_, used))| !used.is_disjoint(&changed));
            let affected: Vec<Node> = affected.map(|(node, _)| *node).collect();
            changed.extend(affected);
            if changed.len() == n_changed {
                return all.into_keys().filter(|node| !changed.contains(node)).collect();
            }
        }
    }

    /// Compiles a question.
    pub(super) fn compile<'s>(&'s self, subject: Subject, question: &Question<'s>) -> Result<Program> {
        let program = compile::compile_only(&self.setting(subject), question);
        program.map_err(|faults| self.project.refused(faults))
    }

    /// A program's profile and scores, and the program as far as it is still to be computed over them. `also` names columns of
    /// the stored profile that are wanted where they are there.
    pub(crate) async fn evaluate(
        &self,
        program: Program,
        also: &BTreeSet<String>,
    ) -> Result<(Program, DataFrame)> {
        let subject = program.subject;
        let planning = || format!("cannot plan what is asked of {subject}");
        let profile = self.table(subject.profile_table()).await?;
        let scores = self.table(subject.score_table()).await?;
        let lasting = self.lasting(subject);
        let profile =
            with_figures(self.setting(subject).definitions, &lasting, profile).context(planning())?;
        let stored = self.stored(&lasting, &profile, &scores);
        let program = program.resting_on(&stored, also);
        let tables = self.canonical(&program).await?;
        let profile = (self.as_of == self.view.complete.as_of).then_some(profile);
        let history = self.earlier(program.asks_for_properties(), PROPERTY_HISTORY).await?;
        let mut rows = program.profile_over(profile, &tables, &history).context(planning())?;
        if !program.taken_scores.is_empty() {
            let id = subject.id_column();
            let taken = [id].into_iter().chain(program.taken_scores.iter().map(String::as_str));
            let taken = taken.map(|name| ident(name).alias(name)).collect::<Vec<_>>();
            let scores = scores.select(taken).context(planning())?;
            rows = compile::left_join(rows, scores, id).context(planning())?;
        }
        if let Some(score) = program.scores.iter().find(|score| score.is_learned()) {
            let message =
                format!("the classifier `{}` is trained in runs alone, and not for a question", score.name);
            return Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(
                "run first where its definition is new; at an earlier date nothing can be said of it",
            ));
        }
        if !program.scores.is_empty() {
            let fitted = score::fit_all(&program, &rows).await?;
            rows = score::with_scores(&program, &fitted, rows).context(planning())?;
        }
        Ok((program, rows))
    }

    /// The definitions of a subject whose stored columns mean what the project means by them now, at this instant.
    fn lasting(&self, subject: Subject) -> BTreeSet<Node<'_>> {
        match self.as_of == self.view.complete.as_of {
            true => self.unchanged(&self.setting(subject)),
            false => BTreeSet::new(),
        }
    }

    /// The columns of the stored profile and scores that last, with those of definitions that do.
    fn stored(&self, lasting: &BTreeSet<Node<'_>>, profile: &DataFrame, scores: &DataFrame) -> Stored {
        if !self.meaning.figures_last || self.as_of != self.view.complete.as_of {
            return Stored::default();
        }
        let columns = |frame: &DataFrame| -> BTreeSet<String> {
            frame.schema().fields().iter().map(|field| field.name().clone()).collect()
        };
        let traits = &self.project.manifest.definitions.traits;
        let is_trait = |name: &str| traits.contains_key(name) || self.meaning.traits.contains_key(name);
        let lasts = |name: &String| !is_trait(name) || lasting.contains(&Node::Trait(name));
        Stored {
            profile: columns(profile).into_iter().filter(lasts).filter(|name| name != "run_id").collect(),
            scores: columns(scores).into_iter().filter(|name| lasting.contains(&Node::Score(name))).collect(),
        }
    }

    /// The canonical tables that a program reads, and that they have the columns which it reads.
    async fn canonical(&self, program: &Program) -> Result<Tables> {
        let mut tables = Tables::new();
        for table in program.tables() {
            tables.insert(table, self.table(table.as_str()).await?);
        }
        if !program.customer_traits().is_empty() {
            tables = self.with_customer_traits(program, tables).await?;
        }
        let own = program.own_columns.iter().map(|name| (program.subject.table(), name.clone()));
        let of_rows = program.scans.iter().flat_map(|(table, figures)| {
            let columns = figures.aggregates.values().flat_map(|figure| figure.column_refs());
            // What begins with an underscore is joined to the rows.
            columns.filter(|column| !column.name.starts_with('_')).map(|column| (*table, column.name.clone()))
        });
        for (table, column) in own.chain(of_rows) {
            let has = |frame: &DataFrame| frame.schema().has_column_with_unqualified_name(&column);
            if tables.get(&table).is_some_and(|frame| !has(frame)) {
                return Err(missing(table, &column));
            }
        }
        Ok(tables)
    }

    /// What the run's profile of customers says, for companies whose definitions speak of that.
    async fn with_customer_traits(&self, program: &Program, tables: Tables) -> Result<Tables> {
        if self.as_of != self.view.complete.as_of {
            let message = "traits of a company's customers are known at the last run's instant only";
            return Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("leave --as-of out, or run at that date: `strata run --as-of DATE`"));
        }
        let profile = self.table(Subject::Customers.profile_table()).await?;
        program.with_customer_traits(tables, profile).context("cannot read the profile of customers")
    }

    /// The memberships that the divisions of a program ask for.
    pub(crate) async fn memberships(&self, program: &Program) -> Result<Earlier> {
        self.memberships_if(program.asks_for_memberships()).await
    }

    /// The memberships that runs have noted, where they are asked for.
    pub(crate) async fn memberships_if(&self, is_asked_for: bool) -> Result<Earlier> {
        self.earlier(is_asked_for, MEMBERSHIP).await
    }

    /// A table that says what was before, where it is asked for. A lake in which no run has written it knows of nothing.
    async fn earlier(&self, is_asked_for: bool, table: &str) -> Result<Earlier> {
        Ok(match is_asked_for {
            false => Earlier::Unavailable,
            true if self.view.complete.tables.contains_key(table) => Earlier::Rows(self.table(table).await?),
            true => Earlier::Nothing,
        })
    }

    /// A table as the run left it.
    pub(crate) async fn table(&self, table: &str) -> Result<DataFrame> {
        let version = self.version_of(table)?;
        self.view.engine().table(table, version).await.context(format!("cannot open table `{table}`"))
    }

    /// The version of a table that the run names.
    pub(crate) fn version_of(&self, table: &str) -> Result<u64> {
        self.view.complete.tables.get(table).copied().ok_or_else(|| {
            Error::new(ErrorCode::NotFound, format!("the last run has no table `{table}`"))
                .with_hint("`strata run` writes what the project's sources have")
        })
    }
}

/// The places of one subject among all, for which all are ranked.
pub(crate) async fn held_places(basis: &Basis<'_>, program: &Program, id: &str) -> Result<RecordBatch> {
    let subject = program.subject;
    let planning = || format!("cannot rank {subject}");
    let (ranking, rows) = basis.evaluate(program.without_questions_of_rows(), &BTreeSet::new()).await?;
    let names = [subject.id_column()].into_iter().chain(program.place_names());
    let columns: Vec<Expr> = names.map(|name| ident(name).alias(name)).collect();
    let memberships = basis.memberships(&ranking).await?;
    let answer = ranking.placed(rows, &memberships).context(planning())?;
    let own = answer.filter(ident(subject.id_column()).eq(lit(id))).and_then(|own| own.select(columns));
    let own = own.context(planning())?;
    let schema = Arc::clone(own.schema().inner());
    let batches = own.collect().await.context(planning())?;
    concat_batches(&schema, &batches)
        .map_err(|error| Error::new(ErrorCode::Internal, planning()).caused_by(error))
}

/// A stored profile in which a figure that is all of a trait has a column of its own, under the name that any condition gives it.
fn with_figures(
    definitions: &Definitions,
    lasting: &BTreeSet<Node<'_>>,
    profile: DataFrame,
) -> EngineResult<DataFrame> {
    let names: BTreeSet<String> =
        profile.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut columns: BTreeMap<String, Expr> = names.iter().map(|name| (name.clone(), ident(name))).collect();
    for node in lasting {
        if let Node::Trait(name) = node
            && let Some(Term::Aggregate(figure)) =
                definitions.traits.get(*name).map(|definition| &definition.value)
            && names.contains(*name)
        {
            columns.entry(column_name::aggregate(figure)).or_insert_with(|| ident(*name));
        }
    }
    profile.select(columns.into_iter().map(|(name, column)| column.alias(name)).collect::<Vec<_>>())
}

fn missing(table: Table, column: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("the last run knew no column `{column}` of {table}"))
        .with_hint("`strata run` reads the sources as the project maps them now")
}
