//! Rows that seem to be no customer's doing: programs that visit, people who try the shop out, and lines that a till or an
//! export got wrong.
//!
//! | what | rule |
//! | --- | --- |
//! | events of bots | all events of a device (or of a customer, where there is none) that had more than 60 within one minute of the clock, at different times of it; and events whose device calls itself a bot |
//! | test customers | an e-mail address at `example.com`, `example.org`, `example.net` or `test.com`, or whose part before the `@` or whose name is a word that testers use |
//! | test orders | orders of test customers |
//! | negative lines | lines of an order with a negative amount and a positive quantity; returns have a negative quantity |
//! | repeated lines | lines without a number that equal another of their order in product, quantity and amounts |

use strata_spec::table::{Subject, Table};

use super::found::Flagged;
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask;

/// More events than this within a minute are no person's.
const MOST_PER_MINUTE: u32 = 60;

/// A line of which something was bought, and money came back for it.
pub(super) const NEGATIVE_LINE: &str = "amount < 0 and coalesce(quantity, 1) > 0";

/// Lines that nothing tells from another of their order, where the source gives lines no number. Two pieces bought one after
/// the other look the same, so they count.
pub(super) const EQUAL_LINES: &str = "select source, order_id, count(*) as n_equal from order_lines \
     where line_id is null \
     group by source, order_id, product_id, product_name, quantity, unit_price, amount, discount_amount \
     having count(*) > 1";

/// Who visited: `n` events in all, at most so many within a minute, `n_named` from devices that call themselves bots.
const VISITORS: &str = "select visitor, sum(n) as n, sum(n_named) as n_named, \
       max(case when n_times > 1 and visitor is not null then n else 0 end) as most \
     from (select coalesce(anonymous_id, customer_id) as visitor, \
       cast(occurred_at as bigint) / 60000000 as minute, count(*) as n, \
       case when max(occurred_at) > min(occurred_at) then 2 else 1 end as n_times, \
       count(*) filter (where regexp_like(device, '(bot|crawler|spider|headless)', 'i')) as n_named \
       from events group by 1, 2) \
     group by visitor";

/// What is flagged, where there is anything.
pub(super) async fn measure(view: &View) -> Result<Vec<Flagged>> {
    let mut flagged = Vec::new();
    let has = |table: Table| view.complete.tables.contains_key(table.as_str());
    if has(Table::Events) {
        let query = format!(
            "select cast(sum(case when most > {MOST_PER_MINUTE} then n else n_named end) as bigint), sum(n) from ({VISITORS})"
        );
        add(view, "Events of bots", "look for bots", &query, &mut flagged).await?;
    }
    if has(Table::OrderLines) {
        let query = format!("select count(*) filter (where {NEGATIVE_LINE}), count(*) from order_lines");
        add(view, "Lines sold for less than nothing", "look for negative lines", &query, &mut flagged)
            .await?;
    }
    if has(Table::Customers) {
        let query = format!("select count(*) filter (where {}), count(*) from customers", is_test());
        add(view, "Test customers", "look for test customers", &query, &mut flagged).await?;
        // Nobody asks ten million orders who placed them where nobody is a tester.
        let found = flagged.iter().any(|flagged| flagged.what == "Test customers");
        if found && has(Table::Orders) {
            let id = Subject::Customers.id_column();
            let query = format!(
                "select count(t.{id}), count(*) from orders o left join (select {id} from customers where {}) t \
                 on t.{id} = o.{id}",
                is_test()
            );
            add(view, "Test orders", "look for test orders", &query, &mut flagged).await?;
        }
    }
    Ok(flagged)
}

/// The visitors that are bots, as a query for `visitor`.
pub(super) fn bots() -> String {
    format!("select visitor from ({VISITORS}) where most > {MOST_PER_MINUTE} or n_named > 0")
}

async fn add(view: &View, what: &str, asked: &str, query: &str, flagged: &mut Vec<Flagged>) -> Result<()> {
    let rows = ask(view, asked, query).await?;
    let found = rows.first().map(|row| (row.count(0), row.count(1)));
    if let Some((n, n_of)) = found.filter(|(n, _)| *n > 0) {
        flagged.push(Flagged { what: what.to_owned(), n, n_of });
    }
    Ok(())
}

/// Whether a row of `customers` is a tester's, in SQL.
pub(super) fn is_test() -> String {
    let words =
        "(test|tester|testing|test[ ._-]?(user|kunde|customer|account|order)|dummy|asdf|qwertz?|foo|foobar)";
    format!(
        "(regexp_like(email, '@(example[.](com|org|net)|test[.]com)$', 'i') \
         or regexp_like(email, '^{words}[0-9]*([+].*)?@', 'i') \
         or regexp_like(email, '^[^@]*[+]test[0-9]*@', 'i') \
         or regexp_like(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), \
           '^{words}( {words})?$', 'i'))"
    )
}
