//! The network as the object stores' library wants it: every request of it, those of its credential
//! providers too, goes by the same addresses, costs and time-outs as ours.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use reqwest::Response as Answer;
use tokio::time::timeout;
use url::Url;

use super::exchange::{Failed, cause, root_cause};
use super::request::{Request, shown};
use super::{Net, Trouble};

/// Connects the object stores' library to the network.
#[derive(Debug, Clone)]
pub(crate) struct ObjectConnector {
    service: Guarded,
}

#[derive(Debug, Clone)]
struct Guarded {
    net: Net,
    noticed: Arc<Noticed>,
}

#[derive(Debug, Default)]
struct Noticed {
    proxied: AtomicBool,
    /// That the budget is spent. The library asks again where a body broke off, whatever the reason.
    spent: OnceLock<Trouble>,
}

impl Net {
    /// A connector for the object stores' library. Its errors hold a [`Trouble`].
    pub(crate) fn object_connector(&self) -> ObjectConnector {
        ObjectConnector { service: Guarded { net: self.clone(), noticed: Arc::default() } }
    }

    /// Waits on this thread for what the runtime does, or for the wish to stop.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        self.runtime()?.block_on(self.until_stopped(work))
    }
}

impl ObjectConnector {
    /// Whether a proxy stood between, for any of the answers so far.
    pub(crate) fn proxied(&self) -> bool {
        self.service.noticed.proxied.load(Ordering::Relaxed)
    }

    /// A client that goes by our rules. The library's own options of connections are not used.
    pub(crate) fn client(&self) -> HttpClient {
        HttpClient::new(self.service.clone())
    }
}

impl HttpConnector for ObjectConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.client())
    }
}

/// What an asynchronous function of the library's traits returns.
pub(crate) type Coming<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl HttpService for Guarded {
    fn call<'life0, 'async_trait>(
        &'life0 self,
        request: HttpRequest,
    ) -> Coming<'async_trait, Result<HttpResponse, HttpError>>
    where
        'life0: 'async_trait,
    {
        Box::pin(self.answer(request))
    }
}

impl Guarded {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(spent) = self.noticed.spent.get() {
            return Err(fatal(spent.clone()));
        }
        let (answer, proxied) = self.net.exchange(&ours(request)?).await.map_err(failed)?;
        self.noticed.proxied.fetch_or(proxied, Ordering::Relaxed);
        if answer.status().is_success() {
            self.net.count_answer();
        }
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let blocks = blocks(self.clone(), answer);
        let body = reqwest::Body::wrap_stream(blocks).map_err(|error| broken(&error));
        Ok(response.map(|()| HttpResponseBody::new(body)))
    }

    async fn block(&self, answer: &mut Answer) -> Result<Option<Bytes>, Trouble> {
        let (idle, url) = (self.net.settings().idle, shown(answer.url()));
        let idle = idle.min(self.net.budget().time()?);
        let block = match timeout(idle, answer.chunk()).await {
            Ok(Ok(block)) => block,
            Ok(Err(error)) => {
                let cause = root_cause(&error);
                return Err(Trouble::unreachable(format!("{url}: the answer broke off: {cause}")));
            }
            Err(_) => {
                let text = format!("{url}: nothing came for {} s", idle.as_secs());
                return Err(Trouble::unreachable(text));
            }
        };
        let count = block.as_ref().map_or(0, Bytes::len);
        self.net.budget().charge(count as u64).inspect_err(|spent| {
            self.noticed.spent.get_or_init(|| spent.clone());
        })?;
        Ok(block)
    }
}

/// The body, block by block.
fn blocks(service: Guarded, answer: Answer) -> impl Stream<Item = Result<Bytes, Trouble>> + Send {
    stream::try_unfold((service, answer), |(service, mut answer)| async move {
        let block = service.block(&mut answer).await?;
        Ok(block.map(|block| (block, (service, answer))))
    })
}

/// The library's request as one of ours. Redirects are its own business: it follows none.
fn ours(request: HttpRequest) -> Result<Request, HttpError> {
    let (parts, body) = request.into_parts();
    let url: Url =
        parts.uri.to_string().parse().map_err(|_| {
            fatal(Trouble::skipped("the store's address is no URL that can be asked"))
        })?;
    let body = body.as_bytes().map(|body| body.to_vec()).unwrap_or_default();
    let mut request = Request { method: parts.method, body, ..Request::get(&url) };
    request.secrets = parts.headers;
    Ok(request.without_redirects())
}

fn failed(failed: Failed) -> HttpError {
    match failed {
        Failed::Final(trouble) => fatal(trouble),
        Failed::Passing(trouble, _) => HttpError::new(HttpErrorKind::Connect, trouble),
    }
}

fn fatal(trouble: Trouble) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, trouble)
}

fn broken(error: &reqwest::Error) -> HttpError {
    let trouble = cause::<Trouble>(error).cloned();
    let trouble = trouble.unwrap_or_else(|| Trouble::unreachable(root_cause(error)));
    HttpError::new(HttpErrorKind::Interrupted, trouble)
}
