//! Campaigns: budgets locked on chain, and the coupons that hand them out.
//!
//! The chain holds what a campaign promises and every unit of its money. The house holds what the chain need not know:
//! its name and code, whom it is for, and whether it hands out coupons just now. A coupon is a voucher that the house's
//! issuer key signs for one account and one offer.
//!
//! **Invariants:** nobody is promised what a campaign has not left, counted under a lock. A person's use of a campaign
//! has one number, which the contract takes once. A person is an account: whoever has several is several people.

mod checkout;
mod choose;
mod details;
mod figures;
mod model;
mod person;
mod projection;
mod query;
mod routes;
mod view;

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};
use async_trait::async_trait;
use platform_api::{Problem, calendar};
use platform_index::{Projection, Table};
use platform_protocol::Manifest;
use platform_protocol::contracts::ICouponVault::{SignedVoucher, Voucher};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::context::{App, Context};
use crate::registry::{Business, Holding};
use crate::wire::Bilingual;

/// Campaigns and coupons.
pub(crate) struct Promotions;

#[async_trait]
impl Business for Promotions {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(projection::Campaigns { market: manifest.market.address })]
    }

    fn tables(&self) -> &'static [Table] {
        &[model::DETAILS, model::RESERVATION, model::PERSON]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    async fn holdings(&self, app: &App, person: Address) -> Result<Vec<Holding>, Problem> {
        let sql = "SELECT campaign_id, held, first_at FROM campaign_person WHERE account = $1 ORDER BY first_at";
        let mut items = Vec::new();
        for row in app.store.rows(sql, vec![person.into()]).await? {
            let at = calendar::rfc3339(row.number(2)?);
            items.push(json!({ "campaign_id": row.number(0)?.to_string(), "held": row.int(1)? != 0, "at": at }));
        }
        Ok(vec![Holding { kind: "campaign_groups".into(), erasable: true, items }])
    }

    async fn forget(&self, app: &App, person: Address, kind: &str) -> Result<(), Problem> {
        if kind == "campaign_groups" {
            app.store.execute("DELETE FROM campaign_person WHERE account = $1", vec![person.into()]).await?;
        }
        Ok(())
    }
}

/// What the house says of a campaign beside its terms on chain.
#[derive(Clone, Debug)]
pub struct CampaignNote {
    /// Name.
    pub name: Bilingual,
    /// Code; empty where it is offered by itself.
    pub code: String,
    /// Whether it is for the first order of a person only.
    pub first_order: bool,
    /// How often a person may use it.
    pub per_person: u32,
    /// Part of the people it is kept from, in basis points.
    pub holdout_bps: u32,
}

/// Keeps what the program itself says of a campaign that is indexed.
pub(crate) async fn keep(app: &Context, id: u64, note: CampaignNote) -> Result<(), Problem> {
    let CampaignNote { name, code, first_order, per_person, holdout_bps } = note;
    let sound = details::check(&view::DetailsView { name, code, first_order, per_person, holdout_bps })?;
    details::keep(app, &query::on_chain(app, id).await?, sound).await
}

/// Vouchers for lines of offer and quantity that `buyer` is about to order at `now`, in seconds since 1970: for each
/// line those that the contract is to take. The same as the endpoint gives.
pub(crate) async fn vouchers(
    app: &Context,
    buyer: Address,
    lines: &[(u64, u32)],
    now: u64,
) -> Result<Vec<Vec<SignedVoucher>>, Problem> {
    let line = |(offer, quantity): &(u64, u32)| view::LineAsked { offer_id: offer.to_string(), quantity: *quantity };
    let lines: Vec<view::LineAsked> = lines.iter().map(line).collect();
    let basket = checkout::basket(app, buyer, &lines, None, &[], now).await?;
    let given = checkout::vouchers(app, &basket).await?;
    given.lines.iter().map(|line| line.vouchers.iter().map(signed).collect()).collect()
}

fn signed(view: &view::VoucherView) -> Result<SignedVoucher, Problem> {
    let number = |text: &str| text.parse::<U256>().map_err(|error| Problem::internal(&error));
    Ok(SignedVoucher {
        voucher: Voucher {
            campaignId: number(&view.campaign_id)?,
            nullifier: crate::wire::hash(&view.nullifier)?,
            buyer: crate::wire::address(&view.buyer)?,
            offerId: number(&view.offer_id)?,
            category: view.category.parse::<B256>().map_err(|_| Problem::invalid("no category"))?,
            expiresAt: view.expires_at,
        },
        signature: view.signature.parse::<Bytes>().map_err(|_| Problem::invalid("no signature"))?,
    })
}
