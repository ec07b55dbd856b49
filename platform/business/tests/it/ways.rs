//! Customers are told outside the page: only where they confirmed, only what they want, until they click once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::http::{Method, StatusCode};
use platform_notify::{Language, NewChannel, Notifier};
use serde_json::{Value, json};

use crate::campaigns::{Person, key};
use crate::console::{House, START, get, house, post};
use crate::support::{read, send};
use crate::town::{Sale, index, notifier};

const MAILBOX: &str = "planted.person@customer.example";

/// A server on loopback: what each connection said is given to `talk`.
fn server(talk: fn(&mut BufReader<TcpStream>, &Sender<Vec<String>>) -> Option<()>) -> (u16, Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (said, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = talk(&mut BufReader::new(stream.unwrap()), &said);
        }
    });
    (port, heard)
}

fn line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
}

/// As much of SMTP as one mail takes.
fn smtp(reader: &mut BufReader<TcpStream>, said: &Sender<Vec<String>>) -> Option<()> {
    reader.get_mut().write_all(b"220 post\r\n").ok()?;
    let (mut all, mut in_data) = (Vec::new(), false);
    while let Some(line) = line(reader) {
        let reply = match line.split(' ').next().unwrap_or_default() {
            _ if in_data && line != "." => "",
            "." => {
                in_data = false;
                said.send(std::mem::take(&mut all)).ok()?;
                "250 taken\r\n"
            }
            "DATA" => {
                in_data = true;
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        all.push(line);
        reader.get_mut().write_all(reply.as_bytes()).ok()?;
    }
    Some(())
}

/// One POST: its headers, then its body as the last line.
fn http(reader: &mut BufReader<TcpStream>, said: &Sender<Vec<String>>) -> Option<()> {
    let mut all = Vec::new();
    loop {
        let line = line(reader)?;
        if line.is_empty() {
            break;
        }
        all.push(line.to_ascii_lowercase());
    }
    let length = all.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    all.push(String::from_utf8(body).ok()?);
    said.send(all).ok()?;
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()
}

/// What carries messages here, over the house's store.
async fn carrier(house: &House) -> std::sync::Arc<Notifier> {
    let path = house.directory.path().join("platform.db");
    notifier(&format!("sqlite:{}", path.display())).await.unwrap()
}

async fn post_office(carrier: &Notifier, port: u16) {
    let fields = [("host", "127.0.0.1"), ("security", "none"), ("from", "guild@guild.test")];
    let mut fields: std::collections::BTreeMap<String, String> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    fields.insert("port".into(), port.to_string());
    let new = NewChannel {
        kind: "mail".into(),
        name: "post".into(),
        customers: true,
        language: Language::En,
        fields,
        severity: 2,
        owners: Vec::new(),
        wait_minutes: 0,
        by: "a test".into(),
    };
    carrier.add(new).await.unwrap();
}

fn asked(kind: &str, address: &str) -> Value {
    json!({ "kind": kind, "address": address, "language": "en", "orders": true, "aftersales": true })
}

async fn go(house: &House, carrier: &std::sync::Arc<Notifier>) {
    index(&house.platform).await;
    while house.platform.tell_customers().await.unwrap() {}
    carrier.round(platform_notify::now_ms() + 1).await.unwrap();
}

/// A mail's text without the breaks and escapes that the way demands.
fn plain(mail: &[String]) -> String {
    mail.join("\n").replace("=\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn a_mailbox_counts_once_its_code_is_typed_and_ends_with_one_click() {
    let (house, (port, mails)) = (house().await, server(smtp));
    let carrier = carrier(&house).await;
    let (person, stranger) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    go(&house, &carrier).await;
    let add = async |who: &Person, body: Value| send(&house, who, Method::POST, "/notices/ways", &body).await;

    // As long as the house sends no mail it says so.
    assert_eq!(read(&house, &person, "/notices/ways").await.1["mail"], false);
    assert_eq!(add(&person, asked("mail", MAILBOX)).await.0, StatusCode::SERVICE_UNAVAILABLE);
    post_office(&carrier, port).await;
    for (kind, address) in [("mail", "nobody"), ("mail", "a@b\r\nBcc: c@d.example"), ("pigeon", MAILBOX)] {
        assert_eq!(add(&person, asked(kind, address)).await.0, StatusCode::BAD_REQUEST, "{kind} {address}");
    }
    let (status, made) = add(&person, asked("mail", MAILBOX)).await;
    assert_eq!((status, &made["way"]["confirmed"]), (StatusCode::CREATED, &json!(false)), "{made}");
    assert_eq!((&made["way"]["hint"], &made["secret"]), (&json!("p…@customer.example"), &Value::Null));
    let id = made["way"]["id"].as_str().unwrap().to_owned();
    carrier.round(platform_notify::now_ms() + 1).await.unwrap();
    let mail = plain(&mails.recv().unwrap());
    assert!(mail.contains(&format!("RCPT TO:<{MAILBOX}>")), "{mail}");
    let digits = mail.split("Your code for Guild: ").nth(1).unwrap();
    let code: String = digits.chars().filter(char::is_ascii_digit).take(8).collect();

    // Nothing else comes before the code was typed, by the person, and right.
    let sale = Sale { id: 3, buyer: person.signer.address(), amount: 10_000_000, at: START + 5 };
    house.chain.mine(START + 5, 0, vec![sale.fund()]);
    house.chain.mine(START + 6, 0, vec![sale.accept()]);
    go(&house, &carrier).await;
    assert!(mails.try_recv().is_err());
    let confirm = async |who: &Person, code: &str| {
        send(&house, who, Method::POST, &format!("/notices/ways/{id}/confirmation"), &json!({ "code": code })).await
    };
    assert_eq!(confirm(&stranger, &code).await.0, StatusCode::NOT_FOUND, "to others it is not there");
    assert_eq!(confirm(&person, "00000000").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(confirm(&person, &code).await.1["confirmed"], true);

    house.chain.mine(START + 7, 0, vec![sale.ship()]);
    go(&house, &carrier).await;
    let mail = plain(&mails.recv().unwrap());
    assert!(mail.contains("Subject: Order 3: it was shipped"), "{mail}");
    assert!(mail.contains("https://guild.test/orders/3") && mail.contains("List-Unsubscribe=One-Click"));
    assert!(!mail.contains(&person.signer.address().to_string()), "nobody is named");
    // What one did oneself is no news, and nothing comes twice.
    house.chain.mine(START + 8, 0, vec![sale.release()]);
    go(&house, &carrier).await;
    go(&house, &carrier).await;
    assert!(mails.try_recv().is_err());

    // Looking at the link ends nothing; one click does, without a session.
    let link = mail.split("<https://guild.test/api/v1").nth(1).unwrap().split('>').next().unwrap().to_owned();
    let (status, _, headers) = house.ask(get(&link)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(headers["location"].to_str().unwrap().starts_with("/unsubscribe/rc_"));
    assert_eq!(read(&house, &person, "/notices/ways").await.1["items"].as_array().unwrap().len(), 1);
    let forged = link.replacen('.', ".A", 1);
    assert_eq!(house.ask(post(&forged, &json!({}))).await.0, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        assert_eq!(house.ask(post(&link, &json!({}))).await.0, StatusCode::NO_CONTENT);
    }
    assert_eq!(read(&house, &person, "/notices/ways").await.1["items"], json!([]));
}

#[tokio::test]
async fn codes_are_bounded_and_an_erased_mailbox_is_nowhere() {
    let (house, (port, mails)) = (house().await, server(smtp));
    let carrier = carrier(&house).await;
    post_office(&carrier, port).await;
    let person = Person::enter(&house, key(1)).await;
    go(&house, &carrier).await;
    let add = async || send(&house, &person, Method::POST, "/notices/ways", &asked("mail", MAILBOX)).await;
    let (_, made) = add().await;
    let id = made["way"]["id"].as_str().unwrap().to_owned();
    let confirm = format!("/notices/ways/{id}/confirmation");
    for _ in 0..6 {
        let (status, refused) = send(&house, &person, Method::POST, &confirm, &json!({ "code": "1" })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
    }
    let (_, refused) = send(&house, &person, Method::POST, &confirm, &json!({ "code": "1" })).await;
    assert!(refused["detail"].as_str().unwrap().contains("Too many"), "{refused}");
    for expected in [StatusCode::ACCEPTED, StatusCode::ACCEPTED, StatusCode::TOO_MANY_REQUESTS] {
        let codes = format!("/notices/ways/{id}/codes");
        assert_eq!(send(&house, &person, Method::POST, &codes, &json!({})).await.0, expected);
    }
    carrier.round(platform_notify::now_ms() + 1).await.unwrap();
    assert!(mails.recv().is_ok());

    let (_, kept) = read(&house, &person, "/personal-data").await;
    assert!(kept.to_string().contains("notice_ways") && !kept.to_string().contains("planted"), "{kept}");
    let sealed = |house: &House| {
        std::fs::read_dir(house.directory.path()).unwrap().all(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            !bytes.windows(14).any(|window| window == b"planted.person")
        })
    };
    assert!(sealed(&house), "the address is readable on disk");
    let erase = send(&house, &person, Method::DELETE, "/personal-data/notice_ways", &json!({})).await;
    assert_eq!(erase.0, StatusCode::NO_CONTENT, "{}", erase.1);
    assert!(carrier.recipient(&id).await.unwrap().is_none());
    assert_eq!(read(&house, &person, "/notices/ways").await.1["items"], json!([]));
    assert!(sealed(&house));
}

#[tokio::test]
async fn an_address_on_the_web_gets_signed_messages_of_the_kinds_that_are_wanted() {
    let (house, (port, posts)) = (house().await, server(http));
    let carrier = carrier(&house).await;
    let person = Person::enter(&house, key(1)).await;
    go(&house, &carrier).await;
    let url = format!("http://127.0.0.1:{port}/hook/planted.person");
    let (status, made) = send(&house, &person, Method::POST, "/notices/ways", &asked("webhook", &url)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert!(!made["way"].to_string().contains("planted"), "{made}");
    let sale = Sale { id: 3, buyer: person.signer.address(), amount: 10_000_000, at: START + 5 };
    house.chain.mine(START + 5, 0, vec![sale.fund()]);
    house.chain.mine(START + 6, 0, vec![sale.accept()]);
    go(&house, &carrier).await;
    let told = posts.recv().unwrap();
    let body: Value = serde_json::from_str(told.last().unwrap()).unwrap();
    assert_eq!((&body["type"], &body["data"]["subject"]), (&json!("order.notice"), &json!("order/3")));
    assert_eq!(body["data"]["title"]["zh"], "订单 3：卖家已接单");
    assert!(told.iter().any(|line| line.starts_with("webhook-signature: v1,")));

    let id = made["way"]["id"].as_str().unwrap();
    let quieter = json!({ "language": "zh", "orders": false, "aftersales": true });
    let (status, set) = send(&house, &person, Method::PUT, &format!("/notices/ways/{id}"), &quieter).await;
    assert_eq!((status, &set["language"], &set["orders"]), (StatusCode::OK, &json!("zh"), &json!(false)));
    house.chain.mine(START + 7, 0, vec![sale.ship()]);
    go(&house, &carrier).await;
    assert!(posts.try_recv().is_err(), "not of a kind that is wanted");
    let gone = send(&house, &person, Method::DELETE, &format!("/notices/ways/{id}"), &json!({})).await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
}
