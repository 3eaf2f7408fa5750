// A library whose constructor does not return before the test that loads it says so. The environment variable
// SLOW_CONSTRUCTOR has two descriptors: the constructor writes a byte to the first, and waits for one from the second.
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool slow_constructor_was_released;

__attribute__((constructor)) static void construct(void) {
    const char* descriptors = getenv("SLOW_CONSTRUCTOR");
    int begun = -1, released = -1;
    if (descriptors == NULL || sscanf(descriptors, "%d %d", &begun, &released) != 2) return;
    struct pollfd byte = {released, POLLIN, 0};
    // The wait ends after 10 s, so that a test that cannot release it fails and does not hang.
    slow_constructor_was_released = write(begun, "", 1) == 1 && poll(&byte, 1, 10000) == 1;
}
