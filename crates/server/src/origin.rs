//! Origins of web pages.

use std::str::FromStr;

use axum::http::{HeaderValue, Uri};

/// Where a web page comes from: scheme, host and, where it is not the usual one, port (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// A text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not the origin of a web page; origins look like https://shop.example or http://localhost:3000, without a path")]
pub struct NotAnOrigin(String);

impl Origin {
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let wrong = || NotAnOrigin(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
        // As a browser writes it.
        let plain = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
        let is_whole = text.len() == plain.len() && !authority.as_str().contains('@');
        is_whole.then(|| HeaderValue::from_str(&plain).ok().map(Self)).flatten().ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        for text in ["https://shop.example", "http://localhost:3000", "http://[::1]:8080"] {
            assert_eq!(text.parse::<Origin>().unwrap().header(), text);
        }
        assert_eq!("https://Shop.Example".parse::<Origin>().unwrap().header(), "https://shop.example");
        for text in
            ["*", "", "shop.example", "https://shop.example/", "https://shop.example/a", "ftp://shop.example", "https://a@b", "null"]
        {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
