#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { NO_EQUIVALENT = 77 };

void need_descriptors(long n) {
    const rlim_t needed = (rlim_t)n;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= needed) return;
    limit.rlim_cur = needed;
    if (limit.rlim_max < needed) limit.rlim_max = needed;  // only root may raise the hard limit
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    fprintf(stderr, "skipped: %ld descriptors are more than this process may have\n", n);
    exit(NO_EQUIVALENT);
}

int run_scenario(const struct scenario* scenarios, size_t n, int argc, char** argv) {
    if (argc < 2) {
        for (size_t i = 0; i < n; i++) printf("%s\n", scenarios[i].name);
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(argv[1], scenarios[i].name) != 0) continue;
        scenarios[i].run(argc > 2 ? atol(argv[2]) : scenarios[i].size);
        return 0;
    }
    return NO_EQUIVALENT;
}
