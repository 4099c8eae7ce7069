//! Opens a store, anonymously or with the credentials that the environment gives.

use std::sync::Arc;
use std::time::Duration;

use fullsource_format::evidence::Access;
use fullsource_format::locator::Store;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as S3Key, AwsCredential};
use object_store::azure::{AzureConfigKey as AzKey, AzureCredential, MicrosoftAzureBuilder};
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder, GoogleConfigKey as GsKey};
use object_store::{
    BackoffConfig, ClientOptions, HeaderMap, HeaderValue, ObjectStore, RetryConfig,
    StaticCredentialProvider,
};
use url::Url;

use super::environment::Environment;
use super::listener::Listener;
use crate::net::{Settings, shown};
use crate::source::Trouble;

/// What a store is opened from.
pub(super) struct Plan<'a> {
    pub(super) store: Store,
    pub(super) bucket: &'a str,
    pub(super) environment: Environment,
    pub(super) settings: &'a Settings,
    pub(super) listener: Listener,
}

/// Where S3 buckets are looked for first.
const FIRST_REGION: &str = "us-east-1";

impl Plan<'_> {
    /// The region that S3 is asked in, where the bucket itself named none.
    pub(super) fn first_region(&self) -> &str {
        self.environment.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).unwrap_or(FIRST_REGION)
    }

    /// Whether the environment gives a credential. A cloud's metadata service is asked only where
    /// `AWS_METADATA_ENDPOINT` names it.
    pub(super) fn has_credential(&self) -> bool {
        let sets: &[&[&str]] = match self.store {
            Store::S3 => &[
                &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
                &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
                &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
                &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
                &["AWS_METADATA_ENDPOINT"],
            ],
            Store::Gs => &[
                &["GOOGLE_SERVICE_ACCOUNT"],
                &["GOOGLE_SERVICE_ACCOUNT_PATH"],
                &["GOOGLE_SERVICE_ACCOUNT_KEY"],
                &["GOOGLE_APPLICATION_CREDENTIALS"],
                &["GOOGLE_BEARER_TOKEN"],
                &["SERVICE_ACCOUNT"],
            ],
            Store::Az => &[
                &["AZURE_STORAGE_ACCOUNT_KEY"],
                &["AZURE_STORAGE_ACCESS_KEY"],
                &["AZURE_STORAGE_SAS_TOKEN"],
                &["AZURE_STORAGE_SAS_KEY"],
                &["AZURE_STORAGE_TOKEN"],
                &["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"],
                &["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"],
            ],
        };
        sets.iter().any(|set| self.environment.has(set))
    }

    /// Opens the store. Nothing is asked yet.
    pub(super) fn open(
        &self,
        access: Access,
        region: &str,
    ) -> Result<Arc<dyn ObjectStore>, Trouble> {
        let opened: object_store::Result<Arc<dyn ObjectStore>> = match self.store {
            Store::S3 => self.s3(access, region).build().map(|store| Arc::new(store) as _),
            Store::Gs => self.gs(access).build().map(|store| Arc::new(store) as _),
            Store::Az => self.az(access)?.build().map(|store| Arc::new(store) as _),
        };
        opened.map_err(|error| {
            let cause = crate::net::root_cause(&error);
            let text = format!("the store cannot be asked: {}", self.environment.scrubbed(&cause));
            Trouble::skipped(text)
        })
    }

    fn s3(&self, access: Access, region: &str) -> AmazonS3Builder {
        let mut headers = HeaderMap::new();
        // Signed with the rest: S3 refuses what is added behind the signature.
        headers.insert("x-amz-checksum-mode", HeaderValue::from_static("ENABLED"));
        let mut builder = AmazonS3Builder::new();
        for (name, key) in [
            ("AWS_ENDPOINT_URL", S3Key::Endpoint),
            ("AWS_ENDPOINT_URL_S3", S3Key::S3Endpoint),
            ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", S3Key::VirtualHostedStyleRequest),
            ("AWS_REQUEST_PAYER", S3Key::RequestPayer),
        ] {
            if let Some(value) = self.environment.get(name) {
                builder = builder.with_config(key, value);
            }
        }
        builder = builder
            .with_region(region)
            .with_bucket_name(self.bucket)
            .with_client_options(options().with_default_headers(headers))
            .with_retry(self.retry())
            .with_http_connector(self.listener.clone());
        match access {
            Access::Anonymous => builder.with_skip_signature(true).with_credentials(Arc::new(
                StaticCredentialProvider::new(AwsCredential {
                    key_id: String::new(),
                    secret_key: String::new(),
                    token: None,
                }),
            )),
            Access::Credential => S3_CREDENTIALS.iter().fold(builder, |builder, (name, key)| {
                match self.environment.get(name) {
                    Some(value) => builder.with_config(*key, value),
                    None => builder,
                }
            }),
        }
    }

    fn gs(&self, access: Access) -> GoogleCloudStorageBuilder {
        let mut builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(self.bucket)
            .with_client_options(options())
            .with_retry(self.retry())
            .with_http_connector(self.listener.clone());
        if let Some(url) = self.environment.get("GOOGLE_BASE_URL") {
            builder = builder.with_config(GsKey::BaseUrl, url);
        }
        let bearer = |bearer: &str| {
            Arc::new(StaticCredentialProvider::new(GcpCredential { bearer: bearer.to_owned() }))
        };
        if access == Access::Anonymous {
            // Without one the library reads files and asks the metadata service.
            return builder.with_skip_signature(true).with_credentials(bearer(""));
        }
        if let Some(token) = self.environment.get("GOOGLE_BEARER_TOKEN") {
            return builder.with_credentials(bearer(token));
        }
        GS_CREDENTIALS.iter().fold(builder, |builder, (name, key)| {
            match self.environment.get(name) {
                Some(value) => builder.with_config(*key, value),
                None => builder,
            }
        })
    }

    fn az(&self, access: Access) -> Result<MicrosoftAzureBuilder, Trouble> {
        let account = self.environment.get("AZURE_STORAGE_ACCOUNT_NAME").ok_or_else(|| {
            Trouble::skipped("which account is not known; set AZURE_STORAGE_ACCOUNT_NAME")
        })?;
        let mut builder = MicrosoftAzureBuilder::new()
            .with_account(account)
            .with_container_name(self.bucket)
            .with_client_options(options())
            .with_retry(self.retry())
            .with_http_connector(self.listener.clone());
        let endpoint = self.environment.first(&["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint.to_owned());
        }
        if access == Access::Anonymous {
            let nobody = AzureCredential::BearerToken(String::new());
            let nobody = Arc::new(StaticCredentialProvider::new(nobody));
            return Ok(builder.with_skip_signature(true).with_credentials(nobody));
        }
        Ok(AZ_CREDENTIALS.iter().fold(builder, |builder, (name, key)| {
            match self.environment.get(name) {
                Some(value) => builder.with_config(*key, value),
                None => builder,
            }
        }))
    }

    fn retry(&self) -> RetryConfig {
        let backoff = BackoffConfig {
            init_backoff: self.settings.pause,
            max_backoff: Duration::from_secs(30),
            base: 2.,
        };
        let max_retries = self.settings.tries.saturating_sub(1) as usize;
        RetryConfig { backoff, max_retries, retry_timeout: Duration::from_secs(180) }
    }

    /// What is asked, as it may be shown.
    pub(super) fn endpoint(&self, region: &str) -> Option<String> {
        let named = match self.store {
            Store::S3 => self.environment.first(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
            Store::Gs => self.environment.get("GOOGLE_BASE_URL"),
            Store::Az => self.environment.first(&["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]),
        };
        let own = || match self.store {
            Store::S3 => Some(format!("https://s3.{region}.amazonaws.com/")),
            Store::Gs => Some("https://storage.googleapis.com/".to_owned()),
            Store::Az => {
                let account = self.environment.get("AZURE_STORAGE_ACCOUNT_NAME")?;
                Some(format!("https://{account}.blob.core.windows.net/"))
            }
        };
        let url: Url = named.map(str::to_owned).or_else(own)?.parse().ok()?;
        Some(shown(&url))
    }
}

/// Plain HTTP is the network's business, which refuses it unless it was allowed.
fn options() -> ClientOptions {
    ClientOptions::new().with_allow_http(true)
}

const S3_CREDENTIALS: &[(&str, S3Key)] = &[
    ("AWS_ACCESS_KEY_ID", S3Key::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", S3Key::SecretAccessKey),
    ("AWS_SESSION_TOKEN", S3Key::Token),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", S3Key::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", S3Key::RoleArn),
    ("AWS_ROLE_SESSION_NAME", S3Key::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", S3Key::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", S3Key::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", S3Key::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", S3Key::ContainerAuthorizationTokenFile),
    ("AWS_METADATA_ENDPOINT", S3Key::MetadataEndpoint),
];

const GS_CREDENTIALS: &[(&str, GsKey)] = &[
    ("SERVICE_ACCOUNT", GsKey::ServiceAccount),
    ("GOOGLE_SERVICE_ACCOUNT", GsKey::ServiceAccount),
    ("GOOGLE_SERVICE_ACCOUNT_PATH", GsKey::ServiceAccount),
    ("GOOGLE_SERVICE_ACCOUNT_KEY", GsKey::ServiceAccountKey),
    ("GOOGLE_APPLICATION_CREDENTIALS", GsKey::ApplicationCredentials),
];

const AZ_CREDENTIALS: &[(&str, AzKey)] = &[
    ("AZURE_STORAGE_ACCOUNT_KEY", AzKey::AccessKey),
    ("AZURE_STORAGE_ACCESS_KEY", AzKey::AccessKey),
    ("AZURE_STORAGE_SAS_KEY", AzKey::SasKey),
    ("AZURE_STORAGE_SAS_TOKEN", AzKey::SasKey),
    ("AZURE_STORAGE_TOKEN", AzKey::Token),
    ("AZURE_CLIENT_ID", AzKey::ClientId),
    ("AZURE_TENANT_ID", AzKey::AuthorityId),
    ("AZURE_CLIENT_SECRET", AzKey::ClientSecret),
    ("AZURE_FEDERATED_TOKEN_FILE", AzKey::FederatedTokenFile),
    ("AZURE_AUTHORITY_HOST", AzKey::AuthorityHost),
];
