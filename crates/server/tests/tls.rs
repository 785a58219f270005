//! TLS from files that change, and what a request may bring in its headers.
#![allow(clippy::unwrap_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::fs;
use std::path::Path;

use guichet_api::{Client, ClientError};
use guichet_server::{Tls, TlsError, TlsFiles};
use support::House;

fn made(directory: &Path) -> TlsFiles {
    TlsFiles::self_signed(directory, &["localhost".into(), "127.0.0.1".into()]).unwrap()
}

async fn house(tls: &Tls) -> House {
    let served = tls.clone();
    let mut house = House::open_serving(move |config| config.tls = Some(served)).await;
    house.base = house.base.replace("http://", "https://");
    house
}

/// Asks over a new connection, as somebody who trusts this certificate.
async fn ask(house: &House, trusted: &TlsFiles) -> Result<(), ClientError> {
    Client::trusting(&house.base, Some(&house.secret), Some(&trusted.certificate))?.status().await.map(|_| ())
}

#[tokio::test]
async fn a_server_with_tls_is_trusted_by_who_has_its_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let (ours, others) = (made(&directory.path().join("ours")), made(&directory.path().join("others")));
    let house = house(&Tls::open(ours.clone()).unwrap()).await;
    ask(&house, &ours).await.unwrap();
    assert!(matches!(ask(&house, &others).await, Err(ClientError::Unreachable { .. })));
    assert!(matches!(Client::new(&house.base, None).unwrap().status().await, Err(ClientError::Unreachable { .. })));
    let plain = house.base.replace("https://", "http://");
    assert!(Client::new(&plain, None).unwrap().health().await.is_err(), "nothing is answered without TLS");
}

#[tokio::test]
async fn http_2_and_http_1_are_chosen_in_the_handshake() {
    let directory = tempfile::tempdir().unwrap();
    let files = made(directory.path());
    let house = house(&Tls::open(files.clone()).unwrap()).await;
    for (protocols, version) in [(&[b"h2".as_slice(), b"http/1.1"][..], "HTTP/2.0"), (&[b"http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")] {
        let mut roots = rustls::RootCertStore::empty();
        let pem = fs::read(&files.certificate).unwrap();
        roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(&pem).unwrap()).unwrap();
        let builder = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
        let mut tls = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let browser = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
        let answer = browser.get(format!("{}/healthz", house.base)).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), format!("{:?}", answer.version()).as_str()), (200, version));
    }
}

#[tokio::test]
async fn a_renewed_certificate_needs_no_restart_and_a_broken_one_harms_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let live = made(&directory.path().join("live"));
    let before = made(&directory.path().join("live"));
    assert_eq!(before, live, "it is made once");
    let (old, new) = (directory.path().join("old.pem"), made(&directory.path().join("new")));
    fs::copy(&live.certificate, &old).unwrap();
    let old = TlsFiles { certificate: old, key: live.key.clone() };
    let tls = Tls::open(live.clone()).unwrap();
    let house = house(&tls).await;
    ask(&house, &old).await.unwrap();

    // Half of the renewal: the key is still the old one.
    fs::copy(&new.certificate, &live.certificate).unwrap();
    let error = tls.reload().unwrap_err();
    assert!(matches!(error, TlsError::DoesNotFit { .. }), "{error}");
    ask(&house, &old).await.unwrap();
    fs::copy(&new.key, &live.key).unwrap();
    tls.reload().unwrap();
    ask(&house, &new).await.unwrap();
    assert!(ask(&house, &old).await.is_err());

    fs::write(&live.certificate, "nothing of that kind").unwrap();
    assert!(tls.reload().unwrap_err().to_string().contains("certificate.pem"));
    fs::remove_file(&live.key).unwrap();
    assert!(tls.reload().is_err());
    ask(&house, &new).await.unwrap();
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let (files, other) = (made(&directory.path().join("a")), made(&directory.path().join("b")));
    let nowhere = directory.path().join("nowhere.pem");
    for (certificate, key, named) in [
        (&nowhere, &files.key, "nowhere.pem"),
        (&files.certificate, &nowhere, "nowhere.pem"),
        (&files.key, &files.key, "no certificate"),
        (&files.certificate, &files.certificate, "no private key"),
        (&files.certificate, &other.key, "does not fit"),
    ] {
        let error = Tls::open(TlsFiles { certificate: certificate.clone(), key: key.clone() }).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(&files.key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn headers_have_a_limit() {
    let house = House::open().await;
    let ask = |bytes: usize| reqwest::Client::new().get(format!("{}/healthz", house.base)).header("x-filler", "x".repeat(bytes)).send();
    assert_eq!(ask(32 << 10).await.unwrap().status().as_u16(), 200);
    assert_eq!(ask(128 << 10).await.unwrap().status().as_u16(), 431);
}
