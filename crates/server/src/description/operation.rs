//! What one route takes, answers and refuses, said once, beside its handler.

use axum::http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr};

use super::example::Example;
use crate::sparse::{FIELDS, Listing};

const JSON: &str = "application/json";

/// A schema that others refer to by its name.
type Named = (String, RefOr<Schema>);

/// What one route takes, answers and refuses, beside what follows from its path, its method and who may call it.
#[derive(Clone)]
pub(crate) struct Operation {
    /// For generated clients: `place_hold`.
    pub(crate) id: &'static str,
    /// What it does, in a few words.
    pub(crate) summary: &'static str,
    /// What else a caller should know.
    pub(crate) notes: &'static str,
    pub(crate) takes: Option<Content>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) query: Vec<Parameter>,
    pub(crate) headers: Vec<Parameter>,
    /// What it lists, where it does.
    pub(crate) listing: Option<Listing>,
    /// Whether the token of a hold may be in its query, where a link has no place for a header.
    pub(crate) token_in_query: bool,
    /// Codes of problems.
    pub(crate) refuses: Vec<&'static str>,
    /// Every schema that the others refer to.
    pub(crate) schemas: Vec<Named>,
}

/// A body.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) media_type: &'static str,
    pub(crate) schema: RefOr<Schema>,
    pub(crate) example: Option<Value>,
}

/// An answer that is no problem.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) what: &'static str,
    pub(crate) content: Option<Content>,
}

/// A query parameter or a header.
#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) schema: RefOr<Schema>,
}

impl Operation {
    pub(crate) fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            notes: "",
            takes: None,
            answers: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            listing: None,
            token_in_query: false,
            refuses: Vec::new(),
            schemas: Vec::new(),
        }
    }

    pub(crate) fn notes(self, notes: &'static str) -> Self {
        Self { notes, ..self }
    }

    /// A JSON body.
    pub(crate) fn takes<T: Example>(mut self) -> Self {
        self.takes = Some(self.content::<T>());
        self
    }

    /// A JSON array.
    pub(crate) fn takes_list_of<T: Example>(mut self) -> Self {
        self.takes = Some(self.content::<T>().many());
        self
    }

    /// A seating plan in any format that is understood; its schema is not ours to say.
    pub(crate) fn takes_plan(mut self) -> Self {
        let any =
            ObjectBuilder::new().schema_type(Type::Object).description(Some("A seating plan: Guichet's own, seats.io's or pretix's."));
        self.takes = Some(Content { media_type: JSON, schema: any.into(), example: Some(super::example::plan()) });
        self.refuses(&["invalid_plan", "internal_error"])
    }

    /// A JSON answer.
    pub(crate) fn answers<T: Example>(self, what: &'static str) -> Self {
        self.answers_with::<T>(StatusCode::OK, what)
    }

    /// A JSON answer with where the new thing is.
    pub(crate) fn creates<T: Example>(self, what: &'static str) -> Self {
        self.answers_with::<T>(StatusCode::CREATED, what)
    }

    pub(crate) fn answers_with<T: Example>(mut self, status: StatusCode, what: &'static str) -> Self {
        let content = Some(self.content::<T>());
        self.answers.push(Answer { status, what, content });
        self
    }

    /// A JSON array.
    pub(crate) fn answers_list_of<T: Example>(mut self, what: &'static str) -> Self {
        let content = Some(self.content::<T>().many());
        self.answers.push(Answer { status: StatusCode::OK, what, content });
        self
    }

    /// A plan in Guichet's own format.
    pub(crate) fn answers_plan(mut self, what: &'static str) -> Self {
        let schema = ObjectBuilder::new().schema_type(Type::Object).into();
        let content = Some(Content { media_type: JSON, schema, example: Some(super::example::plan()) });
        self.answers.push(Answer { status: StatusCode::OK, what, content });
        self.refuses(&["internal_error"])
    }

    /// An answer that is not JSON.
    pub(crate) fn answers_text(mut self, media_type: &'static str, what: &'static str) -> Self {
        let content = Some(Content { media_type, schema: text(), example: None });
        self.answers.push(Answer { status: StatusCode::OK, what, content });
        self
    }

    /// An answer without a body.
    pub(crate) fn answers_nothing(mut self, status: StatusCode, what: &'static str) -> Self {
        self.answers.push(Answer { status, what, content: None });
        self
    }

    /// A query parameter. Others are refused.
    pub(crate) fn query(mut self, name: &'static str, what: &'static str, schema: RefOr<Schema>) -> Self {
        self.query.push(Parameter { name, what, schema });
        self
    }

    /// A query parameter that is one of a set of names.
    pub(crate) fn query_of<T: ToSchema>(mut self, name: &'static str, what: &'static str) -> Self {
        self.schemas.push((T::name().into_owned(), T::schema()));
        self.query(name, what, reference::<T>())
    }

    /// A page of a list: its answer is a `Page` whose field `list` has the things. Callers may choose fields of them.
    pub(crate) fn lists<Page: Example, Thing: ToSchema>(mut self, list: &'static str) -> Self {
        let fields: Vec<String> = match Thing::schema() {
            RefOr::T(Schema::Object(thing)) => thing.properties.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let mut content = self.content::<Page>();
        let some = ObjectBuilder::new().schema_type(Type::Object).description(Some("With `fields`: what was asked for."));
        let sparse = ObjectBuilder::new().property(list, ArrayBuilder::new().items(some)).required(list).property("next", text());
        content.schema = AnyOfBuilder::new().item(content.schema).item(sparse).into();
        self.answers.push(Answer { status: StatusCode::OK, what: "A page.", content: Some(content) });
        let names = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(fields.clone())));
        self.listing = Some(Listing { list, fields });
        self.query("cursor", "The `next` of the page before.", text())
            .query(FIELDS, "Only these fields of each, with commas between them.", names.into())
            .refuses(&["malformed_cursor"])
    }

    /// The token of a hold may be in the query.
    pub(crate) fn token_in_query(self) -> Self {
        Self { token_in_query: true, ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, what: &'static str) -> Self {
        self.headers.push(Parameter { name, what, schema: text() });
        self
    }

    /// Codes of problems that are its own.
    pub(crate) fn refuses(mut self, codes: &[&'static str]) -> Self {
        self.refuses.extend(codes);
        self
    }

    /// What every command may be answered with: the shard is busy, its disk fails, its key was used before.
    pub(crate) fn command(self) -> Self {
        self.refuses(&["busy", "outcome_unknown", "closing", "partition_stopped", "partition_not_found", "position_not_reached"])
            .refuses(&["idempotency_key_reused", "idempotency_key_expired", "wrong_partition"])
    }

    /// What may be answered where the lists are asked.
    pub(crate) fn reads_lists(self) -> Self {
        self.refuses(&["projection_unreadable", "projection_verifying"])
    }

    fn content<T: Example>(&mut self) -> Content {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Content { media_type: JSON, schema: reference::<T>(), example: Some(T::example()) }
    }
}

impl Content {
    fn many(self) -> Self {
        let schema = ArrayBuilder::new().items(self.schema).into();
        Self { schema, example: self.example.map(|example| Value::Array(vec![example])), ..self }
    }
}

fn reference<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

/// A text.
pub(crate) fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// A time.
pub(crate) fn time() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
}

/// `true` or `false`.
pub(crate) fn flag() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).into()
}

/// How many things a page has.
pub(crate) fn page_size() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).into()
}
