// Runs one side of docs/moving/from-libuv.md: SIDE is the file that has the side's pieces.
#include SIDE

#include "peers.h"

int main(void) {
    ticks();
    receive_or_time_out(peer_that_sends(""));
    cancel_from_another_thread(peer_that_sends(""));
    echo_server(client_of);
    client_join();
    read_frame(peer_that_sends("\005hello"));
    look_up("localhost");
    print_file(text_file());
    remove_text_file();
    work_from_another_thread();
    work_that_blocks();
    first_of_two((const int[]){peer_that_sends(""), peer_that_sends("first")});
    own_operation();
#ifdef SIDE_IS_naio
    if (callbacks_in_a_loop() != 1) return 1;
#endif
    end_everything(peer_that_sends(""));
}
