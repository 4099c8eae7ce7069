//! TLS in front of a plain HTTP server that answers one question on each connection, as
//! `CuttingProxy` does.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http_server::certificates;

/// It stops when this is dropped.
pub struct TlsFront {
    pub address: SocketAddr,
    /// The authority's certificate (PEM).
    pub authority: String,
    stop: Arc<AtomicBool>,
}

impl TlsFront {
    pub fn before(backend: SocketAddr) -> Self {
        let (config, authority) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let config = Arc::clone(&config);
                // Errors of one connection are what the tests are about.
                thread::spawn(move || drop(relay(config, client, backend)));
            }
        });
        Self { address, authority, stop }
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn relay(config: Arc<ServerConfig>, client: TcpStream, backend: SocketAddr) -> io::Result<()> {
    let session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut client = BufReader::new(StreamOwned::new(session, client));
    let mut head = String::new();
    while client.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    if head.is_empty() {
        return Ok(());
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    client.read_exact(&mut body)?;
    let mut server = TcpStream::connect(backend)?;
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    let client = client.get_mut();
    let mut block = vec![0; 64 << 10];
    loop {
        let count = server.read(&mut block)?;
        if count == 0 {
            client.conn.send_close_notify();
            client.flush()?;
            return client.sock.shutdown(Shutdown::Both);
        }
        client.write_all(&block[..count])?;
        client.flush()?;
    }
}
