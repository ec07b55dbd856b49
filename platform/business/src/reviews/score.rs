//! A score weighted by fees: what an order paid the house for is what its review weighs.

use std::collections::HashMap;

use alloy_primitives::{Address, U256};

use super::model::Review;

/// Weights are held to a millionth.
const UNIT: u64 = 1_000_000;

/// The weighted mean of ratings, in hundredths; none where nothing weighs anything. A review weighs its order's fee as
/// a share of the mean fee among these reviews in the same token, so that reviews of purchases in different currencies
/// stand beside each other.
pub(super) fn hundredths(reviews: &[&Review]) -> Option<u64> {
    let mut fees: HashMap<Address, (U256, u64)> = HashMap::new();
    for review in reviews {
        let (sum, count) = fees.entry(review.token).or_default();
        (*sum, *count) = (sum.saturating_add(review.fee), *count + 1);
    }
    let (mut rated, mut weighed) = (U256::ZERO, U256::ZERO);
    for review in reviews {
        let (sum, count) = fees[&review.token];
        let weight = review.fee.saturating_mul(U256::from(UNIT) * U256::from(count)).checked_div(sum);
        let weight = weight.unwrap_or_default();
        rated = rated.saturating_add(weight.saturating_mul(U256::from(u64::from(review.rating) * 100)));
        weighed = weighed.saturating_add(weight);
    }
    let half = weighed / U256::from(2);
    Some(rated.saturating_add(half).checked_div(weighed)?.saturating_to())
}

/// Hundredths as text: `4.37`.
pub(super) fn text(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;

    use super::*;

    fn review(rating: u8, fee: u64, token: u8) -> Review {
        Review {
            order: 1,
            offer: 1,
            seller: Address::ZERO,
            buyer: Address::ZERO,
            rating,
            content: B256::ZERO,
            written_at: 0,
            tx_hash: B256::ZERO,
            reply: None,
            replied_at: 0,
            token: Address::repeat_byte(token),
            fee: U256::from(fee),
            ended_at: 0,
        }
    }

    fn score(reviews: &[Review]) -> Option<String> {
        hundredths(&reviews.iter().collect::<Vec<_>>()).map(text)
    }

    #[test]
    fn a_review_weighs_what_was_paid() {
        assert_eq!(score(&[review(5, 100, 1), review(1, 100, 1)]).as_deref(), Some("3.00"));
        assert_eq!(score(&[review(5, 300, 1), review(1, 100, 1)]).as_deref(), Some("4.00"));
        assert_eq!(score(&[review(5, 0, 1), review(1, 100, 1)]).as_deref(), Some("1.00"));
        assert_eq!(score(&[review(5, 0, 1)]), None);
        assert_eq!(score(&[]), None);
    }

    #[test]
    fn a_currency_with_more_digits_does_not_weigh_more() {
        let large = 1_000_000_000_000_000;
        let both = [review(5, 10, 1), review(5, 10, 1), review(2, large, 2), review(2, large, 2)];
        assert_eq!(score(&both).as_deref(), Some("3.50"));
    }
}
