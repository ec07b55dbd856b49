//! The check digit of GS1 keys: weights 3 and 1 from the right, modulo 10 (GS1 General Specifications, 7.9).

/// The digit that completes these digits. None where something else than digits is among them.
pub(in crate::trace) fn check_digit(digits: &str) -> Option<char> {
    let mut sum = 0_u32;
    for (place, sign) in digits.chars().rev().enumerate() {
        sum += sign.to_digit(10)? * if place % 2 == 0 { 3 } else { 1 };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Whether the last digit is the check digit of those before it.
pub(in crate::trace) fn is_checked(key: &str) -> bool {
    let Some((last, _)) = key.char_indices().next_back() else {
        return false;
    };
    last > 0 && check_digit(&key[..last]) == key[last..].chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_keys_have_the_digit_they_are_published_with() {
        // GS1 General Specifications, section 7.9: 6291041500213 (GTIN-13); SSCC of the EPC Tag Data Standard.
        for key in ["6291041500213", "10614141073464", "106141412345678908", "4012345000054", "036000291452"] {
            assert!(is_checked(key), "{key}");
        }
    }

    #[test]
    fn one_wrong_digit_is_always_noticed() {
        let key = "09521141012344";
        assert_eq!(check_digit("0952114101234"), Some(if is_checked(key) { '4' } else { '5' }));
        let good: String = format!("0952114101234{}", check_digit("0952114101234").unwrap());
        for place in 0..good.len() {
            for wrong in '0'..='9' {
                let mut changed: Vec<char> = good.chars().collect();
                if changed[place] == wrong {
                    continue;
                }
                changed[place] = wrong;
                assert!(!is_checked(&changed.into_iter().collect::<String>()));
            }
        }
    }

    #[test]
    fn what_is_no_number_has_no_digit() {
        for key in ["", "7", "12a4", "１２３"] {
            assert!(!is_checked(key), "{key}");
        }
    }
}
