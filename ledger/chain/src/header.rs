//! The rules between a header and its parent (Yellow Paper §4.4.4 and the
//! EIPs that amended it), without the proof of work or stake seal.

use crate::spec::ChainSpec;
use alloy_consensus::Header;
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::B256;

/// The smallest gas limit a block may have (Yellow Paper).
pub const GAS_LIMIT_MIN: u64 = 5_000;
/// How far the gas limit may move a block: one part in this many.
pub const GAS_LIMIT_BOUND_DIVISOR: u64 = 1_024;
/// The most bytes of extra data.
pub const EXTRA_DATA_BYTES_MAX: usize = 32;

/// A header that breaks a rule against its parent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The parent hash is not the parent's.
    #[error("block {number}: parent hash {given} is not {expected}")]
    ParentHash {
        /// This block's number.
        number: u64,
        /// The hash it names.
        given: B256,
        /// The parent's hash.
        expected: B256,
    },
    /// A numeric field has a value the rules don't allow.
    #[error("block {number}: {field} is {given}, must be {expected}")]
    Field {
        /// This block's number.
        number: u64,
        /// The field's name in the Yellow Paper's terms.
        field: &'static str,
        /// The value found.
        given: String,
        /// The rule in words or the value expected.
        expected: String,
    },
}

/// Checks `header` against `parent` under `spec`.
///
/// # Errors
/// The first rule broken, as a [`HeaderError`].
pub fn check(spec: &ChainSpec, parent: &Header, parent_hash: B256, header: &Header) -> Result<(), HeaderError> {
    let number = header.number;
    let field = |field, given: String, expected: String| Err(HeaderError::Field { number, field, given, expected });
    if header.parent_hash != parent_hash {
        return Err(HeaderError::ParentHash { number, given: header.parent_hash, expected: parent_hash });
    }
    if Some(number) != parent.number.checked_add(1) {
        return field("number", number.to_string(), format!("{} + 1", parent.number));
    }
    let earliest = spec.earliest_timestamp(parent.timestamp);
    if header.timestamp < earliest {
        return field("timestamp", header.timestamp.to_string(), format!("at least {earliest}"));
    }
    if header.extra_data.len() > EXTRA_DATA_BYTES_MAX {
        return field("extraData", format!("{} bytes", header.extra_data.len()), "at most 32 bytes".into());
    }
    if header.gas_used > header.gas_limit {
        return field("gasUsed", header.gas_used.to_string(), format!("at most {}", header.gas_limit));
    }
    check_gas_limit(spec, parent, header)?;
    let base_fee = spec.next_base_fee(parent);
    if header.base_fee_per_gas != base_fee {
        return field("baseFeePerGas", format!("{:?}", header.base_fee_per_gas), format!("{base_fee:?}"));
    }
    let blobs = spec.blob_params(header.timestamp);
    let excess = blobs.map(|params| parent.next_block_excess_blob_gas(params).unwrap_or(0));
    if header.excess_blob_gas != excess {
        return field("excessBlobGas", format!("{:?}", header.excess_blob_gas), format!("{excess:?}"));
    }
    check_presence(spec, header)
}

fn check_gas_limit(spec: &ChainSpec, parent: &Header, header: &Header) -> Result<(), HeaderError> {
    // At London the limit doubles with the elasticity (EIP-1559).
    let london = spec.is_london_active_at_block(header.number);
    let first = london && !spec.is_london_active_at_block(parent.number);
    let base = if first { parent.gas_limit.saturating_mul(2) } else { parent.gas_limit };
    let bound = base / GAS_LIMIT_BOUND_DIVISOR;
    if header.gas_limit.abs_diff(base) >= bound.max(1) && header.gas_limit != base || header.gas_limit < GAS_LIMIT_MIN {
        return Err(HeaderError::Field {
            number: header.number,
            field: "gasLimit",
            given: header.gas_limit.to_string(),
            expected: format!("within {bound} of {base} and at least {GAS_LIMIT_MIN}"),
        });
    }
    Ok(())
}

/// Fields that a fork brought must be there from it on, and not before.
fn check_presence(spec: &ChainSpec, header: &Header) -> Result<(), HeaderError> {
    let time = header.timestamp;
    let cancun = spec.is_cancun_active_at_timestamp(time);
    let rules = [
        ("withdrawalsRoot", header.withdrawals_root.is_some(), spec.is_shanghai_active_at_timestamp(time)),
        ("blobGasUsed", header.blob_gas_used.is_some(), cancun),
        ("parentBeaconBlockRoot", header.parent_beacon_block_root.is_some(), cancun),
        ("requestsHash", header.requests_hash.is_some(), spec.is_prague_active_at_timestamp(time)),
    ];
    for (field, present, required) in rules {
        if present != required {
            return Err(HeaderError::Field {
                number: header.number,
                field,
                given: if present { "present" } else { "missing" }.into(),
                expected: if required { "present at this fork" } else { "absent before its fork" }.into(),
            });
        }
    }
    Ok(())
}
