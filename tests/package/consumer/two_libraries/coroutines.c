// Runs a coroutine of each flavour. Prints "slept" if both have given their results.
#include <stdio.h>

int plain_coroutine(int value);
int prefixed_coroutine(int value);

int main(void) {
    if (plain_coroutine(21) != 42 || prefixed_coroutine(4) != 8) return 1;
    puts("slept");
    return 0;
}
