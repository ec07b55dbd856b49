//! Instants as EPCIS writes them: ISO 8601 with a date, a time and an offset (RFC 3339).

use platform_api::calendar::{DAY, midnight, rfc3339};

/// Milliseconds since 1970 of an instant, rounded at the fourth decimal. None for what is no instant.
pub(super) fn instant(text: &str) -> Option<i64> {
    let (date, clock) = text.split_at_checked(10)?;
    let clock = clock.strip_prefix('T').or_else(|| clock.strip_prefix('t'))?;
    let (time, offset) = clock.split_at_checked(clock.find(['Z', 'z', '+', '-'])?)?;
    let minutes = offset_minutes(offset)?;
    let (whole, fraction) = time.split_once('.').map_or((time, None), |(whole, fraction)| (whole, Some(fraction)));
    let [hour, minute, second] = fields(whole, ':')?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days(date)? * i64::try_from(DAY).ok()? + (hour * 60 + minute - minutes) * 60 + second;
    Some(seconds * 1_000 + milliseconds(fraction)?)
}

/// An instant as text, in UTC and to the millisecond.
pub(super) fn text(milliseconds: i64) -> String {
    let seconds = rfc3339(u64::try_from(milliseconds.div_euclid(1_000)).unwrap_or(0));
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), milliseconds.rem_euclid(1_000))
}

/// Whether text is `+hh:mm` or `-hh:mm` within fourteen hours.
pub(super) fn is_offset(text: &str) -> bool {
    text.starts_with(['+', '-']) && offset_minutes(text).is_some_and(|minutes| minutes.abs() <= 14 * 60)
}

/// Whether text begins with a calendar date.
pub(super) fn is_date(text: &str) -> bool {
    days(text).is_some() || instant(text).is_some()
}

fn days(date: &str) -> Option<i64> {
    let [year, month, day] = fields(date, '-')?;
    if date.len() != 10 {
        return None;
    }
    let number = |value: i64| u64::try_from(value).ok();
    let seconds = match midnight(number(year)?, number(month)?, number(day)?) {
        Some(seconds) => i64::try_from(seconds).ok()?,
        // Before 1970: the calendar repeats every 400 years.
        None if year < 1970 => {
            i64::try_from(midnight(number(year + 400)?, number(month)?, number(day)?)?).ok()? - 146_097 * 86_400
        }
        None => return None,
    };
    Some(seconds / 86_400)
}

/// Three numbers between separators; all but the first have two digits, and the first two or four.
fn fields(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut number = |lengths: &[usize]| -> Option<i64> {
        let part = parts.next()?;
        (lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
        part.parse().ok()
    };
    let found = [number(&[2, 4])?, number(&[2])?, number(&[2])?];
    parts.next().is_none().then_some(found)
}

fn offset_minutes(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two = |part: &str| -> Option<i64> {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
        part.parse().ok()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

fn milliseconds(fraction: Option<&str>) -> Option<i64> {
    let Some(digits) = fraction else {
        return Some(0);
    };
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    let padded: String = digits.chars().chain("0000".chars()).take(4).collect();
    let tenths: i64 = padded.parse().ok()?;
    Some((tenths + 5) / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_whatever_their_offset_and_precision() {
        assert_eq!(text(instant("2020-03-04T11:00:30+01:00").unwrap()), "2020-03-04T10:00:30.000Z");
        assert_eq!(text(instant("2005-04-03T20:33:31.116000-06:00").unwrap()), "2005-04-04T02:33:31.116Z");
        assert_eq!(text(instant("2019-12-31T23:59:59.9996Z").unwrap()), "2020-01-01T00:00:00.000Z");
        assert_eq!(instant("1969-12-31T23:59:59Z"), Some(-1_000));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "22-07-2026",
            "2026-07-22",
            "2026-07-22T06:45:00",
            "2026-07-22 06:45:00Z",
            "2026-13-22T06:45:00Z",
            "2026-02-29T06:45:00Z",
            "2026-07-22T24:45:00Z",
            "2026-07-22T06:45Z",
            "2026-07-22T06:45:00.Z",
            "2026-07-22T06:45:00+1:00",
            "2026-07-22T06:45:00+0100",
            "日本-07-22T06:45:00Z",
            "",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
        assert!(is_offset("+14:00") && is_offset("-06:00"));
        assert!(!is_offset("Z") && !is_offset("+14:30") && !is_offset("06:00"));
    }
}
