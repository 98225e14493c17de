//! The protocols that AWS's services speak, and how a call is told in each: which service, operation and parameters.

mod rest;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::call::{Call, Parameters, Request};

/// How a service puts its calls and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// Forms out, XML back: IAM, STS, Elastic Load Balancing.
    Query,
    /// The same with other spellings: EC2.
    Ec2,
    /// JSON both ways, the operation in a header: most services.
    Json,
    /// CBOR both ways, the operation in the path.
    Cbor,
    /// JSON both ways, the operation in method and path.
    RestJson,
    /// XML both ways, the operation in method and path: Route 53, S3 Control.
    RestXml,
    /// The same with other errors.
    S3,
}

/// Who signed a call, and for what (Signature Version 4, "Credential scope").
struct Scope {
    access_key: String,
    region: String,
    service: String,
}

/// Reads a call. None for what is no signed call of AWS's.
pub(crate) fn read(method: &hyper::Method, target: &str, headers: &HeaderMap, body: &Bytes) -> Option<Request> {
    let signed = scope_of(headers)?;
    let scope = Scope { service: rest::service(&signed.service, target).to_owned(), ..signed };
    let (protocol, operation, parameters) = operation(&scope, method, target, headers, body)?;
    let argument = argument(&operation, &parameters);
    // Who it is is found out by whoever knows the sessions.
    let call = Call { service: scope.service, operation, account: String::new(), region: scope.region, argument };
    let (method, target, headers) = (method.clone(), target.to_owned(), headers.clone());
    let (access_key, needs, held, seen) = (scope.access_key, Vec::new(), Vec::new(), 0);
    Some(Request { call, protocol, access_key, method, target, headers, parameters, needs, held, seen })
}

fn operation(
    scope: &Scope,
    method: &hyper::Method,
    target: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Option<(Protocol, String, Parameters)> {
    let path = target.split('?').next().unwrap_or(target);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(operation) = header("x-amz-target") {
        let operation = operation.rsplit('.').next().unwrap_or(operation).to_owned();
        let json =
            if body.is_empty() { Value::Object(serde_json::Map::new()) } else { serde_json::from_slice(body).ok()? };
        return Some((Protocol::Json, operation, Parameters::Json(json)));
    }
    if let Some(operation) = path.strip_prefix("/service/").and_then(|rest| rest.split_once("/operation/")) {
        let rest = Parameters::Rest { named: Vec::new(), body: body.clone() };
        return Some((Protocol::Cbor, operation.1.to_owned(), rest));
    }
    if header(CONTENT_TYPE.as_str()).is_some_and(|content| content.starts_with("application/x-www-form-urlencoded"))
        && path == "/"
    {
        let pairs: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
        let operation = pairs.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone())?;
        let protocol = if scope.service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
        return Some((protocol, operation, Parameters::Form(pairs)));
    }
    Some(rest::operation(&scope.service, method, target, body))
}

fn scope_of(headers: &HeaderMap) -> Option<Scope> {
    let authorization = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, rest) = authorization.split_once("Credential=")?;
    let mut parts = rest.split(',').next()?.split('/');
    let (access_key, _date) = (parts.next()?.to_owned(), parts.next()?);
    let (region, service) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Scope { access_key, region, service })
}

/// What a call is about. Best is our own key, which only calls that tag have; then a parameter that is named after the
/// operation's noun; then any name, ARN or id.
fn argument(operation: &str, parameters: &Parameters) -> Option<String> {
    // What a list is filtered by is not what it is about.
    let texts = parameters.texts().into_iter().filter(|(name, _)| !name.starts_with("Filter.")).collect::<Vec<_>>();
    let own = texts.iter().position(|(_, text)| text == "orgstrap:key");
    let value_of_own = own.and_then(|at| {
        let tag = texts[at].0.rsplit_once('.').map_or("", |(tag, _)| tag);
        texts.iter().find(|(name, text)| name.starts_with(tag) && text != "orgstrap:key" && name.ends_with("alue"))
    });
    let in_map = texts.iter().find(|(name, _)| name.ends_with(".orgstrap:key"));
    if let Some((_, key)) = value_of_own.or(in_map) {
        return Some(key.clone());
    }
    let noun = operation.trim_start_matches(|c: char| c.is_uppercase()).trim_start_matches(|c: char| c.is_lowercase());
    let named = |suffix: &str| {
        let wanted = format!("{noun}{suffix}").to_lowercase();
        texts.iter().find(|(name, _)| name.to_lowercase() == wanted)
    };
    let any =
        |suffix: &str| texts.iter().find(|(name, _)| name.trim_end_matches(".1").to_lowercase().ends_with(suffix));
    let found = ["Name", "Id", "Arn"].iter().find_map(|suffix| named(suffix));
    let found = found.or_else(|| ["name", "arn", "id"].iter().find_map(|suffix| any(suffix)));
    found.map(|(_, text)| text.clone())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use hyper::Method;

    use super::*;

    fn headers(service: &str, more: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-west-1/{service}/aws4_request, SignedHeaders=host");
        headers.insert(AUTHORIZATION, scope.parse().unwrap());
        for (name, value) in more {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

    #[test]
    fn a_form_names_its_operation_and_our_key() {
        let body = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16&TagSpecification.1.Tag.1.Key=Name&\
                    TagSpecification.1.Tag.1.Value=x&TagSpecification.1.Tag.2.Key=orgstrap%3Akey&\
                    TagSpecification.1.Tag.2.Value=dev%2Fvpc%2Fmain";
        let read = read(&Method::POST, "/", &headers("ec2", &[FORM]), &body.into()).unwrap();
        assert_eq!(read.protocol, Protocol::Ec2);
        assert_eq!((read.call.service.as_str(), read.call.operation.as_str()), ("ec2", "CreateVpc"));
        assert_eq!(read.call.argument.as_deref(), Some("dev/vpc/main"));
        assert!(read.call.is_change());
    }

    #[test]
    fn a_form_is_written_as_it_was_read() {
        let body = "Action=GetRole&RoleName=a%2Bb+c%26d";
        let mut read = read(&Method::POST, "/", &headers("iam", &[FORM]), &body.into()).unwrap();
        assert_eq!((read.protocol, read.call.argument.as_deref()), (Protocol::Query, Some("a+b c&d")));
        assert!(!read.call.is_change());
        assert_eq!(read.parameters.body(), body);
        read.parameters.set("RoleName", "e".into());
        assert_eq!(read.parameters.body(), "Action=GetRole&RoleName=e");
    }

    #[test]
    fn a_header_names_the_operation_of_json() {
        let target = ("x-amz-target", "Logs_20140328.CreateLogGroup");
        let body = r#"{"logGroupName": "/orgstrap/dev/flow", "tags": {"a": "b"}}"#;
        let read = read(&Method::POST, "/", &headers("logs", &[target]), &body.into()).unwrap();
        assert_eq!((read.protocol, read.call.operation.as_str()), (Protocol::Json, "CreateLogGroup"));
        assert_eq!(read.call.argument.as_deref(), Some("/orgstrap/dev/flow"));
    }

    #[test]
    fn method_and_path_name_the_operation_of_rest() {
        let of = |service: &str, method: Method, target: &str| {
            let read = read(&method, target, &headers(service, &[]), &Bytes::new()).unwrap();
            (read.protocol, read.call.operation, read.call.argument)
        };
        let zone = || Some("Z1".to_owned());
        assert_eq!(
            of("route53", Method::POST, "/2013-04-01/hostedzone/Z1/rrset/"),
            (Protocol::RestXml, "ChangeResourceRecordSets".into(), zone())
        );
        assert_eq!(
            of("route53", Method::GET, "/2013-04-01/hostedzone/Z1"),
            (Protocol::RestXml, "GetHostedZone".into(), zone())
        );
        assert_eq!(
            of("s3", Method::PUT, "/bucket/a/key?x-id=PutObject"),
            (Protocol::S3, "PutObject".into(), Some("bucket/a/key".into()))
        );
        assert_eq!(
            of("s3", Method::GET, "/bucket?policy"),
            (Protocol::S3, "GetBucketPolicy".into(), Some("bucket".into()))
        );
        assert_eq!(
            of("account", Method::POST, "/putAlternateContact"),
            (Protocol::RestJson, "PutAlternateContact".into(), None)
        );
        assert_eq!(
            of("s3", Method::PUT, "/v20180820/configuration/publicAccessBlock"),
            (Protocol::RestXml, "PutPublicAccessBlock".into(), None)
        );
        assert_eq!(
            of("access-analyzer", Method::GET, "/analyzer?type=ACCOUNT"),
            (Protocol::RestJson, "ListAnalyzers".into(), None)
        );
        assert_eq!(
            of("access-analyzer", Method::POST, "/tags/arn%3Aaws%3Aa%3Aanalyzer%2Fb"),
            (Protocol::RestJson, "TagResource".into(), Some("arn:aws:a:analyzer/b".into()))
        );
    }

    #[test]
    fn what_nobody_signed_is_no_call() {
        assert!(read(&Method::GET, "/moto-api/data.json", &HeaderMap::new(), &Bytes::new()).is_none());
    }
}
