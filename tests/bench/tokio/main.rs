//! The scenarios with tokio instead of naio. Each end of a connection is a task of its own. BENCH_THREADS is the number
//! of workers that run the tasks, two if it is not set.

mod crowd;
mod measure;

use crowd::Crowd;
use measure::Scenario;
use std::os::raw::c_long;
use std::time::Duration;

const BLOCKED_CONNECTIONS: usize = 100; // as in common/blocked.h
const BLOCKED_PAUSE: Duration = Duration::from_millis(10);

/// Measures the round trips of the other connections while `size` servers sleep in each turn of their tasks.
fn blocked(tcp: bool, size: c_long) {
    Crowd::new(tcp, BLOCKED_CONNECTIONS).pause_first(size as usize, BLOCKED_PAUSE).run().report_echo();
}

extern "C" fn tcp_ping(_: c_long) {
    Crowd::new(true, 1).run().report_ping();
}
extern "C" fn ipc_ping(_: c_long) {
    Crowd::new(false, 1).run().report_ping();
}
extern "C" fn tcp_echo(size: c_long) {
    Crowd::new(true, size as usize).run().report_echo();
}
extern "C" fn ipc_echo(size: c_long) {
    Crowd::new(false, size as usize).run().report_echo();
}
extern "C" fn tcp_blocked(size: c_long) {
    blocked(true, size);
}
extern "C" fn ipc_blocked(size: c_long) {
    blocked(false, size);
}

macro_rules! scenario {
    ($run:ident, $size:expr) => {
        Scenario { name: concat!(stringify!($run), "\0").as_ptr().cast(), run: $run, size: $size }
    };
}

fn main() {
    std::process::exit(measure::run(&[
        scenario!(tcp_ping, 64),
        scenario!(ipc_ping, 64),
        scenario!(tcp_echo, 100),
        scenario!(ipc_echo, 100),
        scenario!(tcp_blocked, 1),
        scenario!(ipc_blocked, 1),
    ]));
}
