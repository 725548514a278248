//! The answers of a store to the client of S3: the message says what to do, and the request is repeated
//! if that may help.
#![cfg(feature = "aws")]

use object_store::RetryConfig;
use object_store::aws::AmazonS3Builder;
use std::error::Error as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tfevents_object_store::{ObjectStorage, Settings};

/// A server with one answer for all requests, which it counts.
struct Server {
    endpoint: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(status: &'static str, code: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Relaxed);
                // A client that goes away is no failure of the server.
                let _ = answer(&stream.unwrap(), status, code);
            }
        });
        Self { endpoint, requests }
    }
}

fn answer(mut stream: &TcpStream, status: &str, code: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut len = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => len = value.parse().unwrap_or(0),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    reader.read_exact(&mut vec![0; len])?;
    let body = format!("<Error>\n<Code>{code}</Code></Error>");
    let headers = format!("Connection: close\r\nContent-Length: {}", body.len());
    write!(stream, "HTTP/1.1 {status}\r\n{headers}\r\n\r\n{body}")
}

/// A client without credentials.
fn client(endpoint: &str) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_bucket_name("runs")
        .with_region("us-east-1")
        .with_retry(RetryConfig { max_retries: 0, ..Default::default() })
}

fn storage(s3: AmazonS3Builder) -> ObjectStorage {
    let storage = ObjectStorage::new(Arc::new(s3.build().unwrap()), "experiments").unwrap();
    let (attempt, deadline) = (Duration::from_secs(20), Duration::from_secs(60));
    storage.with_settings(Settings::default().attempts(attempt, 2, deadline).quick())
}

#[test]
fn each_answer_says_what_to_do() {
    let bucket = "expected the bucket to exist: check its name, the region and the endpoint";
    let credentials = "expected valid credentials in the environment";
    for (status, code, put, list, requests) in [
        (
            "400 Bad Request",
            "ExpiredToken",
            credentials,
            "expected valid credentials in the environment, and the region of the bucket",
            1,
        ),
        ("401 Unauthorized", "", credentials, credentials, 1),
        ("403 Forbidden", "InvalidAccessKeyId", credentials, credentials, 1),
        (
            "403 Forbidden",
            "AccessDenied",
            "expected the permission to write objects, and to overwrite them",
            "expected the permission to list and read objects",
            1,
        ),
        (
            "403 Forbidden",
            "RequestTimeTooSkewed",
            "expected a clock that is right to a few minutes",
            "expected a clock that is right to a few minutes",
            1,
        ),
        ("404 Not Found", "NoSuchBucket", bucket, bucket, 1),
        (
            "301 Moved Permanently",
            "PermanentRedirect",
            "expected the region of the bucket: set AWS_DEFAULT_REGION",
            "expected the region of the bucket: set AWS_DEFAULT_REGION",
            1,
        ),
        (
            "429 Too Many Requests",
            "SlowDown",
            "expected fewer requests: the store is busy",
            "expected fewer requests: the store is busy",
            3,
        ),
        (
            "503 Service Unavailable",
            "",
            "expected fewer requests: the store is busy",
            "expected fewer requests: the store is busy",
            3,
        ),
        (
            "500 Internal Server Error",
            "InternalError",
            "expected an answer of the store",
            "expected an answer of the store",
            3,
        ),
    ] {
        let server = Server::start(status, code);
        let client = client(&server.endpoint);
        let storage = storage(client.with_access_key_id("test").with_secret_access_key("test"));
        let error = storage.writer("mlp").build().unwrap_err();
        // A program whose `main` returns the error prints this.
        let printed = format!("{error:?}");
        assert!(printed.contains(put), "{status} {code}: {printed}");
        let written = error.source().unwrap().to_string();
        assert_eq!(written.lines().count(), 1, "{written}");
        assert_eq!(server.requests.load(Relaxed), requests, "{status} {code}: {written}");
        assert!(
            written.starts_with("PUT AmazonS3(runs)/experiments/mlp/.probe failed ("),
            "{written}"
        );
        assert!(written.contains(put), "{status} {code}: {written}");
        let read = storage.logdir().unwrap_err();
        assert_eq!(read.to_string(), "cannot read the root of the storage");
        let read = read.source().unwrap().to_string();
        assert!(read.contains("AmazonS3(runs)/experiments failed ("), "{read}");
        assert!(read.contains(list), "{status} {code}: {read}");
    }
}

/// Without credentials in the environment a client asks for those of the machine.
#[test]
fn missing_credentials_are_named() {
    let server = Server::start("403 Forbidden", "denied destination");
    let storage = storage(client(&server.endpoint).with_metadata_endpoint(&server.endpoint));
    for message in [
        storage.writer("mlp").build().unwrap_err().source().unwrap().to_string(),
        storage.logdir().unwrap_err().source().unwrap().to_string(),
    ] {
        assert!(message.contains("AmazonS3(runs)/experiments"), "{message}");
        assert!(message.contains("expected valid credentials in the environment"), "{message}");
    }
}
