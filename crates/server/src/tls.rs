//! TLS: a certificate and its key from two files, read again when they change.
//!
//! Must never be true: a renewed certificate needs a restart, or a broken one takes the server down. What cannot be used is said in the
//! log, and the one before goes on.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// What may be spoken over it, the best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why TLS cannot begin, or a new certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} has no {what} in PEM form: {why}", path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// What it should have.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The key is of another certificate, or of a kind that is not known.
    #[error("the key in {} does not fit the certificate in {}: {why}", key.display(), certificate.display())]
    DoesNotFit {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A self-signed certificate cannot be made.
    #[error("no certificate can be made in {}: {why}", directory.display())]
    NotMade {
        /// Where.
        directory: PathBuf,
        /// Why.
        why: String,
    },
}

/// Where certificate and key are, both in PEM form: the certificate first, then those that lead to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// A certificate that nobody else has signed, for trying out: made once in this directory, for these names and addresses. Clients
    /// that are given the certificate trust it; nobody else does.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn self_signed(directory: &Path, names: &[String]) -> Result<Self, TlsError> {
        let files = Self { certificate: directory.join("certificate.pem"), key: directory.join("key.pem") };
        if files.certificate.exists() && files.key.exists() {
            return Ok(files);
        }
        let failed = |why: String| TlsError::NotMade { directory: directory.to_owned(), why };
        let made = rcgen::generate_simple_self_signed(names).map_err(|error| failed(error.to_string()))?;
        let written = fs::create_dir_all(directory)
            .and_then(|()| write_new(&files.key, &made.signing_key.serialize_pem(), 0o600))
            .and_then(|()| write_new(&files.certificate, &made.cert.pem(), 0o644));
        written.map_err(|error| failed(error.to_string()))?;
        Ok(files)
    }

    fn load(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let Self { certificate, key } = self;
        let read = |path: &PathBuf| fs::read(path).map_err(|source| TlsError::Unreadable { path: path.clone(), source });
        let not_pem = |path: &PathBuf, what, why: String| TlsError::NotPem { path: path.clone(), what, why };
        let chain = CertificateDer::pem_slice_iter(&read(certificate)?).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| not_pem(certificate, "certificate", error.to_string()))?;
        if chain.is_empty() {
            return Err(not_pem(certificate, "certificate", "nothing in it is called so".into()));
        }
        let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| not_pem(key, "private key", error.to_string()))?;
        CertifiedKey::from_der(chain, private, provider).map_err(|error| TlsError::DoesNotFit {
            certificate: certificate.clone(),
            key: key.clone(),
            why: error.to_string(),
        })
    }

    /// When the files were changed; nothing when one is not there.
    fn changed_at(&self) -> Option<(SystemTime, SystemTime)> {
        let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Some((changed(&self.certificate)?, changed(&self.key)?))
    }
}

fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// TLS with what is in the files now. Clones share it.
#[derive(Clone)]
pub struct Tls {
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

struct Current {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    key: RwLock<Arc<CertifiedKey>>,
    /// When the files were changed that were read last, whatever was in them.
    read_at: Mutex<Option<(SystemTime, SystemTime)>>,
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read()))
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be used; the message names the file.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let read_at = Mutex::new(files.changed_at());
        let key = RwLock::new(Arc::new(files.load(&provider)?));
        let current = Arc::new(Current { files, provider: Arc::clone(&provider), key, read_at });
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error: rustls::Error| TlsError::DoesNotFit {
            certificate: current.files.certificate.clone(),
            key: current.files.key.clone(),
            why: error.to_string(),
        })?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&current) as _);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { current, config: Arc::new(config) })
    }

    /// Until when the certificate is good.
    ///
    /// # Errors
    /// When it does not say so.
    pub fn expires_at(&self) -> Result<Timestamp, TlsError> {
        let not_said = |why: String| TlsError::NotPem { path: self.current.files.certificate.clone(), what: "certificate", why };
        let key = self.current.key.read();
        let certificate = key.end_entity_cert().map_err(|error| not_said(error.to_string()))?;
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).map_err(|error| not_said(error.to_string()))?;
        Timestamp::from_second(parsed.validity().not_after.timestamp()).map_err(|error| not_said(error.to_string()))
    }

    /// Reads the files again; new connections get what is in them.
    ///
    /// # Errors
    /// When they cannot be used: then the certificate before goes on.
    pub fn reload(&self) -> Result<(), TlsError> {
        *self.current.read_at.lock() = self.current.files.changed_at();
        let key = self.current.files.load(&self.current.provider)?;
        *self.current.key.write() = Arc::new(key);
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Reads the files again whenever they have changed. Whoever renews them writes one after the other, so a pair that does not fit is
    /// looked at again when either changes.
    pub(crate) async fn follow(self, shutdown: CancellationToken) {
        while shutdown.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            let changed_at = self.current.files.changed_at();
            if changed_at.is_none() || changed_at == *self.current.read_at.lock() {
                continue;
            }
            self.reload_and_say();
        }
    }

    /// Reads the files again and says in the log what came of it.
    pub fn reload_and_say(&self) {
        match self.reload() {
            Ok(()) => tracing::info!(certificate = %self.current.files.certificate.display(), "the certificate was read again"),
            Err(error) => tracing::error!(%error, "the new certificate cannot be used, the one before goes on"),
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.current.files).finish_non_exhaustive()
    }
}
