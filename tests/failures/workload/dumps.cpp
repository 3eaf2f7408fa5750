// A section of the workload: names of objects, dumps, statistics and the stall report.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "workload.h"

namespace failures {

namespace {

// The library needs memory for the name of an object. Without memory the object has no name, and no call fails.
void names() {
    naio_signal* signal = nullptr;
    if (OK(naio_signal_alloc(&signal, 0))) {
        naio_signal_set_name(signal, "first");
        naio_signal_set_name(signal, "second");
        naio_signal_free(signal);
    }
    nng_stream_listener* listener = nullptr;
    if (OK(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"))) {
        naio_stream_listener_set_name(listener, "listener");
        static_cast<void>(OK(nng_stream_listener_listen(listener)));
        nng_stream_listener_free(listener);
    }
    nng_udp* udp = nullptr;
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    if (OK(nng_udp_open(&udp, &address))) {
        naio_udp_set_name(udp, "udp");
        nng_udp_close(udp);
    }
}

}  // namespace

void dumps() {
    names();
    Operation operation;
    if (!operation) return;
    naio_aio_set_name(operation.get(), "dumped");
    naio_set_stall_report(60'000);
    nng_sleep_aio(NNG_DURATION_INFINITE, operation.submit());

    int lines = 0;
    naio_dump([](void* count, const char*) { ++*static_cast<int*>(count); }, &lines);
    MUST(lines >= 2);
    if (std::FILE* const file = std::fopen("/dev/null", "we")) {
        naio_dump_file(file);
        const int before = dup(STDERR_FILENO);
        MUST(before >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
        naio_dump_stderr();
        MUST(dup2(before, STDERR_FILENO) >= 0);
        close(before);
        std::fclose(file);
    }
    naio_statistics statistics{};
    statistics.size = sizeof(statistics);
    naio_stats(&statistics);
    MUST(statistics.size == sizeof(statistics));

    nng_aio_cancel(operation.get());
    const nng_err result = operation.wait();
    MUST(result != NNG_OK);
    naio_set_stall_report(NNG_DURATION_INFINITE);
}

}  // namespace failures
