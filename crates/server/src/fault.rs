//! A "no" or a failure on its way to the reader.

use axum::{
    extract::rejection::{BytesRejection, FormRejection, JsonRejection, QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use signoff::{BoxError, NotDone, Refusal, RefusalCode, core::schemas::FieldError, store};

/// A "no" or a failure, with nothing in it that the reader must not see.
///
/// As a response it is empty: REST makes a problem of it, the pages make a page.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    /// Stable; each has a page in `docs/errors`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retryable: bool,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            retryable: false,
        }
    }

    /// There is no such thing for this reader.
    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is nothing here for you",
        )
    }

    /// The task has been closed, and is nothing that this reader may look at any more.
    pub(crate) fn closed() -> Self {
        let code = RefusalCode::NotOpen.as_str();
        Self::new(StatusCode::CONFLICT, code, "the task is closed")
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "nobody is signed in",
        )
    }

    /// What should not happen.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// This person may not do this.
    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_permitted", message)
    }

    /// The request cannot be read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", message)
    }

    /// The directory cannot be asked.
    pub(crate) fn directory(error: &BoxError) -> Self {
        tracing::error!(
            error = &**error as &dyn std::error::Error,
            "the directory cannot be asked"
        );
        Self {
            retryable: true,
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "directory_unavailable",
                "the directory cannot be asked",
            )
        }
    }

    /// A list could not be read: a cursor that is not its own is the reader's mistake.
    pub(crate) fn list(error: store::Error, has_cursor: bool) -> Self {
        if has_cursor && error.kind() == store::ErrorKind::Other {
            return Self::malformed("the cursor does not belong to this list");
        }
        Self::from(signoff::Error::from(error))
    }

    fn rejected(status: StatusCode, message: String) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                status,
                "limit_exceeded",
                "the request is larger than is allowed",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "unsupported_media_type", message)
            }
            _ => Self::malformed(message),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            RefusalCode::NotFound => StatusCode::NOT_FOUND,
            RefusalCode::NotPermitted
            | RefusalCode::SelfApproval
            | RefusalCode::SeparationOfDuties => StatusCode::FORBIDDEN,
            RefusalCode::DanglingReference
            | RefusalCode::DefinitionInvalid
            | RefusalCode::FormInvalid
            | RefusalCode::FormNotAllowed
            | RefusalCode::FormRequired
            | RefusalCode::NoApprover
            | RefusalCode::NodeFailed
            | RefusalCode::ReasonRequired
            | RefusalCode::RequestReused
            | RefusalCode::TargetInvalid
            | RefusalCode::TargetRequired
            | RefusalCode::TextInvalid
            | RefusalCode::UnknownMessage
            | RefusalCode::UnknownUser => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalCode::LimitExceeded if refusal.message.contains(" bytes ") => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            RefusalCode::LimitExceeded => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        Self {
            fields: refusal.fields,
            ..Self::new(status, refusal.code.as_str(), refusal.message)
        }
    }
}

impl From<signoff::Error> for Fault {
    fn from(error: signoff::Error) -> Self {
        if error.kind() == signoff::ErrorKind::Request {
            return Self::malformed(error.to_string());
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
        if error.kind() == signoff::ErrorKind::UnknownTenant {
            let message = "there is no such tenant";
            return Self::new(StatusCode::NOT_FOUND, error.code(), message);
        }
        let retryable = error.is_retryable();
        let (status, message) = if retryable {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "this does not work at the moment; try again",
            )
        } else {
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "something went wrong here",
            )
        };
        Self {
            retryable,
            ..Self::new(status, error.code(), message)
        }
    }
}

impl From<NotDone> for Fault {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Failed(error) => error.into(),
            NotDone::Refused(refusal) => refusal.into(),
        }
    }
}

macro_rules! from_rejections {
    ($($rejection:ident)*) => {$(
        impl From<$rejection> for Fault {
            fn from(rejection: $rejection) -> Self {
                Self::rejected(rejection.status(), rejection.body_text())
            }
        }
    )*};
}

from_rejections! { BytesRejection FormRejection JsonRejection QueryRejection }

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
