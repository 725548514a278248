//! A small S3 in this process: objects in memory, listed and read as the clients of stores do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The bucket `runs`; every other bucket does not exist.
pub(crate) struct S3 {
    pub(crate) endpoint: String,
    pub(crate) objects: Objects,
    /// How many requests were answered.
    pub(crate) requests: Arc<AtomicUsize>,
}

impl S3 {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let objects = Objects::default();
        let requests = Arc::<AtomicUsize>::default();
        let shared = (objects.clone(), requests.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, (objects, requests)) = (stream.unwrap(), shared.clone());
                // A connection that is closed ends its thread.
                std::thread::spawn(move || {
                    while answer(&stream, &objects).is_ok() {
                        requests.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self { endpoint, objects, requests }
    }

    /// The variables that clients find it by.
    pub(crate) fn environment(&self) -> [(&str, &str); 4] {
        [
            ("S3_ENDPOINT", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]
    }
}

/// Answers a request.
fn answer(stream: &TcpStream, objects: &Objects) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let (mut len, mut range) = (0, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => len = value.parse().unwrap(),
            "range" => range = Some(value.trim_start_matches("bytes=").to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;

    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query: BTreeMap<_, _> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(decoded).collect();
    let path = decode(path);
    let mut objects = objects.lock().unwrap();
    let Some(key) = path.strip_prefix("/runs").map(|key| key.trim_start_matches('/')) else {
        let error = b"<Error><Code>NoSuchBucket</Code></Error>";
        return send(stream, &method, "404 Not Found", "", error);
    };
    match (method.as_str(), key) {
        ("PUT", key) => {
            objects.insert(key.to_owned(), body);
            send(stream, &method, "200 OK", "", b"")
        }
        ("POST", "") => {
            let body = String::from_utf8(body).unwrap();
            let keys = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            let mut result = "<DeleteResult>".to_owned();
            for key in keys {
                objects.remove(key);
                write!(result, "<Deleted><Key>{key}</Key></Deleted>").unwrap();
            }
            result.push_str("</DeleteResult>");
            send(stream, &method, "200 OK", "", result.as_bytes())
        }
        ("GET", "") => send(stream, &method, "200 OK", "", list(&objects, &query).as_bytes()),
        (_, key) => {
            let Some(object) = objects.get(key) else {
                let error = b"<Error><Code>NoSuchKey</Code></Error>";
                return send(stream, &method, "404 Not Found", "", error);
            };
            let Some((first, last)) = range.as_ref().and_then(|range| range.split_once('-')) else {
                return send(stream, &method, "200 OK", "", object);
            };
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            let last = last.min(object.len() - 1);
            let range = format!("Content-Range: bytes {first}-{last}/{}\r\n", object.len());
            send(stream, &method, "206 Partial Content", &range, &object[first..=last])
        }
    }
}

fn send(
    mut stream: &TcpStream,
    method: &str,
    status: &str,
    headers: &str,
    body: &[u8],
) -> Result<()> {
    let common = "ETag: \"1\"\r\nLast-Modified: Sat, 28 Nov 2020 19:00:00 GMT\r\n";
    let head =
        format!("HTTP/1.1 {status}\r\n{common}{headers}Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    if method == "HEAD" { Ok(()) } else { stream.write_all(body) }
}

fn list(objects: &BTreeMap<String, Vec<u8>>, query: &BTreeMap<String, String>) -> String {
    let prefix = query.get("prefix").map_or("", String::as_str);
    let mut xml = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    let mut last_dir = "";
    for (key, object) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let end = key[prefix.len()..].find('/').filter(|_| query.contains_key("delimiter"));
        if let Some(end) = end {
            let dir = &key[..=prefix.len() + end];
            if dir != last_dir {
                write!(xml, "<CommonPrefixes><Prefix>{dir}</Prefix></CommonPrefixes>").unwrap();
            }
            last_dir = dir;
            continue;
        }
        let (time, size) = ("2020-11-28T19:00:00.000Z", object.len());
        write!(
            xml,
            "<Contents><Key>{key}</Key><LastModified>{time}</LastModified><ETag>\"1\"</ETag>\
             <Size>{size}</Size></Contents>"
        )
        .unwrap();
    }
    xml + "</ListBucketResult>"
}

fn decoded((name, value): (&str, &str)) -> (String, String) {
    // A space is a plus in a query.
    (decode(name), decode(&value.replace('+', " ")))
}

/// Decodes `%2F` and the like.
fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
