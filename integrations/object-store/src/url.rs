//! Stores from URLs.

use crate::Error;
use object_store::ObjectStore;
use object_store::path::Path as Key;
use std::sync::Arc;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
use {
    object_store::{ClientOptions, RetryConfig},
    std::time::Duration,
};

/// Splits a URL into the part that names the store, and the prefix.
pub(crate) fn split(url: &str) -> Result<(&str, &str), Error> {
    let invalid = |reason| Error::Url { url: url.to_owned(), reason };
    let (scheme, rest) =
        url.split_once("://").ok_or_else(|| invalid("has no scheme (expected `s3://...`)"))?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (store, prefix) = url.split_at(scheme.len() + 3 + at);
    Ok((store, prefix.trim_matches('/')))
}

/// Returns a prefix as a key.
pub(crate) fn prefix(url: &str, prefix: &str) -> Result<Key, Error> {
    if prefix.is_empty() {
        return Err(Error::EmptyPrefix { url: url.to_owned() });
    }
    Key::parse(prefix).map_err(|source| Error::Prefix { prefix: prefix.to_owned(), source })
}

/// Creates the client of a store, with settings from the environment.
pub(crate) fn client(url: &str, store: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let reason = match store.split("://").next().unwrap_or_default() {
        #[cfg(feature = "aws")]
        "s3" | "s3a" => {
            let mut builder = object_store::aws::AmazonS3Builder::from_env().with_url(store);
            // TensorBoard reads this variable too.
            if let Ok(endpoint) = std::env::var("S3_ENDPOINT") {
                builder = builder.with_endpoint(endpoint);
            }
            let (retry, client) = (retry(), options());
            let s3 = builder.with_retry(retry).with_client_options(client).build();
            return Ok(Arc::new(s3.map_err(failed(url))?));
        }
        #[cfg(feature = "gcp")]
        "gs" => {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env().with_url(store);
            let gcs = builder.with_retry(retry()).with_client_options(options()).build();
            return Ok(Arc::new(gcs.map_err(failed(url))?));
        }
        #[cfg(feature = "azure")]
        "az" | "azure" | "abfs" | "abfss" => {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env().with_url(store);
            let azure = builder.with_retry(retry()).with_client_options(options()).build();
            return Ok(Arc::new(azure.map_err(failed(url))?));
        }
        #[cfg(not(feature = "aws"))]
        "s3" | "s3a" => "needs the feature `aws`",
        #[cfg(not(feature = "gcp"))]
        "gs" => "needs the feature `gcp`",
        #[cfg(not(feature = "azure"))]
        "az" | "azure" | "abfs" | "abfss" => "needs the feature `azure`",
        _ => "has an unknown scheme (expected s3, gs or az)",
    };
    Err(Error::Url { url: url.to_owned(), reason })
}

/// Returns a function for `map_err`, for the client of this URL.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn failed(url: &str) -> impl FnOnce(object_store::Error) -> Error + use<'_> {
    |source| Error::Client { url: url.to_owned(), source }
}

/// Requests are repeated by this crate: repetitions below it would multiply.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn retry() -> RetryConfig {
    RetryConfig { max_retries: 1, retry_timeout: Duration::from_secs(8), ..Default::default() }
}

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn options() -> ClientOptions {
    // An endpoint with http:// is meant: an emulator, or a store in the same cluster.
    ClientOptions::new()
        .with_allow_http(true)
        .with_timeout(Duration::from_secs(10))
        .with_connect_timeout(Duration::from_secs(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_a_store_and_a_prefix() {
        assert_eq!(split("s3://bucket/a/b/").unwrap(), ("s3://bucket", "a/b"));
        assert_eq!(split("az://container/é").unwrap(), ("az://container", "é"));
        assert_eq!(split("s3://bucket").unwrap(), ("s3://bucket", ""));
        assert!(split("bucket/a").is_err());
        for empty in ["s3://bucket", "s3://bucket/"] {
            let (_, rest) = split(empty).unwrap();
            let error = prefix(empty, rest).unwrap_err();
            assert!(error.to_string().contains(empty), "{error}");
        }
        let error = client("ftp://host/a", "ftp://host").unwrap_err();
        assert!(error.to_string().contains("unknown scheme"), "{error}");
    }
}
