//! Services whose operations are a method and a path.

use bytes::Bytes;
use hyper::Method;
use percent_encoding::percent_decode_str;

use super::Protocol;
use crate::front::call::Parameters;

/// Operations of Route 53 by method and the path below `/2013-04-01/`; `*` is one part of it, and the last one that it
/// stands for is what the call is about (Route 53 API reference).
const ROUTE53: [(&str, &str, &str); 17] = [
    ("POST", "hostedzone", "CreateHostedZone"),
    ("GET", "hostedzone", "ListHostedZones"),
    ("GET", "hostedzonesbyname", "ListHostedZonesByName"),
    ("GET", "hostedzonecount", "GetHostedZoneCount"),
    ("GET", "hostedzone/*", "GetHostedZone"),
    ("POST", "hostedzone/*", "UpdateHostedZoneComment"),
    ("DELETE", "hostedzone/*", "DeleteHostedZone"),
    ("POST", "hostedzone/*/rrset", "ChangeResourceRecordSets"),
    ("GET", "hostedzone/*/rrset", "ListResourceRecordSets"),
    ("GET", "change/*", "GetChange"),
    ("GET", "tags/hostedzone/*", "ListTagsForResource"),
    ("POST", "tags/hostedzone/*", "ChangeTagsForResource"),
    ("POST", "tags/hostedzone", "ListTagsForResources"),
    ("POST", "healthcheck", "CreateHealthCheck"),
    ("GET", "healthcheck", "ListHealthChecks"),
    ("GET", "healthcheck/*", "GetHealthCheck"),
    ("DELETE", "healthcheck/*", "DeleteHealthCheck"),
];

/// Operations of IAM Access Analyzer by method and path (IAM Access Analyzer API reference).
const ACCESS_ANALYZER: [(&str, &str, &str); 8] = [
    ("PUT", "analyzer", "CreateAnalyzer"),
    ("GET", "analyzer", "ListAnalyzers"),
    ("GET", "analyzer/*", "GetAnalyzer"),
    ("PUT", "analyzer/*", "UpdateAnalyzer"),
    ("DELETE", "analyzer/*", "DeleteAnalyzer"),
    ("GET", "tags/*", "ListTagsForResource"),
    ("POST", "tags/*", "TagResource"),
    ("DELETE", "tags/*", "UntagResource"),
];

/// Operations of S3 Control by method and the path below `/v20180820/` (Amazon S3 API reference, "Amazon S3 Control").
const S3_CONTROL: [(&str, &str, &str); 3] = [
    ("GET", "configuration/publicAccessBlock", "GetPublicAccessBlock"),
    ("PUT", "configuration/publicAccessBlock", "PutPublicAccessBlock"),
    ("DELETE", "configuration/publicAccessBlock", "DeletePublicAccessBlock"),
];

/// Where the paths of S3 Control begin. It is signed for as S3 is.
const S3_CONTROL_PATH: &str = "/v20180820/";

/// The service that a call is to, where that is not the one that it is signed for.
pub(super) fn service<'s>(signed_for: &'s str, target: &str) -> &'s str {
    if signed_for == "s3" && target.starts_with(S3_CONTROL_PATH) { "s3control" } else { signed_for }
}

/// Parts of a bucket that have operations of their own, by the word in the query (S3 API reference).
const S3_PARTS: [(&str, &str); 13] = [
    ("acl", "Acl"),
    ("cors", "Cors"),
    ("encryption", "Encryption"),
    ("lifecycle", "LifecycleConfiguration"),
    ("location", "Location"),
    ("logging", "Logging"),
    ("notification", "NotificationConfiguration"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "OwnershipControls"),
    ("policy", "Policy"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("tagging", "Tagging"),
    ("versioning", "Versioning"),
];

pub(super) fn operation(service: &str, method: &Method, target: &str, body: &Bytes) -> (Protocol, String, Parameters) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (protocol, operation, argument) = match service {
        "route53" => by_table(&ROUTE53, Protocol::RestXml, method, path.trim_start_matches("/2013-04-01")),
        "s3control" => by_table(&S3_CONTROL, Protocol::RestXml, method, path.trim_start_matches(S3_CONTROL_PATH)),
        "access-analyzer" => by_table(&ACCESS_ANALYZER, Protocol::RestJson, method, path),
        "s3" => s3(method, path, query),
        _ => (Protocol::RestJson, by_path(method, path), None),
    };
    let mut named: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    // Under the name that no query has, and that every search for what a call is about finds first.
    named.splice(0..0, argument.map(|argument| ("name".to_owned(), argument)));
    (protocol, operation, Parameters::Rest { named, body: body.clone() })
}

fn by_table(
    table: &[(&str, &str, &str)],
    protocol: Protocol,
    method: &Method,
    path: &str,
) -> (Protocol, String, Option<String>) {
    let path = path.trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        let same = |(wanted, part): (&&str, &&str)| *wanted == "*" || wanted == part;
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(same)
    };
    let found = table.iter().find(|(verb, pattern, _)| *verb == method.as_str() && fits(pattern));
    let Some((_, pattern, operation)) = found else { return (protocol, by_path(method, path), None) };
    let argument = pattern.split('/').zip(&parts).filter(|(wanted, _)| *wanted == "*").last();
    let argument = argument.map(|(_, part)| percent_decode_str(part).decode_utf8_lossy().into_owned());
    (protocol, (*operation).to_owned(), argument)
}

fn s3(method: &Method, path: &str, query: &str) -> (Protocol, String, Option<String>) {
    let place = path.trim_matches('/');
    let words: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or(pair)).collect();
    let part = S3_PARTS.iter().find(|(word, _)| words.contains(word));
    let is_object = place.contains('/');
    let operation = match (method.as_str(), is_object, part) {
        (_, false, _) if place.is_empty() => "ListBuckets".to_owned(),
        ("PUT", false, Some((_, part))) => format!("PutBucket{part}"),
        ("DELETE", false, Some((_, part))) => format!("DeleteBucket{part}"),
        ("GET", false, Some((_, part))) => format!("GetBucket{part}"),
        ("GET", false, None) if words.contains(&"versions") => "ListObjectVersions".to_owned(),
        ("GET", false, None) => "ListObjectsV2".to_owned(),
        ("PUT", false, None) => "CreateBucket".to_owned(),
        ("DELETE", false, None) => "DeleteBucket".to_owned(),
        ("HEAD", false, None) => "HeadBucket".to_owned(),
        ("POST", false, _) if words.contains(&"delete") => "DeleteObjects".to_owned(),
        ("GET", true, _) => "GetObject".to_owned(),
        ("PUT", true, _) => "PutObject".to_owned(),
        ("DELETE", true, _) => "DeleteObject".to_owned(),
        ("HEAD", true, _) => "HeadObject".to_owned(),
        _ => by_path(method, path),
    };
    (Protocol::S3, operation, (!place.is_empty()).then(|| place.to_owned()))
}

/// Services whose paths are the operations' names, as `POST /putAlternateContact`. For others, the verb stands for what
/// the operation does.
fn by_path(method: &Method, path: &str) -> String {
    let last = path.trim_matches('/').split('/').find(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()));
    let noun = last.unwrap_or_default();
    let capitalized: String = noun.chars().take(1).flat_map(char::to_uppercase).chain(noun.chars().skip(1)).collect();
    match method.as_str() {
        "GET" | "HEAD" => format!("Get{capitalized}"),
        "DELETE" => format!("Delete{capitalized}"),
        "PUT" => format!("Put{capitalized}"),
        _ => capitalized,
    }
}
