// Looks up a name's IPv4 and IPv6 addresses at the same time, and uses the first answer.
//
//     resolve_race [HOST [SERVICE]]      localhost and 80 unless given
//
// The two look-ups are members of a group that needs one success: when one has found an address, the group asks the
// other to end. The other look-up ends at once, even if the system's resolver hangs: the resolver's answer is discarded
// when it comes. The timeout of the group ends both look-ups in this way, too.
#include <naio/naio.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

enum { FAMILIES = 2, MOST = 8, TIMEOUT = 5000 };

struct look_up {
    const char* record;  // the name of this record type in the domain name system
    int family;
    nng_sockaddr addresses[MOST];
};

static void race(naio_group* group, const char* host, const char* service, struct look_up* look_ups, nng_aio* aio) {
    if (!naio_group_start(group, aio, 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_TOTAL)) return;
    for (unsigned i = 0; i < FAMILIES; i++)
        naio_resolve(host, service, look_ups[i].family, 0, look_ups[i].addresses, MOST, naio_group_aio(group, i));
    naio_group_seal(group);
}

static void print(const struct look_up* look_up, nng_aio* aio) {
    char text[NNG_MAXADDRSTRLEN];

    printf("%-4s %s\n", look_up->record, nng_strerror(nng_aio_result(aio)));
    for (size_t i = 0; nng_aio_result(aio) == NNG_OK && i < nng_aio_count(aio); i++)
        printf("     %s\n", nng_str_sockaddr(&look_up->addresses[i], text, sizeof(text)));
}

int main(int argc, char** argv) {
    static struct look_up look_ups[FAMILIES] = {{.record = "AAAA", .family = NNG_AF_INET6},
                                                {.record = "A", .family = NNG_AF_INET}};
    naio_group* group;
    nng_aio* aio;

    usage(argc, argv, 0, 2, "[HOST [SERVICE]]",
          "Looks up a name's IPv4 and IPv6 addresses side by side, and takes the first answer.");
    check(nng_init(NULL), "nng_init");
    check(naio_group_alloc(&group, FAMILIES), "naio_group_alloc");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_aio_set_timeout(aio, TIMEOUT);

    nng_time start = nng_clock();
    race(group, argc > 1 ? argv[1] : "localhost", argc > 2 ? argv[2] : "80", look_ups, aio);
    nng_aio_wait(aio);
    for (unsigned i = 0; i < FAMILIES; i++) {
        unsigned member = naio_group_order(group, i);  // index 0 is the member that ended first
        print(&look_ups[member], naio_group_aio(group, member));
    }
    nng_err err = nng_aio_result(aio);
    printf("%s after %u ms\n", nng_strerror(err), (unsigned)(nng_clock() - start));

    nng_aio_free(aio);
    naio_group_free(group);
    nng_fini();
    return err == NNG_OK ? 0 : 1;
}
