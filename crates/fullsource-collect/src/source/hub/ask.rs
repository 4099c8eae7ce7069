//! Asking a hub: without the token first, and what its refusals mean.

use std::sync::atomic::{AtomicBool, Ordering};

use fullsource_format::evidence::Access;
use url::Url;

use super::HubAccess;
use super::address::Repository;
use crate::net::{Net, Request, Response};
use crate::source::Trouble;

/// Statuses whose meaning the hub's own headers tell.
const REFUSALS: &[u16] = &[401, 403, 404, 410, 451];
/// Characters of what a hub says of a refusal that are passed on.
const MESSAGE_CHARS: usize = 300;

/// One repository being asked.
pub(super) struct Asked<'a> {
    pub(super) net: &'a Net,
    pub(super) access: &'a HubAccess,
    pub(super) repository: Repository<'a>,
    /// Whether the repository opened only to the token. From then on every question has it.
    opened: AtomicBool,
    proxied: AtomicBool,
}

impl<'a> Asked<'a> {
    pub(super) fn new(net: &'a Net, access: &'a HubAccess, repository: Repository<'a>) -> Self {
        let (opened, proxied) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { net, access, repository, opened, proxied }
    }

    /// Who could look, by what was asked so far.
    pub(super) fn who(&self) -> Access {
        if self.opened.load(Ordering::Relaxed) { Access::Credential } else { Access::Anonymous }
    }

    /// Whether a proxy stood between, in anything asked so far.
    pub(super) fn proxied(&self) -> bool {
        self.proxied.load(Ordering::Relaxed)
    }

    /// The answer to a request: without the token, and where the hub refuses that, with it.
    pub(super) fn send(&self, request: &dyn Fn() -> Request) -> Result<Response, Trouble> {
        if self.opened.load(Ordering::Relaxed) {
            return self.send_once(request, true)?.map_err(|refusal| self.trouble(&refusal, true));
        }
        let refusal = match self.send_once(request, false)? {
            Ok(response) => return Ok(response),
            Err(refusal) => refusal,
        };
        if self.access.token().is_none() || !refusal.may_open() {
            return Err(self.trouble(&refusal, false));
        }
        let response =
            self.send_once(request, true)?.map_err(|refusal| self.trouble(&refusal, true))?;
        self.opened.store(true, Ordering::Relaxed);
        Ok(response)
    }

    /// The body of an answer, whole.
    pub(super) fn read(&self, url: &Url, limit: u64) -> Result<Vec<u8>, Trouble> {
        self.send(&|| Request::get(url))?.into_bytes(limit)
    }

    fn send_once(
        &self,
        request: &dyn Fn() -> Request,
        with_token: bool,
    ) -> Result<Result<Response, Refusal>, Trouble> {
        let mut request = request().accept(REFUSALS);
        if let (true, Some(token)) = (with_token && self.is_own(request.url()), self.access.token())
        {
            // Dropped by the network layer where a redirect leaves the origin.
            request = request.secret("authorization", &format!("Bearer {}", token.expose()));
        }
        let response = self.net.send(&request)?;
        self.proxied.fetch_or(response.proxied(), Ordering::Relaxed);
        if REFUSALS.contains(&response.status()) {
            return Ok(Err(self.refusal(&response)));
        }
        Ok(Ok(response))
    }

    /// Whether an address is of the hub itself.
    fn is_own(&self, url: &Url) -> bool {
        let own = self.access.endpoint().parse::<Url>();
        own.is_ok_and(|own| own.origin() == url.origin())
    }

    fn refusal(&self, response: &Response) -> Refusal {
        let elsewhere = !self.is_own(response.url());
        let code = response.header("x-error-code").map(str::to_owned);
        let token = self.access.token();
        let message = response
            .header("x-error-message")
            // A hub that repeats what it was sent must not make a report that shows it.
            .filter(|message| token.is_none_or(|token| !message.contains(token.expose())))
            .map(|message| message.chars().take(MESSAGE_CHARS).collect());
        Refusal { status: response.status(), code, message, elsewhere }
    }

    /// The refusal in the words of `evd-6`.
    fn trouble(&self, refusal: &Refusal, with_token: bool) -> Trouble {
        let page = self.repository.page();
        let said = refusal.said();
        if refusal.elsewhere {
            return match refusal.status {
                404 | 410 => Trouble::absent(format!("the hub's file store answers {said}")),
                _ => Trouble::closed(format!("the hub's file store answers {said}")),
            };
        }
        let code = refusal.code.as_deref();
        match (code, refusal.status) {
            (Some("GatedRepo"), _) if with_token => Trouble::closed(format!(
                "gated, and the token's owner has no access: {said}; ask at {page}"
            )),
            (Some("GatedRepo"), _) => Trouble::closed(format!(
                "gated: {said}; accept the terms at {page} and set `HF_TOKEN`"
            )),
            (Some("RepoNotFound"), 401) => Trouble::closed(format!(
                "private or missing, which the hub tells nobody without a token: {said}"
            )),
            // A host that is no hub, or an address that no hub has, says nothing of the repository.
            (None, 404) => Trouble::unreachable(format!("what answers is no hub: {said}")),
            (_, 404 | 410) => Trouble::absent(format!("the hub answers {said}")),
            _ => Trouble::closed(format!("the hub answers {said}")),
        }
    }
}

/// An answer that gives nothing.
struct Refusal {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    /// Whether a host that the hub redirected to said so.
    elsewhere: bool,
}

impl Refusal {
    /// Whether a token may change the answer.
    fn may_open(&self) -> bool {
        !self.elsewhere && matches!(self.status, 401 | 403)
    }

    fn said(&self) -> String {
        let parts = [Some(self.status.to_string()), self.code.clone(), self.message.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
