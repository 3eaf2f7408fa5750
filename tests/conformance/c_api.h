/* The counters, and the functions that are the parts of the C program that calls the public functions. */
#ifndef CONFORMANCE_C_API_H
#define CONFORMANCE_C_API_H

#include <nng/nng.h>
#include <stdio.h>

extern int c_api_passed;
extern int c_api_failed;

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (condition) {                                                    \
            ++c_api_passed;                                                 \
        } else {                                                            \
            ++c_api_failed;                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                   \
    } while (0)

void c_api_aio(void);
void c_api_message(void);
void c_api_message_numbers(void);
void c_api_rest(void);

#endif
