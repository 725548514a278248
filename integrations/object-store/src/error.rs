//! The error types.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// An error creating an [`ObjectStorage`](crate::ObjectStorage).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL has no prefix. TensorBoard reads nothing from the root of a bucket.
    #[error(
        "invalid location {url}: it has no prefix (expected one such as s3://bucket/experiments)"
    )]
    #[non_exhaustive]
    EmptyPrefix {
        /// The URL or the store.
        url: String,
    },
    /// The prefix is not valid as the beginning of a key.
    #[error("invalid prefix {prefix:?} (expected names joined by `/`)")]
    #[non_exhaustive]
    Prefix {
        /// The prefix.
        prefix: String,
        /// The cause.
        source: object_store::path::Error,
    },
    /// The URL's scheme is unknown, or its feature is not enabled.
    #[error("invalid URL {url}: it {reason}")]
    #[non_exhaustive]
    Url {
        /// The URL.
        url: String,
        /// The reason.
        reason: &'static str,
    },
    /// The store's client cannot be created, for example because a setting in the environment is
    /// invalid.
    #[error("cannot create a client for {url}")]
    #[non_exhaustive]
    Client {
        /// The URL.
        url: String,
        /// The cause.
        source: object_store::Error,
    },
}

const CREDENTIALS: &str = "expected valid credentials in the environment";
const BUCKET: &str = "expected the bucket to exist: check its name, the region and the endpoint";
const BUSY: &str = "expected fewer requests: the store is busy";

/// Words in the answers of stores that name a cause, where the status does not, and what to do.
const CAUSES: [(&[&str], &str); 5] = [
    (
        // Without credentials in the environment, a server is asked for those of the machine.
        &[
            "401 Unauthorized",
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidToken",
            "/latest/api/token",
            "/latest/meta-data/",
            "/computeMetadata/",
            "/metadata/identity/",
        ],
        CREDENTIALS,
    ),
    (&["RequestTimeTooSkewed"], "expected a clock that is right to a few minutes"),
    (&["NoSuchBucket", "ContainerNotFound"], BUCKET),
    (
        &["incorrectly configured region", "AuthorizationHeaderMalformed"],
        "expected the region of the bucket: set AWS_DEFAULT_REGION",
    ),
    (&["SlowDown", "429 Too Many Requests", "503 Service Unavailable"], BUSY),
];

/// An error of a request, which says what to do.
pub(crate) struct RequestError {
    operation: &'static str,
    url: String,
    pub(crate) source: object_store::Error,
}

impl RequestError {
    pub(crate) fn new(operation: &'static str, url: String, source: object_store::Error) -> Self {
        Self { operation, url, source }
    }

    /// Returns the kind of the error. That of a listing is only in its text.
    fn kind(&self) -> io::ErrorKind {
        use object_store::Error as E;
        let answer = || self.source.to_string();
        match &self.source {
            E::NotFound { .. } => io::ErrorKind::NotFound,
            E::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
                io::ErrorKind::PermissionDenied
            }
            E::InvalidPath { .. } => io::ErrorKind::InvalidInput,
            E::NotSupported { .. } | E::NotImplemented { .. } => io::ErrorKind::Unsupported,
            E::Generic { .. } if has_any(&answer(), &["404 Not Found"]) => io::ErrorKind::NotFound,
            E::Generic { .. } if has_any(&answer(), &["401 Unauthorized", "403 Forbidden"]) => {
                io::ErrorKind::PermissionDenied
            }
            _ => io::ErrorKind::Other,
        }
    }

    /// Returns what to do about the cause that the store names, if it names one.
    fn cause(&self) -> Option<&'static str> {
        let answer = self.source.to_string();
        let cause = CAUSES.iter().find(|(words, _)| has_any(&answer, words));
        match cause {
            Some((_, hint)) => Some(hint),
            None if matches!(self.source, object_store::Error::Unauthenticated { .. }) => {
                Some(CREDENTIALS)
            }
            // Its answer has no body.
            None if self.operation == "HEAD" && answer.contains("400 Bad Request") => {
                Some("expected valid credentials in the environment, and the region of the bucket")
            }
            None => None,
        }
    }

    fn hint(&self) -> &'static str {
        use io::ErrorKind as K;
        let hint = match (self.kind(), self.operation) {
            (K::PermissionDenied, "PUT" | "POST") => {
                "expected the permission to write objects, and to overwrite them"
            }
            (K::PermissionDenied, "DELETE") => "expected the permission to delete objects",
            (K::PermissionDenied, _) => "expected the permission to list and read objects",
            (K::NotFound, "PUT" | "POST" | "LIST") => BUCKET,
            (K::NotFound, _) => "expected the object to exist",
            _ => "expected an answer of the store",
        };
        self.cause().unwrap_or(hint)
    }

    /// Returns whether an upload that failed in this way may have reached the store, or can succeed
    /// later: tokens rotate, and permissions are granted. Otherwise this object never takes it.
    pub(crate) fn is_in_doubt(&self) -> bool {
        use object_store::Error as E;
        !matches!(
            self.source,
            E::InvalidPath { .. }
                | E::NotSupported { .. }
                | E::NotImplemented { .. }
                | E::Precondition { .. }
                | E::AlreadyExists { .. }
        )
    }

    /// Returns whether the request is repeated at once.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.source, object_store::Error::Generic { .. })
            && self.kind() == io::ErrorKind::Other
            && self.cause().is_none_or(|hint| hint == BUSY)
    }
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} failed ({})", self.operation, self.url, self.hint())?;
        // An `io::Error` that is logged shows no source. Bodies may have several lines.
        write!(f, ": {}", self.source.to_string().replace('\n', " "))
    }
}

/// Writes the message: an error that `main` returns is printed in this way.
impl fmt::Debug for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl StdError for RequestError {}

impl From<RequestError> for io::Error {
    fn from(error: RequestError) -> Self {
        io::Error::new(error.kind(), error)
    }
}
