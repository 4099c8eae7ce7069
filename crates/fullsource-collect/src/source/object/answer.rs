//! What an object store's refusal means.

use std::error::Error;

use http::StatusCode;

use super::environment::Environment;
use super::listener::Refusal;
use crate::net::root_cause;
use crate::source::{Trouble, TroubleKind};

/// An error of the stores' library, as trouble with `what`.
///
/// The library's own words are not repeated: they quote addresses, headers and answers, which may hold
/// a credential.
pub(super) fn trouble(what: &str, error: &object_store::Error, known: &Environment) -> Trouble {
    if let Some(trouble) = find::<Trouble>(error) {
        return trouble.clone();
    }
    let told = match refusal(error) {
        Some(refusal) => of_refusal(what, refusal),
        None => of_library(what, error),
    };
    Trouble::new(told.kind, known.scrubbed(told.detail.as_str()))
}

/// What the store said in place of what it was asked for.
pub(super) fn refusal(error: &object_store::Error) -> Option<&Refusal> {
    find(error)
}

/// Whether the object is no longer the one that was asked for.
pub(super) fn is_changed(error: &object_store::Error) -> bool {
    refusal(error).is_some_and(|refusal| refusal.status == StatusCode::PRECONDITION_FAILED)
}

fn of_refusal(what: &str, Refusal { status, code, .. }: &Refusal) -> Trouble {
    let shown = if code.is_empty() { String::new() } else { format!(" ({code})") };
    Trouble::new(kind_of(*status, code), format!("{what}: the store answers {status}{shown}"))
}

fn kind_of(status: StatusCode, code: &str) -> TroubleKind {
    match (status.as_u16(), code) {
        // Azure says so of a container that is there, and not public.
        (404, "ResourceNotFound") | (409, "PublicAccessNotPermitted") => TroubleKind::Closed,
        (404 | 410, _) => TroubleKind::Absent,
        (401 | 402 | 403 | 407 | 451, _) => TroubleKind::Closed,
        (
            400,
            "AuthorizationHeaderMalformed" | "ExpiredToken" | "InvalidAccessKeyId" | "InvalidToken",
        ) => TroubleKind::Closed,
        _ => TroubleKind::Unreachable,
    }
}

fn of_library(what: &str, error: &object_store::Error) -> Trouble {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => Trouble::absent(format!("{what}: there is no such object")),
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
            Trouble::closed(format!("{what}: the store refuses"))
        }
        E::InvalidPath { .. } => Trouble::faulty(format!(
            "{what}: a key below it cannot be a path: {}",
            root_cause(error)
        )),
        _ => Trouble::faulty(format!("{what}: {}", root_cause(error))),
    }
}

fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
