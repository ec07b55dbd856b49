//! What custom errors mean, in words a buyer or seller understands.

use serde::Serialize;
use serde_json::Value as Json;

use crate::Argument;

/// The same sentence in the languages of the guild.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// The words for an error, with its arguments filled in. An error without words is named.
#[must_use]
pub fn words_for(error: &str, args: &[Argument]) -> Words {
    let (en, zh) = WORDS
        .iter()
        .find(|(name, _, _)| *name == error)
        .map_or(("The contract refused: {error}.", "合约拒绝：{error}。"), |(_, en, zh)| (*en, *zh));
    Words { en: fill(en, error, args, 0), zh: fill(zh, error, args, 1) }
}

/// Puts arguments in for `{name}`, `{name:time}` and `{name:state}`.
fn fill(template: &str, error: &str, args: &[Argument], language: usize) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, tail)) = after.split_once('}') else {
            break;
        };
        let (name, form) = place.split_once(':').unwrap_or((place, ""));
        if name == "error" {
            filled.push_str(error);
        } else if let Some(argument) = args.iter().find(|argument| argument.name == name) {
            filled.push_str(&show(&argument.value, form, language));
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

fn show(value: &Json, form: &str, language: usize) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match form {
        "time" => text.parse().map_or(text, time),
        "state" => text
            .parse()
            .ok()
            .and_then(|state: usize| STATES.get(state))
            .map_or(text, |words| words[language].to_owned()),
        _ => text,
    }
}

/// Order states in the order the contract numbers them.
const STATES: [[&str; 2]; 13] = [
    ["not placed", "未下单"],
    ["funded", "已付款"],
    ["accepted", "已接单"],
    ["shipped", "已发货"],
    ["delivered", "已送达"],
    ["released", "已完成"],
    ["refunded", "已退款"],
    ["contested", "送达存疑"],
    ["being returned", "退货中"],
    ["disputed", "协商中"],
    ["before the arbiters", "仲裁中"],
    ["ruled", "已裁决"],
    ["settled", "已分配"],
];

/// Seconds since 1970 as a UTC date and time (after Howard Hinnant's civil-from-days).
fn time(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Error, English, Chinese.
const WORDS: &[(&str, &str, &str)] = &[
    ("AlreadyAnchored", "This root was anchored before, as batch {batchId}.", "该根此前已锚定，为第 {batchId} 批。"),
    ("AlreadyBound", "The event is bound to order {orderId} already.", "该事件已绑定到订单 {orderId}。"),
    (
        "AmountTooLarge",
        "The order comes to more than one order can hold. Order fewer pieces.",
        "订单金额超出单笔上限，请减少数量。",
    ),
    (
        "DeadlineNotPassed",
        "It is too early: the other side has time until {deadline:time}.",
        "还不到时候：对方的期限到 {deadline:time}。",
    ),
    ("DeadlinePassed", "It is too late: the deadline was {deadline:time}.", "已经过期：截止时间是 {deadline:time}。"),
    ("EmptyBatch", "There is no event in this batch.", "该批次中没有事件。"),
    ("EmptyHash", "A hash is missing.", "缺少哈希值。"),
    (
        "InsufficientBond",
        "The seller's free credit ({available}) does not cover the bond of this order ({needed}). The seller must add to it first.",
        "卖家的可用余额（{available}）不足以支付此订单的保证金（{needed}），需要卖家先充值。",
    ),
    (
        "InsufficientStock",
        "Only {stock} pieces are left, and {quantity} were ordered.",
        "库存只剩 {stock} 件，而订购了 {quantity} 件。",
    ),
    ("LengthMismatch", "The two lists of the batch differ in length.", "批量操作的两个列表长度不一致。"),
    ("NoCredit", "There is nothing to withdraw.", "没有可提取的余额。"),
    ("NotAnchored", "The root {root} was never anchored.", "根 {root} 从未锚定。"),
    ("NotBuyer", "Only the buyer of order {orderId} may do this.", "只有订单 {orderId} 的买家可以这样做。"),
    (
        "NotIncluded",
        "The proof does not lead from the event {eventHash} to the root {root}.",
        "该证明不能从事件 {eventHash} 推导到根 {root}。",
    ),
    ("NotOrderSeller", "Only the seller of order {orderId} may do this.", "只有订单 {orderId} 的卖家可以这样做。"),
    ("NotSeller", "Only the seller may do this.", "只有卖家可以这样做。"),
    ("NothingToDo", "The basket is empty.", "购物篮是空的。"),
    ("OfferNotActive", "The seller has taken offer {offerId} off the market.", "卖家已将商品 {offerId} 下架。"),
    (
        "PermitFailed",
        "The signed payment permit is not valid, and the allowance ({allowed}) does not cover {needed}. Sign again.",
        "签名的付款许可无效，且已授权额度（{allowed}）不足 {needed}。请重新签名。",
    ),
    (
        "RateTooHigh",
        "The rate {given} is above the hard cap of {most} basis points.",
        "费率 {given} 超过上限 {most} 个基点。",
    ),
    ("SelfPurchase", "A seller cannot buy their own goods.", "卖家不能购买自己的商品。"),
    (
        "StaleTerms",
        "The seller has changed offer {offerId} since you read it (version {version}, now {current}). Look at it again before buying.",
        "卖家在您查看之后修改了商品 {offerId}（您看到的是第 {version} 版，现在是第 {current} 版）。请重新查看后再购买。",
    ),
    (
        "TermOutOfBounds",
        "The time limit {given} s is outside its bounds, {least} s to {most} s.",
        "时限 {given} 秒超出允许范围（{least} 至 {most} 秒）。",
    ),
    (
        "TermsMismatch",
        "The terms you agreed to are not the terms of offer {offerId}. Look at it again before buying.",
        "您同意的条款与商品 {offerId} 的条款不一致。请重新查看后再购买。",
    ),
    ("TokenNotAllowed", "The market does not take this token.", "市场不接受这种代币。"),
    (
        "TransferAmountMismatch",
        "The token moved {received} where {expected} was due. The market does not take tokens with a transfer fee.",
        "代币实际转入 {received}，应为 {expected}。市场不接受收取转账费的代币。",
    ),
    ("UnknownOffer", "There is no offer {offerId}.", "没有编号为 {offerId} 的商品。"),
    ("UnknownOrder", "There is no order {orderId}.", "没有编号为 {orderId} 的订单。"),
    (
        "WrongState",
        "Order {orderId} is {state:state}, and this cannot be done from there.",
        "订单 {orderId} 当前状态为“{state:state}”，不能执行此操作。",
    ),
    (
        "WrongValue",
        "The payment needs {needed} wei of coin, and {sent} was sent.",
        "付款需要 {needed} wei 的原生币，实际发送了 {sent}。",
    ),
    ("ZeroAddress", "The zero address cannot receive money.", "零地址不能收款。"),
    ("ZeroAmount", "The amount is zero.", "金额为零。"),
    ("ZeroQuantity", "Order at least one piece of offer {offerId}.", "商品 {offerId} 至少要订购一件。"),
    (
        "EnforcedPause",
        "The market is paused: no new orders for now. Orders already placed go on.",
        "市场已暂停：暂时不接受新订单，已下的订单照常进行。",
    ),
    ("ExpectedPause", "The market is not paused.", "市场没有暂停。"),
    ("AccessManagedUnauthorized", "{caller} does not have the role this needs.", "{caller} 没有执行此操作所需的角色。"),
    (
        "AccessManagedRequiredDelay",
        "{caller} may do this only after a delay of {delay} s: schedule it first.",
        "{caller} 需等待 {delay} 秒才能执行：请先预约。",
    ),
    ("AccessManagedInvalidAuthority", "{authority} is not an authority.", "{authority} 不是有效的权限合约。"),
    ("AddressEmptyCode", "There is no contract at {target}.", "{target} 处没有合约。"),
    (
        "ERC1967InvalidImplementation",
        "{implementation} cannot stand behind the proxy.",
        "{implementation} 不能作为代理的实现。",
    ),
    ("ERC1967NonPayable", "Coin was sent with an upgrade that takes none.", "升级调用不接受原生币。"),
    (
        "FailedCall",
        "A payment was refused by its receiver. Withdraw to another address.",
        "收款方拒绝了付款。请提取到另一个地址。",
    ),
    (
        "InsufficientBalance",
        "The contract holds {balance}, and {needed} is needed.",
        "合约余额为 {balance}，需要 {needed}。",
    ),
    ("InvalidInitialization", "The contract has already been set up.", "合约已经初始化。"),
    ("NotInitializing", "This is only for setting the contract up.", "此操作仅用于初始化合约。"),
    (
        "ReentrancyGuardReentrantCall",
        "A token or receiver tried to call back into the market and was stopped.",
        "代币或收款方试图回调市场合约，已被阻止。",
    ),
    ("SafeCastOverflowedUintDowncast", "A number is too large.", "数值过大。"),
    (
        "SafeERC20FailedOperation",
        "The token refused the transfer. Check the balance and the allowance.",
        "代币拒绝了转账，请检查余额和授权额度。",
    ),
    ("UUPSUnauthorizedCallContext", "Call the proxy, not what stands behind it.", "请调用代理合约，而不是它的实现。"),
    ("UUPSUnsupportedProxiableUUID", "The new implementation is not made for this proxy.", "新的实现不适用于此代理。"),
    (
        "ERC20InsufficientBalance",
        "{sender} has {balance}, and {needed} is needed.",
        "{sender} 的余额为 {balance}，需要 {needed}。",
    ),
    (
        "ERC20InsufficientAllowance",
        "{spender} may take {allowance}, and {needed} is needed. Approve more first.",
        "{spender} 的授权额度为 {allowance}，需要 {needed}。请先增加授权。",
    ),
    ("ERC20InvalidApprover", "The approver is not valid.", "授权人无效。"),
    ("ERC20InvalidReceiver", "The receiver is not valid.", "收款人无效。"),
    ("ERC20InvalidSender", "The sender is not valid.", "付款人无效。"),
    ("ERC20InvalidSpender", "The spender is not valid.", "被授权人无效。"),
    ("ERC2612ExpiredSignature", "The signed permit has expired. Sign again.", "签名许可已过期，请重新签名。"),
    (
        "ERC2612InvalidSigner",
        "The permit was signed by {signer}, not by {owner}.",
        "许可由 {signer} 签署，而不是 {owner}。",
    ),
    ("AccessManagerUnauthorizedAccount", "{msgsender} does not have role {roleId}.", "{msgsender} 没有角色 {roleId}。"),
    (
        "AffiliateIsParty",
        "Whoever recommends an order is neither its buyer nor its seller.",
        "推荐人不能是订单的买家或卖家。",
    ),
    ("AlreadyDeposited", "Your side has already put its deposit in.", "您这一方已经缴纳了押金。"),
    ("AlreadyLeaving", "You are already leaving.", "您已在退出中。"),
    ("AlreadyRaised", "The arbiters already have order {orderId}.", "订单 {orderId} 已在仲裁中。"),
    ("AlreadyReplied", "The review has its reply.", "该评价已有回复。"),
    ("AlreadyReviewed", "Order {orderId} has its review.", "订单 {orderId} 已有评价。"),
    ("AppealNotPossible", "This decision cannot be appealed.", "该裁决不能上诉。"),
    (
        "BeaconNotReady",
        "The draw needs a block that is not there yet. Try again in a moment.",
        "抽签所需的区块尚未产生，请稍后再试。",
    ),
    (
        "CampaignExhausted",
        "The campaign has {available} left, and the coupon promises {needed}.",
        "活动预算只剩 {available}，而优惠券需要 {needed}。",
    ),
    (
        "CampaignNotRunning",
        "The campaign runs from {startsAt:time} to {endsAt:time}.",
        "活动时间为 {startsAt:time} 至 {endsAt:time}。",
    ),
    ("CampaignRunning", "The campaign still runs until {endsAt:time}.", "活动要到 {endsAt:time} 才结束。"),
    ("ChoicesOutOfRange", "Arbiters cannot choose between {choices} answers.", "仲裁员无法在 {choices} 个选项中裁决。"),
    ("CoolingDown", "Your stake is free from {withdrawableAt:time}.", "您的质押可在 {withdrawableAt:time} 之后取回。"),
    ("Engaged", "You still sit on {engagements} panels.", "您仍在 {engagements} 个仲裁小组中。"),
    ("EmptyReply", "A reply needs words.", "回复不能为空。"),
    ("FeeTooLow", "The fee is {needed}, and {sent} was sent.", "费用为 {needed}，而只支付了 {sent}。"),
    (
        "InsufficientDeposit",
        "The deposit is {needed}, and you have {available}.",
        "押金为 {needed}，而您只有 {available}。",
    ),
    (
        "InvalidCampaign",
        "The campaign's terms cannot work: look at its period and its discount.",
        "活动条款无效：请检查时间与优惠。",
    ),
    ("NoLeftover", "Nothing is left over to give back at present.", "目前没有可退回的余额。"),
    ("NotAppealable", "Only who lost may appeal, and only once.", "只有败诉方可以上诉，且仅限一次。"),
    ("NotArbitrable", "Only the contract that asked the arbiters may do this.", "只有提请仲裁的合约可以这样做。"),
    ("NotCertified", "This account is not a certified arbiter.", "该账户不是经认证的仲裁员。"),
    ("NotDefended", "The other side has not answered yet.", "对方尚未答辩。"),
    ("NotEligible", "You were not an arbiter when this dispute began.", "此争议开始时您还不是仲裁员。"),
    ("NotLeaving", "Say first that you leave.", "请先申请退出。"),
    ("NotOnPanel", "You are not on this panel.", "您不在该仲裁小组中。"),
    (
        "NotParty",
        "Only the buyer or the seller of order {orderId} may do this.",
        "只有订单 {orderId} 的买家或卖家可以这样做。",
    ),
    ("NotReturnable", "The seller does not take this back: the offer said so.", "卖家不接受退货：商品条款中已说明。"),
    (
        "NotReviewable",
        "Only an order that was completed or settled can be reviewed.",
        "只有已完成或已分配的订单可以评价。",
    ),
    ("NotReviewed", "There is no review to reply to.", "没有可回复的评价。"),
    ("NotRuled", "The arbiters have not decided.", "仲裁员尚未作出裁决。"),
    ("NotStackable", "These coupons cannot be used together.", "这些优惠券不能同时使用。"),
    ("NothingReclaimed", "The arbiters give nothing back.", "仲裁方没有可退回的费用。"),
    ("NothingToPay", "There is nothing to pay out.", "没有可支付的款项。"),
    ("NothingToSubsidise", "Nothing of the price is left for this coupon to pay.", "价款已无可抵扣的部分。"),
    (
        "OldRules",
        "Order {orderId} was placed before there were returns and disputes.",
        "订单 {orderId} 下单时还没有退货与争议规则。",
    ),
    (
        "OnlyThroughMarket",
        "This is part of the market: use the market's own address.",
        "这是市场合约的一部分：请使用市场地址。",
    ),
    (
        "ProposalMismatch",
        "The proposal has changed to {proposed} since you looked. Look again before you accept.",
        "提议已变为 {proposed}，请重新查看后再接受。",
    ),
    (
        "ProposalOutOfRange",
        "A proposal must lie between what the two sides ask for ({sellerClaim} and {buyerClaim}), and never take back what you offered.",
        "提议必须介于双方主张之间（{sellerClaim} 与 {buyerClaim}），且不能收回已作出的让步。",
    ),
    ("RatingOutOfRange", "A rating is one to five stars.", "评分为一到五星。"),
    ("SeedMismatch", "This is not the secret you committed to.", "这不是您承诺过的随机数。"),
    ("SeedTaken", "You have committed to a secret already.", "您已承诺过随机数。"),
    (
        "SpendTooLow",
        "The coupon needs an order of {spendMin} at least; this one comes to {amount}.",
        "优惠券要求订单至少 {spendMin}，此订单为 {amount}。",
    ),
    ("StakeTooLow", "Arbiters stake {least} at least.", "仲裁员至少需质押 {least}。"),
    ("StringTooLong", "The text is too long.", "文本过长。"),
    ("TooEarly", "This can be done from {from:time}.", "{from:time} 之后才能这样做。"),
    (
        "TooFewArbiters",
        "The panel needs {needed} arbiters, and there are {there}.",
        "仲裁小组需要 {needed} 人，现有 {there} 人。",
    ),
    ("TooLate", "This could be done until {until:time}.", "此操作已于 {until:time} 截止。"),
    ("TooManyRules", "There are as many rule sets as there can be.", "规则集数量已达上限。"),
    (
        "UnexpectedCoin",
        "Coin comes in by the calls that book it, and by no other way.",
        "只能通过相应的操作转入原生币。",
    ),
    ("UnknownCall", "The market has no such function.", "市场合约没有这个功能。"),
    ("UnknownCampaign", "There is no campaign {campaignId}.", "没有活动 {campaignId}。"),
    ("UnknownContribution", "The campaign has no such contribution.", "该活动没有这笔出资。"),
    ("UnknownDispute", "There is no such dispute.", "没有这个争议。"),
    ("VoteMismatch", "This is not the vote you committed to.", "这不是您承诺过的投票。"),
    ("VoteTaken", "You have committed to a vote already.", "您已承诺过投票。"),
    ("VoucherExpired", "The coupon expired at {expiresAt:time}.", "优惠券已于 {expiresAt:time} 过期。"),
    ("VoucherListMismatch", "The basket and its coupons do not match.", "购物篮与优惠券不一致。"),
    ("VoucherNotSigned", "The campaign did not issue this coupon.", "该优惠券不是由此活动签发的。"),
    ("VoucherNotYours", "The coupon is another account's.", "该优惠券属于其他账户。"),
    ("VoucherOutOfScope", "The coupon is for other offers.", "该优惠券适用于其他商品。"),
    ("VoucherUsed", "This coupon was used already.", "该优惠券已被使用。"),
    ("WrongPhase", "The dispute is at another step.", "争议处于其他阶段。"),
    ("WrongReturnStep", "The return of order {orderId} is at another step.", "订单 {orderId} 的退货处于其他步骤。"),
    ("Error", "The contract refused: {reason}", "合约拒绝：{reason}"),
    ("Panic", "The contract met an impossible state (code {code}).", "合约遇到不可能的状态（代码 {code}）。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_market_and_the_tokens_has_words() {
        let others = ["Authority", "GuildToken", "ERC1967Proxy"];
        for (_, artifact) in crate::contracts::ARTIFACTS.iter().filter(|(name, _)| !others.contains(name)) {
            let artifact: Json = serde_json::from_str(artifact).unwrap();
            for error in artifact["abi"].as_array().unwrap().iter().filter(|entry| entry["type"] == "error") {
                let name = error["name"].as_str().unwrap();
                if name.starts_with("ECDSA")
                    || name.starts_with("StringTooLong")
                    || name == "InvalidShortString"
                    || name == "InvalidAccountNonce"
                {
                    continue;
                }
                assert!(WORDS.iter().any(|(known, _, _)| *known == name), "{name} has no words");
            }
        }
    }

    #[test]
    fn every_place_in_the_words_is_an_argument_of_the_error() {
        let artifacts = crate::contracts::ARTIFACTS.map(|(_, text)| serde_json::from_str::<Json>(text).unwrap());
        let entries = artifacts.iter().flat_map(|artifact| artifact["abi"].as_array().unwrap());
        for error in entries.filter(|entry| entry["type"] == "error") {
            let Some((name, en, zh)) = WORDS.iter().find(|(name, _, _)| error["name"] == *name) else {
                continue;
            };
            let inputs: Vec<_> =
                error["inputs"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
            for template in [en, zh] {
                for place in template.split('{').skip(1) {
                    let place = place.split(['}', ':']).next().unwrap();
                    assert!(inputs.contains(&place), "{name}: {place}");
                }
            }
        }
    }

    #[test]
    fn arguments_are_filled_in() {
        let arg = |name: &str, value: &str| Argument { name: name.into(), ty: "uint256".into(), value: value.into() };
        let words = words_for("DeadlinePassed", &[arg("orderId", "7"), arg("deadline", "852076800")]);
        assert_eq!(words.en, "It is too late: the deadline was 1997-01-01 00:00 UTC.");
        let words = words_for("WrongState", &[arg("orderId", "7"), arg("state", "5")]);
        assert_eq!(words.zh, "订单 7 当前状态为“已完成”，不能执行此操作。");
    }
}
