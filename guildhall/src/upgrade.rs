//! `guildhall upgrade`: brings a house's contracts to those of this version.

use crate::{
    cli::{DataArguments, StorageArguments},
    house::House,
    node,
    profile::Profile,
    up::{Opening, house_options},
};
use clap::Args;
use platform_protocol::UpgradeError;
use std::path::PathBuf;

/// Flags of `guildhall upgrade`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall backup ./before-upgrade --data-dir ./shop\n  guildhall upgrade --data-dir ./shop --check\n  guildhall upgrade --data-dir ./shop"
)]
pub(crate) struct UpgradeArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Only say whether there is anything to upgrade, and change nothing.
    #[arg(long)]
    pub(crate) check: bool,
    /// A file that holds the passphrase of the keys.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) storage: StorageArguments,
}

pub(crate) fn run(arguments: UpgradeArguments) -> anyhow::Result<()> {
    let directory = arguments.data.data_dir.clone();
    let profile = Profile::of(&directory)?;
    let opening = Opening {
        passphrase_file: arguments.passphrase_file.clone(),
        storage: arguments.storage,
        ..Opening::default()
    };
    let options = house_options(&profile, &directory, opening)?;
    node::runtime()?.block_on(async {
        let mut house = House::open(options).await?;
        if !arguments.check {
            house.keep_operator()?;
        }
        let outcome = if arguments.check { check(&house).await } else { upgrade(&house).await };
        // What went wrong first is what there is to say.
        let closed = house.close().await;
        outcome?;
        closed
    })
}

async fn check(house: &House) -> anyhow::Result<()> {
    match platform_protocol::can_upgrade(&house.embedded, &house.manifest).await {
        Ok(()) => {
            eprintln!(
                "The contracts can be upgraded: `guildhall upgrade` does it, and orders that are open stay as they are."
            );
        }
        Err(UpgradeError::UpToDate) => eprintln!("The contracts are those of this version."),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn upgrade(house: &House) -> anyhow::Result<()> {
    match house.upgrade().await {
        Ok(upgrade) => {
            eprintln!(
                "Upgraded in block {}: returns, disputes, arbiters and coupons are there for orders to come.",
                upgrade.manifest.block
            );
            eprintln!(
                "{} open orders were compared and are as they were; they go on under the rules they were placed under.",
                upgrade.open_orders
            );
            Ok(())
        }
        Err(error) if matches!(error.downcast_ref(), Some(UpgradeError::UpToDate)) => {
            eprintln!("The contracts are those of this version: there is nothing to upgrade.");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
