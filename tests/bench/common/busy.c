#include "busy.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

// The process has been forked while the library's threads were running, so it calls only async-signal-safe functions.
static void use_the_processor(pid_t parent) {
    while (getppid() == parent) {
        for (volatile long i = 0; i < 1000000;) i = i + 1;
    }
    _exit(0);
}

struct busy start_busy(long n) {
    struct busy busy = {allocate((size_t)n + 1, sizeof(pid_t)), n};
    pid_t self = getpid();
    for (long i = 0; i < n; i++) {
        busy.processes[i] = fork();
        if (busy.processes[i] < 0) die("no process");
        if (busy.processes[i] == 0) use_the_processor(self);
    }
    return busy;
}

void end_busy(struct busy* busy) {
    for (long i = 0; i < busy->n; i++) {
        kill(busy->processes[i], SIGKILL);
        waitpid(busy->processes[i], NULL, 0);
    }
    free(busy->processes);
}
