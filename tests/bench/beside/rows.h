// The rows of this program. A row is one event that naio and Asio both perform, and measures the time of one event.
#ifndef BENCH_BESIDE_ROWS_H
#define BENCH_BESIDE_ROWS_H

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// Performs `events` events, and returns the time of one in nanoseconds.
using Measure = double (*)(long size, long events);

struct Row {
    std::string name;
    long size;  // members, targets or awaits
    Measure naio;
    Measure asio;
    long events;  // the number of events of one measurement
};

std::vector<Row> group_rows();  // groups.cpp
std::vector<Row> emit_rows();   // emits.cpp
std::vector<Row> await_rows();  // awaits.cpp

// In groups_asio.cpp. `here`: the calling thread runs the context, otherwise a thread of its own does.
namespace peer {
template <bool here>
double byte_comes(long size, long events);
template <bool here>
double one_ready(long size, long events);
template <bool here>
double all_ready(long size, long events);
template <bool here>
double cancelled(long size, long events);
}  // namespace peer

inline void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::exit(1);
}

#endif
