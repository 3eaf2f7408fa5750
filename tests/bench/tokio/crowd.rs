//! Connections that pass a message of 64 bytes back and forth, all at the same time.

use crate::measure::{self, RoundTrips, TripTimes};
use std::io;
use std::os::raw::c_int;
use std::os::unix::io::FromRawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

const MESSAGE: usize = 64;

/// What a client's task counts.
#[repr(align(128))] // no two tasks write the same cache line
#[derive(Default)]
struct Client {
    messages: AtomicU64,
    times: Option<TripTimes>,
}

pub struct Crowd {
    tcp: bool,
    clients: Vec<Client>,
    paused: usize,
    pause: Duration,
}

fn threads() -> usize {
    std::env::var("BENCH_THREADS").map_or(2, |text| text.parse().expect("BENCH_THREADS is a number"))
}

async fn send_and_receive<S: AsyncRead + AsyncWrite + Unpin>(stream: io::Result<S>, client: Arc<[Client]>, i: usize) {
    let mut stream = stream.expect("a stream");
    let mut data = [0; MESSAGE];
    let me = &client[i];
    loop {
        if let Some(times) = &me.times {
            times.begin();
        }
        stream.write_all(&data).await.expect("sent");
        stream.read_exact(&mut data).await.expect("received");
        if let Some(times) = &me.times {
            times.end();
        }
        me.messages.store(me.messages.load(Relaxed) + 1, Relaxed);
    }
}

async fn receive_and_send<S: AsyncRead + AsyncWrite + Unpin>(stream: io::Result<S>, pause: Duration) {
    let mut stream = stream.expect("a stream");
    let mut data = [0; MESSAGE];
    loop {
        stream.read_exact(&mut data).await.expect("received");
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        stream.write_all(&data).await.expect("sent");
    }
}

fn tcp(fd: c_int) -> io::Result<tokio::net::TcpStream> {
    let stream = unsafe { std::net::TcpStream::from_raw_fd(fd) };
    stream.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(stream)
}

fn unix(fd: c_int) -> io::Result<tokio::net::UnixStream> {
    let stream = unsafe { std::os::unix::net::UnixStream::from_raw_fd(fd) };
    stream.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(stream)
}

impl Crowd {
    pub fn new(tcp: bool, connections: usize) -> Self {
        let clients = (0..connections).map(|_| Client::default()).collect();
        Crowd { tcp, clients, paused: 0, pause: Duration::ZERO }
    }

    /// The first `n` servers sleep in each turn of their tasks. The round trips of the other clients are recorded.
    pub fn pause_first(mut self, n: usize, pause: Duration) -> Self {
        (self.paused, self.pause) = (n, pause);
        self.clients.iter_mut().skip(n).for_each(|client| client.times = Some(TripTimes::new()));
        self
    }

    /// Runs the connections, and reports the round trips that are recorded.
    pub fn run(self) -> RoundTrips {
        measure::need_connections(self.clients.len());
        let runtime = Builder::new_multi_thread().worker_threads(threads()).enable_io().build().expect("a runtime");
        let clients: Arc<[Client]> = self.clients.into();
        for i in 0..clients.len() {
            let pause = if i < self.paused { self.pause } else { Duration::ZERO };
            connect(&runtime, self.tcp, clients.clone(), i, pause);
        }
        let total = || clients.iter().map(|client| client.messages.load(Relaxed) as f64).sum();
        let done = measure::count(total, clients.len());
        if !self.pause.is_zero() {
            TripTimes::report(clients.iter().filter_map(|client| client.times.as_ref()), done.begin);
        }
        runtime.shutdown_background();
        done
    }
}

/// Connects a client and a server, and starts their tasks.
fn connect(runtime: &Runtime, is_tcp: bool, clients: Arc<[Client]>, i: usize, pause: Duration) {
    let [client, server] = measure::pair(is_tcp);
    let _entered = runtime.enter();
    if is_tcp {
        runtime.spawn(receive_and_send(tcp(server), pause));
        runtime.spawn(send_and_receive(tcp(client), clients, i));
    } else {
        runtime.spawn(receive_and_send(unix(server), pause));
        runtime.spawn(send_and_receive(unix(client), clients, i));
    }
}
