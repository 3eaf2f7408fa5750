//! The functions of tests/bench/common, which are in the library bench_common.

use std::ffi::c_void;
use std::os::raw::{c_char, c_double, c_int, c_long};
use std::os::unix::ffi::OsStringExt;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct RoundTrips {
    trips: c_double,
    ns: c_double,
    cpu: c_double,
    pub begin: i64,
}

#[repr(C)]
pub struct Scenario {
    pub name: *const c_char, // ends with a zero byte
    pub run: extern "C" fn(c_long),
    pub size: c_long,
}

#[link(name = "bench_common", kind = "static")]
extern "C" {
    fn run_scenario(scenarios: *const Scenario, n: usize, argc: c_int, argv: *const *const c_char) -> c_int;
    fn need_descriptors(n: c_long);
    fn socket_pair(tcp: bool, ends: *mut c_int);
    fn count_round_trips(count: extern "C" fn(*const c_void) -> c_double, arg: *const c_void, n: c_long) -> RoundTrips;
    fn report_ping(done: *const RoundTrips);
    fn report_echo(done: *const RoundTrips);
    fn new_trip_times() -> *mut c_void;
    fn free_trip_times(times: *mut c_void);
    fn trip_begins(times: *mut c_void);
    fn trip_ends(times: *mut c_void);
    fn report_trip_times(times: *const *mut c_void, n: c_long, since: i64);
}

/// Runs the scenario that the command line names, and returns the program's exit status.
pub fn run(scenarios: &[Scenario]) -> c_int {
    let arguments: Vec<_> = std::env::args_os()
        .map(|argument| std::ffi::CString::new(argument.into_vec()).expect("an argument"))
        .collect();
    let mut pointers: Vec<_> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    pointers.push(std::ptr::null());
    unsafe { run_scenario(scenarios.as_ptr(), scenarios.len(), arguments.len() as c_int, pointers.as_ptr()) }
}

/// Makes sure that the process may have the descriptors of this many connections.
pub fn need_connections(connections: usize) {
    unsafe { need_descriptors(2 * connections as c_long + 100) }
}

/// Returns two connected sockets.
pub fn pair(tcp: bool) -> [c_int; 2] {
    let mut ends = [0; 2];
    unsafe { socket_pair(tcp, ends.as_mut_ptr()) };
    ends
}

/// Counts round trips for the time of a measurement. `count` returns the number of round trips so far.
pub fn count<F: Fn() -> f64>(count: F, connections: usize) -> RoundTrips {
    extern "C" fn call<F: Fn() -> f64>(count: *const c_void) -> c_double {
        unsafe { (*(count as *const F))() }
    }
    unsafe { count_round_trips(call::<F>, &count as *const F as *const c_void, connections as c_long) }
}

impl RoundTrips {
    pub fn report_ping(&self) {
        unsafe { report_ping(self) }
    }
    pub fn report_echo(&self) {
        unsafe { report_echo(self) }
    }
}

/// The durations of a client's round trips.
pub struct TripTimes(*mut c_void);

// One task calls begin and end, and another thread may read the durations at the same time (common/trip_times.h).
unsafe impl Send for TripTimes {}
unsafe impl Sync for TripTimes {}

impl TripTimes {
    pub fn new() -> Self {
        TripTimes(unsafe { new_trip_times() })
    }
    pub fn begin(&self) {
        unsafe { trip_begins(self.0) }
    }
    pub fn end(&self) {
        unsafe { trip_ends(self.0) }
    }
    pub fn report<'a>(all: impl Iterator<Item = &'a TripTimes>, since: i64) {
        let all: Vec<_> = all.map(|times| times.0).collect();
        unsafe { report_trip_times(all.as_ptr(), all.len() as c_long, since) }
    }
}

impl Drop for TripTimes {
    fn drop(&mut self) {
        unsafe { free_trip_times(self.0) }
    }
}
