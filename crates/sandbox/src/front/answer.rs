//! An answer of AWS, and the errors that the front gives in AWS's own form.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use xmltree::Element;

use super::protocol::Protocol;

/// An answer on its way back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A refusal with a service's own code, in the form of the call's protocol.
    ///
    /// Forms: EC2 API reference, "Error codes"; IAM and STS API references, "Common Errors"; Smithy's AWS protocols.
    pub(crate) fn refusal(protocol: Protocol, status: u16, code: &str, message: &str) -> Self {
        let id = request_id(code, message);
        let (content, body) = match protocol {
            Protocol::Ec2 => (
                "text/xml",
                format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>{}</Message></Error></Errors>\
                     <RequestID>{id}</RequestID></Response>",
                    escaped(message)
                ),
            ),
            Protocol::Query | Protocol::RestXml => {
                // The sender is at fault unless the service is.
                let fault = if status < 500 { "Sender" } else { "Receiver" };
                (
                    "text/xml",
                    format!(
                        "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{}</Message></Error>\
                         <RequestId>{id}</RequestId></ErrorResponse>",
                        escaped(message)
                    ),
                )
            }
            Protocol::S3 => (
                "application/xml",
                format!(
                    "<Error><Code>{code}</Code><Message>{}</Message><RequestId>{id}</RequestId></Error>",
                    escaped(message)
                ),
            ),
            Protocol::Json | Protocol::RestJson => {
                ("application/x-amz-json-1.1", json!({"__type": code, "message": message}).to_string())
            }
            Protocol::Cbor => ("application/cbor", String::new()),
        };
        let body =
            if protocol == Protocol::Cbor { cbor(&[("__type", code), ("message", message)]) } else { body.into() };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
        let mut set = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("x-amzn-errortype", code);
        set("x-amzn-requestid", &id);
        if protocol == Protocol::Cbor {
            set("smithy-protocol", "rpc-v2-cbor");
        }
        Self { status: StatusCode::from_u16(status).unwrap_or_default(), headers, body }
    }

    /// A refusal of a service that speaks JSON and gives its reason in a word beside the text.
    pub(crate) fn refusal_for(code: &str, reason: &str, message: &str) -> Self {
        let mut answer = Self::refusal(Protocol::Json, 400, code, message);
        answer.set_json(&json!({"__type": code, "Message": message, "Reason": reason}));
        answer
    }

    /// A success of a service that speaks JSON.
    pub(crate) fn success_json(value: &Value) -> Self {
        Self::success("application/x-amz-json-1.1", value.to_string())
    }

    /// A success of a service with a query protocol that tells nothing.
    pub(crate) fn success_query_empty(operation: &str) -> Self {
        let mut answer = Self::success("text/xml", String::new());
        answer.set_xml(&Element::new(&format!("{operation}Response")));
        answer
    }

    /// A success of a service with a query protocol: a list.
    pub(crate) fn success_query(operation: &str, list: &str, items: Vec<Element>) -> Self {
        let within = |name: &str, children: Vec<Element>| {
            let mut element = Element::new(name);
            element.children = children.into_iter().map(xmltree::XMLNode::Element).collect();
            element
        };
        let members = items.into_iter().map(|item| Element { name: "member".to_owned(), ..item }).collect();
        let result = within(&format!("{operation}Result"), vec![within(list, members)]);
        let mut answer = Self::success("text/xml", String::new());
        answer.set_xml(&within(&format!("{operation}Response"), vec![result]));
        answer
    }

    /// A success of EC2, with these elements in it (EC2 API reference, "Making requests").
    pub(crate) fn success_ec2(operation: &str, inner: &str) -> Self {
        let id = request_id(operation, inner);
        let root = format!("{operation}Response");
        let body = format!(
            "<{root} xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{id}</requestId>{inner}</{root}>"
        );
        Self::success("text/xml", body)
    }

    fn success(content: &'static str, body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
        Self { status: StatusCode::OK, headers, body: body.into() }
    }

    /// Whether the call did what it was to do.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The code of an error: its status where it has no other, as the answer to a HEAD.
    pub(crate) fn code(&self) -> Option<String> {
        if self.is_success() {
            return None;
        }
        let in_json = || {
            let json = self.json()?;
            Some(json.get("__type").or_else(|| json.get("code"))?.as_str()?.to_owned())
        };
        let in_xml = || {
            let (_, rest) = std::str::from_utf8(&self.body).ok()?.split_once("<Code>")?;
            rest.split_once("</Code>").map(|(code, _)| code.to_owned())
        };
        let in_header = || self.headers.get("x-amzn-errortype")?.to_str().ok().map(str::to_owned);
        let code = in_json().or_else(in_xml).or_else(in_header);
        // `com.amazonaws.ecr#RepositoryNotFoundException`, `NotFoundException:http://...` (Smithy, "AWS JSON 1.1 protocol").
        let bare = |code: String| code.split(':').next().and_then(|code| code.rsplit('#').next()).map(str::to_owned);
        Some(code.and_then(bare).unwrap_or_else(|| self.status.as_u16().to_string()))
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body, if it is XML.
    pub(crate) fn xml(&self) -> Option<Element> {
        self.body.starts_with(b"<").then(|| Element::parse(&self.body[..]).ok())?
    }

    /// Another JSON body.
    pub(crate) fn set_json(&mut self, value: &Value) {
        self.body = value.to_string().into();
    }

    /// Another XML body.
    pub(crate) fn set_xml(&mut self, root: &Element) {
        let mut body = Vec::new();
        // Writing to memory fails only for names that no parser would have let in.
        if root.write(&mut body).is_ok() {
            self.body = body.into();
        }
    }
}

/// An id in the form of AWS's, the same for the same refusal: what is printed is the same in each run.
fn request_id(code: &str, message: &str) -> String {
    let hash = super::chance::hash(0, &["request", code, message]);
    format!("{:08x}-f207-4000-8000-{:012x}", hash >> 32, hash & 0xffff_ffff_ffff)
}

/// A map of texts (RFC 8949, "Specification of the CBOR Encoding": major types 5 and 3).
fn cbor(texts: &[(&str, &str)]) -> Bytes {
    fn begin(body: &mut Vec<u8>, major: u8, length: usize) {
        // An error's words are never longer than what two bytes count.
        match u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes() {
            [0, short @ 0..=0x17] => body.push(major | short),
            [0, short] => body.extend([major | 0x18, short]),
            [high, low] => body.extend([major | 0x19, high, low]),
        }
    }
    let mut body = Vec::new();
    begin(&mut body, 0xa0, texts.len());
    for text in texts.iter().flat_map(|(name, text)| [name, text]) {
        begin(&mut body, 0x60, text.len());
        body.extend(text.as_bytes());
    }
    body.into()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_says_its_code() {
        use Protocol::{Ec2, Json, Query, RestJson, RestXml, S3};
        for protocol in [Ec2, Json, Query, RestJson, RestXml, S3, Protocol::Cbor] {
            let refusal = Answer::refusal(protocol, 400, "NoSuchThing", "There is no <thing>");
            assert_eq!(refusal.code().as_deref(), Some("NoSuchThing"), "{protocol:?}");
        }
    }

    #[test]
    fn an_error_without_words_says_its_status() {
        let answer = Answer { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Bytes::new() };
        assert_eq!(answer.code().as_deref(), Some("404"));
    }

    #[test]
    fn cbor_counts_its_texts() {
        let long = "a".repeat(300);
        let body = cbor(&[("__type", "Short"), ("message", &long)]);
        assert_eq!(&body[..14], b"\xa2\x66__type\x65Short");
        assert_eq!(&body[14..26], b"\x67message\x79\x01\x2ca");
        assert_eq!(body.len(), 25 + 300);
    }
}
