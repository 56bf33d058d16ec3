//! A lean HTTP/1.1 client: one kept-alive connection, one request at a time. On a machine with few
//! cores a full client would cost more than the server it measures.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;

use actix_web::rt::net::TcpStream;

/// An answer; its body lies in the connection until the next request.
pub struct Reply<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Reply<'_> {
    /// The text between `"name":"` and the next quotation mark: enough for ids and tokens.
    pub fn text(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(self.body).ok()?;
        let start = format!("\"{name}\":\"");
        let rest = &body[body.find(&start)? + start.len()..];
        Some(rest[..rest.find('"')?].to_owned())
    }
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, sent: Vec::with_capacity(4096), received: Vec::with_capacity(32 * 1024) })
    }

    /// Sends one request and reads its whole answer. `headers` are complete lines ending in CRLF.
    pub async fn ask(&mut self, line: &str, headers: &str, body: &str) -> std::io::Result<Reply<'_>> {
        self.sent.clear();
        self.sent.extend_from_slice(line.as_bytes());
        self.sent.extend_from_slice(b" HTTP/1.1\r\nhost: bench\r\n");
        self.sent.extend_from_slice(headers.as_bytes());
        if !body.is_empty() {
            let about = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
            self.sent.extend_from_slice(about.as_bytes());
        }
        self.sent.extend_from_slice(b"\r\n");
        self.sent.extend_from_slice(body.as_bytes());
        let mut at = 0;
        while at < self.sent.len() {
            match self.stream.try_write(&self.sent[at..]) {
                Ok(written) => at += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        self.received.clear();
        let head = loop {
            if let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let (status, length) = read_head(&self.received[..head])?;
        while self.received.len() < head + length {
            self.more().await?;
        }
        Ok(Reply { status, body: &self.received[head..head + length] })
    }

    async fn more(&mut self) -> std::io::Result<()> {
        loop {
            self.stream.readable().await?;
            self.received.reserve(16 * 1024);
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn read_head(head: &[u8]) -> std::io::Result<(u16, usize)> {
    let unreadable = || Error::new(ErrorKind::InvalidData, "an answer without status or content-length");
    let head = std::str::from_utf8(head).map_err(|_| unreadable())?;
    let status: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(unreadable)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    match length {
        Some(length) => Ok((status, length)),
        None if status == 204 => Ok((status, 0)),
        None => Err(unreadable()),
    }
}
