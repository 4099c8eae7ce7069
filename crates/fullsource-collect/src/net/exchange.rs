//! One question and its answer: redirects, repetitions, and what a status means.

use std::error::Error;
use std::time::Duration;

use http::Method;
use tokio::time::timeout;
use url::Url;

use super::Net;
use super::address::Forbidden;
use super::request::{Request, shown};
use super::response::Response;
use crate::source::{Trouble, TroubleKind};

/// The longest pause that another side may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Why there is no answer this time.
pub(crate) enum Failed {
    /// It makes no sense to ask again.
    Final(Trouble),
    /// It may work the next time; not before this pause, where one was asked for.
    Passing(Trouble, Option<Duration>),
}

impl From<Forbidden> for Failed {
    fn from(forbidden: Forbidden) -> Self {
        Self::Final(Trouble::skipped(forbidden.to_string()))
    }
}

impl Net {
    /// Asks, follows redirects, and asks again where it may help.
    ///
    /// 200, 206 to who asked for a range, and what the request accepts come back. 404 and 410 are [`TroubleKind::Absent`],
    /// 401, 402, 403 and 407 [`TroubleKind::Closed`]; what does not answer, or answers with 408, 425,
    /// 429 or 5xx to the last try, is [`TroubleKind::Unreachable`]; an address that is not allowed, or a
    /// budget that is spent, [`TroubleKind::Skipped`].
    pub fn send(&self, request: &Request) -> Result<Response, Trouble> {
        let started = self.started()?;
        let answer = started.runtime.block_on(self.until_stopped(self.tried(request)))??;
        let (answer, proxied) = answer;
        let response = Response::new(self.clone(), request, answer, proxied);
        // What does not fit into the budget is not begun.
        match response.length().filter(|_| request.method != Method::HEAD) {
            Some(length) => self.budget().fits(length).map(|()| response),
            None => Ok(response),
        }
    }

    /// Waits for something, or for the wish to stop.
    pub(super) async fn until_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, Trouble> {
        tokio::pin!(work);
        loop {
            match timeout(Duration::from_millis(200), &mut work).await {
                Ok(done) => return Ok(done),
                Err(_) => self.check()?,
            }
        }
    }

    async fn tried(&self, request: &Request) -> Result<(reqwest::Response, bool), Trouble> {
        let mut pause = self.settings().pause;
        let mut left = self.settings().tries.max(1);
        loop {
            left -= 1;
            let (trouble, asked) = match self.followed(request.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(trouble)) => return Err(trouble),
                Err(Failed::Passing(trouble, asked)) => (trouble, asked),
            };
            if left == 0 {
                return Err(trouble);
            }
            let wait = asked.map_or(pause, |asked| asked.max(pause)).min(LONGEST_PAUSE);
            if self.budget().time()? <= wait {
                return Err(trouble);
            }
            tokio::time::sleep(wait).await;
            pause = pause.saturating_mul(2);
        }
    }

    async fn followed(&self, request: Request) -> Result<(reqwest::Response, bool), Failed> {
        let mut request = request;
        let mut by_proxy = false;
        for _ in 0..=self.settings().redirects {
            let (answer, proxied) = self.exchange(&request).await?;
            by_proxy |= proxied;
            let status = answer.status().as_u16();
            if !request.follow || !matches!(status, 301 | 302 | 303 | 307 | 308) {
                return classified(&request, answer).map(|answer| (answer, by_proxy));
            }
            let to = target(&request.url, &answer).map_err(Failed::Final)?;
            request = request.redirected(to, status);
        }
        let text = format!("more than {} redirects", self.settings().redirects);
        Err(Failed::Final(Trouble::skipped(text)))
    }

    /// One question and one answer, whatever it is. Checks the address, and nothing of the answer.
    pub(crate) async fn exchange(
        &self,
        request: &Request,
    ) -> Result<(reqwest::Response, bool), Failed> {
        self.inner.guard.check_url(&request.url)?;
        let skipped = |error: super::NetError| Failed::Final(Trouble::skipped(error.to_string()));
        let started = self.started().map_err(Failed::Final)?;
        let (client, proxied) = started.clients.for_url(&request.url).map_err(skipped)?;
        let mut headers = request.headers.clone();
        // What is hashed is what is published, not what is packed for the way.
        headers.entry("accept-encoding").or_insert(http::HeaderValue::from_static("identity"));
        headers.extend(request.secrets.clone());
        let mut builder = client.request(request.method.clone(), request.url.clone());
        builder = builder.headers(headers);
        if request.method == Method::POST {
            builder = builder.body(request.body.clone());
        }
        let patience = self.settings().idle.min(self.budget().time().map_err(Failed::Final)?);
        match timeout(patience, builder.send()).await {
            Ok(Ok(answer)) => Ok((answer, proxied)),
            Ok(Err(error)) => Err(self.failed(&request.url, &error)),
            Err(_) => {
                let text =
                    format!("{}: no answer in {} s", shown(&request.url), patience.as_secs());
                Err(Failed::Passing(Trouble::unreachable(text), None))
            }
        }
    }

    fn failed(&self, url: &Url, error: &reqwest::Error) -> Failed {
        if let Some(forbidden) = cause::<Forbidden>(error) {
            return forbidden.clone().into();
        }
        let text = format!("{}: {}", shown(url), root_cause(error));
        Failed::Passing(Trouble::unreachable(text), None)
    }
}

/// Where a redirect leads: never to a lower scheme.
fn target(from: &Url, answer: &reqwest::Response) -> Result<Url, Trouble> {
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    let broken = || Trouble::unreachable(format!("{}: a redirect to nowhere", shown(from)));
    let mut to = from.join(location.ok_or_else(broken)?).map_err(|_| broken())?;
    to.set_fragment(None);
    if from.scheme() == "https" && to.scheme() != "https" {
        let text = format!("{}: a redirect from https to {}:", shown(from), to.scheme());
        return Err(Trouble::skipped(text));
    }
    Ok(to)
}

fn classified(request: &Request, answer: reqwest::Response) -> Result<reqwest::Response, Failed> {
    let status = answer.status().as_u16();
    // look-6: 204 and alike hold nothing, and a part is no answer to who asked for the whole.
    let whole = status == 200 || (status == 206 && request.headers.contains_key("range"));
    if whole || request.accept.contains(&status) {
        return Ok(answer);
    }
    let text = format!("{}: the answer is {}", shown(&request.url), answer.status());
    let of = |kind| Trouble::new(kind, &text);
    Err(match status {
        404 | 410 => Failed::Final(of(TroubleKind::Absent)),
        401 | 402 | 403 | 407 | 451 => Failed::Final(of(TroubleKind::Closed)),
        408 | 425 | 429 | 500..=599 => {
            Failed::Passing(of(TroubleKind::Unreachable), retry_after(&answer))
        }
        _ => Failed::Final(of(TroubleKind::Unreachable)),
    })
}

/// The pause asked for: `Retry-After` in seconds, or `t` of `RateLimit`, as hubs tell it.
fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    let reset = |value: &str| {
        let parts = value.split([';', ',']).map(str::trim);
        parts.filter_map(|part| part.strip_prefix("t=")).find_map(|seconds| seconds.parse().ok())
    };
    let told = header("retry-after").and_then(|value| value.trim().parse().ok());
    told.or_else(|| header("ratelimit").and_then(reset)).map(Duration::from_secs)
}

pub(super) fn cause<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An `io::Error` hides what it wraps from `source`.
        if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(|e| e.get_ref())
            && let Some(found) = cause::<E>(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What lies at the bottom of an error, without the address that it was about.
pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
