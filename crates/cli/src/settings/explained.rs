//! Every setting: what it means, what it is, and who says so.

use std::path::Path;

use serde::Serialize;

use super::{DATA_DEFAULT, FILE, LISTEN_DEFAULT, SERVER_DEFAULT};
use crate::failure::{Explain, Failure};

/// A setting of `guichet.toml`. In the environment it is called as here, with `GUICHET_` before it.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Its name in the file.
    pub(crate) name: &'static str,
    /// What it is where nobody says anything; empty where it is nothing.
    pub(crate) default: &'static str,
    /// What it means.
    pub(crate) means: &'static str,
}

const fn setting(name: &'static str, default: &'static str, means: &'static str) -> Setting {
    Setting { name, default, means }
}

/// All of them.
pub(crate) const SETTINGS: &[Setting] = &[
    setting("server", SERVER_DEFAULT, "address of the server that commands ask"),
    setting("key", "", "API key that commands send"),
    setting("ca", "", "certificates that commands trust beside the machine's, a file in PEM form"),
    setting("output", "table", "form of the data on stdout: table or json"),
    setting("data", DATA_DEFAULT, "data directory of `guichet serve`"),
    setting("listen", LISTEN_DEFAULT, "address that `guichet serve` listens on"),
    setting("allow_origin", "", "origins whose web pages may ask with keys of scope shop, a list"),
    setting("limit_per_address", "50:200", "requests per second of one address, and at once, with keys of scope shop; or off"),
    setting("trust_proxy", "", "proxies on other machines whose X-Forwarded-For is believed, a list"),
    setting("tls_cert", "", "certificate and its chain for TLS, a file in PEM form"),
    setting("tls_key", "", "private key of the certificate, a file in PEM form"),
    setting("durability", "fsync", "what an acknowledgement promises: fsync survives a crash of the machine, os only one of the process"),
];

/// Variables of the environment that are no settings of the file.
const OTHER_VARIABLES: &[&str] = &["GUICHET_LOG", "GUICHET_LOG_FORMAT"];

/// What a setting is, and who says so.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Explained {
    /// Its name in the file.
    pub(crate) name: &'static str,
    /// What it is; a key is not shown.
    pub(crate) value: String,
    /// Who says so: a variable of the environment, the file, or nobody.
    pub(crate) from: String,
    /// What it means.
    pub(crate) means: &'static str,
}

/// Every setting as the environment and the file have it.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn explain() -> Result<Vec<Explained>, Failure> {
    let text = match std::fs::read_to_string(Path::new(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::from(error).doing(format!("{FILE} cannot be read"))),
    };
    let file: toml::Table = toml::from_str(&text).map_err(Failure::usage).doing(|| format!("{FILE} makes no sense"))?;
    let explained = |setting: &Setting| {
        let variable = variable(setting.name);
        let of_environment = std::env::var(&variable).ok().filter(|value| !value.is_empty());
        let (value, from) = match (of_environment, file.get(setting.name)) {
            (Some(value), _) => (value, variable),
            (None, Some(value)) => (value.as_str().map_or_else(|| value.to_string(), str::to_owned), FILE.to_owned()),
            (None, None) => (setting.default.to_owned(), "default".to_owned()),
        };
        let value = if setting.name == "key" && !value.is_empty() { "(set, not shown)".to_owned() } else { value };
        Explained { name: setting.name, value, from, means: setting.means }
    };
    Ok(SETTINGS.iter().map(explained).collect())
}

/// Variables of the environment that look like settings and are none.
pub(crate) fn unknown_variables() -> Vec<String> {
    let known: Vec<String> = SETTINGS.iter().map(|setting| variable(setting.name)).collect();
    let mut names: Vec<String> = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    names.retain(|name| name.starts_with("GUICHET_") && !known.contains(name) && !OTHER_VARIABLES.contains(&name.as_str()));
    names.sort_unstable();
    names
}

fn variable(name: &str) -> String {
    format!("GUICHET_{}", name.to_uppercase())
}
