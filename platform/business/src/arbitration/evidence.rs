//! Evidence: kept here, read by those whom it concerns, and on the chain only as an address with a salted hash.

use alloy_primitives::{Address, B256, U256, keccak256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform_api::{Problem, Session};
use platform_index::{Column, Kind, Table};
use platform_protocol::contracts::Market;

use super::query;
use super::view::{EvidenceView, FileView, KeptView};
use crate::context::Context;

pub(super) const CONTENT: Table = Table {
    name: "arbitration_content",
    kind: Kind::State,
    columns: &[Column::blob("hash"), Column::int("order_id"), Column::blob("author"), Column::text("json")],
    key: 1,
    indexes: &[],
};

const NAME_MAX: usize = 160;
const DESCRIPTION_MAX: usize = 8_000;
const FILES_MAX: usize = 3;
const FILE_BYTES_MAX: usize = 480 * 1024;
const STAFF: &str = "operator";

/// What a URI of evidence kept here begins with.
const PREFIX: &str = "/api/v1/evidence/";

/// The hash that a URI names, where it is one of ours.
pub(super) fn hash_in(uri: &str) -> Option<B256> {
    uri.strip_prefix(PREFIX)?.parse().ok()
}

/// Keeps evidence of a party and gives what to submit.
pub(super) async fn keep(app: &Context, session: &Session, evidence: EvidenceView) -> Result<KeptView, Problem> {
    check(&evidence)?;
    let (buyer, seller) = parties(app, evidence.order_id).await?;
    if session.address != buyer && session.address != seller {
        return Err(Problem::forbidden("Only the buyer and the seller of an order can give evidence in it."));
    }
    let value = serde_json::to_value(&evidence).map_err(|error| Problem::internal(&error))?;
    let json = value.to_string();
    let hash = keccak256(json.as_bytes());
    let row = vec![hash.into(), evidence.order_id.into(), session.address.into(), json.into()];
    app.store.put(&CONTENT, row).await?;
    Ok(KeptView { hash: hash.to_string(), uri: format!("{PREFIX}{hash}") })
}

/// Evidence, for its order's parties, arbiters who sit in its case, and staff.
pub(super) async fn read(app: &Context, session: &Session, hash: B256) -> Result<EvidenceView, Problem> {
    let sql = "SELECT order_id, author, json FROM arbitration_content WHERE hash = $1";
    let missing = || Problem::not_found(format!("evidence {hash}"));
    let row = app.store.row(sql, vec![hash.into()]).await?.ok_or_else(missing)?;
    let order = row.number(0)?;
    if row.address(1)? != session.address && !may_read(app, session, order).await? {
        return Err(Problem::forbidden("Only the two parties, the arbiters of the case and staff can read evidence."));
    }
    serde_json::from_str(&row.text(2)?).map_err(|error| Problem::internal(&error))
}

async fn may_read(app: &Context, session: &Session, order: u64) -> Result<bool, Problem> {
    if session.require(STAFF).is_ok() || query::sits_in(app, order, session.address).await? {
        return Ok(true);
    }
    let (buyer, seller) = parties(app, order).await?;
    Ok(session.address == buyer || session.address == seller)
}

/// Buyer and seller, as the market's contract has them.
async fn parties(app: &Context, order: u64) -> Result<(Address, Address), Problem> {
    let call = Market::orderCall { orderId: U256::from(order) };
    let found = app.ask(app.manifest.market.address, call).await?;
    found.map(|order| (order.buyer, order.seller)).ok_or_else(|| Problem::not_found(format!("order {order}")))
}

fn check(evidence: &EvidenceView) -> Result<(), Problem> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    if evidence.name.trim().is_empty() {
        return Err(Problem::invalid("The evidence has no name: say in a line what it is."));
    }
    if long(&evidence.name, NAME_MAX) || long(&evidence.description, DESCRIPTION_MAX) {
        let detail = format!("A name has at most {NAME_MAX} characters, a description {DESCRIPTION_MAX}.");
        return Err(Problem::invalid(detail));
    }
    if evidence.salt.len() < 16 || evidence.salt.len() > 128 {
        return Err(Problem::invalid("The salt must have 16 to 128 random characters."));
    }
    if evidence.files.len() > FILES_MAX {
        return Err(Problem::invalid(format!("{FILES_MAX} pictures are the most.")));
    }
    evidence.files.iter().try_for_each(check_file)
}

fn check_file(file: &FileView) -> Result<(), Problem> {
    if file.name.chars().count() > NAME_MAX {
        return Err(Problem::invalid(format!("A picture's name has at most {NAME_MAX} characters.")));
    }
    let bytes = STANDARD.decode(&file.data).map_err(|_| Problem::invalid("A picture is not in base64."))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Problem::too_large(format!("A picture has at most {FILE_BYTES_MAX} bytes.")));
    }
    // What it says it is must be what it is: a browser shows it to an arbiter.
    let found = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => return Err(Problem::invalid("Evidence takes PNG, JPEG and WebP pictures.")),
    };
    if found == file.mime {
        return Ok(());
    }
    Err(Problem::invalid(format!("{} is not {}, as it says, but {found}.", file.name, file.mime)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(mime: &str, bytes: &[u8]) -> EvidenceView {
        let file = FileView { name: "cup".into(), mime: mime.into(), data: STANDARD.encode(bytes) };
        EvidenceView {
            order_id: 1,
            name: "The cup".into(),
            description: String::new(),
            files: vec![file],
            salt: "0123456789abcdef".into(),
        }
    }

    #[test]
    fn a_picture_is_what_it_says() {
        let png = b"\x89PNG\r\n\x1a\n";
        assert!(check(&evidence("image/png", png)).is_ok());
        assert!(check(&evidence("image/jpeg", png)).is_err());
        assert!(check(&evidence("image/svg+xml", b"<svg/>")).is_err());
        assert!(check(&EvidenceView { name: " ".into(), ..evidence("image/png", png) }).is_err());
        assert!(check(&EvidenceView { salt: "short".into(), ..evidence("image/png", png) }).is_err());
    }

    #[test]
    fn only_our_own_addresses_have_a_hash() {
        let hash = B256::repeat_byte(7);
        assert_eq!(hash_in(&format!("/api/v1/evidence/{hash}")), Some(hash));
        assert_eq!(hash_in("ipfs://QmXyz"), None);
        assert_eq!(hash_in("/api/v1/evidence/7"), None);
    }
}
