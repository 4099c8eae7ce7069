//! Software Heritage ids: whether the archive knows one. No bytes come of it.
//!
//! To ask tells the archive what somebody looks at, and it answers only so many questions an hour. So it
//! is asked only where the caller wants that.
//!
//! Spec: `spec/v0.1/locator.md`, `spec/v0.1/looking.md`.

use std::collections::BTreeMap;

use fullsource_format::evidence::Access;
use serde::Deserialize;
use url::Url;

use crate::net::{Request, shown};
use crate::source::{Context, Told, Trouble};

/// The archive's own address.
pub const ARCHIVE: &str = "https://archive.softwareheritage.org/";
/// Bytes of an answer about one id.
const ANSWER_BYTES: u64 = 64 << 10;

/// Whether an archive is asked, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archive {
    /// None is.
    NotAsked,
    /// The one at this address, above `api/`: [`ARCHIVE`], or another that answers like it.
    At(Url),
}

#[derive(Deserialize)]
struct Known {
    known: bool,
}

/// Asks the archive whether it knows a core SWHID (`loc-11`). That it does is its word: that there is
/// such an object, not that all below it is kept. Fails with [`Trouble::absent`] where it does not, and
/// with [`Trouble::skipped`] where it is not to be asked.
pub fn look(id: &str, archive: &Archive, context: &Context<'_>) -> Result<Told, Trouble> {
    let Archive::At(archive) = archive else {
        return Err(Trouble::skipped("not asked; `--ask-software-heritage` asks the archive"));
    };
    context.progress.check()?;
    let url = archive.join("api/1/known/").map_err(|_| no_archive("its address has no path"))?;
    let request = Request::post(&url, serde_json::json!([id]).to_string().into_bytes())
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .accept(&[404, 410]);
    let response = context.net.send(&request)?;
    // The question has no place there, which says nothing of the id.
    if matches!(response.status(), 404 | 410) {
        return Err(no_archive(&response.status().to_string()));
    }
    let proxied = response.proxied();
    let answer: BTreeMap<String, Known> =
        serde_json::from_slice(&response.into_bytes(ANSWER_BYTES)?)
            .map_err(|error| no_archive(&error.to_string()))?;
    match answer.get(id) {
        Some(Known { known: true }) => Ok(Told {
            access: Some(Access::Anonymous),
            endpoint: Some(shown(archive)),
            proxied,
            ..Told::default()
        }),
        Some(Known { known: false }) => Err(Trouble::absent("the archive does not know it")),
        None => Err(no_archive("it does not speak of the id")),
    }
}

fn no_archive(why: &str) -> Trouble {
    Trouble::unreachable(format!("what answers is no Software Heritage archive: {why}"))
}
