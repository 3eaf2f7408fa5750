#include "range.h"

#include <string.h>

enum { WHOLE = 200, PART = 206, NOT_SATISFIABLE = 416 };

// Takes a number from the front. Returns false if there are no digits, or too many.
static bool take_number(struct text* rest, uint64_t* number) {
    size_t digits = 0;

    *number = 0;
    while (digits < rest->size && rest->at[digits] >= '0' && rest->at[digits] <= '9') {
        if (*number > UINT64_MAX / 10 - 1) return false;
        *number = *number * 10 + (uint64_t)(rest->at[digits++] - '0');
    }
    *rest = (struct text){rest->at + digits, rest->size - digits};
    return digits != 0;
}

static int last_bytes(uint64_t count, uint64_t file_size, struct range* range) {
    if (count == 0 || file_size == 0) return NOT_SATISFIABLE;
    range->size = count < file_size ? count : file_size;
    range->first = file_size - range->size;
    return PART;
}

int range_parse(struct text value, uint64_t file_size, struct range* range) {
    const char unit[] = "bytes=";
    struct text rest = {value.at, sizeof(unit) - 1};
    uint64_t first, last = UINT64_MAX;

    *range = (struct range){0, file_size};
    if (value.size <= rest.size || !text_equals_ignoring_case(rest, unit)) return WHOLE;
    rest = (struct text){value.at + rest.size, value.size - rest.size};

    bool has_first = take_number(&rest, &first);
    if (rest.size == 0 || rest.at[0] != '-') return WHOLE;
    rest = (struct text){rest.at + 1, rest.size - 1};
    bool has_last = rest.size != 0;
    if ((has_last && !take_number(&rest, &last)) || rest.size != 0 || !(has_first || has_last)) return WHOLE;

    if (!has_first) return last_bytes(last, file_size, range);
    if (last < first) return WHOLE;
    if (first >= file_size) return NOT_SATISFIABLE;
    range->first = first;
    range->size = (last < file_size ? last + 1 : file_size) - first;
    return PART;
}
