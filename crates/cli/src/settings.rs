//! Settings: flags above the environment above `guichet.toml` in the working directory above what is built in.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use guichet_api::Client;
use guichet_core::Durability;
use guichet_server::{AddressLimit, NotALimit, Origin, ServerConfig, TlsFiles};
use serde::Deserialize;

use crate::failure::{Explain, Failure};
use crate::output::{Output, Screen};

/// Read from the working directory if it is there.
const FILE: &str = "guichet.toml";
const SERVER_DEFAULT: &str = "http://127.0.0.1:8080";
const DATA_DEFAULT: &str = "./guichet-data";
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";

/// Flags that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Globals {
    /// Address of the server [default: http://127.0.0.1:8080]
    #[arg(long, global = true, env = "GUICHET_SERVER", value_name = "URL", help_heading = "Global options")]
    pub(crate) server: Option<String>,
    /// API key
    #[arg(long, global = true, env = "GUICHET_KEY", hide_env_values = true, value_name = "SECRET", help_heading = "Global options")]
    pub(crate) key: Option<String>,
    /// Certificates in PEM form to trust beside those that the machine trusts, such as a server's self-signed one
    #[arg(long, global = true, env = "GUICHET_CA", value_name = "FILE", help_heading = "Global options")]
    pub(crate) ca: Option<PathBuf>,
    /// Form of the data on stdout [default: table]
    #[arg(
        long,
        global = true,
        env = "GUICHET_OUTPUT",
        value_enum,
        value_name = "table|json",
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    pub(crate) output: Option<Output>,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more on stderr; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = "Global options")]
    pub(crate) verbose: u8,
}

/// What `guichet.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    server: Option<String>,
    key: Option<String>,
    ca: Option<PathBuf>,
    output: Option<Output>,
    data: Option<PathBuf>,
    listen: Option<String>,
    #[serde(default)]
    allow_origin: Vec<String>,
    limit_per_address: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    trust_proxy: Vec<String>,
    #[serde(default, deserialize_with = "durability")]
    durability: Option<Durability>,
}

fn durability<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Durability>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(serde::de::Error::custom)
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

impl File {
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::from(error).doing(format!("{} cannot be read", path.display()))),
        };
        Self::parse(&text).doing(|| format!("{} makes no sense", path.display()))
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| {
            // Not the whole error: it quotes the line, which may be the one with the key.
            let line = 1 + text.bytes().take(error.span().map_or(0, |span| span.start)).filter(|byte| *byte == b'\n').count();
            let known =
                "it may set server, key, ca, output, data, listen, durability, tls_cert, tls_key and limit_per_address, each to a text in quotes, and allow_origin and trust_proxy to lists of them";
            Failure::usage(format!("line {line}: {}", error.message())).hint(known)
        })
    }
}

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Context {
    server: String,
    key: Option<String>,
    ca: Option<PathBuf>,
    file: File,
    /// Where answers go.
    pub(crate) screen: Screen,
    /// How much of the log is wanted.
    pub(crate) verbose: u8,
}

impl Context {
    /// Puts flags, environment and file together.
    ///
    /// # Errors
    /// When the file cannot be read or has a key that is not known.
    pub(crate) fn gather(flags: Globals) -> Result<Self, Failure> {
        let mut file = File::read(Path::new(FILE))?;
        Ok(Self {
            server: flags.server.or_else(|| file.server.take()).unwrap_or_else(|| SERVER_DEFAULT.into()),
            key: flags.key.or_else(|| file.key.take()),
            ca: flags.ca.or_else(|| file.ca.take()),
            screen: Screen::new(flags.output.or(file.output).unwrap_or_default(), flags.quiet),
            verbose: flags.verbose,
            file,
        })
    }

    /// A client of the server.
    ///
    /// # Errors
    /// When its address is none.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::trusting(&self.server, self.key.as_deref(), self.ca.as_deref())?)
    }

    /// The data directory.
    pub(crate) fn data(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.file.data.clone()).unwrap_or_else(|| DATA_DEFAULT.into())
    }

    /// The address to listen on.
    pub(crate) fn listen(&self, flag: Option<String>) -> String {
        flag.or_else(|| self.file.listen.clone()).unwrap_or_else(|| LISTEN_DEFAULT.into())
    }

    /// Origins whose web pages may ask.
    ///
    /// # Errors
    /// When the file names one that is none.
    pub(crate) fn allowed_origins(&self, flags: Vec<Origin>) -> Result<Vec<Origin>, Failure> {
        if !flags.is_empty() {
            return Ok(flags);
        }
        let named = self.file.allow_origin.iter().map(|origin| origin.parse());
        named.collect::<Result<_, _>>().map_err(Failure::usage).doing(|| format!("allow_origin in {FILE} makes no sense"))
    }

    /// How much one address may ask.
    ///
    /// # Errors
    /// When the file says something that is no limit.
    pub(crate) fn address_limit(&self, flag: Option<LimitPerAddress>) -> Result<Option<AddressLimit>, Failure> {
        let of_file = self.file.limit_per_address.as_deref().map(str::parse::<LimitPerAddress>).transpose();
        let of_file = of_file.map_err(Failure::usage).doing(|| format!("limit_per_address in {FILE} makes no sense"))?;
        Ok(flag.or(of_file).map_or(ServerConfig::default().address_limit, |LimitPerAddress(limit)| limit))
    }

    /// Proxies that are believed.
    ///
    /// # Errors
    /// When the file names one that is no address.
    pub(crate) fn trusted_proxies(&self, flags: Vec<IpAddr>) -> Result<Vec<IpAddr>, Failure> {
        if !flags.is_empty() {
            return Ok(flags);
        }
        let named = self.file.trust_proxy.iter().map(|address| address.parse());
        named.collect::<Result<_, _>>().map_err(Failure::usage).doing(|| format!("trust_proxy in {FILE} makes no sense"))
    }

    /// Where certificate and key of the server are, if anybody says so.
    ///
    /// # Errors
    /// When only one of them is named.
    pub(crate) fn tls_files(&self, certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, Failure> {
        match (certificate.or_else(|| self.file.tls_cert.clone()), key.or_else(|| self.file.tls_key.clone())) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(Failure::usage("a certificate needs its key").hint("--tls-key FILE or tls_key names it")),
            (None, Some(_)) => Err(Failure::usage("a key needs its certificate").hint("--tls-cert FILE or tls_cert names it")),
        }
    }

    /// What an acknowledgement promises.
    pub(crate) fn durability(&self, flag: Option<Durability>) -> Durability {
        flag.or(self.file.durability).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_sets_what_it_names() {
        let file = File::parse("server = \"http://h:1\"\noutput = \"json\"\ndurability = \"os\"\ndata = \"d\"").unwrap();
        assert_eq!(file.server.as_deref(), Some("http://h:1"));
        assert_eq!((file.output, file.durability), (Some(Output::Json), Some(Durability::Os)));
        assert_eq!((file.data, file.key), (Some(PathBuf::from("d")), None));
    }

    #[test]
    fn an_unknown_key_and_a_wrong_value_are_named() {
        let unquoted = File::parse("output = \"json\"\nkey = gk_secret").unwrap_err().to_string();
        assert!(unquoted.contains("line 2") && !unquoted.contains("gk_secret"), "{unquoted}");
        for (text, named) in [("sever = \"x\"", "sever"), ("durability = \"none\"", "none"), ("output = \"xml\"", "xml")] {
            assert!(File::parse(text).unwrap_err().to_string().contains(named), "{text}");
        }
    }
}
