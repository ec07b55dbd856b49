//! The way out: whom the house may talk to, for how long, and how much it listens to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use crate::carriers::Trouble;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A whole exchange.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);
/// Largest body that is sent.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// A way out.
#[derive(Clone, Debug)]
pub struct Reach {
    client: reqwest::Client,
    private: bool,
}

/// What a receiver answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: String,
}

impl Reach {
    /// A way out. With `private` it leads to loopback and private networks too.
    ///
    /// # Errors
    /// Where TLS can't be set up.
    pub fn new(private: bool) -> Result<Self, reqwest::Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails where somebody installed one before, which serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder()
            // A redirect could lead where the address given may not.
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("guildhall/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Checked { private })
            .build()?;
        Ok(Self { client, private })
    }

    /// Whether it leads to loopback and private networks.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.private
    }

    /// The addresses of a host that may be reached.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Trouble> {
        let all = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let all = all.map_err(|_| Trouble::later(format!("{host} has no address")))?;
        let reachable: Vec<_> = all.filter(|address| self.private || is_public(address.ip())).collect();
        if reachable.is_empty() { Err(Trouble::never(inside(host))) } else { Ok(reachable) }
    }

    /// Posts JSON and gives what came back, whatever it was.
    pub(crate) async fn post(&self, url: &str, headers: &[(&str, String)], body: String) -> Result<Answer, Trouble> {
        if body.len() > BODY_BYTES_MAX {
            return Err(Trouble::never(format!("the message has more than {BODY_BYTES_MAX} bytes")));
        }
        let url = reqwest::Url::parse(url).map_err(|_| Trouble::never("its address can't be read"))?;
        // The resolver is not asked about addresses that are numbers already.
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>()
            && !self.private
            && !is_public(address)
        {
            return Err(Trouble::never(inside(host)));
        }
        let mut request = self.client.post(url).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(trouble)?;
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                body.truncate(ANSWER_BYTES_MAX);
                break;
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, retry_after: retry_after.map(Duration::from_secs), body })
    }
}

/// Addresses may hold tokens: what is said of a failure leaves them out.
fn trouble(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    while let Some(deeper) = cause.source() {
        if cause.is::<Inside>() {
            break;
        }
        cause = deeper;
    }
    if cause.is::<Inside>() {
        return Trouble::never(cause.to_string());
    }
    let what = if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        format!("it can't be connected to: {cause}")
    } else {
        format!("the exchange broke off: {cause}")
    };
    Trouble::later(what)
}

fn inside(host: &str) -> String {
    format!("{host} is a private address, which this house may not reach")
}

/// Leaves out addresses that may not be reached. What is connected to is what was checked, so a name that changes its
/// mind between the two gains nothing.
#[derive(Clone, Copy, Debug)]
struct Checked {
    private: bool,
}

/// A name that leads inside only.
#[derive(Debug, thiserror::Error)]
#[error("{}", inside(.0))]
struct Inside(String);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let reachable: Vec<_> = found.filter(|address| private || is_public(address.ip())).collect();
            if reachable.is_empty() {
                return Err(Box::new(Inside(name.as_str().to_owned())) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(reachable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet (the special-purpose registries of IANA, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [a, b, ..] = address.segments();
    // Of what is assigned, 2000::/3 is global; in it are Teredo, documentation, 6to4 and other ways round.
    let global = a & 0xe000 == 0x2000;
    let special = a == 0x2002 || (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x3fff;
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(inside.parse().expect(inside)), "{inside}");
        }
        for outside in ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "172.32.0.1", "100.128.0.1"] {
            assert!(is_public(outside.parse().expect(outside)), "{outside}");
        }
    }
}
