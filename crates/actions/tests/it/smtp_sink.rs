//! An SMTP server on loopback that keeps what it is sent and answers as told.
//!
//! The one crate for this drags in a second TLS stack and cannot be stopped.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How the server answers one command, by its first word, in place of `250`.
pub(crate) type Answers = &'static [(&'static str, &'static str)];

/// One mail as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Headers and body with the doubled dots undone.
    pub(crate) data: String,
}

#[derive(Debug, Default)]
struct Log {
    delivered: Vec<Delivered>,
    n_connections: usize,
}

/// The server; it stops when dropped.
#[derive(Debug)]
pub(crate) struct SmtpSink {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
    accepting: JoinHandle<()>,
}

impl SmtpSink {
    pub(crate) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let accepting = tokio::spawn(accept(listener, answers, Arc::clone(&log)));
        Self {
            address,
            log,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.log.lock().unwrap().delivered.clone()
    }

    pub(crate) fn n_connections(&self) -> usize {
        self.log.lock().unwrap().n_connections
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, answers: Answers, log: Arc<Mutex<Log>>) {
    while let Ok((stream, _)) = listener.accept().await {
        log.lock().unwrap().n_connections += 1;
        let log = Arc::clone(&log);
        // A client that hangs up ends its conversation, which is no failure of the server.
        tokio::spawn(async move { converse(stream, answers, &log).await.ok() });
    }
}

async fn converse(stream: TcpStream, answers: Answers, log: &Mutex<Log>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = Delivered::default();
    stream.write_all(b"220 sink ready\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let refusal = answers.iter().find(|(command, _)| *command == word);
        let answer = match (word.as_str(), refusal) {
            (_, Some((_, answer))) => *answer,
            ("EHLO", None) => "250-sink\r\n250 8BITMIME",
            ("MAIL", None) => {
                mail = Delivered {
                    from: path(&line),
                    ..Delivered::default()
                };
                "250 ok"
            }
            ("RCPT", None) => {
                mail.to.push(path(&line));
                "250 ok"
            }
            ("DATA", None) => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.data = read_data(&mut stream).await?;
                match answers.iter().find(|(command, _)| *command == ".") {
                    Some((_, answer)) => answer,
                    None => {
                        log.lock()
                            .unwrap()
                            .delivered
                            .push(std::mem::take(&mut mail));
                        "250 kept"
                    }
                }
            }
            ("NOOP" | "RSET", None) => "250 ok",
            ("QUIT", None) => "221 bye",
            _ => "500 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Reads up to the line with a single dot, over any number of lines. Without that line it is no mail: its
/// sender has gone in the midst of it.
async fn read_data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What stands between the angle brackets.
fn path(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    rest.split('>').next().unwrap_or_default().to_owned()
}
