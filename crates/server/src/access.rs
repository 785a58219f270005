//! Who may do what: API keys and hold tokens.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use guichet_core::domain::key::Scope;
use guichet_core::{Caller, Guichet, HoldId};

use crate::failure::Failure;
use crate::view;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Everybody.
    Nobody,
    /// Any key.
    Key,
    /// A shop key or an admin key; what belongs to somebody needs its hold token too.
    Shop,
    /// A key for the door or an admin key.
    Door,
    /// An admin key.
    Admin,
    /// An admin key, or a program on this machine.
    AdminOrLocal,
}

impl Need {
    /// The scopes that are enough.
    fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Nobody | Self::Key => &[Scope::Admin, Scope::Shop, Scope::CheckIn],
            Self::Shop => &[Scope::Admin, Scope::Shop],
            Self::Door => &[Scope::Admin, Scope::CheckIn],
            Self::Admin | Self::AdminOrLocal => &[Scope::Admin],
        }
    }
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    pub(crate) admin: bool,
}

impl Identity {
    /// Whether the caller may touch a hold.
    ///
    /// # Errors
    /// 403, the same whether the hold exists or not.
    pub(crate) fn may_touch(self, engine: &Guichet, hold: HoldId, token: Option<&str>) -> Result<(), Failure> {
        match token {
            _ if self.admin => Ok(()),
            Some(token) if engine.token_fits(hold, token) => Ok(()),
            Some(_) => Err(wrong_token()),
            None => Err(Failure::new("hold_token_required", "This needs the hold's token.")),
        }
    }
}

pub(crate) fn wrong_token() -> Failure {
    Failure::new("hold_token_wrong", "This is not the token of that hold.")
}

/// Checks a request's key against what its route needs. `None` where nobody has to say who they are.
pub(crate) fn identify(engine: &Guichet, need: Need, headers: &HeaderMap, peer: Option<Peer>) -> Result<Option<Identity>, Failure> {
    if need == Need::Nobody || (need == Need::AdminOrLocal && is_local(headers, peer)) {
        return Ok(None);
    }
    let unauthenticated = |code, detail| Failure::new(code, detail).header("www-authenticate", "Bearer");
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = given.and_then(|value| value.split_once(' ')).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthenticated("unauthenticated", "This needs an API key."));
    }
    let key = engine.authenticate(secret.trim()).ok_or_else(|| unauthenticated("invalid_key", "This API key is unknown or revoked."))?;
    if headers.contains_key(ORIGIN) && key.scope != Scope::Shop {
        let detail = format!("A key of scope {} was sent by a web page, where others can read it.", view::scope(key.scope));
        return Err(Failure::new("key_not_for_browsers", detail));
    }
    if !need.scopes().contains(&key.scope) {
        return Err(scope_missing("This", need.scopes(), key.scope));
    }
    Ok(Some(Identity { caller: Caller::with_key(key.id), admin: key.scope == Scope::Admin }))
}

/// 403: the key is good for other things.
pub(crate) fn scope_missing(what: &str, enough: &[Scope], has: Scope) -> Failure {
    let enough: Vec<_> = enough.iter().map(|scope| view::scope(*scope).as_str()).collect();
    let detail = format!("{what} needs a key of scope {}; this one has scope {}.", enough.join(" or "), view::scope(has));
    Failure::new("scope_missing", detail)
}

/// A program on this machine, and not somebody behind a proxy that runs on it.
fn is_local(headers: &HeaderMap, peer: Option<Peer>) -> bool {
    let forwarded = headers.contains_key("forwarded") || headers.contains_key("x-forwarded-for");
    !forwarded && peer.is_some_and(|Peer(peer)| peer.ip().to_canonical().is_loopback())
}
