//! Calls about orders and disputes, written for the chain.

use super::{Judging, Many, One};
use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolCall;
use platform_protocol::contracts::{Aftersales, ArbiterPanel, Market};

pub(super) fn many(what: Many, orders: &[u64]) -> Bytes {
    let ids: Vec<U256> = orders.iter().map(|order| U256::from(*order)).collect();
    let data = match what {
        Many::Accept => Market::acceptCall { orderIds: ids }.abi_encode(),
        Many::Ship => {
            let hashes = vec![B256::repeat_byte(1); ids.len()];
            Market::shipCall { orderIds: ids, trackingHashes: hashes }.abi_encode()
        }
        Many::Confirm => Market::confirmDeliveryCall { orderIds: ids }.abi_encode(),
        Many::Attest => Market::attestDeliveryCall { orderIds: ids }.abi_encode(),
        Many::Release => Market::releaseCall { orderIds: ids }.abi_encode(),
        Many::RefundExpired => Market::refundExpiredCall { orderIds: ids }.abi_encode(),
        Many::Contest => Aftersales::contestCall { orderIds: ids }.abi_encode(),
        Many::Conclude => Aftersales::concludeCall { orderIds: ids }.abi_encode(),
    };
    data.into()
}

pub(super) fn one(what: One, order: U256, amount: U256) -> Bytes {
    let hash = B256::repeat_byte(2);
    let data = match what {
        One::Cancel => Market::cancelCall { orderId: order }.abi_encode(),
        One::Decline => Market::declineCall { orderId: order }.abi_encode(),
        One::RequestReturn => Aftersales::requestReturnCall { orderId: order, reasonHash: hash }.abi_encode(),
        One::ApproveReturn => Aftersales::approveReturnCall { orderId: order, addressHash: hash }.abi_encode(),
        One::SendReturn => Aftersales::sendReturnCall { orderId: order, trackingHash: hash }.abi_encode(),
        One::ConfirmReturn => Aftersales::confirmReturnCall { orderId: order }.abi_encode(),
        One::DropReturn => Aftersales::dropReturnCall { orderId: order }.abi_encode(),
        One::Dispute => Aftersales::disputeCall { orderId: order, buyerAmount: amount, reasonHash: hash }.abi_encode(),
        One::Propose => Aftersales::proposeCall { orderId: order, buyerAmount: amount }.abi_encode(),
        One::AcceptSplit => Aftersales::acceptSplitCall { orderId: order, buyerAmount: amount }.abi_encode(),
        One::Escalate => Aftersales::escalateCall { orderId: order, buyerAmount: amount }.abi_encode(),
        One::Defend => Aftersales::defendCall { orderId: order, buyerAmount: amount }.abi_encode(),
        One::Raise => Aftersales::raiseCall { orderId: order }.abi_encode(),
        One::NoteRuling => Aftersales::noteRulingCall { orderId: order }.abi_encode(),
        One::Appeal => Aftersales::appealCall { orderId: order }.abi_encode(),
        One::ReclaimFee => Aftersales::reclaimFeeCall { orderId: order }.abi_encode(),
    };
    data.into()
}

pub(super) fn judge(judging: &Judging) -> Bytes {
    let id = |dispute: &u64| U256::from(*dispute);
    let data = match judging {
        Judging::Certify(account, certified) => {
            ArbiterPanel::setCertifiedCall { account: *account, certified: *certified }.abi_encode()
        }
        Judging::Price(floor) => ArbiterPanel::setPricingCall { floor: U256::from(*floor), priceBps: 500 }.abi_encode(),
        Judging::Stake(amount) => ArbiterPanel::stakeCall { amount: U256::from(*amount) }.abi_encode(),
        Judging::Resign => ArbiterPanel::resignCall {}.abi_encode(),
        Judging::WithdrawStake => ArbiterPanel::withdrawStakeCall {}.abi_encode(),
        Judging::WithdrawFees(to) => ArbiterPanel::withdrawFeesCall { to: *to }.abi_encode(),
        Judging::CommitSeed(dispute, commitment) => {
            ArbiterPanel::commitSeedCall { disputeId: id(dispute), commitment: *commitment }.abi_encode()
        }
        Judging::SetBeacon(dispute) => ArbiterPanel::setBeaconCall { disputeId: id(dispute) }.abi_encode(),
        Judging::RevealSeed(dispute, secret) => {
            ArbiterPanel::revealSeedCall { disputeId: id(dispute), secret: *secret }.abi_encode()
        }
        Judging::ForfeitSeed(dispute, round, account) => {
            ArbiterPanel::forfeitSeedCall { disputeId: id(dispute), round: *round, account: *account }.abi_encode()
        }
        Judging::Draw(dispute) => ArbiterPanel::drawCall { disputeId: id(dispute) }.abi_encode(),
        Judging::CommitVote(dispute, commitment) => {
            ArbiterPanel::commitVoteCall { disputeId: id(dispute), commitment: *commitment }.abi_encode()
        }
        Judging::RevealVote(dispute, choice, salt) => {
            ArbiterPanel::revealVoteCall { disputeId: id(dispute), choice: *choice, salt: *salt }.abi_encode()
        }
        Judging::Tally(dispute) => ArbiterPanel::tallyCall { disputeId: id(dispute) }.abi_encode(),
        Judging::Execute(dispute) => ArbiterPanel::executeCall { disputeId: id(dispute) }.abi_encode(),
        Judging::Deliver(dispute) => ArbiterPanel::deliverCall { disputeId: id(dispute) }.abi_encode(),
        Judging::Fail(dispute) => ArbiterPanel::failCall { disputeId: id(dispute) }.abi_encode(),
    };
    data.into()
}
