//! The error types.

use object_store::Error as StoreError;
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
        source: StoreError,
    },
}

/// The operations of a store, named as in its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Put,
    Post,
    List,
    Head,
    Get,
    Delete,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::List => "LIST",
            Self::Head => "HEAD",
            Self::Get => "GET",
            Self::Delete => "DELETE",
        })
    }
}

/// The cause of a failed request. What to do about it, whether the request is repeated and the kind
/// of the error follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The store limits the rate of requests, or is overloaded.
    Busy,
    /// There was no answer, or an error of the server.
    NoAnswer,
    Credentials,
    /// A refusal without a body, which would name the cause.
    CredentialsOrRegion,
    Clock,
    Region,
    NoBucket,
    NoObject,
    ReadPermission,
    WritePermission,
    DeletePermission,
    /// An object that must not exist does.
    Exists,
    InvalidKey,
    Unsupported,
    Other,
}

/// Words in the answers of stores that name a cause, where the status does not.
const WORDS: [(&[&str], Cause); 5] = [
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
        Cause::Credentials,
    ),
    (&["RequestTimeTooSkewed"], Cause::Clock),
    (&["NoSuchBucket", "ContainerNotFound"], Cause::NoBucket),
    (&["incorrectly configured region", "AuthorizationHeaderMalformed"], Cause::Region),
    (&["SlowDown", "429 Too Many Requests", "503 Service Unavailable"], Cause::Busy),
];

impl Cause {
    pub(crate) fn new(operation: Operation, error: &StoreError) -> Self {
        let answer = error.to_string();
        let named = WORDS.iter().find(|(words, _)| words.iter().any(|word| answer.contains(word)));
        if let Some((_, cause)) = named {
            return *cause;
        }
        match error {
            StoreError::Unauthenticated { .. } => Self::Credentials,
            StoreError::PermissionDenied { .. } => Self::permission(operation),
            StoreError::NotFound { .. } => Self::not_found(operation),
            StoreError::AlreadyExists { .. } | StoreError::Precondition { .. } => Self::Exists,
            StoreError::InvalidPath { .. } => Self::InvalidKey,
            StoreError::NotSupported { .. } | StoreError::NotImplemented { .. } => {
                Self::Unsupported
            }
            // Of a listing the status is only in the text.
            StoreError::Generic { .. } if answer.contains("404 Not Found") => {
                Self::not_found(operation)
            }
            StoreError::Generic { .. } if answer.contains("403 Forbidden") => {
                Self::permission(operation)
            }
            StoreError::Generic { .. }
                if operation == Operation::Head && answer.contains("400 Bad Request") =>
            {
                Self::CredentialsOrRegion
            }
            StoreError::Generic { .. } => Self::NoAnswer,
            _ => Self::Other,
        }
    }

    fn permission(operation: Operation) -> Self {
        match operation {
            Operation::Put | Operation::Post => Self::WritePermission,
            Operation::Delete => Self::DeletePermission,
            Operation::List | Operation::Head | Operation::Get => Self::ReadPermission,
        }
    }

    fn not_found(operation: Operation) -> Self {
        match operation {
            Operation::Put | Operation::Post | Operation::List => Self::NoBucket,
            Operation::Head | Operation::Get | Operation::Delete => Self::NoObject,
        }
    }

    /// Returns what was expected, so what to do.
    fn hint(self) -> &'static str {
        match self {
            Self::Busy => "expected fewer requests: the store is busy",
            Self::NoAnswer => "expected an answer of the store",
            Self::Credentials => "expected valid credentials in the environment",
            Self::CredentialsOrRegion => {
                "expected valid credentials in the environment, and the region of the bucket"
            }
            Self::Clock => "expected a clock that is right to a few minutes",
            Self::Region => "expected the region of the bucket: set AWS_DEFAULT_REGION",
            Self::NoBucket => {
                "expected the bucket to exist: check its name, the region and the endpoint"
            }
            Self::NoObject => "expected the object to exist",
            Self::ReadPermission => "expected the permission to list and read objects",
            Self::WritePermission => {
                "expected the permission to write objects, and to overwrite them"
            }
            Self::DeletePermission => "expected the permission to delete objects",
            Self::Exists => "expected no object of this name",
            Self::InvalidKey => "expected a valid key",
            Self::Unsupported => "expected a store that supports this request",
            Self::Other => "expected the request to succeed",
        }
    }

    fn kind(self) -> io::ErrorKind {
        match self {
            Self::NoBucket | Self::NoObject => io::ErrorKind::NotFound,
            Self::Exists => io::ErrorKind::AlreadyExists,
            Self::Credentials
            | Self::ReadPermission
            | Self::WritePermission
            | Self::DeletePermission => io::ErrorKind::PermissionDenied,
            Self::InvalidKey => io::ErrorKind::InvalidInput,
            Self::Unsupported => io::ErrorKind::Unsupported,
            Self::Busy
            | Self::NoAnswer
            | Self::CredentialsOrRegion
            | Self::Clock
            | Self::Region
            | Self::Other => io::ErrorKind::Other,
        }
    }

    /// Returns whether the request is repeated at once.
    pub(crate) fn is_transient(self) -> bool {
        matches!(self, Self::Busy | Self::NoAnswer)
    }

    /// Returns whether an upload that failed in this way may have reached the store, or can succeed
    /// later: tokens rotate, and permissions are granted. Otherwise the store never takes the object.
    fn is_in_doubt(self) -> bool {
        !matches!(self, Self::Exists | Self::InvalidKey | Self::Unsupported)
    }
}

/// An error of a request, which says what to do.
pub(crate) struct RequestError {
    operation: Operation,
    url: String,
    cause: Cause,
    /// The error of the store, on one line: bodies of answers may have several.
    answer: String,
}

impl RequestError {
    pub(crate) fn new(operation: Operation, url: String, error: &StoreError) -> Self {
        let cause = Cause::new(operation, error);
        Self { operation, url, cause, answer: error.to_string().replace('\n', " ") }
    }

    /// Returns whether an upload may have reached the store, or can succeed later.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.cause.is_in_doubt()
    }
}

/// Writes the answer too: an `io::Error` that is logged shows no source.
impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, url, cause, answer } = self;
        write!(f, "{operation} {url} failed ({}): {answer}", cause.hint())
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
        io::Error::new(error.cause.kind(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(answer: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: answer.into() }
    }

    fn permission_denied(answer: &str) -> StoreError {
        StoreError::PermissionDenied { path: "a".into(), source: answer.into() }
    }

    #[test]
    fn what_follows_from_an_answer() {
        use Operation::{Delete, Get, Head, List, Put};
        use io::ErrorKind as K;
        let not_found = || StoreError::NotFound { path: "a".into(), source: "404".into() };
        let exists = || StoreError::AlreadyExists { path: "a".into(), source: "412".into() };
        for (operation, error, cause, kind, is_transient, is_in_doubt) in [
            (Put, generic("no answer in time"), Cause::NoAnswer, K::Other, true, true),
            (Put, generic("503 Service Unavailable"), Cause::Busy, K::Other, true, true),
            (List, generic("404 Not Found"), Cause::NoBucket, K::NotFound, false, true),
            (Get, generic("404 Not Found"), Cause::NoObject, K::NotFound, false, true),
            (
                Delete,
                permission_denied(""),
                Cause::DeletePermission,
                K::PermissionDenied,
                false,
                true,
            ),
            // The body of an answer says more than its status.
            (
                Put,
                permission_denied("ExpiredToken"),
                Cause::Credentials,
                K::PermissionDenied,
                false,
                true,
            ),
            (Put, generic("ExpiredToken"), Cause::Credentials, K::PermissionDenied, false, true),
            (Put, permission_denied("RequestTimeTooSkewed"), Cause::Clock, K::Other, false, true),
            (Head, generic("400 Bad Request"), Cause::CredentialsOrRegion, K::Other, false, true),
            (Put, not_found(), Cause::NoBucket, K::NotFound, false, true),
            (Delete, not_found(), Cause::NoObject, K::NotFound, false, true),
            (Put, exists(), Cause::Exists, K::AlreadyExists, false, false),
        ] {
            let found = Cause::new(operation, &error);
            assert_eq!(found, cause, "{operation} {error}");
            assert_eq!(found.kind(), kind, "{operation} {error}");
            assert_eq!(found.is_transient(), is_transient, "{operation} {error}");
            assert_eq!(found.is_in_doubt(), is_in_doubt, "{operation} {error}");
        }
    }

    /// Permissions and tokens may arrive while a training runs, but not within seconds.
    #[test]
    fn only_a_store_that_may_answer_is_asked_again_at_once() {
        let hint = |answer| Cause::new(Operation::Put, &generic(answer)).hint();
        let again = |answer| Cause::new(Operation::Put, &generic(answer)).is_transient();
        for answer in ["500 Internal Server Error", "429 Too Many Requests", "closed"] {
            assert!(again(answer), "{answer}: {}", hint(answer));
        }
        for answer in ["401 Unauthorized", "403 Forbidden", "NoSuchBucket", "ContainerNotFound"] {
            assert!(!again(answer), "{answer}: {}", hint(answer));
        }
    }
}
