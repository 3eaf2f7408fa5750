#include "statistics.h"

#include <stdlib.h>
#include <string.h>

static bool samples_init(struct samples* samples, size_t room) {
    samples->count = 0;
    samples->room = room;
    samples->values = malloc((room > 0 ? room : 1) * sizeof(*samples->values));
    return samples->values != NULL;
}

bool statistics_init(struct statistics* statistics, size_t operations) {
    memset(statistics, 0, sizeof(*statistics));
    return samples_init(&statistics->sleeps, operations) && samples_init(&statistics->timeouts, operations);
}

void statistics_free(struct statistics* statistics) {
    free(statistics->sleeps.values);
    free(statistics->timeouts.values);
}

static void samples_append(struct samples* total, const struct samples* part) {
    for (size_t i = 0; i < part->count; i++) samples_add(total, part->values[i]);
}

void statistics_add(struct statistics* total, const struct statistics* part) {
    for (int kind = 0; kind < KINDS; kind++) {
        total->submitted[kind] += part->submitted[kind];
        for (int i = 0; i < OUTCOMES; i++) total->outcomes[kind][i] += part->outcomes[kind][i];
    }
    for (int i = 0; i < PROMISES; i++) total->broken[i] += part->broken[i];
    total->bytes_sent += part->bytes_sent;
    total->bytes_received += part->bytes_received;
    samples_append(&total->sleeps, &part->sleeps);
    samples_append(&total->timeouts, &part->timeouts);
}

uint64_t statistics_submitted(const struct statistics* statistics) {
    uint64_t sum = 0;
    for (int kind = 0; kind < KINDS; kind++) sum += statistics->submitted[kind];
    return sum;
}

uint64_t statistics_callbacks(const struct statistics* statistics) {
    uint64_t sum = 0;
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < OUTCOMES; i++) sum += statistics->outcomes[kind][i];
    return sum;
}

bool statistics_all_kept(const struct statistics* statistics) {
    for (int i = 0; i < PROMISES; i++)
        if (statistics->broken[i] != 0) return false;
    return true;
}

void samples_add(struct samples* samples, int64_t value) {
    if (samples->count < samples->room) samples->values[samples->count++] = value;
}

static int compare(const void* a, const void* b) {
    int64_t x = *(const int64_t*)a;
    int64_t y = *(const int64_t*)b;
    return (x > y) - (x < y);
}

void samples_sort(struct samples* samples) {
    qsort(samples->values, samples->count, sizeof(*samples->values), compare);
}

int64_t samples_percentile(const struct samples* samples, unsigned percent) {
    size_t rank = (samples->count * percent + 99) / 100;
    return samples->values[rank == 0 ? 0 : rank - 1];
}
