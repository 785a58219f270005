//! `guichet.toml`.

use std::path::{Path, PathBuf};

use guichet_core::Durability;
use serde::Deserialize;

use super::explained::SETTINGS;
use crate::failure::{Explain, Failure};
use crate::output::Output;

/// What `guichet.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) server: Option<String>,
    pub(super) key: Option<String>,
    pub(super) ca: Option<PathBuf>,
    pub(super) output: Option<Output>,
    pub(super) data: Option<PathBuf>,
    pub(super) listen: Option<String>,
    #[serde(default)]
    pub(super) allow_origin: Vec<String>,
    pub(super) limit_per_address: Option<String>,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    #[serde(default)]
    pub(super) trust_proxy: Vec<String>,
    #[serde(default, deserialize_with = "durability")]
    pub(super) durability: Option<Durability>,
}

fn durability<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Durability>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(serde::de::Error::custom)
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
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
            let known: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
            let hint = format!("known are {}; `guichet doctor --settings` explains each", known.join(", "));
            Failure::usage(format!("line {line}: {}", error.message())).hint(hint)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    #[test]
    fn every_setting_is_explained_and_every_explained_one_is_known() {
        let explained: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        let unknown = toml::from_str::<File>("no_such_setting = 1").unwrap_err().to_string();
        let (_, expected) = unknown.split_once("expected one of").unwrap();
        let known: BTreeSet<_> = expected.split('`').skip(1).step_by(2).collect();
        assert_eq!(known, explained, "{unknown}");
    }
}
