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

/// An error of a request, which says what to do.
#[derive(Debug)]
pub(crate) struct RequestError {
    operation: &'static str,
    url: String,
    pub(crate) source: object_store::Error,
}

impl RequestError {
    pub(crate) fn new(operation: &'static str, url: String, source: object_store::Error) -> Self {
        Self { operation, url, source }
    }

    fn hint(&self) -> &'static str {
        use object_store::Error as E;
        match (&self.source, self.operation) {
            (E::Unauthenticated { .. }, _) => "expected valid credentials in the environment",
            (E::PermissionDenied { .. }, "PUT") => {
                "expected the permission to write objects, and to overwrite them"
            }
            (E::PermissionDenied { .. }, _) => "expected the permission to list and read objects",
            (E::NotFound { .. }, "PUT" | "LIST") => "expected the bucket to exist",
            (E::NotFound { .. }, _) => "expected the object to exist",
            _ => "expected an answer of the store",
        }
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
        use object_store::Error as E;
        matches!(self.source, E::Generic { .. })
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} failed ({})", self.operation, self.url, self.hint())?;
        // An `io::Error` that is logged shows no source.
        write!(f, ": {}", self.source)
    }
}

impl StdError for RequestError {}

impl From<RequestError> for io::Error {
    fn from(error: RequestError) -> Self {
        use object_store::Error as E;
        let kind = match error.source {
            E::NotFound { .. } => io::ErrorKind::NotFound,
            E::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
                io::ErrorKind::PermissionDenied
            }
            E::InvalidPath { .. } => io::ErrorKind::InvalidInput,
            E::NotSupported { .. } | E::NotImplemented { .. } => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
