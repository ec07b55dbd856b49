//! Waiting to be told to stop.

use anyhow::Context;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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

/// A flag that is set on the first interrupt or termination signal, after
/// `said` has been printed: for work that looks up between its steps.
pub(crate) fn flag(said: &'static str) -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("can't listen for signals")?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(requested());
        eprintln!("{said}");
        set.store(true, Ordering::Relaxed);
    })?;
    Ok(stop)
}
