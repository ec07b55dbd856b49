//! Waiting to be told to stop.

/// Completes on the first interrupt (Ctrl-C) or termination signal.
pub(crate) async fn requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without signals the process can still be killed: nothing is lost.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
