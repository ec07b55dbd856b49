//! Who tells people outside the house, assembled: the outbox, the house's
//! seal, and the ways out.

use crate::{house::store_url, keys};
use anyhow::Context;
use platform_business::Platform;
use platform_index::Store;
use platform_notify::{Notifier, NotifierOptions, Reach};
use std::{path::Path, sync::Arc};
use tokio::sync::watch;

/// How people outside are reached.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    /// What the house is called.
    pub(crate) house: String,
    /// Where its console is for people outside.
    pub(crate) site: String,
    /// Whether the house's own channels may lead to private addresses.
    pub(crate) private: bool,
}

/// Opens the outbox of a data directory.
pub(crate) async fn open(directory: &Path, outside: Outside) -> anyhow::Result<Notifier> {
    let store = Store::open(&store_url(directory)).await.context("can't open the platform's store")?;
    let options = NotifierOptions {
        store,
        seal: keys::sealing_key(directory)?,
        reach: Reach::new(outside.private).context("can't set up TLS")?,
        // What customers enter never leads inside, whatever the operator allows for the house.
        customers: Reach::new(false).context("can't set up TLS")?,
        house: outside.house,
        site: outside.site,
    };
    Notifier::open(options).await.context("can't open the outbox")
}

/// Tells customers what happens in their orders, block by block, until
/// `cancel` turns true.
pub(crate) async fn tell_customers(
    platform: Arc<Platform>,
    notifier: Arc<Notifier>,
    mut cancel: watch::Receiver<bool>,
) {
    let mut position = platform.position();
    loop {
        match platform.tell_customers().await {
            Ok(true) => continue,
            Ok(false) => notifier.wake(),
            Err(problem) => tracing::warn!(?problem, "customers could not be told; trying again"),
        }
        tokio::select! {
            changed = position.changed() => if changed.is_err() { return },
            () = async { drop(cancel.wait_for(|stopped| *stopped).await) } => return,
        }
    }
}
