#include "crowd.h"

#include <stdlib.h>

#include "scenario.h"
#include "window.h"

struct crowd open_crowd(const char* scheme, long n) {
    struct crowd crowd = {{NULL, NULL}, NULL, n};
    need_descriptors(2 * n + 100);
    crowd.connector = open_connector(scheme);
    crowd.ends = allocate((size_t)n * 2, sizeof(struct end));
    for (long i = 0; i < n; i++) {
        struct connection connection = connect_one(&crowd.connector);
        open_end(&crowd.ends[2 * i], connection.client, true);
        open_end(&crowd.ends[2 * i + 1], connection.server, false);
    }
    return crowd;
}

static double count(const void* arg) {
    const struct crowd* crowd = arg;
    double messages = 0;
    for (long i = 0; i < crowd->n; i++) messages += (double)atomic_load(&crowd->ends[2 * i].messages);
    return messages;
}

struct round_trips run_crowd(struct crowd* crowd) {
    for (long i = 0; i < crowd->n; i++) {
        start_end(&crowd->ends[2 * i + 1]);
        start_end(&crowd->ends[2 * i]);
    }
    return count_round_trips(count, crowd, crowd->n);
}

void close_crowd(struct crowd* crowd) {
    for (long i = 0; i < crowd->n; i++) atomic_store(&crowd->ends[2 * i].stop, true);
    for (long i = 0; i < crowd->n; i++) wait_for_end(&crowd->ends[2 * i]);
    for (long i = 0; i < 2 * crowd->n; i++) close_end(&crowd->ends[i]);
    close_connector(&crowd->connector);
    free(crowd->ends);
}
