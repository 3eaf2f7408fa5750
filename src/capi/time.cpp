// nng_clock and nng_msleep.
#include <nng/nng.h>

#include <cerrno>
#include <ctime>

#include "base/clock.h"
#include "base/os.h"

extern "C" {

nng_time nng_clock(void) { return static_cast<nng_time>(naio::now() / naio::kMillisecond); }

void nng_msleep(nng_duration duration) {
    if (duration <= 0) return;
    timespec left = naio::timespec_of(duration * naio::kMillisecond);
    while (naio::os::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

}  // extern "C"
