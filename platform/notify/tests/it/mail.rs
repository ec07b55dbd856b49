//! Mail, against a server that speaks SMTP, with STARTTLS by a real handshake.

use std::sync::{Arc, Mutex};

use platform_notify::{DeliveryState, Language, Recipient, RecipientKind, Status};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::site::{MINUTE, NOON, Site, message, new};

const AUTHORITY: &str = include_str!("tls/authority.pem");

/// What one connection said, and whether it was encrypted by then.
#[derive(Clone, Debug, Default)]
struct Post {
    lines: Arc<Mutex<Vec<(bool, String)>>>,
    /// What is answered to the next recipient, once.
    refuse: Arc<Mutex<Option<&'static str>>>,
}

impl Post {
    async fn open(starttls: bool) -> (Self, u16) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let post = Self::default();
        let own = post.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.talk(stream, starttls).await });
            }
        });
        (post, port)
    }

    async fn talk(self, stream: tokio::net::TcpStream, starttls: bool) {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 post.example ESMTP\r\n").await.unwrap();
        if !self.dialogue(&mut stream, false, starttls).await {
            return;
        }
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        if let Ok(stream) = TlsAcceptor::from(Arc::new(config)).accept(stream.into_inner()).await {
            self.dialogue(&mut BufReader::new(stream), true, false).await;
        }
    }

    /// RFC 5321 as far as a client that behaves needs it. True where TLS is to begin.
    async fn dialogue<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        sealed: bool,
        starttls: bool,
    ) -> bool {
        let mut in_data = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            let line = line.trim_end_matches(['\r', '\n']).to_owned();
            self.lines.lock().unwrap().push((sealed, line.clone()));
            if in_data {
                in_data = line != ".";
                if !in_data {
                    stream.write_all(b"250 2.0.0 taken\r\n").await.unwrap();
                }
                continue;
            }
            let reply = match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" if starttls => "250-post.example\r\n250 STARTTLS\r\n",
                "EHLO" => "250-post.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
                "STARTTLS" => {
                    stream.write_all(b"220 go ahead\r\n").await.unwrap();
                    return true;
                }
                "AUTH" => "235 2.7.0 welcome\r\n",
                "RCPT" => self.refuse.lock().unwrap().take().unwrap_or("250 ok\r\n"),
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await.unwrap();
                    return false;
                }
                _ => "250 ok\r\n",
            };
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    }

    fn said(&self) -> Vec<(bool, String)> {
        self.lines.lock().unwrap().clone()
    }

    fn line(&self, start: &str) -> (bool, String) {
        self.said().into_iter().rfind(|(_, line)| line.starts_with(start)).unwrap_or_else(|| panic!("no {start}"))
    }
}

fn fields(port: &str, security: &'static str) -> Vec<(&'static str, String)> {
    vec![
        ("host", "localhost".into()),
        ("port", port.into()),
        ("security", security.into()),
        ("from", "house@tea.example".into()),
        ("to", "night@tea.example".into()),
    ]
}

async fn site(fields: &[(&str, String)], customers: bool) -> Site {
    let site = Site::open().await;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut channel = new("mail", "post", &fields);
    channel.customers = customers;
    channel.language = Language::Zh;
    site.notifier.add(channel).await.unwrap();
    site
}

#[tokio::test]
async fn mail_goes_by_starttls_and_signs_in_only_then() {
    let (post, port) = Post::open(true).await;
    let mut fields = fields(&port.to_string(), "starttls");
    fields.extend([("user", "house".into()), ("password", "planted-password".into()), ("authority", AUTHORITY.into())]);
    let site = site(&fields, false).await;
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    let delivery = site.deliveries().await.remove(0);
    assert_eq!(delivery.state, DeliveryState::Delivered, "{}", delivery.reason);
    assert!(post.line("AUTH").0 && post.line("MAIL FROM:<house@tea.example>").0, "nothing is said in the clear");
    assert!(post.line("RCPT TO:<night@tea.example>").0);
    assert_eq!(post.line("Message-ID:").1, "Message-ID: <msg_0000000000000001@tea.example>");
    // Chinese, and encoded as mail has to be.
    assert!(post.line("Subject:").1.contains("=?utf-8?b?"), "{:?}", post.line("Subject:"));
    assert!(post.line("Auto-Submitted:").1.ends_with("auto-generated"));
}

#[tokio::test]
async fn a_server_that_offers_no_tls_or_the_wrong_certificate_gets_nothing() {
    let (post, port) = Post::open(false).await;
    let mut with_password = fields(&port.to_string(), "starttls");
    with_password.extend([("user", "house".into()), ("password", "planted-password".into())]);
    let site = site(&with_password, false).await;
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    assert_ne!(site.deliveries().await[0].state, DeliveryState::Delivered);
    assert!(post.said().iter().all(|(_, line)| !line.starts_with("AUTH") && !line.starts_with("MAIL")));

    let (post, port) = Post::open(true).await;
    let stranger = self::site(&fields(&port.to_string(), "starttls"), false).await;
    stranger.write(&message(1, "incident/3", Status::Firing, 1)).await;
    stranger.notifier.round(NOON + 1).await.unwrap();
    assert_eq!(stranger.deliveries().await[0].state, DeliveryState::Waiting);
    assert!(post.said().iter().all(|(_, line)| !line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_mailbox_that_is_refused_for_good_is_not_tried_again_and_a_busy_one_is() {
    let (post, port) = Post::open(false).await;
    let site = site(&fields(&port.to_string(), "none"), false).await;
    *post.refuse.lock().unwrap() = Some("450 4.2.1 busy\r\n");
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    assert_eq!(site.deliveries().await[0].state, DeliveryState::Waiting);
    site.notifier.round(NOON + MINUTE).await.unwrap();
    assert_eq!(site.deliveries().await[0].state, DeliveryState::Delivered);
    *post.refuse.lock().unwrap() = Some("550 5.1.1 no such mailbox\r\n");
    site.write(&message(2, "incident/4", Status::Firing, 1)).await;
    site.notifier.round(NOON + MINUTE).await.unwrap();
    let dead = site.deliveries().await.remove(1);
    assert_eq!(dead.state, DeliveryState::Dead);
    assert!(dead.reason.contains("no such mailbox"), "{}", dead.reason);
}

#[tokio::test]
async fn plain_mail_stays_on_this_machine() {
    let site = Site::open().await;
    let mut far = fields("25", "none");
    far[0].1 = "mail.example.org".into();
    let far: Vec<_> = far.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = site.notifier.add(new("mail", "far", &far)).await.unwrap_err();
    assert!(refused.to_string().contains("unencrypted"), "{refused}");
}

#[tokio::test]
async fn a_customers_mail_can_be_ended_with_one_click_and_their_address_is_sealed() {
    let (post, port) = Post::open(false).await;
    let site = site(&fields(&port.to_string(), "none"), true).await;
    let recipient = Recipient {
        id: "rc_1".into(),
        kind: RecipientKind::Mail,
        language: Language::En,
        address: "planted.person@customer.example".into(),
        secret: String::new(),
    };
    site.notifier.keep_recipient(&recipient).await.unwrap();
    let mut notice = message(1, "order/7", Status::Notice, 5);
    notice.to = Some(recipient.kind.channel().into());
    notice.recipient = Some(recipient.id.clone());
    site.write(&notice).await;
    site.notifier.round(NOON + 1).await.unwrap();
    assert_eq!(post.line("RCPT").1, "RCPT TO:<planted.person@customer.example>");
    let unsubscribe = site.notifier.unsubscribe_address("rc_1");
    assert!(post.said().iter().any(|(_, line)| line == "List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let token = unsubscribe.rsplit('/').next().unwrap();
    assert_eq!(site.notifier.unsubscribes(token), Some("rc_1"));
    assert_eq!(site.notifier.unsubscribes("rc_1.AAAAAAAAAAAAAAAAAAAAAAAA"), None);
    assert_eq!(site.notifier.unsubscribes(&token.replacen("rc_1", "rc_2", 1)), None);
    // Staff's mail does not go to customers, nor customers' notices into staff's list.
    site.write(&message(2, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON + 2).await.unwrap();
    assert!(site.deliveries().await.is_empty());

    for file in std::fs::read_dir(site.directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(14).any(|window| window == b"planted.person"), "the address is readable on disk");
    }
    site.notifier.forget("rc_1").await.unwrap();
    assert_eq!(site.notifier.recipient("rc_1").await.unwrap(), None);
    site.notifier.round(NOON + 3).await.unwrap();
}

#[tokio::test]
async fn one_customers_mailbox_does_not_keep_the_others_mail_back() {
    let (post, port) = Post::open(false).await;
    let site = site(&fields(&port.to_string(), "none"), true).await;
    *post.refuse.lock().unwrap() = Some("450 4.2.1 busy\r\n");
    for (place, id) in [(1, "rc_buyer"), (2, "rc_seller")] {
        let address = format!("{id}@customer.example");
        let recipient = Recipient {
            id: id.into(),
            kind: RecipientKind::Mail,
            language: Language::En,
            address,
            secret: String::new(),
        };
        site.notifier.keep_recipient(&recipient).await.unwrap();
        let mut notice = message(place, "order/7", Status::Notice, 5);
        (notice.to, notice.recipient) = (Some(recipient.kind.channel().into()), Some(id.into()));
        site.write(&notice).await;
    }
    site.notifier.round(NOON + 1).await.unwrap();
    // Both sides of an order hear of it: the first one's mailbox is busy, the second one's takes it.
    assert_eq!(post.line("RCPT").1, "RCPT TO:<rc_seller@customer.example>");
}
