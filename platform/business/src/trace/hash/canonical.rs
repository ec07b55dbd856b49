//! Values in the one form in which they are hashed.

use crate::trace::gs1;
use crate::trace::time;

/// A value: vocabularies as web addresses, numbers without idle zeros, identifiers as canonical Digital Links.
pub(super) fn value(text: &str) -> String {
    let text = text.trim();
    if let Some(number) = number(text) {
        return number;
    }
    gs1::canonical(text).unwrap_or_else(|| text.to_owned())
}

/// An instant in UTC to the millisecond. What is no instant stays as it is.
pub(super) fn instant(text: &str) -> String {
    time::instant(text).map_or_else(|| text.to_owned(), time::text)
}

/// A decimal number without sign plus, leading and trailing zeros or exponent. None for what is no number.
fn number(text: &str) -> Option<String> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|power| power.abs() <= 30)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (whole, fraction) = shift(whole, fraction, exponent);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if negative && (whole != "0" || !fraction.is_empty()) { "-" } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// Moves the decimal point.
fn shift(whole: &str, fraction: &str, exponent: i32) -> (String, String) {
    let places = exponent.unsigned_abs() as usize;
    if exponent >= 0 {
        let padded = format!("{fraction:0<places$}");
        return (format!("{whole}{}", &padded[..places]), padded[places..].to_owned());
    }
    let padded = format!("{whole:0>width$}", width = places.max(whole.len()));
    let cut = padded.len() - places;
    (padded[..cut].to_owned(), format!("{}{fraction}", &padded[cut..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for (text, expected) in [
            ("26.0", "26"),
            ("+0012.50", "12.5"),
            ("-477979.89", "-477979.89"),
            (".5", "0.5"),
            ("-0.0", "0"),
            ("1e3", "1000"),
            ("12.5e-3", "0.0125"),
            ("1.25E1", "12.5"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        for text in ["", "-", ".", "e5", "1e", "2019-10-21", "0x12", "1e99", "KGM"] {
            assert_eq!(value(text), text);
        }
    }
}
