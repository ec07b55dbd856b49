//! Bounds on what a client may ask for.

use std::time::Duration;

/// An open port is an attack surface: each of these has a test that exceeds
/// it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most bytes of a request body or WebSocket message.
    pub request_bytes: usize,
    /// The most bytes of all answers in a batch together.
    pub response_bytes: usize,
    /// The most calls in a batch.
    pub batch_calls: usize,
    /// The most gas of one `eth_call` or estimate.
    pub call_gas: u64,
    /// The longest one call may take.
    pub call_time: Duration,
    /// Calls that may run at one time.
    pub calls_at_once: usize,
    /// The longest one trace may take.
    pub trace_time: Duration,
    /// Traces that may run at one time.
    pub traces_at_once: usize,
    /// The most blocks a log query may span, after clamping to the head.
    pub log_blocks: u64,
    /// The most logs an answer may hold.
    pub log_results: usize,
    /// The most addresses in a filter.
    pub filter_addresses: usize,
    /// The most topics in one position of a filter.
    pub filter_topics: usize,
    /// The most storage keys in one proof.
    pub proof_keys: usize,
    /// The most blocks of one fee history.
    pub fee_history_blocks: u64,
    /// The most connections at one time.
    pub connections: usize,
    /// The most subscriptions of one connection.
    pub subscriptions: usize,
    /// The most filters installed at one time.
    pub filters: usize,
    /// A filter that nobody asks for this long is removed.
    pub filter_life: Duration,
    /// The longest `eth_sendRawTransactionSync` waits.
    pub sync_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 15 << 20,
            response_bytes: 25 << 20,
            batch_calls: 1_000,
            call_gas: 50_000_000,
            call_time: Duration::from_secs(5),
            calls_at_once: 64,
            trace_time: Duration::from_secs(30),
            traces_at_once: 2,
            log_blocks: 100_000,
            log_results: 20_000,
            filter_addresses: 1_000,
            filter_topics: 1_000,
            proof_keys: 1_024,
            fee_history_blocks: 1_024,
            connections: 500,
            subscriptions: 1_024,
            filters: 10_000,
            filter_life: Duration::from_secs(300),
            sync_wait: Duration::from_secs(30),
        }
    }
}
