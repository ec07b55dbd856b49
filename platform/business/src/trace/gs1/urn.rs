//! EPC URNs (EPC Tag Data Standard 1.13) as canonical Digital Links.
//!
//! A URN marks where the company prefix ends, a Digital Link does not: from URN to link is always possible, the way
//! back only for those who know how long the prefix is.

use super::check_digit::check_digit;

const HOST: &str = "https://id.gs1.org";

/// The canonical Digital Link of an EPC URN, a class URN or an ID pattern. None for other schemes and malformed ones.
pub(in crate::trace) fn link_of_urn(urn: &str) -> Option<String> {
    let rest = urn.strip_prefix("urn:epc:")?;
    let (kind, rest) = rest.split_once(':')?;
    let (scheme, value) = rest.split_once(':')?;
    match kind {
        "id" | "class" => instance(scheme, value),
        "idpat" => pattern(scheme, value.strip_suffix(".*")?),
        _ => None,
    }
}

fn instance(scheme: &str, value: &str) -> Option<String> {
    let (prefix, rest) = value.split_once('.')?;
    is_prefix(prefix).then_some(())?;
    Some(match scheme {
        "sgtin" => serial_of("01", &gtin(prefix, rest)?, "21")?,
        "lgtin" => serial_of("01", &gtin(prefix, rest)?, "10")?,
        "upui" => serial_of("01", &gtin(prefix, rest)?, "235")?,
        "sscc" => format!("{HOST}/00/{}", led(prefix, rest, 17)?),
        "sgln" => {
            let (key, extension) = keyed(prefix, rest, 12)?;
            match extension? {
                "0" => format!("{HOST}/414/{key}"),
                extension => format!("{HOST}/414/{key}/254/{}", encode(extension)),
            }
        }
        "pgln" => format!("{HOST}/417/{}", keyed(prefix, rest, 12)?.0),
        "grai" => {
            let (key, serial) = keyed(prefix, rest, 12)?;
            format!("{HOST}/8003/0{key}{}", encode(serial?))
        }
        "gdti" => {
            let (key, serial) = keyed(prefix, rest, 12)?;
            format!("{HOST}/253/{key}{}", encode(serial?))
        }
        "sgcn" => {
            let (key, serial) = keyed(prefix, rest, 12)?;
            format!("{HOST}/255/{key}{}", serial?)
        }
        "giai" => format!("{HOST}/8004/{prefix}{}", encode(rest)),
        "ginc" => format!("{HOST}/401/{prefix}{}", encode(rest)),
        "gsin" => format!("{HOST}/402/{}", keyed(prefix, rest, 16)?.0),
        "gsrn" => format!("{HOST}/8018/{}", keyed(prefix, rest, 17)?.0),
        "gsrnp" => format!("{HOST}/8017/{}", keyed(prefix, rest, 17)?.0),
        "cpi" => {
            let (part, serial) = rest.rsplit_once('.')?;
            format!("{HOST}/8010/{prefix}{}/8011/{serial}", encode(part))
        }
        "itip" => {
            let mut parts = rest.splitn(4, '.');
            let gtin = gtin(prefix, parts.next()?)?.0;
            let (piece, total, serial) = (parts.next()?, parts.next()?, parts.next()?);
            format!("{HOST}/8006/{gtin}{piece}{total}/21/{}", encode(serial))
        }
        _ => return None,
    })
}

fn pattern(scheme: &str, value: &str) -> Option<String> {
    let (prefix, rest) = value.split_once('.')?;
    is_prefix(prefix).then_some(())?;
    Some(match scheme {
        "sgtin" => format!("{HOST}/01/{}", gtin(prefix, rest)?.0),
        "grai" => format!("{HOST}/8003/0{}", keyed(prefix, rest, 12)?.0),
        "gdti" => format!("{HOST}/253/{}", keyed(prefix, rest, 12)?.0),
        "sgcn" => format!("{HOST}/255/{}", keyed(prefix, rest, 12)?.0),
        "itip" => format!("{HOST}/8006/{}", gtin(prefix, rest.split('.').next()?)?.0),
        "upui" => format!("{HOST}/01/{}", gtin(prefix, rest)?.0),
        _ => return None,
    })
}

fn is_prefix(prefix: &str) -> bool {
    (6..=12).contains(&prefix.len()) && is_digits(prefix)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A GTIN-14 and what follows it. The item reference begins with the indicator.
fn gtin<'a>(prefix: &str, rest: &'a str) -> Option<(String, Option<&'a str>)> {
    let (reference, serial) = split(rest);
    let key = led(prefix, reference, 13)?;
    Some((key, serial))
}

fn serial_of(key: &str, (gtin, serial): &(String, Option<&str>), qualifier: &str) -> Option<String> {
    Some(format!("{HOST}/{key}/{gtin}/{qualifier}/{}", encode(serial.as_ref()?)))
}

/// A key whose first digit stands before the prefix, with its check digit.
fn led(prefix: &str, reference: &str, length: usize) -> Option<String> {
    (is_digits(reference) && prefix.len() + reference.len() == length).then_some(())?;
    checked(format!("{}{prefix}{}", &reference[..1], &reference[1..]))
}

/// A key of prefix and reference with its check digit, and what follows it.
fn keyed<'a>(prefix: &str, rest: &'a str, length: usize) -> Option<(String, Option<&'a str>)> {
    let (reference, serial) = split(rest);
    let complete = prefix.len() + reference.len() == length && (reference.is_empty() || is_digits(reference));
    complete.then_some(())?;
    Some((checked(format!("{prefix}{reference}"))?, serial))
}

fn checked(key: String) -> Option<String> {
    let digit = check_digit(&key)?;
    Some(key + digit.encode_utf8(&mut [0; 4]))
}

fn split(rest: &str) -> (&str, Option<&str>) {
    rest.split_once('.').map_or((rest, None), |(reference, serial)| (reference, Some(serial)))
}

/// Signs that mean something in a path are written out (GS1 Digital Link, table 7-1); others of a URN are so already.
fn encode(serial: &str) -> String {
    let mut encoded = String::with_capacity(serial.len());
    for sign in serial.chars() {
        match sign {
            '!' | '(' | ')' | '*' | '+' | ',' | ':' => encoded.push_str(&format!("%{:02X}", u32::from(sign))),
            _ => encoded.push(sign),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_becomes_its_link() {
        // Pairs of the reference implementation of the CBV 2.0 event hash.
        let pairs = [
            ("urn:epc:id:sgtin:0614141.107346.2018", "01/10614141073464/21/2018"),
            ("urn:epc:id:sscc:5200001.0111111146", "00/052000011111111461"),
            ("urn:epc:id:sgln:0012345.11111.400", "414/0012345111112/254/400"),
            ("urn:epc:id:sgln:0012345.11111.0", "414/0012345111112"),
            ("urn:epc:id:pgln:4012345.00225", "417/4012345002256"),
            ("urn:epc:id:grai:4012345.55555.987", "8003/04012345555554987"),
            ("urn:epc:id:giai:4000001.12345", "8004/400000112345"),
            ("urn:epc:id:gdti:0614141.00001.1618034", "253/06141410000121618034"),
            ("urn:epc:id:gsrn:0614141.0000010253", "8018/061414100000102534"),
            ("urn:epc:class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
            ("urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663"),
        ];
        for (urn, link) in pairs {
            assert_eq!(link_of_urn(urn).unwrap(), format!("{HOST}/{link}"), "{urn}");
        }
    }

    #[test]
    fn malformed_urns_have_none() {
        for urn in [
            "urn:epc:id:sgtin:0614141.107346",
            "urn:epc:id:sgtin:0614141.10734.2018",
            "urn:epc:id:sgtin:06a4141.107346.2018",
            "urn:epc:id:sgtin:",
            "urn:epc:id:none:0614141.107346.2018",
            "urn:epc:idpat:sgtin:4012345.*.*",
            "urn:epcglobal:cbv:bt:5200001000008:4711",
            "urn:epc:id:sscc:0614141.é",
        ] {
            assert_eq!(link_of_urn(urn), None, "{urn}");
        }
    }
}
