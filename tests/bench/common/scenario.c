#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// Ten thousand connections take more descriptors than a process is given at first.
static void allow_many_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int run_scenario(const struct scenario* scenarios, size_t n, int argc, char** argv) {
    if (argc < 2) {
        for (size_t i = 0; i < n; i++) printf("%s\n", scenarios[i].name);
        return 2;
    }
    allow_many_descriptors();
    for (size_t i = 0; i < n; i++) {
        if (strcmp(argv[1], scenarios[i].name) != 0) continue;
        scenarios[i].run(argc > 2 ? atol(argv[2]) : scenarios[i].size);
        return 0;
    }
    return 77;
}
