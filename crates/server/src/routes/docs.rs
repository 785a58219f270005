//! The server's description of itself.

use axum::extract::Path;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::description::{ERRORS, OPENAPI, READABLE, error_page};
use crate::failure::Failure;

/// Not even a mistake in a page can make a browser ask another host.
const POLICY: (HeaderName, &str) = (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'");
const HTML: (HeaderName, &str) = (CONTENT_TYPE, "text/html; charset=utf-8");

/// `GET /openapi.json`
pub(super) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI.as_str())
}

/// `GET /docs`
pub(super) async fn readable() -> impl IntoResponse {
    ([HTML, POLICY], READABLE.as_str())
}

/// `GET /docs/errors`
pub(super) async fn errors() -> impl IntoResponse {
    ([HTML, POLICY], ERRORS.as_str())
}

/// `GET /docs/errors/{code}`
pub(super) async fn error(Path(code): Path<String>) -> Result<impl IntoResponse, Failure> {
    let page = error_page(&code).ok_or_else(|| Failure::new("code_not_found", format!("No problem has the code {code}.")))?;
    Ok(([HTML, POLICY], page))
}

pub(super) mod about {
    use crate::description::operation::Operation;

    const PAGE: &str = "text/html; charset=utf-8";

    pub(in crate::routes) fn openapi() -> Operation {
        let operation = Operation::new("openapi", "This description, for programs.");
        operation.answers_text("application/json", "OpenAPI 3.1.")
    }

    pub(in crate::routes) fn readable() -> Operation {
        Operation::new("docs", "This description, for people.").answers_text(PAGE, "A page that refers to no other host.")
    }

    pub(in crate::routes) fn errors() -> Operation {
        Operation::new("error_codes", "Every code that a problem may have.").answers_text(PAGE, "A page.")
    }

    pub(in crate::routes) fn error() -> Operation {
        Operation::new("error_code", "One code: when it comes, what to do, who answers so.").answers_text(PAGE, "A page.")
    }
}
