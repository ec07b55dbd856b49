//! The demo town.
use crate::house::House;
use alloy_primitives::Address;
use async_trait::async_trait;
use platform_api::Problem;
use platform_business::{DemoHooks, DemoInfo, DemoTraffic, Platform};
use platform_index::{Cancel, Head};
use std::sync::Arc;
pub(crate) struct Town { _house: Arc<House> }
impl Town {
    pub(crate) fn new(house: Arc<House>) -> anyhow::Result<Arc<Self>> { Ok(Arc::new(Self { _house: house })) }
    pub(crate) fn start_traffic(self: &Arc<Self>, _cancel: Cancel) {}
}
pub(crate) async fn settle(_town: &Arc<Town>, _platform: &Platform) -> anyhow::Result<()> { Ok(()) }
#[async_trait]
impl DemoHooks for Town {
    async fn info(&self) -> Result<DemoInfo, Problem> { Ok(DemoInfo { mnemonic: String::new(), personas: vec![], traffic: DemoTraffic { running: false, orders_per_minute: 0 } }) }
    async fn set_traffic(&self, _running: bool) -> Result<(), Problem> { Ok(()) }
    async fn faucet(&self, _account: Address) -> Result<(), Problem> { Ok(()) }
    async fn advance_clock(&self, _seconds: u64) -> Result<Head, Problem> { Err(platform_api::Problem::internal(&std::io::Error::other("x"))) }
}
