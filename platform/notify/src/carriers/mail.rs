//! Mail by SMTP (RFC 5321), encrypted unless the server is on this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Letter};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{Carrier, Parcel, Trouble};
use crate::reach::TIMEOUT;
use crate::{Check, Field, Reach, Status};

/// Mail.
pub(crate) struct Mail;

const FIELDS: &[Field] = &[
    Field::new("host", Check::Text),
    Field::new("port", Check::Port).or("587"),
    Field::new("security", Check::OneOf(&["starttls", "tls", "none"])).or("starttls"),
    Field::new("user", Check::Text).optional(),
    Field::new("password", Check::Text).sealed().optional(),
    Field::new("from", Check::Mail),
    Field::new("to", Check::Mail),
    // For a server whose certificate is not of a public authority.
    Field::new("authority", Check::Pem).optional(),
];

#[async_trait]
impl Carrier for Mail {
    fn kind(&self) -> &'static str {
        "mail"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn pace(&self) -> (f64, f64) {
        (20.0, 2.0)
    }

    fn carries_customers(&self) -> bool {
        true
    }

    fn fault(&self, fields: &BTreeMap<String, String>) -> Option<String> {
        let given = |name: &str| fields.contains_key(name);
        if given("user") != given("password") {
            return Some("user and password go together: give both or none.".into());
        }
        let host = fields.get("host").map_or("", String::as_str);
        let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let plain = fields.get("security").is_some_and(|security| security == "none");
        (plain && !here).then(|| "Mail goes unencrypted to this machine only: choose starttls or tls.".into())
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let letter = letter(parcel)?;
        let host = parcel.field("host");
        let port: u16 = parcel.field("port").parse().map_err(|_| Trouble::never("its port can't be read"))?;
        let addresses = reach.resolve(host, port).await?;
        let mut last = Trouble::later(format!("{host} has no address"));
        for address in addresses.into_iter().take(3) {
            match send(parcel, &letter, address).await {
                Err(Trouble::Later { what, .. }) if what.starts_with(UNREACHED) => last = Trouble::later(what),
                done => return done,
            }
        }
        Err(last)
    }
}

const UNREACHED: &str = "it can't be connected to";

/// Sends to an address that was checked, under the name that its certificate must have.
async fn send(parcel: &Parcel, letter: &Letter, address: SocketAddr) -> Result<(), Trouble> {
    let host = parcel.field("host");
    let security = parcel.field("security");
    let tls = match security {
        "none" if address.ip().is_loopback() => Tls::None,
        "none" => return Err(Trouble::never("mail goes unencrypted to this machine only")),
        _ => {
            let mut parameters = TlsParameters::builder(host.to_owned());
            let authority = parcel.field("authority");
            if !authority.is_empty() {
                let certificate = Certificate::from_pem(authority.as_bytes());
                parameters = parameters
                    .add_root_certificate(certificate.map_err(|_| Trouble::never("authority can't be read"))?);
            }
            let parameters = parameters.build().map_err(|_| Trouble::never("TLS can't be set up"))?;
            if security == "tls" { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
        }
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
        .port(address.port())
        .tls(tls)
        .hello_name(ClientId::Domain(hello(parcel)))
        .timeout(Some(TIMEOUT));
    if !parcel.field("user").is_empty() {
        let (user, password) = (parcel.field("user").to_owned(), parcel.field("password").to_owned());
        transport = transport.credentials(Credentials::new(user, password));
    }
    let sent = tokio::time::timeout(TIMEOUT, transport.build().send(letter.clone())).await;
    let error = match sent {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => return Err(Trouble::later("it did not answer in time")),
    };
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    // 5yz of the message or the mailbox: the same message is refused again. Of the sign-in it may be mended.
    if error.is_permanent() && !code.starts_with("53") {
        return Err(Trouble::never(format!("it refused the mail: {error}")));
    }
    let reached = error.is_transient() || error.is_permanent() || error.is_response() || error.is_tls();
    Err(Trouble::later(if reached {
        format!("it did not take the mail: {error}")
    } else {
        format!("{UNREACHED}: {error}")
    }))
}

/// What this machine says that it is called: the domain that the mail is from.
fn hello(parcel: &Parcel) -> String {
    parcel.field("from").rsplit('@').next().unwrap_or("localhost").to_owned()
}

fn letter(parcel: &Parcel) -> Result<Letter, Trouble> {
    let unusable = |what: &str| Trouble::never(format!("{what} is not a mail address"));
    let from = parcel.field("from").parse().map_err(|_| unusable("from"))?;
    let to = parcel.to.as_deref().unwrap_or_else(|| parcel.field("to"));
    let to = to.parse().map_err(|_| unusable("to"))?;
    let house = Some(parcel.house.clone()).filter(|name| !name.is_empty());
    let mut builder = Letter::builder()
        .from(Mailbox::new(house, from))
        .to(Mailbox::new(None, to))
        .subject(parcel.headline())
        // The same id whenever it is tried: who has it already can drop it.
        .message_id(Some(format!("<{}@{}>", parcel.message.id, hello(parcel))))
        .header(ContentType::TEXT_PLAIN);
    if parcel.message.status != Status::Notice {
        // What belongs together is shown together.
        let thread = format!("<{}@{}>", parcel.message.subject.replace('/', "."), hello(parcel));
        builder = builder.references(thread);
    }
    let mut body = format!("{}\n\n{}\n", parcel.headline(), parcel.body());
    let mut letter_headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let Some(unsubscribe) = &parcel.unsubscribe {
        // RFC 8058.
        letter_headers.push(("List-Unsubscribe", format!("<{unsubscribe}>")));
        letter_headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        body.push_str(&match parcel.language {
            crate::Language::En => format!("\nYou asked for these mails. End them here: {unsubscribe}\n"),
            crate::Language::Zh => format!("\n这些邮件是您自己订阅的。点此退订：{unsubscribe}\n"),
        });
    }
    let mut letter = builder.body(body).map_err(|_| Trouble::never("the mail can't be written"))?;
    for (name, value) in letter_headers {
        let name = HeaderName::new_from_ascii_str(name);
        letter.headers_mut().insert_raw(HeaderValue::new(name, value));
    }
    Ok(letter)
}
