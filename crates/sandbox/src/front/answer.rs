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
            Protocol::Json | Protocol::RestJson | Protocol::Cbor => {
                ("application/x-amz-json-1.1", json!({"__type": code, "message": message}).to_string())
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
        let mut set = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("x-amzn-errortype", code);
        set("x-amzn-requestid", &id);
        Self { status: StatusCode::from_u16(status).unwrap_or_default(), headers, body: body.into() }
    }

    /// A success of a service that speaks JSON.
    pub(crate) fn success_json(value: &Value) -> Self {
        Self::success("application/x-amz-json-1.1", value.to_string())
    }

    /// A success of a service with a query protocol: a list of one item.
    pub(crate) fn success_query(operation: &str, list: &str, mut item: Element) -> Self {
        "member".clone_into(&mut item.name);
        let within = |name: &str, child: Element| {
            let mut element = Element::new(name);
            element.children.push(xmltree::XMLNode::Element(child));
            element
        };
        let result = within(&format!("{operation}Result"), within(list, item));
        let mut answer = Self::success("text/xml", String::new());
        answer.set_xml(&within(&format!("{operation}Response"), result));
        answer
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

    /// The code of an error.
    pub(crate) fn code(&self) -> Option<String> {
        if self.is_success() {
            return None;
        }
        if let Some(json) = self.json() {
            let code = json.get("__type").or_else(|| json.get("code"))?.as_str()?;
            return Some(code.rsplit('#').next().unwrap_or(code).to_owned());
        }
        let text = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = text.split_once("<Code>")?;
        rest.split_once("</Code>").map(|(code, _)| code.to_owned())
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

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
