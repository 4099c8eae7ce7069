//! A file at an `https:` address, as it is served.

use url::Url;

use super::{Context, Entry, Sink, SinkError, Told, Trouble};
use crate::net::{Request, Response};

/// Hands the served bytes over as one file.
///
/// Fails where the answer is no file, is longer or shorter than it says, or breaks off and cannot be
/// taken up again.
pub fn look(url: &str, context: &Context<'_>, sink: &dyn Sink) -> Result<Told, Trouble> {
    let mut response = ask(url, context)?;
    let entry = Entry { path: b"", size: response.length(), executable: false };
    sink.file(&entry, &mut response).map_err(refused)?;
    Ok(told(&response))
}

/// Asks for what lies at the address of a locator.
pub(crate) fn ask(url: &str, context: &Context<'_>) -> Result<Response, Trouble> {
    let parsed: Url = url.parse().map_err(|error| {
        Trouble::skipped(format!("it is no address that can be asked: {error}"))
    })?;
    context.net.send(&Request::get(&parsed))
}

/// What an answer tells of itself.
pub(crate) fn told(response: &Response) -> Told {
    Told { endpoint: Some(response.endpoint()), proxied: response.proxied(), ..Told::default() }
}

/// The trouble behind a sink's refusal.
pub(crate) fn refused(error: SinkError) -> Trouble {
    match error {
        SinkError::Read(error) => Trouble::of(&error),
        SinkError::Refused(reason) => Trouble::faulty(reason),
        SinkError::Stopped(stopped) => stopped.into(),
    }
}
