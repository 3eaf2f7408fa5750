// Clock, threads, locks and random numbers, which NNG 1 declares here up to version 1.8 and in <nng/nng.h> later.
#include <naio/nng1.h>
