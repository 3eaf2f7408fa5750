#include "process.h"

#include <stdio.h>
#include <string.h>

static long status(const char* key) {
    char line[256];
    long value = -1;
    FILE* file = fopen("/proc/self/status", "r");

    if (file == NULL) return -1;
    while (value < 0 && fgets(line, sizeof(line), file) != NULL) {
        size_t length = strlen(key);
        if (strncmp(line, key, length) == 0 && sscanf(line + length, "%ld", &value) != 1) break;
    }
    fclose(file);
    return value;
}

long process_peak_memory(void) { return status("VmHWM:"); }

long process_threads(void) { return status("Threads:"); }
