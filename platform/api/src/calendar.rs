//! Dates in UTC, after Howard Hinnant's civil-from-days. Months are counted from year zero.

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// Year, month and day of a time.
#[must_use]
pub const fn civil(seconds: u64) -> (u64, u64, u64) {
    let days = seconds / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

/// Seconds since 1970 at the beginning of a day, from 1970 on.
#[must_use]
pub const fn midnight(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || year > 9_999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
        return None;
    }
    let (year, month_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month_from_march + 2) / 5 + day - 1;
    Some((era * 146_097 + day_of_era - 719_468) * DAY)
}

const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The month a time falls into, as a running number.
#[must_use]
pub const fn month_of(seconds: u64) -> u64 {
    let (year, month, _) = civil(seconds);
    year * 12 + month - 1
}

/// A running month as `1997-01`.
#[must_use]
pub fn month_name(month: u64) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

/// A time as RFC 3339.
#[must_use]
pub fn rfc3339(seconds: u64) -> String {
    let (year, month, day) = civil(seconds);
    let (hour, minute, second) = (seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A time as a date (`1997-01-01`), as RFC 3339 in UTC, or in seconds since 1970.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    if text.len() < 10 || text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    if text.len() == 10 { date(text) } else { parse_rfc3339(text) }
}

/// A date as `1997-01-01`.
fn date(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    if text.len() != 10 || text.get(4..5)? != "-" || text.get(7..8)? != "-" {
        return None;
    }
    midnight(number(0..4)?, number(5..7)?, number(8..10)?)
}

/// An RFC 3339 time with any offset, as seconds since 1970. Fractions of a second are cut off.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let day = date(text.get(..10)?)?;
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let marks = (text.get(10..11)?, text.get(13..14)?, text.get(16..17)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !matches!(marks, ("T" | "t", ":", ":")) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = day + hour * 3_600 + minute * 60 + second;
    let zone = text.get(19..)?.trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit());
    if matches!(zone, "Z" | "z") {
        return Some(local);
    }
    let offset = zone.get(1..3)?.parse::<u64>().ok()? * 3_600 + zone.get(4..6)?.parse::<u64>().ok()? * 60;
    match zone.get(..1)? {
        "+" => local.checked_sub(offset),
        "-" => local.checked_add(offset),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_centuries_comes_back() {
        for day in 0..80_000 {
            let (year, month, date) = civil(day * DAY);
            assert_eq!(midnight(year, month, date), Some(day * DAY));
        }
    }

    #[test]
    fn times_are_read_and_written() {
        assert_eq!(parse("1997-01-01"), Some(852_076_800));
        assert_eq!(parse("852076800"), Some(852_076_800));
        assert_eq!(parse("1997-01-01T01:02:03Z"), Some(852_080_523));
        assert_eq!(rfc3339(852_080_523), "1997-01-01T01:02:03Z");
        assert_eq!(month_name(month_of(852_076_800)), "1997-01");
        for wrong in
            ["1997-13-01", "1997-02-29", "yesterday", "1997-01-01T25:00:00Z", "", "1997/01/01", "１９９７-01-01"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
