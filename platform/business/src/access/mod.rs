//! Who holds which role, as the authority's events tell it.

mod projection;
mod routes;

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use async_trait::async_trait;
use platform_api::{Identity, Problem};
use platform_index::{BlockSource, BlockTag, CallRequest, Projection, SourceError, Store};
use platform_protocol::{Manifest, contracts::Erc1271};
use utoipa_axum::router::OpenApiRouter;

use crate::context::App;
use crate::registry::Business;

/// Roles.
pub(crate) struct Access;

impl Business for Access {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(projection::Roles { authority: manifest.authority.address })]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }
}

/// What a role is called, by its number in `contracts/src/governance/Roles.sol`.
#[must_use]
pub fn role_name(role: u64) -> String {
    match role {
        0 => "admin".to_owned(),
        1 => "operator".to_owned(),
        2 => "pauser".to_owned(),
        3 => "minter".to_owned(),
        4 => "upgrader".to_owned(),
        5 => "carrier".to_owned(),
        6 => "anchorer".to_owned(),
        7 => "certifier".to_owned(),
        other => format!("role-{other}"),
    }
}

/// Identity from the chain: roles through the index, contract signatures by call.
pub(crate) struct ChainIdentity {
    pub(crate) store: Store,
    pub(crate) source: Arc<dyn BlockSource>,
}

#[async_trait]
impl Identity for ChainIdentity {
    async fn roles(&self, account: Address) -> Result<Vec<String>, Problem> {
        let sql = "SELECT role FROM access_role WHERE account = $1 AND since > 0 ORDER BY role";
        let rows = self.store.rows(sql, vec![account.into()]).await?;
        rows.iter().map(|row| Ok(role_name(row.number(0)?))).collect()
    }

    async fn contract_accepts(&self, account: Address, hash: B256, signature: Bytes) -> Result<bool, Problem> {
        if self.source.code(account, BlockTag::Latest).await?.is_empty() {
            return Ok(false);
        }
        let input = Erc1271::isValidSignatureCall { hash, signature }.abi_encode().into();
        let call = CallRequest { to: Some(account), input, ..CallRequest::default() };
        match self.source.call(call, BlockTag::Latest).await {
            Ok(output) => Ok(Erc1271::isValidSignatureCall::abi_decode_returns(&output)
                .is_ok_and(|answer| answer == Erc1271::isValidSignatureCall::SELECTOR)),
            Err(SourceError::Reverted { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
