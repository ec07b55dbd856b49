//! Office hours: by when somebody who asks now is answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MINUTE: u64 = 60;
const DAY_MINUTES: u32 = 24 * 60;
/// The first day of 1970 was a Thursday; Monday is zero.
const FIRST_WEEKDAY: u64 = 3;
/// Days looked ahead for an open one.
const DAYS_AHEAD: u64 = 60;

/// When staff are there, and how soon they answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OfficeHours)]
pub(super) struct Hours {
    /// Whether each day of the week is open, Monday first.
    pub(super) days: Vec<bool>,
    /// Minute of the day at which the office opens, by its own clock.
    pub(super) opens: u32,
    /// Minute of the day at which it closes.
    pub(super) closes: u32,
    /// How many minutes the office's clock is ahead of UTC; negative where it is behind.
    pub(super) utc_offset_minutes: i32,
    /// Within how many minutes of open office a first answer comes.
    pub(super) answer_within_minutes: u32,
}

impl Default for Hours {
    fn default() -> Self {
        let days = vec![true, true, true, true, true, false, false];
        Self { days, opens: 9 * 60, closes: 18 * 60, utc_offset_minutes: 480, answer_within_minutes: 240 }
    }
}

impl Hours {
    pub(super) fn is_sound(&self) -> bool {
        self.days.len() == 7
            && self.days.contains(&true)
            && self.opens < self.closes
            && self.closes <= DAY_MINUTES
            && (-720..=840).contains(&self.utc_offset_minutes)
            && (1..=14_400).contains(&self.answer_within_minutes)
    }

    /// By when somebody who asks at `now` (seconds since 1970) is answered: that many minutes of open office later.
    pub(super) fn answer_by(&self, now: u64) -> u64 {
        let offset = i64::from(self.utc_offset_minutes) * 60;
        let local = now.saturating_add_signed(offset);
        let mut left = u64::from(self.answer_within_minutes) * MINUTE;
        let first = local / (24 * 3_600);
        for day in first..first + DAYS_AHEAD {
            let weekday = usize::try_from((day + FIRST_WEEKDAY) % 7).unwrap_or_default();
            if !self.days.get(weekday).copied().unwrap_or_default() {
                continue;
            }
            let midnight = day * 24 * 3_600;
            let opens = (midnight + u64::from(self.opens) * MINUTE).max(local);
            let closes = midnight + u64::from(self.closes) * MINUTE;
            let open = closes.saturating_sub(opens);
            if left <= open && open > 0 {
                return (opens + left).saturating_add_signed(-offset);
            }
            left -= open;
        }
        (local + left).saturating_add_signed(-offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2 March 2026, 00:00 UTC.
    const MONDAY: u64 = 1_772_409_600;
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;

    fn hours(utc_offset_minutes: i32) -> Hours {
        Hours { utc_offset_minutes, ..Hours::default() }
    }

    #[test]
    fn within_the_day_it_is_four_hours_later() {
        assert_eq!(hours(0).answer_by(MONDAY + 10 * HOUR), MONDAY + 14 * HOUR);
        assert_eq!(hours(0).answer_by(MONDAY), MONDAY + 13 * HOUR, "before opening it counts from opening");
    }

    #[test]
    fn what_is_left_goes_over_night_and_weekend() {
        assert_eq!(hours(0).answer_by(MONDAY + 17 * HOUR), MONDAY + DAY + 12 * HOUR);
        let friday = MONDAY + 4 * DAY;
        assert_eq!(hours(0).answer_by(friday + 17 * HOUR), MONDAY + 7 * DAY + 12 * HOUR);
        assert_eq!(hours(0).answer_by(MONDAY + 14 * HOUR), MONDAY + 18 * HOUR, "the last minute is still today");
    }

    #[test]
    fn the_office_has_its_own_clock() {
        assert_eq!(hours(480).answer_by(MONDAY + HOUR), MONDAY + 5 * HOUR, "nine in the morning in Shanghai");
        assert_eq!(hours(-300).answer_by(MONDAY), MONDAY + 18 * HOUR, "it is still Sunday in New York");
    }

    #[test]
    fn unsound_hours_are_seen() {
        assert!(Hours::default().is_sound());
        assert!(!Hours { days: vec![false; 7], ..Hours::default() }.is_sound());
        assert!(!Hours { closes: 9 * 60, ..Hours::default() }.is_sound());
    }
}
