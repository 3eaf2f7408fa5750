// Runs one side of docs/moving/from-asio.md: SIDE is the file that has the side's pieces.
#include SIDE

#include "peers.h"

int main() {
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
    const int fds[] = {peer_that_sends(""), peer_that_sends("first")};
    first_of_two(fds);
    coroutines();
    own_operation();
#if defined(SIDE_IS_naio) && defined(HAS_ASIO)
    if (callbacks_in_a_context() != 5) return 1;
#endif
    end_everything();
}
