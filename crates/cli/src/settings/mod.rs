//! Settings: flags above the environment above `guichet.toml` in the working directory above what is built in.

pub(crate) mod explained;
mod file;
mod serving;

pub(crate) use serving::{Served, Serving};

use std::path::{Path, PathBuf};

use guichet_api::Client;

use self::file::File;
use crate::failure::Failure;
use crate::output::{Output, Screen};

/// Read from the working directory if it is there.
pub(crate) const FILE: &str = "guichet.toml";
pub(crate) const SERVER_DEFAULT: &str = "http://127.0.0.1:8080";
pub(crate) const DATA_DEFAULT: &str = "./guichet-data";
pub(crate) const LISTEN_DEFAULT: &str = "127.0.0.1:8080";

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

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Context {
    server: String,
    key: Option<String>,
    ca: Option<PathBuf>,
    key_is_in_file: bool,
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
            key_is_in_file: file.key.is_some(),
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

    /// Whether the file has the API key.
    pub(crate) fn key_is_in_file(&self) -> bool {
        self.key_is_in_file
    }

    /// The data directory.
    pub(crate) fn data(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.file.data.clone()).unwrap_or_else(|| DATA_DEFAULT.into())
    }
}
