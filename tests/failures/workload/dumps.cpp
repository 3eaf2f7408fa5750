// A section of the workload: names of objects, dumps, statistics and the stall report.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "workload.h"

namespace failures {

void dumps() {
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
