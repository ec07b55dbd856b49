//! GS1 Digital Links (URI syntax 1.2): addresses that carry a GS1 key and its qualifiers in their path.

use super::check_digit::is_checked;
use super::urn::link_of_urn;

/// A primary key, the lengths of its digits, and the qualifiers that may follow, from coarse to fine.
struct Key {
    ai: &'static str,
    digits: std::ops::RangeInclusive<usize>,
    numeric: bool,
    qualifiers: &'static [&'static str],
}

const fn key(
    ai: &'static str,
    digits: std::ops::RangeInclusive<usize>,
    numeric: bool,
    qualifiers: &'static [&'static str],
) -> Key {
    Key { ai, digits, numeric, qualifiers }
}

/// Coarser qualifiers come first; of those present the finest identifies.
const KEYS: &[Key] = &[
    key("00", 18..=18, true, &[]),
    key("01", 8..=14, true, &["22", "10", "235", "21"]),
    key("8006", 18..=18, true, &["22", "10", "21"]),
    key("8010", 1..=30, false, &["8011"]),
    key("414", 13..=13, true, &["254"]),
    key("417", 13..=13, true, &["7040"]),
    key("8003", 14..=30, false, &[]),
    key("8004", 1..=30, false, &["7040"]),
    key("8017", 18..=18, true, &["8019"]),
    key("8018", 18..=18, true, &["8019"]),
    key("253", 13..=30, false, &[]),
    key("255", 13..=25, true, &[]),
    key("401", 1..=30, false, &[]),
    key("402", 17..=17, true, &[]),
];

/// A Digital Link, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trace) struct DigitalLink {
    /// Application identifier of the key.
    pub(in crate::trace) ai: &'static str,
    /// The key. GTINs have 14 digits.
    pub(in crate::trace) key: String,
    /// Qualifiers in the order of the standard, as they stand in the address.
    pub(in crate::trace) qualifiers: Vec<(&'static str, String)>,
}

impl DigitalLink {
    /// Reads a link, with a host or from its path on, with or without a query.
    pub(in crate::trace) fn parse(text: &str) -> Option<Self> {
        let path = match text.split_once("://") {
            Some(("http" | "https", rest)) => rest.split_once('/')?.1,
            Some(_) => return None,
            None => text.strip_prefix('/')?,
        };
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        let segments: Vec<&str> = path.split('/').collect();
        (0..segments.len().saturating_sub(1)).find_map(|start| Self::read(&segments[start..]))
    }

    fn read(segments: &[&str]) -> Option<Self> {
        let known = KEYS.iter().find(|key| key.ai == segments[0])?;
        let value = segments[1];
        let fits = known.digits.contains(&decoded_length(value)?)
            && (!known.numeric || value.bytes().all(|byte| byte.is_ascii_digit()))
            && (known.ai != "01" || matches!(value.len(), 8 | 12..=14));
        if !fits || !segments.len().is_multiple_of(2) {
            return None;
        }
        let mut qualifiers = Vec::new();
        let mut place = 0;
        for pair in segments[2..].chunks(2) {
            let found = known.qualifiers.iter().position(|qualifier| *qualifier == pair[0])?;
            let in_order = qualifiers.is_empty() || found > place;
            if !in_order || pair[1].is_empty() || decoded_length(pair[1])? > 30 {
                return None;
            }
            place = found;
            qualifiers.push((known.qualifiers[found], pair[1].to_owned()));
        }
        let key = if known.ai == "01" { format!("{value:0>14}") } else { value.to_owned() };
        Some(Self { ai: known.ai, key, qualifiers })
    }

    /// The value of a qualifier, decoded.
    pub(in crate::trace) fn qualifier(&self, ai: &str) -> Option<String> {
        self.qualifiers.iter().find(|(found, _)| *found == ai).map(|(_, value)| percent_decoded(value))
    }

    /// Whether the key's check digit is right. Keys without one are.
    pub(in crate::trace) fn is_checked(&self) -> bool {
        match self.ai {
            "8010" | "8004" | "401" => true,
            "8003" | "8006" => self.key.get(..14).is_some_and(is_checked),
            "253" | "255" => self.key.get(..13).is_some_and(is_checked),
            _ => is_checked(&self.key),
        }
    }

    /// The link under GS1's own host with its finest qualifier only: the form in which two links can be compared.
    pub(in crate::trace) fn canonical(&self) -> String {
        let base = format!("https://id.gs1.org/{}/{}", self.ai, self.key);
        // A consumer product variant identifies nothing that the item does not.
        match self.qualifiers.iter().rfind(|(ai, _)| !matches!(*ai, "22" | "7040" | "8019")) {
            Some((ai, value)) => format!("{base}/{ai}/{value}"),
            None => base,
        }
    }
}

/// The canonical link of a URN or a Digital Link. None for what carries no GS1 key.
pub(in crate::trace) fn canonical(identifier: &str) -> Option<String> {
    if identifier.starts_with("urn:") {
        return link_of_urn(identifier);
    }
    if !identifier.starts_with("http") {
        return None;
    }
    DigitalLink::parse(identifier).map(|link| link.canonical())
}

/// The URN of a GTIN with a serial, where it is known how long the company prefix is.
#[cfg(test)]
pub(in crate::trace) fn sgtin_urn(gtin: &str, serial: &str, prefix_length: usize) -> Option<String> {
    let fits = gtin.len() == 14 && is_checked(gtin) && (6..=12).contains(&prefix_length);
    fits.then(|| {
        let (indicator, rest) = (&gtin[..1], &gtin[1..13]);
        format!("urn:epc:id:sgtin:{}.{indicator}{}.{serial}", &rest[..prefix_length], &rest[prefix_length..])
    })
}

fn decoded_length(value: &str) -> Option<usize> {
    let length = percent_decoded(value).chars().count();
    (length > 0).then_some(length)
}

/// Text with its `%XX` resolved; what is no such triple stays as it is.
pub(in crate::trace) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_with_host_from_its_path_and_with_a_query() {
        for text in [
            "https://id.gs1.org/01/09521141012344/10/L%2F1/21/2017",
            "/01/09521141012344/10/L%2F1/21/2017",
            "http://shop.example/some/where/01/9521141012344/10/L%2F1/21/2017/?17=261231#top",
        ] {
            let link = DigitalLink::parse(text).unwrap();
            assert_eq!((link.ai, link.key.as_str()), ("01", "09521141012344"), "{text}");
            assert_eq!(link.qualifier("10").as_deref(), Some("L/1"));
            assert_eq!(link.canonical(), "https://id.gs1.org/01/09521141012344/21/2017");
        }
    }

    #[test]
    fn what_is_no_link_is_not_taken_for_one() {
        for text in [
            "https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
            "http://www.opengis.net/def/crs/EPSG/0/27700",
            "https://id.gs1.org/01/1234567890",
            "https://id.gs1.org/01/09521141012344/21",
            "https://id.gs1.org/01/09521141012344/21/1/10/2",
            "https://id.gs1.org/01/09521141012344/99/1",
            "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
            "ftp://id.gs1.org/01/09521141012344",
            "/01/",
            "",
        ] {
            assert_eq!(DigitalLink::parse(text), None, "{text}");
        }
    }

    #[test]
    fn urn_and_link_of_the_same_item_are_one() {
        let urn = "urn:epc:id:sgtin:0614141.107346.2018";
        assert_eq!(canonical(urn), canonical("https://shop.example/01/10614141073464/22/2A/21/2018"));
        assert_eq!(sgtin_urn("10614141073464", "2018", 7).as_deref(), Some(urn));
        assert_eq!(sgtin_urn("10614141073465", "2018", 7), None, "a wrong check digit");
        assert_eq!(sgtin_urn("10614141073464", "2018", 5), None);
    }

    #[test]
    fn a_wrong_check_digit_is_told() {
        assert!(DigitalLink::parse("/01/10614141073464").unwrap().is_checked());
        assert!(!DigitalLink::parse("/01/10614141073465").unwrap().is_checked());
        assert!(DigitalLink::parse("/8004/4000001111").unwrap().is_checked());
    }
}
