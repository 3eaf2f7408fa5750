// A library or a plugin that initialises naio, and prints whether it could.
#include <naio/naio.h>
#include <stdio.h>

int uses_naio(void);

// Calls a function that only naio has, so that the call comes to naio whatever else is loaded.
int uses_naio(void) {
    naio_group* group = NULL;
    const nng_err first = naio_group_alloc(&group, 1);
    printf("first use: %s\n", nng_strerror(first));
    if (first == NNG_OK) naio_group_free(group);
    return first == NNG_OK ? 0 : 1;
}
