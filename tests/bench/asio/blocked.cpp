// Measures the round trips of the other connections while the servers of `size` of 100 connections sleep 10 ms in each
// handler. Two threads run the context.
#include "blocked.h"

#include "crowd.h"
#include "scenarios.h"

namespace {

template <class Socket>
void blocked(long size) {
    Crowd<Socket> crowd(wanted_pool(2), BLOCKED_CONNECTIONS);
    std::vector<trip_times*> times;
    for (std::size_t i = 0; i < crowd.clients.size(); i++) {
        if (i < static_cast<std::size_t>(size)) {
            crowd.servers[i]->pause = BLOCKED_PAUSE;
        } else {
            crowd.clients[i]->times.reset(new_trip_times());
            times.push_back(crowd.clients[i]->times.get());
        }
    }
    const round_trips done = crowd.run();
    report_trip_times(times.data(), static_cast<long>(times.size()), done.begin);
    report_echo(&done);
}

}  // namespace

void tcp_blocked(long size) { blocked<Tcp>(size); }
void ipc_blocked(long size) { blocked<Ipc>(size); }
