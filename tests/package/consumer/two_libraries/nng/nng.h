// Stands for NNG's own <nng/nng.h>: the declarations of libnng.c, and one constant and one type that naio has, too.
#ifndef NNG_NNG_H
#define NNG_NNG_H

typedef struct nng_aio nng_aio;
typedef struct nng_iov {
    long of_libnng;
} nng_iov;
enum { NNG_ECLOSED = -7, NNG_OK = 0 };

int nng_listen(int socket, const char* url, void* listener, int flags);
const char* nng_version(void);
extern int libnng_calls;

#endif
