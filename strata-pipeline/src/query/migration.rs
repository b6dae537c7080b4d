//! Who moved from which class to which between two dates, and what they are worth.

use chrono::{DateTime, Utc};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::Subject;

use super::{Answer, View, instant, quoted};
use crate::error::{Error, Result};

impl View {
    /// The transition matrix of a segmentation between two instants, as rows: `from_class` (null for those who were not there
    /// yet), `to_class` (null for those who are gone), `n_members`, `share` of all who were in `from_class`, and `revenue`, what the
    /// movers have brought until the last run (null where nobody knows). In the order of the classes.
    ///
    /// # Errors
    /// `NotFound` when there is no such segmentation, `InvalidDefinition` when the instants are not in order.
    pub async fn migration(
        &self,
        segmentation: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Answer> {
        if from >= to {
            return Err(Error::new(
                ErrorCode::InvalidDefinition,
                "the first date must lie before the second",
            )
            .with_hint("as `--from 2026-01-01 --to 2026-04-01`"));
        }
        let subject = self.subject_of_segmentation(segmentation).await?;
        let profile = subject.profile_table();
        let columns = self.profile_columns(subject).await?;
        let revenue = match subject {
            Subject::Customers => "p.\"revenue\"",
            Subject::Companies => "p.\"company_revenue\"",
        };
        let revenue = if columns.split(", ").any(|name| name == revenue) { revenue } else { "null::double" };
        let id = subject.id_column();
        let name = quoted(segmentation);
        let at = |instant: &str| {
            format!(
                "select subject_id, segment from membership where subject = '{subject}' and segmentation = {name} \
                 and entered_at <= {instant} and (left_at is null or left_at > {instant})"
            )
        };
        let (before, after) = (at(&instant(from)), at(&instant(to)));
        self.sql(&format!(
            "with moved as ( \
               select coalesce(b.subject_id, a.subject_id) as subject_id, b.segment as from_class, a.segment as to_class \
               from ({before}) b full join ({after}) a on a.subject_id = b.subject_id), \
             cells as ( \
               select from_class, to_class, count(*) as n_members, sum({revenue}) as revenue \
               from moved m left join {profile} p on p.{id} = m.subject_id group by 1, 2), \
             classes as (select segment, position from segment where segmentation = {name}) \
             select from_class, to_class, n_members, \
               n_members::double / sum(n_members) over (partition by from_class) as share, revenue \
             from cells left join classes f on f.segment = from_class left join classes t on t.segment = to_class \
             order by f.position nulls last, from_class, t.position nulls last, to_class"
        ))
        .await
    }

    async fn subject_of_segmentation(&self, name: &str) -> Result<Subject> {
        let known = self
            .sql("select distinct segmentation, subject from segment where segmentation is not null")
            .await?;
        let known = known.rows(usize::MAX).await?;
        let names = || known.cells.iter().filter_map(|row| row.first()?.as_deref());
        let found =
            known.cells.iter().find(|row| row.first().is_some_and(|each| each.as_deref() == Some(name)));
        match found.and_then(|row| row.get(1)?.as_deref()) {
            Some(subject) if subject == Subject::Companies.as_str() => Ok(Subject::Companies),
            Some(_) => Ok(Subject::Customers),
            None => {
                let error = Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}`"));
                Err(match nearest(name, names()) {
                    Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                    None => error.with_hint("`strata segments list` shows them all"),
                })
            }
        }
    }
}
