// Sizes and offsets of the types of <naio/nng1.h>, for nng1_test.cpp, which cannot include this header.
#include <naio/nng1.h>

const size_t nng1_layout[] = {
    sizeof(nng_sockaddr),
    sizeof(nng_sockaddr_in6),
    offsetof(nng_sockaddr_in6, sa_port),
    offsetof(nng_sockaddr_in6, sa_addr),
    offsetof(nng_sockaddr_in6, sa_scope),
    offsetof(nng_sockaddr_in, sa_addr),
    offsetof(nng_sockaddr_path, sa_path),
    offsetof(nng_sockaddr_abstract, sa_len),
    offsetof(nng_sockaddr_abstract, sa_name),
    NNG_AF_INET6,
    NNG_AF_ABSTRACT,
    sizeof(nng_url),
    offsetof(nng_url, u_rawurl),
    offsetof(nng_url, u_scheme),
    offsetof(nng_url, u_userinfo),
    offsetof(nng_url, u_host),
    offsetof(nng_url, u_hostname),
    offsetof(nng_url, u_port),
    offsetof(nng_url, u_path),
    offsetof(nng_url, u_query),
    offsetof(nng_url, u_fragment),
    offsetof(nng_url, u_requri),
};
