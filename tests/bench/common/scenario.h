// A scenario program:
//
//     PROGRAM SCENARIO [SIZE]
//
// runs one scenario, in a process of its own, and prints its results (measure.h). What SIZE is depends
// on the scenario. Exit status 77: this peer has nothing of the kind.
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scenario {
    const char* name;
    void (*run)(long size);
    long size;  // if the command line names none
};

// Makes sure that the process may have n descriptors. If it may not, the scenario is left out: exit
// status 77. A library may wait for one forever.
void need_descriptors(long n);

int run_scenario(const struct scenario* scenarios, size_t n, int argc, char** argv);

#ifdef __cplusplus
}
#endif

#endif
