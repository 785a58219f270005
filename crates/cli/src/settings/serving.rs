//! What `guichet serve` goes by, and `guichet doctor` looks at.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use guichet_core::Durability;
use guichet_server::{AddressLimit, NotALimit, Origin, ServerConfig, TlsFiles};

use super::{Context, FILE, File, LISTEN_DEFAULT};
use crate::failure::{Explain, Failure};

/// Flags of a server; the file has the same settings.
#[derive(Debug, clap::Args)]
pub(crate) struct Serving {
    /// The data directory, made if it does not exist [default: ./guichet-data]
    #[arg(long, env = "GUICHET_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "GUICHET_LISTEN", value_name = "ADDR")]
    listen: Option<String>,
    /// What an acknowledgement promises: `fsync` survives a crash of the machine, `os` only one of the process [default: fsync]
    #[arg(long, env = "GUICHET_DURABILITY", value_name = "fsync|os")]
    durability: Option<Durability>,
    /// Serve with TLS: the certificate, and those that lead to its root, in PEM form; read again when it changes and on SIGHUP
    #[arg(long, env = "GUICHET_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM form
    #[arg(long, env = "GUICHET_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// An origin whose web pages may ask with keys of scope `shop`, such as `https://shop.example`; several times for several
    #[arg(long, env = "GUICHET_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<Origin>,
    /// Requests per second of one address with keys of scope `shop` or with none that is known, and how many at once; programs on this
    /// machine are not counted [default: 50:200]
    #[arg(long, env = "GUICHET_LIMIT_PER_ADDRESS", value_name = "RATE[:BURST]|off")]
    limit_per_address: Option<LimitPerAddress>,
    /// A proxy whose X-Forwarded-For says who asks; those on this machine are believed in any case; several times for several
    #[arg(long, env = "GUICHET_TRUST_PROXY", value_name = "IP", value_delimiter = ',')]
    trust_proxy: Vec<IpAddr>,
}

/// A limit per address, or `off`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitPerAddress(Option<AddressLimit>);

impl FromStr for LimitPerAddress {
    type Err = NotALimit;

    fn from_str(text: &str) -> Result<Self, NotALimit> {
        if text == "off" { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}

/// The flags above the file.
pub(crate) struct Served<'a> {
    flags: Serving,
    context: &'a Context,
    file: &'a File,
}

impl Serving {
    pub(crate) fn over(self, context: &Context) -> Served<'_> {
        Served { flags: self, context, file: &context.file }
    }
}

impl Served<'_> {
    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.context.data(self.flags.data.clone())
    }

    /// The address to listen on.
    pub(crate) fn listen(&self) -> String {
        self.flags.listen.clone().or_else(|| self.file.listen.clone()).unwrap_or_else(|| LISTEN_DEFAULT.into())
    }

    /// What an acknowledgement promises.
    pub(crate) fn durability(&self) -> Durability {
        self.flags.durability.or(self.file.durability).unwrap_or_default()
    }

    /// Origins whose web pages may ask.
    ///
    /// # Errors
    /// When the file names one that is none.
    pub(crate) fn allowed_origins(&self) -> Result<Vec<Origin>, Failure> {
        if !self.flags.allow_origin.is_empty() {
            return Ok(self.flags.allow_origin.clone());
        }
        let named = self.file.allow_origin.iter().map(|origin| origin.parse());
        named.collect::<Result<_, _>>().map_err(Failure::usage).doing(|| format!("allow_origin in {FILE} makes no sense"))
    }

    /// How much one address may ask.
    ///
    /// # Errors
    /// When the file says something that is no limit.
    pub(crate) fn address_limit(&self) -> Result<Option<AddressLimit>, Failure> {
        let of_file = self.file.limit_per_address.as_deref().map(str::parse::<LimitPerAddress>).transpose();
        let of_file = of_file.map_err(Failure::usage).doing(|| format!("limit_per_address in {FILE} makes no sense"))?;
        let limit = self.flags.limit_per_address.or(of_file);
        Ok(limit.map_or_else(|| ServerConfig::default().address_limit, |LimitPerAddress(limit)| limit))
    }

    /// Proxies that are believed.
    ///
    /// # Errors
    /// When the file names one that is no address.
    pub(crate) fn trusted_proxies(&self) -> Result<Vec<IpAddr>, Failure> {
        if !self.flags.trust_proxy.is_empty() {
            return Ok(self.flags.trust_proxy.clone());
        }
        let named = self.file.trust_proxy.iter().map(|address| address.parse());
        named.collect::<Result<_, _>>().map_err(Failure::usage).doing(|| format!("trust_proxy in {FILE} makes no sense"))
    }

    /// Where certificate and key are, if anybody says so.
    ///
    /// # Errors
    /// When only one of them is named.
    pub(crate) fn tls_files(&self) -> Result<Option<TlsFiles>, Failure> {
        let certificate = self.flags.tls_cert.clone().or_else(|| self.file.tls_cert.clone());
        match (certificate, self.flags.tls_key.clone().or_else(|| self.file.tls_key.clone())) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(Failure::usage("a certificate needs its key").hint("--tls-key FILE or tls_key names it")),
            (None, Some(_)) => Err(Failure::usage("a key needs its certificate").hint("--tls-cert FILE or tls_cert names it")),
        }
    }
}
