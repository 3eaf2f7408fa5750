// A scenario program:
//
//     PROGRAM SCENARIO [SIZE]
//
// runs one scenario and prints its results (measure.h). The meaning of SIZE depends on the scenario. Exit status 77:
// the program does not have this scenario, or this machine cannot run it.
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scenario {
    const char* name;
    void (*run)(long size);
    long size;  // the size if the command line names none
};

// Raises the limit of descriptors to n if the limit is lower. If the system refuses, ends the program with exit status
// 77, because a library might wait forever for a descriptor.
void need_descriptors(long n);

int run_scenario(const struct scenario* scenarios, size_t n, int argc, char** argv);

#ifdef __cplusplus
}
#endif

#endif
