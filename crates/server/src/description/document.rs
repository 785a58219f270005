//! The whole description: OpenAPI 3.1, assembled from the list of routes.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use utoipa::PartialSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, ContentBuilder, HeaderBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required,
    Response, ResponseBuilder, SecurityRequirement,
};

use super::operation::{self, Operation};
use super::{Described, Refusals, path_ids};
use crate::access::Need;
use crate::failure::{Failure, known_code};
use crate::view;
use guichet_api::{Problem, header};

pub(super) const ABOUT: &str = "Reserve seats and places, sell them, let people in. Every command takes an Idempotency-Key: sent again with the same body, \
     it gets the same answer. Every answer says with Guichet-Position how far it has seen; a GET with ?min_position= waits until it has \
     seen as much. Whatever is refused is a problem of RFC 9457 with a stable code.";

/// The description of these routes.
pub(super) fn assemble(routes: &[Described]) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = ComponentsBuilder::new()
        .schema("Problem", Problem::schema())
        .security_scheme("key", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    let mut problems = Vec::new();
    <Problem as utoipa::ToSchema>::schemas(&mut problems);
    for (name, schema) in problems.into_iter().chain(routes.iter().flat_map(|route| route.operation.schemas.clone())) {
        components = components.schema(name, schema);
    }
    let mut subjects = Vec::new();
    for route in routes {
        let subject = subject(route.path);
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
        let method = if route.method == Method::GET {
            HttpMethod::Get
        } else if route.method == Method::DELETE {
            HttpMethod::Delete
        } else {
            HttpMethod::Post
        };
        paths = paths.path(route.path, PathItem::new(method, operation(route, subject)));
    }
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("Guichet").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT)))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(subjects.into_iter().map(|name| TagBuilder::new().name(name).build())))
        .build()
}

/// What a path is about: the word behind the version.
pub(super) fn subject(path: &'static str) -> &'static str {
    path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("server")
}

fn operation(route: &Described, subject: &str) -> OperationBuilder {
    let Operation { id, summary, notes, takes, .. } = &route.operation;
    let mut built = OperationBuilder::new()
        .operation_id(Some(*id))
        .summary(Some(*summary))
        .tag(subject)
        .parameters(Some(parameters(route)))
        .request_body(takes.as_ref().map(body));
    let who = who(route.need);
    built = built.description(Some(if notes.is_empty() { who.to_owned() } else { format!("{notes}\n\n{who}") }));
    if route.need != Need::Nobody {
        built = built.security(SecurityRequirement::new("key", Vec::<String>::new()));
    }
    if route.need == Need::WatchOrLocal {
        // Or without.
        built = built.security(SecurityRequirement::default());
    }
    for answer in &route.operation.answers {
        let mut response = ResponseBuilder::new().description(answer.what);
        if let Some(content) = &answer.content {
            response = response.content(content.media_type, shown(content));
        }
        built = built.response(answer.status.as_str(), stamped(response));
    }
    for (status, codes) in by_status(&route.refusals) {
        built = built.response(status.as_str(), problem(&codes));
    }
    built
}

/// Who may call, in a sentence.
pub(super) fn who(need: Need) -> String {
    let scopes: Vec<_> = need.scopes().iter().map(|scope| view::scope(*scope).as_str()).collect();
    let house = if need.is_of_the_house() { ", and of no organiser" } else { "" };
    match need {
        Need::Nobody => "Needs no key.".to_owned(),
        Need::Key => "Needs any key.".to_owned(),
        Need::WatchOrLocal => format!("Needs a key of scope {}{house}, or to come from the machine itself.", scopes.join(" or ")),
        _ => format!("Needs a key of scope {}{house}.", scopes.join(" or ")),
    }
}

fn parameters(route: &Described) -> Vec<Parameter> {
    let ids = path_ids(route.path)
        .map(|(name, what)| parameter(name, ParameterIn::Path, what, operation::text()).required(Required::True).build());
    let query = route.query().into_iter().map(|query| parameter(query.name, ParameterIn::Query, query.what, query.schema).build());
    let headers = route.headers().into_iter().map(|header| parameter(header.name, ParameterIn::Header, header.what, header.schema).build());
    ids.chain(query).chain(headers).collect()
}

fn parameter(name: &str, place: ParameterIn, what: &str, schema: RefOr<utoipa::openapi::Schema>) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place).required(Required::False).description(Some(what)).schema(Some(schema))
}

fn body(content: &operation::Content) -> RequestBody {
    RequestBodyBuilder::new().content(content.media_type, shown(content)).required(Some(Required::True)).build()
}

fn shown(content: &operation::Content) -> Content {
    ContentBuilder::new().schema(Some(content.schema.clone())).example(content.example.clone()).build()
}

/// An answer with the headers that every answer has.
fn stamped(response: ResponseBuilder) -> Response {
    let text = |what: &str| HeaderBuilder::new().schema(Some(operation::text())).description(Some(what)).build();
    response
        .header(header::POSITION, text("How far this answer has seen."))
        .header(header::REQUEST_ID, text("The name of this request in the server's log: the caller's own, or a new one."))
        .header(header::DURABILITY, text("What an acknowledgement promises: fsync or os."))
        .build()
}

/// Codes by the status that they are answered with.
pub(super) fn by_status(refusals: &Refusals) -> BTreeMap<StatusCode, Vec<&'static str>> {
    let mut statuses: BTreeMap<StatusCode, Vec<&'static str>> = BTreeMap::new();
    for code in refusals.codes() {
        if let Some(known) = known_code(code) {
            statuses.entry(known.status).or_default().push(code);
        }
    }
    statuses
}

fn problem(codes: &[&'static str]) -> Response {
    let examples = codes.iter().filter_map(|code| {
        let known = known_code(code)?;
        let example = serde_json::to_value(Failure::new(code, known.meaning).into_problem()).ok()?;
        Some((*code, RefOr::T(ExampleBuilder::new().summary(known.meaning).value(Some(example)).build())))
    });
    let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).examples_from_iter(examples).build();
    stamped(ResponseBuilder::new().description(format!("Refused: {}.", codes.join(", "))).content(header::PROBLEM_JSON, content))
}
