//! `guildhall up`: everything, served.

use crate::{
    anchor::Anchor,
    backups::{Backups, Standing},
    capacity, chain,
    cli::{StorageArguments, UpArguments, UsageError},
    demo::{self, Town},
    fork::Rehearser,
    house::{House, HouseOptions},
    init,
    keeper::Keeper,
    keys,
    keystore::{self, Keys},
    node, notify,
    outside::{Outlook, Outside},
    profile::{Kind, Profile},
    retention::Retention,
    shutdown,
    watch::{self, HouseVitals},
    web,
};
use alloy_primitives::B256;
use anyhow::Context;
use ledger_node::{RpcServer, Sealing, ServerOptions};
use platform_business::{DemoHooks, Platform};
use platform_index::Progress;
use platform_protocol::Signer;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};
use tokio::net::TcpListener;

pub(crate) fn run(arguments: UpArguments) -> anyhow::Result<()> {
    let directory = arguments.data.data_dir.clone();
    let profile = profile(&directory, arguments.demo)?;
    if profile.kind != Kind::Business {
        node::require_loopback(arguments.http)?;
        node::require_loopback(arguments.rpc)?;
    }
    let opening = Opening {
        passphrase_file: arguments.passphrase_file.clone(),
        storage: arguments.storage,
        sealing: arguments.block_time.sealing(),
        rpc_url: format!("http://{}", arguments.rpc),
        chain_id: arguments.chain_id,
        solc: arguments.solc.clone(),
        delivery_days: arguments.delivery_days,
    };
    let options = house_options(&profile, &directory, opening)?;
    node::runtime()?.block_on(serve(arguments, profile, options))
}

/// The directory's profile; with `--demo`, a new demo in an empty directory.
fn profile(directory: &Path, demo: bool) -> anyhow::Result<Profile> {
    match Profile::read(directory)? {
        Some(profile) if demo && profile.kind != Kind::Demo => {
            let reason =
                format!("{} holds a business of its own, not a demo; choose another --data-dir", directory.display());
            Err(UsageError(reason).into())
        }
        Some(profile) => Ok(profile),
        None if demo => {
            let profile = Profile { kind: Kind::Demo, name: "Guildhall Town".into() };
            profile.write(directory)?;
            Ok(profile)
        }
        None => Profile::of(directory),
    }
}

/// What the command line says about opening a house.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) passphrase_file: Option<PathBuf>,
    pub(crate) storage: StorageArguments,
    pub(crate) sealing: Sealing,
    pub(crate) rpc_url: String,
    /// Of a new demo.
    pub(crate) chain_id: u64,
    pub(crate) solc: Option<PathBuf>,
    pub(crate) delivery_days: u32,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            passphrase_file: None,
            storage: StorageArguments::default(),
            sealing: Sealing::Instant,
            rpc_url: String::new(),
            chain_id: 31_337,
            solc: None,
            delivery_days: 30,
        }
    }
}

/// How to open the house of a profile, with its keys.
pub(crate) fn house_options(profile: &Profile, directory: &Path, opening: Opening) -> anyhow::Result<HouseOptions> {
    if profile.kind == Kind::Business {
        let passphrase = keys::passphrase(opening.passphrase_file.as_deref(), false)?;
        return business_options(profile, directory, &opening, &passphrase);
    }
    let dev = keys::dev_keys(0, 20)?;
    let keys =
        Keys { validator: chain::dev_validator(), operator: dev_operator()?, next: None, former_issuers: Vec::new() };
    // A new town has a month behind it when its doors open.
    let founded = chain::now().saturating_sub(demo::HISTORY_DAYS * 86_400);
    let spec = node::dev_spec(directory, opening.chain_id, Some(founded))?;
    // A replay lives in its own past and goes on from there; a demo lives now
    // unless its clock was moved ahead.
    let start_time = match profile.kind {
        Kind::Replay => Some(0),
        Kind::Demo | Kind::Business => Some(founded.max(spec.genesis().timestamp)),
    };
    let options = options(profile, directory, &opening, keys, spec);
    Ok(HouseOptions { dev_keys: Some(dev), start_time, ..options })
}

/// How to open a business whose passphrase is known.
pub(crate) fn business_options(
    profile: &Profile,
    directory: &Path,
    opening: &Opening,
    passphrase: &str,
) -> anyhow::Result<HouseOptions> {
    let keys = keystore::open(directory, passphrase)?;
    Ok(options(profile, directory, opening, keys, init::spec(directory)?))
}

fn options(
    profile: &Profile,
    directory: &Path,
    opening: &Opening,
    keys: Keys,
    spec: Arc<ledger_chain::ChainSpec>,
) -> HouseOptions {
    HouseOptions {
        directory: directory.to_owned(),
        spec,
        validator: keys.validator,
        operator: keys.operator,
        next_operator: keys.next,
        former_issuers: keys.former_issuers,
        sealing: opening.sealing,
        dev_keys: None,
        start_time: None,
        storage: opening.storage,
        name: profile.name.clone(),
        rpc_url: opening.rpc_url.clone(),
        demo: profile.kind == Kind::Demo,
        solc: opening.solc.clone(),
        delivery_days: opening.delivery_days,
    }
}

async fn serve(arguments: UpArguments, profile: Profile, options: HouseOptions) -> anyhow::Result<()> {
    let rpc_url = options.rpc_url.clone();
    let rehearser = Rehearser::of(&options);
    let mut house = House::open(options).await?;
    house.keep_operator()?;
    let rehearsal = Arc::new(rehearser.acting_as(house.operator.clone()));
    let house = Arc::new(house);
    let town = (profile.kind == Kind::Demo).then(|| Town::new(Arc::clone(&house))).transpose()?;
    let hooks = town.as_ref().map(|town| Arc::clone(town) as Arc<dyn DemoHooks>);
    let notifier = Arc::new(notify::open(&arguments.data.data_dir, outside(&arguments, &profile)?).await?);
    let platform = Arc::new(house.platform(hooks, Some(Arc::clone(&notifier))).await?);
    let backed_up = Arc::new(Standing::default());
    let backups = Backups::planned(&arguments.backups, &arguments.data.data_dir, &backed_up)?;
    let outlook = Arc::new(Outlook::default());
    let outside_look = Outside::planned(&arguments.look, arguments.public_url.as_deref(), &outlook)?;
    // Ports first: a taken one should be said before any long work.
    let http = listen(arguments.http).await?;
    let rpc_options = ServerOptions { hosts: arguments.hosts.clone(), origins: arguments.origins.clone() };
    let rpc = node::bind(arguments.rpc, &house.ledger, rpc_options).await?;
    backfill(&house, &platform).await?;
    let indexer = {
        let (platform, cancel) = (Arc::clone(&platform), house.cancel());
        tokio::spawn(async move { platform.run_index(cancel).await })
    };
    if let Some(town) = &town {
        demo::settle(town, &platform).await?;
    }
    let watch = Arc::new(watch::open(&house, &arguments.data.data_dir, Arc::clone(&rehearsal) as _).await?);
    // Before the house does anything by itself, and before it takes anything from others.
    watch.restore_measures().await.context("can't put back what is held and blocked")?;
    if let Some(town) = &town {
        town.start_traffic(house.cancel());
    }
    let running = town.as_ref().map_or_else(|| Arc::new(AtomicBool::new(true)), |town| town.keeper_switch());
    let keeper = Arc::new(Keeper::new(Arc::clone(&house), Arc::clone(&platform), running));
    tokio::spawn(async move { keeper.run().await });
    let anchor = Anchor::new(Arc::clone(&house), Arc::clone(&platform));
    tokio::spawn(async move { anchor.run().await });
    let capacity = capacity::open(&house, &watch, rehearsal, &arguments.data.data_dir).await?;
    tokio::spawn(capacity.clone().run(house.cancel()));
    tokio::spawn(Arc::clone(&notifier).run(house.cancel()));
    tokio::spawn(notify::tell_customers(Arc::clone(&platform), Arc::clone(&notifier), house.cancel()));
    let position = platform.position();
    let indexed = Box::new(move || position.borrow().indexed.map_or(0, |head| head.number));
    let vitals =
        HouseVitals::new(Arc::clone(&house), &arguments.data.data_dir, indexed, platform.figures(), backed_up, outlook);
    let vitals = Arc::new(vitals);
    tokio::spawn(Arc::clone(&watch).run(vitals, house.cancel()));
    let retention = Retention::new(Arc::clone(&house), Arc::clone(&platform));
    tokio::spawn(async move { retention.run().await });
    if let Some(backups) = backups {
        tokio::spawn(backups.run(house.cancel()));
    }
    if let Some(outside) = outside_look {
        tokio::spawn(outside.run(house.cancel()));
    }
    announce(&profile, &http, &rpc, town.is_some())?;
    if house.manifest.market_parts.is_empty() {
        eprintln!(
            "The contracts are of an earlier version. For returns, disputes and coupons: stop, and run `guildhall upgrade --data-dir {}`.",
            arguments.data.data_dir.display()
        );
    }
    let result = serve_until_told(&house, http, rpc, web::router(&platform, watch, notifier, capacity, &rpc_url)).await;
    house.stop_followers();
    if let Ok(Err(error)) = indexer.await {
        tracing::warn!(%error, "the index stopped; it goes on at the next start");
    }
    // What went wrong first is what there is to say.
    let closed = house.close().await;
    result?;
    closed
}

/// Where people outside find the house, and what it may reach.
fn outside(arguments: &UpArguments, profile: &Profile) -> anyhow::Result<notify::Outside> {
    let site = arguments.public_url.clone().unwrap_or_else(|| format!("http://{}", arguments.http));
    if !["http://", "https://"].iter().any(|scheme| site.starts_with(scheme)) {
        return Err(UsageError("--public-url must begin with https:// or http://".into()).into());
    }
    Ok(notify::Outside { house: profile.name.clone(), site, private: arguments.private_channels })
}

async fn serve_until_told(
    house: &Arc<House>,
    http: TcpListener,
    rpc: RpcServer,
    router: axum::Router,
) -> anyhow::Result<()> {
    let stop = |house: &Arc<House>| {
        let mut cancel = house.cancel();
        async move {
            let _ = cancel.wait_for(|stopped| *stopped).await;
        }
    };
    let web = tokio::spawn(axum::serve(http, router).with_graceful_shutdown(stop(house)).into_future());
    let rpc = tokio::spawn(rpc.serve(stop(house)));
    let outcome = tokio::select! {
        () = shutdown::requested() => Ok(()),
        error = node::failed(&house.ledger) => Err(error),
    };
    house.stop_followers();
    // Open event streams would keep the servers waiting: give them a moment.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), async { (web.await, rpc.await) }).await;
    outcome
}

/// Brings the index up to the head, with a progress bar where it takes long.
pub(crate) async fn backfill(house: &House, platform: &Platform) -> anyhow::Result<()> {
    let bar = indicatif::ProgressBar::hidden();
    bar.set_style(indicatif::ProgressStyle::with_template("indexing {wide_bar} block {pos} of {len}  {eta} left")?);
    let progress = |progress: Progress| {
        if progress.elapsed > std::time::Duration::from_secs(1) && bar.is_hidden() {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        bar.set_length(progress.head);
        bar.set_position(progress.block);
    };
    platform.backfill(&house.cancel(), &progress).await?;
    bar.finish_and_clear();
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("can't listen on {address}: is another program using the port? Choose another with --http")
    })
}

fn announce(profile: &Profile, http: &TcpListener, rpc: &RpcServer, demo: bool) -> anyhow::Result<()> {
    let (http, rpc) = (http.local_addr()?, rpc.local_addr()?);
    eprintln!("{} is open.", profile.name);
    eprintln!("  Console   http://{http}");
    eprintln!("  API       http://{http}/api/v1  (documented at /api/v1/openapi.json)");
    eprintln!("  JSON-RPC  http://{rpc}  ws://{rpc}");
    if demo {
        eprintln!("  This is a demo: its keys are known to everyone. Nothing in it is worth anything.");
    }
    eprintln!("Stop with Ctrl-C; everything is kept.");
    Ok(())
}

/// The operator of a demo or replay.
pub(crate) fn dev_operator() -> anyhow::Result<Signer> {
    let keys: Vec<B256> = keys::dev_keys(0, 1)?;
    Signer::from_bytes(&keys[0]).context("can't use the operator's key")
}
