//! `?fields=` of a list: of each thing only the fields that are asked for.

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use serde_json::Value;

use crate::failure::Failure;

/// The query parameter.
pub(crate) const FIELDS: &str = "fields";

/// What a list has, where in its answer.
#[derive(Clone)]
pub(crate) struct Listing {
    /// The field of the answer that is the list.
    pub(crate) list: &'static str,
    /// The fields that its things have.
    pub(crate) fields: Vec<String>,
}

impl Listing {
    /// The fields in a text with commas between them.
    ///
    /// # Errors
    /// When things of this list have no such field.
    pub(crate) fn chosen(&self, text: &str) -> Result<Vec<String>, Failure> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let refused =
            |detail: String| Err(Failure::new("malformed_query", detail).advice(format!("They have {}.", self.fields.join(", "))));
        match names.iter().find(|name| !self.fields.contains(name)) {
            Some(none) if none.is_empty() => refused(format!("?{FIELDS}={text} names an empty field of {}.", self.list)),
            Some(unknown) => refused(format!("\"{unknown}\" is not a field of {}.", self.list)),
            None => Ok(names),
        }
    }

    /// The same answer with these fields alone; a problem stays as it is.
    pub(crate) async fn thin(&self, response: Response, chosen: &[String]) -> Result<Response, Failure> {
        if response.status() != StatusCode::OK {
            return Ok(response);
        }
        let (mut parts, body) = response.into_parts();
        let defect = |why: String| Failure::new("internal_error", why);
        // It is in memory already.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|error| defect(error.to_string()))?;
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|error| defect(error.to_string()))?;
        for thing in answer.get_mut(self.list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(thing) = thing.as_object_mut() {
                thing.retain(|name, _| chosen.contains(name));
            }
        }
        parts.headers.remove(CONTENT_LENGTH);
        Ok(Response::from_parts(parts, Body::from(answer.to_string())))
    }
}
