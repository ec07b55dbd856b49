//! Serial numbers that cannot be guessed.

/// Signs that are hard to mistake for one another on a label. There are 32 of them: five bits each.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A serial of 16 signs, which is 80 random bits. Somebody who makes labels cannot hit on a serial that exists: with
/// a billion items out there, one guess in 10^15 does.
pub(in crate::trace) fn random_serial() -> String {
    let drawn: [u8; 16] = rand::random();
    drawn.iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_fit_application_identifier_21_and_differ() {
        let drawn: std::collections::HashSet<String> = (0..1_000).map(|_| random_serial()).collect();
        assert_eq!(drawn.len(), 1_000);
        for serial in drawn {
            assert!(serial.len() <= 20 && serial.bytes().all(|sign| SIGNS.contains(&sign)), "{serial}");
        }
    }
}
