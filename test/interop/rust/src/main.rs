//! The AWS SDK for Rust as programs use it, against the server at ENDPOINT, over plain http. It prints a line for each step that
//! went well and ends with an error at the first that did not.

use std::env;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Delete, ObjectIdentifier};
use aws_sdk_s3_transfer_manager as transfer;
use aws_sdk_s3_transfer_manager::types::PartSize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error>;
type Step = Result<(), Failure>;

const BUCKET: &str = "from-rust";
const MIB: usize = 1024 * 1024;
const OTHER_ACCOUNT: &str = "222222222222";
/// Nasty enough that a signature over a wrongly encoded key does not match.
const KEY: &str = "a b+c/ü%2F=&.txt";
const CONTENT: &[u8] = b"from Rust, with love";
const LARGE: &str = "large";
const LARGE_BYTES: usize = 20 * MIB + 3;

fn endpoint() -> String {
    env::var("ENDPOINT").expect("ENDPOINT")
}

fn own_credentials() -> Credentials {
    let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| env::var(name).expect(name));
    Credentials::new(id, secret, None, None, "interop")
}

fn s3_config(credentials: Credentials) -> Builder {
    aws_sdk_s3::Config::builder()
        .endpoint_url(endpoint())
        .region(Region::from_static("us-east-1"))
        .force_path_style(true)
        .credentials_provider(credentials)
}

fn client(credentials: Credentials) -> Client {
    Client::from_conf(s3_config(credentials).build())
}

fn expect(holds: bool, what: impl std::fmt::Display) -> Step {
    if holds { Ok(()) } else { Err(what.to_string().into()) }
}

fn refused<T, E: ProvideErrorMetadata>(outcome: Result<T, E>, code: &str) -> Step {
    match outcome {
        Ok(_) => Err(format!("{code} was expected, and it went well").into()),
        Err(error) => expect(error.code() == Some(code), format!("{code} was expected, not {:?}", error.code())),
    }
}

/// Bytes that differ from place to place, so that a part in the wrong place is found out.
fn body_of(size: usize) -> Vec<u8> {
    let mut state = size as u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..size).map(|_| next()).collect()
}

async fn read(s3: &Client, key: &str) -> Result<Vec<u8>, Failure> {
    let got = s3.get_object().bucket(BUCKET).key(key).checksum_mode(ChecksumMode::Enabled).send().await?;
    Ok(got.body.collect().await?.to_vec())
}

async fn put(s3: &Client) -> Step {
    s3.create_bucket().bucket(BUCKET).send().await?;
    let body = ByteStream::from_static(CONTENT);
    let put = s3.put_object().bucket(BUCKET).key(KEY).body(body).metadata("colour", "blue").content_type("text/plain");
    put.send().await?;
    Ok(())
}

async fn get(s3: &Client) -> Step {
    let got = s3.get_object().bucket(BUCKET).key(KEY).send().await?;
    expect(got.content_type() == Some("text/plain"), format!("{:?}", got.content_type()))?;
    expect(got.metadata().and_then(|all| all.get("colour")).is_some_and(|it| it == "blue"), "no metadata")?;
    expect(got.body.collect().await?.to_vec() == CONTENT, "another content")?;
    refused(s3.get_object().bucket(BUCKET).key("missing").send().await, "NoSuchKey")
}

async fn ranged_get(s3: &Client) -> Step {
    let got = s3.get_object().bucket(BUCKET).key(KEY).range("bytes=5-8").send().await?;
    let range = format!("bytes 5-8/{}", CONTENT.len());
    expect(got.content_range() == Some(range.as_str()), format!("{:?}", got.content_range()))?;
    expect(got.body.collect().await?.to_vec() == b"Rust", "another range")
}

async fn multipart(s3: &Client) -> Step {
    let body = body_of(LARGE_BYTES);
    let config = transfer::Config::builder()
        .s3_config(s3_config(own_credentials()))
        .multipart_threshold(PartSize::Target(8 * MIB as u64))
        .part_size(PartSize::Target(8 * MIB as u64))
        .build();
    let manager = transfer::Client::new(config);
    let upload = manager.upload().bucket(BUCKET).key(LARGE).body(body.clone().into()).initiate()?;
    upload.join().await?;
    let head = s3.head_object().bucket(BUCKET).key(LARGE).send().await?;
    expect(head.e_tag().is_some_and(|tag| tag.ends_with("-3\"")), format!("{:?}", head.e_tag()))?;
    let mut download = manager.download().bucket(BUCKET).key(LARGE).initiate()?;
    let mut read = Vec::new();
    while let Some(chunk) = download.body_mut().next().await {
        read.extend_from_slice(&chunk?.data.into_contiguous());
    }
    expect(read == body, "another content after the download in parts")
}

async fn checksums(s3: &Client) -> Step {
    let body = body_of(200_000);
    // A file's checksum goes behind it, that of bytes in memory before them.
    let file = env::temp_dir().join(format!("standin-rust-{}", std::process::id()));
    std::fs::write(&file, &body)?;
    let default = s3.put_object().bucket(BUCKET).key("default").body(ByteStream::from_path(&file).await?).send().await?;
    expect(default.checksum_crc32().is_some(), "the default is not CRC32")?;
    expect(read(s3, "default").await? == body, "another content by default")?;
    for name in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] {
        let streamed = ByteStream::from_path(&file).await?;
        for (key, bytes) in [(name.to_string(), body.clone().into()), (format!("{name}-streamed"), streamed)] {
            let put = s3.put_object().bucket(BUCKET).key(&key).checksum_algorithm(ChecksumAlgorithm::from(name));
            put.body(bytes).send().await?;
            expect(read(s3, &key).await? == body, format!("{key}: another content"))?;
        }
    }
    std::fs::remove_file(&file)?;
    let head = |key| s3.head_object().bucket(BUCKET).key(key).checksum_mode(ChecksumMode::Enabled).send();
    let sha256 = head("SHA256-streamed").await?.checksum_sha256().ok_or("no SHA256")?.to_string();
    expect(head("CRC32C").await?.checksum_crc32_c().is_some(), "no CRC32C")?;
    let wrong = s3.put_object().bucket(BUCKET).key("wrong").body(ByteStream::from_static(CONTENT)).checksum_sha256(sha256);
    refused(wrong.send().await, "BadDigest")
}

async fn conditional_put(s3: &Client) -> Step {
    let once = || s3.put_object().bucket(BUCKET).key("once").if_none_match("*").body(ByteStream::from_static(CONTENT)).send();
    once().await?;
    refused(once().await, "PreconditionFailed")
}

async fn list_pages(s3: &Client) -> Step {
    let keys: Vec<String> = (0..25).map(|number| format!("list/{number:02}")).collect();
    for key in &keys {
        s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send().await?;
    }
    let mut pages = s3.list_objects_v2().bucket(BUCKET).prefix("list/").max_keys(10).into_paginator().send();
    let (mut sizes, mut found) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page?;
        sizes.push(page.contents().len());
        found.extend(page.contents().iter().filter_map(|object| object.key()).map(String::from));
    }
    expect(sizes == [10, 10, 5], format!("pages of {sizes:?}"))?;
    expect(found == keys, format!("{found:?}"))
}

/// One request by hand, as whoever was given the URL may make it: the answer's head and body.
async fn send(request: &PresignedRequest, body: &[u8]) -> Result<(String, Vec<u8>), Failure> {
    let rest = request.uri().strip_prefix("http://").ok_or("not http")?;
    let (host, path) = rest.split_at(rest.find('/').ok_or("no path")?);
    let mut head = format!("{} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", request.method());
    for (name, value) in request.headers().filter(|(name, _)| !["host", "content-length"].contains(name)) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut socket = TcpStream::connect(host).await?;
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(body).await?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or("no end of the head")?;
    Ok((String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec()))
}

async fn presigned(s3: &Client) -> Step {
    let minute = || PresigningConfig::expires_in(Duration::from_secs(60));
    let key = format!("by URL/{KEY}");
    let put = s3.put_object().bucket(BUCKET).key(&key).content_type("text/x").presigned(minute()?).await?;
    let (head, _) = send(&put, CONTENT).await?;
    expect(head.starts_with("http/1.1 200 "), format!("PUT by URL: {head}"))?;
    let get = s3.get_object().bucket(BUCKET).key(&key).presigned(minute()?).await?;
    let (head, body) = send(&get, b"").await?;
    expect(head.starts_with("http/1.1 200 ") && head.contains("content-type: text/x"), format!("GET by URL: {head}"))?;
    expect(body == CONTENT, "another content by URL")
}

async fn copy(s3: &Client) -> Step {
    let to = format!("copied/{KEY}");
    s3.copy_object().bucket(BUCKET).key(&to).copy_source(format!("{BUCKET}/{LARGE}")).send().await?;
    expect(read(s3, &to).await? == body_of(LARGE_BYTES), "the copy has another content")
}

async fn delete_many(s3: &Client) -> Step {
    let listed = s3.list_objects_v2().bucket(BUCKET).send().await?;
    let all: Result<Vec<_>, _> = listed
        .contents()
        .iter()
        .map(|object| ObjectIdentifier::builder().key(object.key().unwrap_or_default()).build())
        .collect();
    let all = all?;
    let count = all.len();
    let deleted = s3.delete_objects().bucket(BUCKET).delete(Delete::builder().set_objects(Some(all)).build()?).send().await?;
    expect(count > 25 && deleted.deleted().len() == count, format!("deleted {} of {count}", deleted.deleted().len()))?;
    let left = s3.list_objects_v2().bucket(BUCKET).send().await?;
    expect(left.key_count() == Some(0), format!("{:?} are left", left.key_count()))
}

async fn buckets_of(s3: &Client) -> Result<Vec<String>, Failure> {
    let listed = s3.list_buckets().send().await?;
    Ok(listed.buckets().iter().filter_map(|bucket| bucket.name()).map(String::from).collect())
}

async fn assume_role(s3: &Client) -> Step {
    let config = aws_sdk_sts::Config::builder()
        .endpoint_url(endpoint())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(own_credentials());
    let sts = aws_sdk_sts::Client::from_conf(config.build());
    let role = format!("arn:aws:iam::{OTHER_ACCOUNT}:role/deploy");
    let answer = sts.assume_role().role_arn(role).role_session_name("rust").send().await?;
    let issued = answer.credentials().ok_or("no credentials")?;
    let (id, secret, token) = (issued.access_key_id(), issued.secret_access_key(), issued.session_token().to_string());
    let other = client(Credentials::new(id, secret, Some(token), None, "role"));
    other.create_bucket().bucket("of-the-role").send().await?;
    let (theirs, ours) = (buckets_of(&other).await?, buckets_of(s3).await?);
    expect(theirs == ["of-the-role"] && ours == [BUCKET], format!("{theirs:?}, {ours:?}"))
}

#[tokio::main]
async fn main() -> Step {
    let s3 = &client(own_credentials());
    macro_rules! steps {
        ($($name:literal: $step:ident),* $(,)?) => {
            $($step(s3).await.map_err(|error| format!("{}: {error:?}", $name))?; println!("ok {}", $name);)*
        };
    }
    steps! {
        "put": put, "get": get, "ranged get": ranged_get, "multipart": multipart, "checksums": checksums,
        "conditional put": conditional_put, "list pages": list_pages, "presigned get and put": presigned, "copy": copy,
        "delete many": delete_many, "assume role": assume_role,
    }
    Ok(())
}
