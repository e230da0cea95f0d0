//! A way to a server on which answers come as a test wants them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// A way to a server, for as long as the runtime of the test.
pub(crate) struct Way {
    pub(crate) url: String,
    /// Whether answers are lost, and the connection ends with the first of them.
    pub(crate) is_deaf: Arc<AtomicBool>,
}

impl Way {
    /// A way to the server of a URL on which answers come in pieces of at most so many bytes.
    pub(crate) async fn to(url: &str, piece: usize) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let server = server.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_deaf = Arc::new(AtomicBool::new(false));
        let deaf = Arc::clone(&is_deaf);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                client.set_nodelay(true).unwrap();
                let there = TcpStream::connect(server.clone()).await.unwrap();
                let (mut from_client, to_client) = client.into_split();
                let (from_server, mut to_server) = there.into_split();
                tokio::spawn(
                    async move { tokio::io::copy(&mut from_client, &mut to_server).await },
                );
                tokio::spawn(answers(from_server, to_client, piece, Arc::clone(&deaf)));
            }
        });
        Self {
            url: format!("{before}@127.0.0.1:{port}/{database}"),
            is_deaf,
        }
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    piece: usize,
    is_deaf: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; piece];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if is_deaf.load(Ordering::SeqCst) || to.write_all(&buffer[..n]).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
}
