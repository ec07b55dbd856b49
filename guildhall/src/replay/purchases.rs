//! The CDNOW file: one purchase a line, `customer date CDs dollars`.

use anyhow::{Context, bail, ensure};
use std::collections::HashMap;

/// Smallest units of the stable token in a dollar.
const UNITS_PER_DOLLAR: u128 = 1_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// One purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purchase {
    /// The customer's number in the file.
    pub(crate) customer: u32,
    /// Midnight UTC of its date, in seconds since 1970.
    pub(crate) day: u64,
    /// How many discs.
    pub(crate) discs: u32,
    /// What was paid, in the token's smallest unit.
    pub(crate) amount: u128,
    /// Line number in the file, from 1.
    pub(crate) line: u32,
}

/// A bundle on offer: so many discs for so much.
pub(crate) type Bundle = (u32, u128);

/// The whole file, in the order in which it is replayed: by day, then by
/// customer, then as in the file.
#[derive(Debug)]
pub(crate) struct Purchases {
    pub(crate) all: Vec<Purchase>,
    /// What each customer will spend in all.
    pub(crate) spending: HashMap<u32, u128>,
    /// Bundles in the order in which they are first bought, each once.
    pub(crate) bundles: Vec<Bundle>,
    /// The place of each bundle in that order.
    pub(crate) bundle_index: HashMap<Bundle, usize>,
}

impl Purchases {
    /// Parses a file; a first line of column names is passed over.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for (line, text) in (1u32..).zip(text.lines()) {
            let words: Vec<&str> = text.split_whitespace().collect();
            let heading =
                line == 1 && words.first().is_some_and(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
            if words.is_empty() || heading {
                continue;
            }
            all.push(parse_line(&words, line).with_context(|| format!("line {line}: {:?}", text.trim()))?);
        }
        ensure!(!all.is_empty(), "the file holds no purchase");
        all.sort_by_key(|purchase| (purchase.day, purchase.customer, purchase.line));
        let mut spending: HashMap<u32, u128> = HashMap::new();
        let mut bundles = Vec::new();
        let mut bundle_index = HashMap::new();
        for purchase in &all {
            *spending.entry(purchase.customer).or_default() += purchase.amount;
            let bundle = (purchase.discs, purchase.amount);
            bundle_index.entry(bundle).or_insert_with(|| {
                bundles.push(bundle);
                bundles.len() - 1
            });
        }
        Ok(Self { all, spending, bundles, bundle_index })
    }

    /// The ranges of one day each, in order.
    pub(crate) fn days(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = self.all.get(start)?;
            let end = start + self.all[start..].partition_point(|purchase| purchase.day == first.day);
            let range = start..end;
            start = end;
            Some(range)
        })
    }
}

fn parse_line(words: &[&str], line: u32) -> anyhow::Result<Purchase> {
    let [customer, date, discs, dollars] = words else {
        bail!("expected four columns (customer, date, CDs, dollars), found {}", words.len());
    };
    Ok(Purchase {
        customer: customer.parse().context("the customer must be a number")?,
        day: parse_date(date)?,
        discs: discs.parse().context("the number of CDs must be a number")?,
        amount: parse_dollars(dollars)?,
        line,
    })
}

/// `YYYYMMDD` as midnight UTC.
fn parse_date(text: &str) -> anyhow::Result<u64> {
    ensure!(text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()), "the date must be YYYYMMDD");
    let number: u64 = text.parse()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    ensure!((1970..=9999).contains(&year), "the year must be 1970 or later");
    ensure!((1..=12).contains(&month), "there is no month {month}");
    let length = lengths[usize::try_from(month - 1)?];
    ensure!((1..=length).contains(&day), "there is no day {day} in that month");
    let before = year - 1;
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let days = (year - 1970) * 365 + leap_days(before) - leap_days(1969)
        + lengths[..usize::try_from(month - 1)?].iter().sum::<u64>()
        + day
        - 1;
    Ok(days * SECONDS_PER_DAY)
}

/// Dollars with up to six decimals, exactly.
fn parse_dollars(text: &str) -> anyhow::Result<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(
        !whole.is_empty() && digits(whole) && digits(fraction) && fraction.len() <= 6,
        "the amount must be dollars with at most six decimals"
    );
    let whole: u128 = whole.parse().context("the amount is too large")?;
    let fraction: u128 = format!("{fraction:0<6}").parse()?;
    let amount = whole.checked_mul(UNITS_PER_DOLLAR).and_then(|units| units.checked_add(fraction));
    amount.filter(|amount| *amount < 1 << 96).context("the amount is too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_purchases_exactly() {
        let text = " customer_id  date number_of_cds  dollar_value\r\n 00002 19970112  5   77.00\r\n\r\n 00001 19970101  1   11.77\r\n 00001 19970101 1 0.00\r\n";
        let purchases = Purchases::parse(text).unwrap();
        let shown: Vec<_> = purchases.all.iter().map(|p| (p.customer, p.day, p.discs, p.amount)).collect();
        assert_eq!(shown, [(1, 852_076_800, 1, 11_770_000), (1, 852_076_800, 1, 0), (2, 853_027_200, 5, 77_000_000)]);
        assert_eq!(purchases.days().collect::<Vec<_>>(), [0..2, 2..3]);
        assert_eq!(purchases.spending[&1], 11_770_000);
        assert_eq!(purchases.bundles.len(), 3);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("1 19970101 1", "four columns"),
            ("1 19970230 1 2.00", "no day 30"),
            ("1 19971301 1 2.00", "no month 13"),
            ("1 1997-01-01 1 2.00", "YYYYMMDD"),
            ("1 19970101 1 -2.00", "dollars"),
            ("1 19970101 1 2.0000001", "dollars"),
            ("", "no purchase"),
        ] {
            let error = format!("{:#}", Purchases::parse(text).unwrap_err());
            assert!(error.contains(expected), "{text:?}: {error}");
        }
        assert_eq!(parse_date("20000229").unwrap(), 951_782_400);
        assert!(parse_date("19000101").is_err());
    }
}
