//! Role grants and revocations.

use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use async_trait::async_trait;
use platform_index::{Batch, Block, Column, IndexError, Kind, Projection, Table};
use platform_protocol::contracts::Authority;

const ROLE: Table = Table {
    name: "access_role",
    kind: Kind::State,
    // `since` is zero for a role that was revoked.
    columns: &[Column::blob("account"), Column::int("role"), Column::int("since"), Column::int("delay")],
    key: 2,
    indexes: &[],
};

pub(super) struct Roles {
    pub(super) authority: Address,
}

#[async_trait]
impl Projection for Roles {
    fn name(&self) -> &'static str {
        "access"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[ROLE]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for log in block.transactions.iter().flat_map(|tx| &tx.logs).filter(|log| log.address == self.authority) {
                let topics = log.topics.iter().copied();
                if let Ok(granted) = Authority::RoleGranted::decode_raw_log(topics.clone(), &log.data) {
                    let since = granted.since.to::<u64>().max(1);
                    self.write(batch, granted.account, granted.roleId, since, granted.delay).await?;
                } else if let Ok(revoked) = Authority::RoleRevoked::decode_raw_log(topics, &log.data) {
                    self.write(batch, revoked.account, revoked.roleId, 0, 0).await?;
                }
            }
        }
        Ok(())
    }
}

impl Roles {
    async fn write(
        &self,
        batch: &mut Batch<'_>,
        account: Address,
        role: u64,
        since: u64,
        delay: u32,
    ) -> Result<(), IndexError> {
        // Read first, so that a reorganisation can put the earlier grant back.
        batch.get(&ROLE, vec![account.into(), role.into()]).await?;
        batch.put(&ROLE, vec![account.into(), role.into(), since.into(), delay.into()]);
        Ok(())
    }
}
