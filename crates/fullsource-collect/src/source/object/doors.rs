//! Asks a store: anonymously first, then with a credential; in the region that the bucket lies in.

use std::sync::{Arc, Mutex, PoisonError};

use fullsource_format::evidence::Access;
use fullsource_format::locator::Store;
use http::StatusCode;
use object_store::ObjectStore;

use super::answer;
use super::build::Plan;
use crate::net::Net;
use crate::source::{Trouble, TroubleKind};

/// The ways into one bucket.
pub(super) struct Doors<'a> {
    plan: Plan<'a>,
    net: &'a Net,
    open: Mutex<Door>,
}

/// One way in.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) access: Access,
    pub(super) region: String,
    /// Whether the bucket itself named the region.
    moved: bool,
}

impl<'a> Doors<'a> {
    pub(super) fn new(plan: Plan<'a>, net: &'a Net) -> Result<Self, Trouble> {
        let region = plan.first_region().to_owned();
        let store = plan.open(Access::Anonymous, &region)?;
        let open = Door { store, access: Access::Anonymous, region, moved: false };
        Ok(Self { plan, net, open: Mutex::new(open) })
    }

    pub(super) const fn plan(&self) -> &Plan<'a> {
        &self.plan
    }

    /// The way in that is used now.
    pub(super) fn door(&self) -> Door {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks a question about `what`, by every way in until one opens.
    pub(super) fn ask<T, F>(
        &self,
        what: &str,
        question: impl Fn(Arc<dyn ObjectStore>) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let mut closed: Option<Trouble> = None;
        loop {
            let door = self.door();
            let error = match self.net.wait(question(Arc::clone(&door.store)))? {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let trouble = answer::trouble(what, &error, &self.plan.environment);
            if self.to_its_region(&door, &error)? {
                continue;
            }
            if let Some(closed) = closed {
                return Err(after_a_credential(closed, trouble));
            }
            let shut = trouble.kind == TroubleKind::Closed || is_bad_request(&error);
            let anonymous = door.access == Access::Anonymous;
            if !shut || !anonymous || !self.plan.has_credential() {
                return Err(trouble);
            }
            match self.plan.open(Access::Credential, &door.region) {
                Ok(store) => self.enter(Door { store, access: Access::Credential, ..door }),
                Err(no_key) => return Err(after_a_credential(trouble, no_key)),
            }
            closed = Some(trouble);
        }
    }

    /// Goes once to where S3 says that the bucket lies.
    fn to_its_region(&self, door: &Door, error: &object_store::Error) -> Result<bool, Trouble> {
        let region = answer::refusal(error).and_then(|refusal| refusal.region.clone());
        let region = region.filter(|region| is_region(region) && *region != door.region);
        let Some(region) = region.filter(|_| !door.moved && self.plan.store == Store::S3) else {
            return Ok(false);
        };
        let store = self.plan.open(door.access, &region)?;
        self.enter(Door { store, region, moved: true, access: door.access });
        Ok(true)
    }

    fn enter(&self, door: Door) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = door;
    }
}

/// Some stores that speak like S3 do not understand a question without a signature.
fn is_bad_request(error: &object_store::Error) -> bool {
    answer::refusal(error).is_some_and(|refusal| refusal.status == StatusCode::BAD_REQUEST)
}

/// A region becomes a part of a host name.
fn is_region(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&text.len()) && text.chars().all(plain)
}

/// What to say where an anonymous question was refused and one with a credential did not help: that a
/// credential could not be had is no word of the store.
fn after_a_credential(closed: Trouble, second: Trouble) -> Trouble {
    match second.kind {
        TroubleKind::Absent | TroubleKind::Closed | TroubleKind::Stopped => second,
        _ if closed.kind != TroubleKind::Closed => second,
        _ => Trouble::closed(format!("{}; with a credential: {}", closed.detail, second.detail)),
    }
}
