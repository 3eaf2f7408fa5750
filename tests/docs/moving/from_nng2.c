// Runs one side of docs/moving/from-nng2.md: SIDE is the file that has the side's pieces.
#include SIDE

#include "peers.h"

int main(void) {
    if (nng_init(NULL) != NNG_OK) return 1;
    ticks();
    cancel_too_late();
    receive_what_is_there(peer_that_sends("here"));
    echo_server(client_of);
    client_join();
    read_frame(peer_that_sends("\005hello"));
    look_up("localhost");
    print_file(text_file());
    remove_text_file();
    work_from_another_thread();
    first_of_two((const int[]){peer_that_sends(""), peer_that_sends("first")});
    own_operation();
    wait_a_while();
    own_loop();
    end_everything();
    nng_fini();
}
