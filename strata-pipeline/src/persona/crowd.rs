//! All customers, part by part: their columns in the order of ids, by which the sets of members number them.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use strata_lake::arrow::array::{Array, RecordBatch, UInt32Array};
use strata_lake::arrow::compute::{concat_batches, take_record_batch};
use strata_lake::arrow::error::ArrowError;
use strata_lake::datafusion::catalog::TableProvider;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::target::Target;
use crate::error::{Context, Error, Result};
use crate::layout::all_parts;
use crate::overlap::{Key, members};
use crate::preview::texts;
use crate::query::View;

/// The customers of the last run.
pub(super) struct Crowd<'v> {
    view: &'v View,
    parts: Vec<Arc<dyn TableProvider>>,
    members: BTreeMap<Key, BTreeMap<i64, RoaringBitmap>>,
}

impl Crowd<'_> {
    /// Opens the profiles and the sets of members.
    pub(super) async fn open(view: &View) -> Result<Crowd<'_>> {
        let table = Subject::Customers.profile_table();
        let missing = || Error::new(ErrorCode::NotFound, "the last run has no profiles of customers");
        let version = *view.complete.tables.get(table).ok_or_else(missing)?;
        let parts = all_parts(view.engine(), table, version, Subject::Customers).await;
        let parts = parts.context(format!("cannot open table `{table}`"))?;
        Ok(Crowd { view, parts, members: members(view, &view.complete, Subject::Customers).await? })
    }

    /// In how many parts they lie.
    pub(super) fn n_parts(&self) -> usize {
        self.parts.len()
    }

    /// The numbers of a target's members in one part, ascending.
    pub(super) fn numbers(&self, target: &Target, part: usize) -> Vec<u32> {
        let set = self.members.get(&target.key()).and_then(|parts| parts.get(&i64::try_from(part).ok()?));
        set.map_or_else(Vec::new, |set| set.iter().collect())
    }

    /// How many members of a target are in a class, too.
    pub(super) fn n_in_both(&self, target: &Target, class: &Key) -> u64 {
        let (Some(one), Some(other)) = (self.members.get(&target.key()), self.members.get(class)) else {
            return 0;
        };
        one.iter().filter_map(|(part, set)| Some(set.intersection_len(other.get(part)?))).sum()
    }

    /// The ids of one part's customers and some terms of their profiles in SQL, in the order in which they are numbered.
    pub(super) async fn read(&self, part: usize, terms: &[String]) -> Result<RecordBatch> {
        let reading = || "cannot read the profiles of a part of the customers";
        let rows = self.view.engine().context().read_table(Arc::clone(&self.parts[part]));
        let rows = rows.context(reading())?;
        let mut columns = vec![ident(Subject::Customers.id_column()).alias("id")];
        for (place, term) in terms.iter().enumerate() {
            columns.push(rows.parse_sql_expr(term).context(reading())?.alias(format!("_{place}")));
        }
        let rows = rows.select(columns).context(reading())?;
        let schema = Arc::new(rows.schema().as_arrow().clone());
        let batches = rows.collect().await.context(reading())?;
        let damaged = |error: ArrowError| Error::new(ErrorCode::Internal, reading()).caused_by(error);
        let all = concat_batches(&schema, &batches).map_err(damaged)?;
        let ids = texts(&all, 0)?;
        if ids.iter().is_sorted() {
            return Ok(all);
        }
        let mut order: Vec<u32> = (0..).take(ids.len()).collect();
        order.sort_unstable_by_key(|place| ids.value(*place as usize));
        take_record_batch(&all, &UInt32Array::from(order)).map_err(damaged)
    }
}
