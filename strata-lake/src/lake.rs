//! A lake: a folder of Delta tables.

use std::path::Path;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::cache::cache_manager::{CacheManager, CacheManagerConfig, FileStatisticsCache};
use datafusion::prelude::ident;

use crate::data_file::part_of;
use crate::division::{self, Division};
use crate::error::{Result, failed, table_failed};
use crate::location::Location;
use crate::lock::{self, LakeLock};
use crate::log::{self, Snapshot};
use crate::write::{self, Write, Written};

/// A folder of Delta tables. Cheap to clone.
#[derive(Clone)]
pub struct Lake {
    location: Location,
    /// Shared by all providers, so that the footer of a file is read once.
    statistics: Option<Arc<FileStatisticsCache>>,
}

impl Lake {
    /// The lake in a folder, which is made if it is not there.
    pub fn open(root: &Path) -> Result<Self> {
        let location = Location::open(root)?;
        let caches = CacheManager::try_new(&CacheManagerConfig::default())
            .map_err(failed("open folder", root.display().to_string()))?;
        Ok(Self { location, statistics: caches.get_file_statistic_cache() })
    }

    /// The folder, as an absolute path.
    pub fn root(&self) -> &Path {
        self.location.root()
    }

    /// Takes the lake for a run that writes. It fails at once while another run holds it; the lock of a run that
    /// crashed is free. Also removes the files that a crashed run was in the middle of writing.
    pub fn lock(&self) -> Result<LakeLock> {
        lock::lock(&self.location)
    }

    /// The names of the tables, sorted.
    pub fn tables(&self) -> Result<Vec<String>> {
        self.location.tables()
    }

    /// The latest version of a table, or none where there is no such table. Only what pins a run may ask this.
    pub async fn version(&self, table: &str) -> Result<Option<u64>> {
        log::latest_version(&self.location, table).await
    }

    /// A version of a table, to be scanned. It is a list of files, which crosses a cluster's wire; a Delta scan does
    /// not.
    pub async fn provider(&self, table: &str, version: u64) -> Result<Arc<dyn TableProvider>> {
        let snapshot = log::snapshot(&self.location, table, version).await?;
        self.scan(table, &snapshot, snapshot.files.keys(), None)
    }

    /// How the parts of a version of a table divide its rows.
    pub async fn divisions(&self, table: &str, version: u64) -> Result<Vec<Division>> {
        Ok(log::snapshot(&self.location, table, version).await?.divisions)
    }

    /// The parts of a version of a table, each to be scanned by itself; none where they are not divided like that.
    pub async fn parts(
        &self,
        table: &str,
        version: u64,
        like: &Division,
    ) -> Result<Option<Vec<Arc<dyn TableProvider>>>> {
        let snapshot = log::snapshot(&self.location, table, version).await?;
        let Some((first, own)) = division::find(&snapshot.divisions, like) else { return Ok(None) };
        let parts = (first..first + own.n_parts).map(|part| {
            let files = snapshot.files.keys().filter(|name| part_of(name) == Some(part));
            self.scan(table, &snapshot, files, own.sorted_by.as_deref())
        });
        parts.collect::<Result<Vec<_>>>().map(Some)
    }

    /// Some files of a table, the rows in each sorted as said.
    fn scan<'a>(
        &self,
        table: &str,
        snapshot: &Snapshot,
        files: impl Iterator<Item = &'a String>,
        sorted_by: Option<&str>,
    ) -> Result<Arc<dyn TableProvider>> {
        let folder = self.location.delta_table(table)?.table_url().clone();
        let urls = files.map(|name| {
            let mut url = folder.clone();
            if let Ok(mut segments) = url.path_segments_mut() {
                segments.pop_if_empty().push(name);
            }
            ListingTableUrl::try_new(url, None)
        });
        let urls = urls
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(table_failed("locate the files of", table))?;
        if urls.is_empty() {
            return Ok(Arc::new(EmptyTable::new(Arc::clone(&snapshot.schema))));
        }
        let order = sorted_by.map(|column| vec![ident(column).sort(true, true)]);
        let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
            .with_file_sort_order(order.into_iter().collect());
        let config = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(options)
            .with_schema(Arc::clone(&snapshot.schema));
        let listing = ListingTable::try_new(config).map_err(table_failed("scan", table))?;
        Ok(Arc::new(listing.with_cache(self.statistics.clone())))
    }

    /// Writes rows to a table and returns the version that holds them. When this fails, the table is as it was.
    pub async fn write(&self, table: &str, write: Write) -> Result<Written> {
        write::write(&self.location, table, write).await
    }
}
