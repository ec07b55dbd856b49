//! What a channel of a kind must be told, declared once: the form, the command and the checks derive from it.

use std::net::IpAddr;

/// How a field is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Any line of text.
    Text,
    /// An address `https://…`; `http://…` only where the house may reach private addresses.
    Url,
    /// A mail address.
    Mail,
    /// A port.
    Port,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A signing secret of Standard Webhooks, `whsec_` and base64.
    Whsec,
    /// Certificates in PEM.
    Pem,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How it is checked.
    pub check: Check,
    /// Whether it is sealed and never shown again.
    pub secret: bool,
    /// Whether a channel works without.
    pub optional: bool,
    /// What it is where nothing is said.
    pub default: &'static str,
}

impl Field {
    /// A field that must be given.
    #[must_use]
    pub const fn new(name: &'static str, check: Check) -> Self {
        Self { name, check, secret: false, optional: false, default: "" }
    }

    /// The same, sealed.
    #[must_use]
    pub const fn sealed(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same, not needed.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The same, with a value where nothing is said.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.optional = true;
        self.default = default;
        self
    }

    /// What is wrong with a value, in words; nothing where it can be used. It never repeats a secret.
    #[must_use]
    pub fn fault(&self, value: &str, private: bool) -> Option<String> {
        const CHARS_MAX: usize = 2_048;
        const PEM_MAX: usize = 65_536;
        let name = self.name;
        let lines = self.check == Check::Pem;
        if value.len() > if lines { PEM_MAX } else { CHARS_MAX } || !lines && value.chars().any(char::is_control) {
            return Some(format!("{name} must be one line of at most {CHARS_MAX} characters."));
        }
        match self.check {
            Check::Text => None,
            Check::Url => url_fault(value, private).map(|fault| format!("{name} {fault}.")),
            Check::Mail => value.parse::<lettre::Address>().is_err().then(|| format!("{name} must be a mail address.")),
            Check::Port => value
                .parse::<u16>()
                .map_or(true, |port| port == 0)
                .then(|| format!("{name} must be a port, 1 to 65535.")),
            Check::OneOf(words) => {
                (!words.contains(&value)).then(|| format!("{name} must be one of {}.", words.join(", ")))
            }
            Check::Whsec => {
                let usable = value.starts_with("whsec_") && standardwebhooks::Webhook::new(value).is_ok();
                (!usable).then(|| format!("{name} must be whsec_ followed by base64."))
            }
            Check::Pem => {
                (!value.contains("-----BEGIN CERTIFICATE-----")).then(|| format!("{name} must be certificates in PEM."))
            }
        }
    }
}

fn url_fault(value: &str, private: bool) -> Option<&'static str> {
    let Ok(url) = reqwest::Url::parse(value) else { return Some("must be an address that begins with https://") };
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not carry a user name or password before the host");
    }
    match url.scheme() {
        "https" => {}
        "http" if private => {}
        "http" => return Some("must begin with https://: what is sent would be readable on the way"),
        _ => return Some("must begin with https://"),
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let local = host == "localhost" || host.ends_with(".localhost");
    let inside = local || host.parse::<IpAddr>().is_ok_and(|address| !crate::is_public(address));
    if host.is_empty() {
        return Some("names no host");
    }
    (inside && !private).then_some(
        "leads to a private address, which this house may not reach; whoever runs it can allow that with --private-channels",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_refused_unless_allowed() {
        let url = Field::new("url", Check::Url);
        for inside in ["https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://10.0.0.8:9093/"] {
            assert!(url.fault(inside, false).is_some(), "{inside}");
            assert_eq!(url.fault(inside, true), None, "{inside}");
        }
        for never in ["ftp://a.example/", "https://user:pw@a.example/", "nonsense", "javascript:alert(1)"] {
            assert!(url.fault(never, true).is_some(), "{never}");
        }
        assert!(url.fault("http://a.example/", false).is_some());
        assert_eq!(url.fault("https://a.example/hook?x=1", false), None);
    }

    #[test]
    fn a_fault_does_not_repeat_a_secret() {
        let field = Field::new("secret", Check::Whsec).sealed();
        assert!(!field.fault("hunter2", false).unwrap_or_default().contains("hunter2"));
        assert_eq!(field.fault("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false), None);
    }
}
