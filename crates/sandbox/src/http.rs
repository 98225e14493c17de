//! Just enough HTTP to ask a server on this machine one question.
//!
//! Two fixed requests to a server that we start ourselves do not justify an HTTP client: each
//! connection serves one request, and the answer ends where the connection does.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer longer than this is not one of ours.
const LIMIT: u64 = 64 * 1024;

/// Sends a request without a body to a port of this machine; gives the status and the body.
pub(crate) async fn ask(port: u16, method: &str, path: &str, patience: Duration) -> io::Result<(u16, String)> {
    timeout(patience, exchange(port, method, path)).await?
}

async fn exchange(port: u16, method: &str, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LIMIT).read_to_end(&mut answer).await?;
    parse(&String::from_utf8_lossy(&answer)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_body() {
        let answer = "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello";
        assert_eq!(parse(answer), Some((200, "hello".to_owned())));
    }

    #[test]
    fn what_is_not_http_is_no_answer() {
        assert_eq!(parse("SSH-2.0-OpenSSH\r\n\r\n"), None);
        assert_eq!(parse(""), None);
    }
}
