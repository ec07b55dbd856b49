//! How much the chain is used, from its own blocks.

use platform_index::{Store, StoreError};

/// How much a chain was used in a span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage {
    /// Transactions in all.
    pub(super) transactions: u64,
    /// Transactions a second on average, over what of the span the chain has lived.
    pub(super) average: f64,
    /// Transactions a second in the busiest minute.
    pub(super) busiest: f64,
    /// When that minute began, in seconds since 1970; nothing where there were none.
    pub(super) busiest_at: Option<u64>,
}

/// How much the chain was used in the `span` seconds before `now`.
pub(super) async fn usage(store: &Store, now: u64, span: u64) -> Result<Usage, StoreError> {
    let first = store.row("SELECT timestamp FROM index_block ORDER BY block_number LIMIT 1", vec![]).await?;
    let born = first.map(|row| row.number(0)).transpose()?.unwrap_or(now);
    let from = now.saturating_sub(span);
    let sql = "SELECT timestamp / 60, CAST(SUM(transactions) AS BIGINT) FROM index_block \
               WHERE timestamp > $1 AND timestamp <= $2 GROUP BY timestamp / 60";
    let mut found = Usage { transactions: 0, average: 0.0, busiest: 0.0, busiest_at: None };
    let mut most = 0;
    for row in store.rows(sql, vec![from.into(), now.into()]).await? {
        let (minute, count) = (row.number(0)?, row.number(1)?);
        found.transactions += count;
        if count > most {
            (most, found.busiest_at) = (count, Some(minute * 60));
        }
    }
    found.busiest = most as f64 / 60.0;
    found.average = found.transactions as f64 / now.saturating_sub(born.max(from)).max(1) as f64;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_busiest_minute_is_found_in_the_span_that_is_asked() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", directory.path().join("house.db").display())).await.unwrap();
        let sql = "CREATE TABLE index_block (block_number BIGINT, timestamp BIGINT, transactions BIGINT)";
        store.execute(sql, vec![]).await.unwrap();
        let nothing = Usage { transactions: 0, average: 0.0, busiest: 0.0, busiest_at: None };
        assert_eq!(usage(&store, 100_000, 3_600).await.unwrap(), nothing);
        // A young chain; two blocks of one minute, one of another, and one that is to come.
        for (number, timestamp, count) in
            [(0, 99_000, 0), (1, 99_060, 30), (2, 99_119, 90), (3, 99_120, 100), (4, 100_001, 999)]
        {
            let row = vec![i64::into(number), i64::into(timestamp), i64::into(count)];
            store.execute("INSERT INTO index_block VALUES ($1, $2, $3)", row).await.unwrap();
        }
        let hour = usage(&store, 100_000, 3_600).await.unwrap();
        assert_eq!(hour, Usage { transactions: 220, average: 0.22, busiest: 2.0, busiest_at: Some(99_060) });
        let late = usage(&store, 100_000, 881).await.unwrap();
        assert_eq!((late.transactions, late.busiest_at), (100, Some(99_120)));
    }
}
