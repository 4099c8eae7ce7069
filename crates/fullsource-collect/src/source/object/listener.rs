//! Stands between the stores' library and the network: bounds what the library reads into memory, and
//! keeps what it throws away of an answer, or does not show of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::digest::Sha256;
use fullsource_format::limits;
use fullsource_format::locator::Store;
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

use crate::net::{Coming, ObjectConnector};
use crate::source::Trouble;

/// Bytes of an answer that is no object: a page of a listing has at most 5000 keys of some 1 KiB, each
/// at most six times as long in XML.
const ANSWER_BYTES: usize = 64 << 20;
/// Bytes of a refusal.
const REFUSAL_BYTES: usize = 64 << 10;
/// The longest pause that a store may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Pages of a listing. The smallest that a store makes of its own accord has 1000 keys.
const PAGES: u64 = limits::FILES as u64 / 1000 + 1000;

/// Marks a request whose answer is an object's bytes, which are not kept in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObjectBytes(pub(super) Store);

/// The store's word on the SHA-256 of a whole object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word(pub(super) Sha256);

/// An answer that is none: what a store says in place of what it was asked for.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the answer is {status}")]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The `<Code>` of an error document of S3, GCS or Azure; empty where there is none.
    pub(super) code: String,
    /// Where S3 says that the bucket lies.
    pub(super) region: Option<String>,
}

/// Listens to every answer.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    connector: ObjectConnector,
    pages: Arc<AtomicU64>,
}

impl Listener {
    pub(super) fn new(connector: ObjectConnector) -> Self {
        Self { connector, pages: Arc::default() }
    }

    pub(super) fn proxied(&self) -> bool {
        self.connector.proxied()
    }
}

impl HttpConnector for Listener {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let (client, pages) = (self.connector.client(), Arc::clone(&self.pages));
        Ok(HttpClient::new(Listening { client, pages }))
    }
}

#[derive(Debug)]
struct Listening {
    client: HttpClient,
    pages: Arc<AtomicU64>,
}

impl HttpService for Listening {
    fn call<'life0, 'async_trait>(
        &'life0 self,
        request: HttpRequest,
    ) -> Coming<'async_trait, Result<HttpResponse, HttpError>>
    where
        'life0: 'async_trait,
    {
        Box::pin(self.listen(request))
    }
}

impl Listening {
    async fn listen(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let object = request.extensions().get::<ObjectBytes>().copied();
        match object {
            // What is stored is what counts: Cloud Storage unpacks for whoever does not say this.
            Some(ObjectBytes(Store::Gs)) => {
                request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Some(_) => {}
            None => self.count(&request)?,
        }
        let mut response = self.client.execute(request).await?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        if object.is_some() {
            if let Some(word) = word(&response) {
                response.extensions_mut().insert(word);
            }
            return Ok(response);
        }
        Ok(response
            .map(|body| HttpResponseBody::new(Limited::new(body, ANSWER_BYTES).map_err(too_long))))
    }

    /// A listing whose pages never end would never be over.
    fn count(&self, request: &HttpRequest) -> Result<(), HttpError> {
        let query = request.uri().query().unwrap_or_default();
        let further = query.contains("continuation-token=") || query.contains("marker=");
        if further && self.pages.fetch_add(1, Ordering::Relaxed) >= PAGES {
            let trouble = Trouble::skipped("the listing has more pages than are read");
            return Err(HttpError::new(HttpErrorKind::Unknown, trouble));
        }
        Ok(())
    }
}

/// The library shows nobody why it failed, and repeats by the kind of an error: so that is told here.
async fn refused(response: HttpResponse) -> HttpError {
    let (parts, body) = response.into_parts();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let region = header("x-amz-bucket-region").map(str::to_owned);
    let passing = matches!(parts.status.as_u16(), 408 | 425 | 429 | 500..=599);
    let wait = header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    if let (true, Some(seconds)) = (passing, wait) {
        tokio::time::sleep(Duration::from_secs(seconds).min(LONGEST_PAUSE)).await;
    }
    let body = Limited::new(body, REFUSAL_BYTES).collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let code = code_of(&String::from_utf8_lossy(&body)).unwrap_or_default().to_owned();
    let kind = if passing { HttpErrorKind::Connect } else { HttpErrorKind::Unknown };
    HttpError::new(kind, Refusal { status: parts.status, code, region })
}

fn code_of(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain = code.len() <= 64 && code.chars().all(|c| c.is_ascii_alphanumeric());
    plain.then_some(code)
}

fn too_long(error: Box<dyn std::error::Error + Send + Sync>) -> HttpError {
    match error.downcast::<HttpError>() {
        Ok(error) => *error,
        Err(_) => {
            let text = format!("an answer of more than {ANSWER_BYTES} bytes that is no object");
            HttpError::new(HttpErrorKind::Unknown, Trouble::faulty(text))
        }
    }
}

/// A checksum of the parts of an object (`x-amz-checksum-type: COMPOSITE`, written `BASE64-PARTS`) is
/// no digest of its bytes.
fn word(response: &HttpResponse) -> Option<Word> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    if header("x-amz-checksum-type").is_some_and(|kind| kind != "FULL_OBJECT") {
        return None;
    }
    let bytes = STANDARD.decode(header("x-amz-checksum-sha256")?).ok()?;
    Some(Word(Sha256::new(bytes.try_into().ok()?)))
}
