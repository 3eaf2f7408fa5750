// Runs all parts of the compared program. Prints nothing but facts on stdout.
#include <stdio.h>

#include "compared.h"

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    compare_handles();
    compare_providers();
    compare_orders();
    compare_stops();
    compare_timeouts();
    compare_sleeps();
    compare_streams();
    compare_stream_ends();
    compare_dialers_and_listeners();
    compare_options();
    compare_urls();
    compare_messages();
    compare_rest();
    compare_newer();
    nng_fini();
    say("end", "reached");
    return 0;
}
