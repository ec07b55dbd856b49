//! Calls that the authority lets the house make only some time after it said so (OpenZeppelin's `AccessManager`).

use crate::playbook::{Act, Actor};
use crate::register::{Register, word};

const AUTHORITY: &str = "Authority";

/// Seconds between saying and doing for a call of the house's key; 0 where it may act at once, or may not at all.
///
/// # Errors
/// In words: the authority did not answer.
pub async fn delay(actor: &dyn Actor, register: &Register, act: &Act) -> Result<u64, String> {
    let (Some(operator), Some(selector)) = (register.address("Operator"), act.input.get(..4)) else { return Ok(0) };
    if register.address(AUTHORITY).is_none() {
        return Ok(0);
    }
    let args = [operator.to_checksum(None), act.to.to_checksum(None), alloy_primitives::hex::encode_prefixed(selector)];
    let ask = Act::of(register, AUTHORITY, "canCall(address,address,bytes4)", &args);
    let answer = actor.ask(&ask.map_err(|error| error.to_string())?).await?;
    // Whether at once, and after how long.
    let delay = answer.get(32..).and_then(word).ok_or("the authority does not answer as AccessManager does")?;
    u64::try_from(delay).map_err(|_| "the authority names a delay that never ends".to_owned())
}

/// The call that says that another will be made as soon as it may.
///
/// # Errors
/// In words: there is no authority.
pub fn schedule(register: &Register, act: &Act) -> Result<Act, String> {
    let args = [act.to.to_checksum(None), act.input.to_string(), "0".to_owned()];
    Act::of(register, AUTHORITY, "schedule(address,bytes,uint48)", &args).map_err(|error| error.to_string())
}

/// The call that takes that back.
///
/// # Errors
/// In words: there is no authority.
pub(crate) fn cancel(register: &Register, act: &Act) -> Result<Act, String> {
    let args = ["@Operator".to_owned(), act.to.to_checksum(None), act.input.to_string()];
    Act::of(register, AUTHORITY, "cancel(address,address,bytes)", &args).map_err(|error| error.to_string())
}
