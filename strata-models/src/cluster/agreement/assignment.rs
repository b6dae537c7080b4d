//! Who goes with whom so that all pairs together cost least.

/// The partner of each row, so that the sum of costs is least; every row or every column has one, whichever are fewer.
///
/// `cost` holds finite numbers, row after row in `n_columns` columns. Shortest augmenting paths over reduced costs keep it at
/// O(n² m) for n rows and m columns, n being the fewer.
///
/// Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research Logistics Quarterly 2, 83–97.
/// Jonker, R. and Volgenant, A. (1987). A shortest augmenting path algorithm for dense and sparse linear assignment problems.
/// Computing 38, 325–340.
pub(super) fn assignment(cost: &[f64], n_columns: usize) -> Vec<Option<usize>> {
    let n_rows = cost.len().checked_div(n_columns).unwrap_or(0);
    if n_rows <= n_columns {
        return fewer_rows(n_rows, n_columns, |row, column| cost[row * n_columns + column]);
    }
    let mut partners = vec![None; n_rows];
    let of_columns = fewer_rows(n_columns, n_rows, |column, row| cost[row * n_columns + column]);
    for (column, row) in of_columns.into_iter().enumerate() {
        if let Some(row) = row {
            partners[row] = Some(column);
        }
    }
    partners
}

/// The same for at most as many rows as columns, one row after the other.
fn fewer_rows(n_rows: usize, n_columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<Option<usize>> {
    let mut row_price = vec![0.0; n_rows];
    let mut column_price = vec![0.0; n_columns];
    let mut row_of: Vec<Option<usize>> = vec![None; n_columns];
    for start in 0..n_rows {
        // The cheapest known way from the new row to each column, and the column before it on that way.
        let mut distance = vec![f64::INFINITY; n_columns];
        let mut before: Vec<Option<usize>> = vec![None; n_columns];
        let mut reached: Vec<usize> = Vec::new();
        let mut is_reached = vec![false; n_columns];
        let (mut row, mut last, mut length) = (start, None, 0.0);
        let end = loop {
            let mut nearest = None;
            for column in 0..n_columns {
                if is_reached[column] {
                    continue;
                }
                let through = length + cost(row, column) - row_price[row] - column_price[column];
                if through < distance[column] {
                    (distance[column], before[column]) = (through, last);
                }
                if nearest.is_none_or(|nearest: usize| distance[column] < distance[nearest]) {
                    nearest = Some(column);
                }
            }
            // There are at least as many columns as rows, so one is always left.
            let Some(column) = nearest else { break None };
            length = distance[column];
            match row_of[column] {
                None => break Some(column),
                Some(occupant) => {
                    reached.push(column);
                    is_reached[column] = true;
                    (row, last) = (occupant, Some(column));
                }
            }
        };
        row_price[start] += length;
        for column in reached {
            let spare = length - distance[column];
            column_price[column] -= spare;
            if let Some(occupant) = row_of[column] {
                row_price[occupant] += spare;
            }
        }
        // Each row on the way moves on to the next column, and the new row takes the first.
        let mut column = end;
        while let Some(at) = column {
            row_of[at] = match before[at] {
                Some(previous) => row_of[previous],
                None => Some(start),
            };
            column = before[at];
        }
    }
    let mut partners = vec![None; n_rows];
    for (column, row) in row_of.into_iter().enumerate() {
        if let Some(row) = row {
            partners[row] = Some(column);
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(cost: &[f64], n_columns: usize, partners: &[Option<usize>]) -> f64 {
        partners.iter().enumerate().filter_map(|(row, at)| at.map(|at| cost[row * n_columns + at])).sum()
    }

    /// The least cost by trying everything.
    fn least(cost: &[f64], n_rows: usize, n_columns: usize, row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == n_rows {
            return 0.0;
        }
        let spare_rows = n_rows - row > taken.iter().filter(|taken| !**taken).count();
        let mut best = f64::INFINITY;
        if spare_rows {
            best = least(cost, n_rows, n_columns, row + 1, taken);
        }
        for column in 0..n_columns {
            if !taken[column] {
                taken[column] = true;
                best =
                    best.min(cost[row * n_columns + column] + least(cost, n_rows, n_columns, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_pairs_cost_less(
            n_rows in 1_usize..6,
            n_columns in 1_usize..6,
            numbers in proptest::collection::vec(-20_i32..20, 25),
        ) {
            let cost: Vec<f64> = numbers[..n_rows * n_columns].iter().map(|x| f64::from(*x)).collect();
            let partners = assignment(&cost, n_columns);
            let mut columns: Vec<usize> = partners.iter().flatten().copied().collect();
            prop_assert_eq!(columns.len(), n_rows.min(n_columns));
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), n_rows.min(n_columns));
            let best = least(&cost, n_rows, n_columns, 0, &mut vec![false; n_columns]);
            prop_assert!((total(&cost, n_columns, &partners) - best).abs() < 1e-9);
        }
    }

    #[test]
    fn nobody_has_no_partner() {
        assert_eq!(assignment(&[], 0), []);
        assert_eq!(assignment(&[], 3), []);
    }
}
