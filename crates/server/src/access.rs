//! Who may do what: API keys and hold tokens.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use guichet_core::domain::key::{ApiKey, Scope};
use guichet_core::domain::show::SaleState;
use guichet_core::{ApiKeyId, Caller, Guichet, HoldId, OrderView, OrganiserId, ShowId, VenueId};

use crate::app::App;
use crate::failure::Failure;
use crate::peer::Peer;
use crate::view;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Everybody.
    Nobody,
    /// Any key.
    Key,
    /// Whoever sells; a shop needs the hold token for what belongs to somebody.
    Shop,
    /// Whoever sells, or looks on.
    Browse,
    /// The box office.
    Sell,
    /// The box office, or whoever looks on.
    Look,
    /// An organiser's office.
    Manage,
    /// The door.
    Door,
    /// Who runs the house.
    Admin,
    /// Who runs the house, or looks on at all of it.
    Watch,
    /// The same, or a program on this machine.
    WatchOrLocal,
}

impl Need {
    /// The scopes that are enough.
    pub(crate) fn scopes(self) -> &'static [Scope] {
        use Scope::{Admin, CheckIn, Organiser, ReadOnly, Sales, Shop};
        match self {
            Self::Nobody | Self::Key => &[Admin, Organiser, Sales, Shop, CheckIn, ReadOnly],
            Self::Shop => &[Admin, Organiser, Sales, Shop],
            Self::Browse => &[Admin, Organiser, Sales, Shop, ReadOnly],
            Self::Sell => &[Admin, Organiser, Sales],
            Self::Look => &[Admin, Organiser, Sales, ReadOnly],
            Self::Manage => &[Admin, Organiser],
            Self::Door => &[Admin, Organiser, CheckIn],
            Self::Admin => &[Admin],
            Self::Watch | Self::WatchOrLocal => &[Admin, ReadOnly],
        }
    }

    /// Whether what is asked for is of the whole house, and so nothing for a key of one organiser.
    pub(crate) fn is_of_the_house(self) -> bool {
        matches!(self, Self::Admin | Self::Watch | Self::WatchOrLocal)
    }
}

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    pub(crate) key: ApiKeyId,
    pub(crate) scope: Scope,
    /// Whose things it reaches; of no organiser, it reaches all.
    pub(crate) organiser: Option<OrganiserId>,
}

impl Identity {
    fn of(key: &ApiKey) -> Self {
        Self { caller: Caller::with_key(key.id), key: key.id, scope: key.scope, organiser: key.organiser }
    }

    /// Whether it may do what an organiser's office does.
    pub(crate) fn manages(self) -> bool {
        Need::Manage.scopes().contains(&self.scope)
    }

    /// Whether it sells without hold tokens.
    pub(crate) fn sells(self) -> bool {
        Need::Sell.scopes().contains(&self.scope)
    }

    /// Whether it sees holds and orders without hold tokens.
    pub(crate) fn looks(self) -> bool {
        Need::Look.scopes().contains(&self.scope)
    }

    /// Whether what is this organiser's, or nobody's, is reached.
    pub(crate) fn reaches(self, owner: Option<OrganiserId>) -> bool {
        self.organiser.is_none() || self.organiser == owner
    }

    /// Whether a show is reached: a shop never hears of drafts.
    pub(crate) fn reaches_show(self, engine: &Guichet, show: ShowId) -> bool {
        let published = || engine.with_show(show, |show| show.sale != SaleState::Draft).unwrap_or(true);
        self.reaches_owner_of(engine, show) && (self.scope != Scope::Shop || published())
    }

    fn reaches_owner_of(self, engine: &Guichet, show: ShowId) -> bool {
        self.organiser.is_none() || self.reaches(engine.organiser_of_show(show))
    }

    /// Whether a venue is reached; one of nobody is for all.
    pub(crate) fn reaches_venue(self, engine: &Guichet, venue: VenueId) -> bool {
        engine.organiser_of_venue(venue).is_none_or(|owner| self.reaches(Some(owner)))
    }

    /// Whether an API key is reached.
    pub(crate) fn reaches_key(self, engine: &Guichet, id: ApiKeyId) -> bool {
        self.organiser.is_none() || engine.api_keys().into_iter().any(|key| key.id == id && self.reaches(key.organiser))
    }

    /// Whether an order is reached, that is, everything that it buys.
    pub(crate) fn reaches_order(self, engine: &Guichet, order: &OrderView) -> bool {
        self.organiser.is_none() || order.lines.iter().all(|line| self.reaches_owner_of(engine, line.show))
    }

    /// Whether the caller may look at a hold.
    ///
    /// # Errors
    /// As [`Identity::may_touch`].
    pub(crate) async fn may_see(self, app: &App, hold: HoldId, token: Option<&str>) -> Result<(), Failure> {
        if self.looks() { self.must_reach_hold(app, hold).await } else { self.may_touch(app, hold, token).await }
    }

    /// Whether the caller may change a hold or order it.
    ///
    /// # Errors
    /// 403, the same whether the hold exists or not; 404 when it is another organiser's.
    pub(crate) async fn may_touch(self, app: &App, hold: HoldId, token: Option<&str>) -> Result<(), Failure> {
        match token {
            _ if self.sells() => self.must_reach_hold(app, hold).await,
            Some(token) if app.engine.token_fits(hold, token) => self.must_reach_hold(app, hold).await,
            Some(_) => Err(wrong_token()),
            None => Err(Failure::new("hold_token_required", "This needs the hold's token.")),
        }
    }

    async fn must_reach_hold(self, app: &App, id: HoldId) -> Result<(), Failure> {
        if self.organiser.is_none() {
            return Ok(());
        }
        let hold = app.found(id.partition(), |engine| engine.hold(id)).await?;
        match hold {
            Some(hold) if self.reaches_owner_of(&app.engine, hold.show) => Ok(()),
            _ => Err(Failure::new("hold_not_found", format!("There is no hold {id}."))),
        }
    }
}

pub(crate) fn wrong_token() -> Failure {
    Failure::new("hold_token_wrong", "This is not the token of that hold.")
}

/// Checks a request's key against what its route needs. `None` where nobody has to say who they are.
pub(crate) fn identify(app: &App, need: Need, headers: &HeaderMap, peer: Option<Peer>) -> Result<Option<Identity>, Failure> {
    let from = peer.and_then(|peer| app.limits.outside_address(peer, headers));
    if need == Need::Nobody || (need == Need::WatchOrLocal && peer.is_some() && from.is_none()) {
        return Ok(None);
    }
    let unauthenticated = |code, detail| {
        // Guessing is slowed down, and so is whoever repeats a mistake without end.
        app.limits.check_address(from)?;
        Err(Failure::new(code, detail).header("www-authenticate", "Bearer"))
    };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = given.and_then(|value| value.split_once(' ')).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return unauthenticated("unauthenticated", "This needs an API key.");
    }
    let Some(key) = app.engine.authenticate(secret.trim()) else {
        return unauthenticated("invalid_key", "This API key is unknown or revoked.");
    };
    if headers.contains_key(ORIGIN) && key.scope != Scope::Shop {
        let detail = format!("A key of scope {} was sent by a web page, where others can read it.", view::scope(key.scope));
        return Err(Failure::new("key_not_for_browsers", detail));
    }
    if !need.scopes().contains(&key.scope) {
        return Err(scope_missing("This", need.scopes(), key.scope));
    }
    if need.is_of_the_house() && key.organiser.is_some() {
        return Err(Failure::new("scope_missing", "This is of the whole house, and the key is of one organiser."));
    }
    if key.scope == Scope::Shop {
        app.limits.check_address(from)?;
    }
    app.limits.check_key(&key)?;
    Ok(Some(Identity::of(&key)))
}

/// 403: the key is good for other things.
pub(crate) fn scope_missing(what: &str, enough: &[Scope], has: Scope) -> Failure {
    let enough: Vec<_> = enough.iter().map(|scope| view::scope(*scope).as_str()).collect();
    let detail = format!("{what} needs a key of scope {}; this one has scope {}.", enough.join(" or "), view::scope(has));
    Failure::new("scope_missing", detail)
}
