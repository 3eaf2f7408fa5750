// Options whose values have no type: the size says which one the program means. Sanitizers check these tests, too.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstring>

namespace {

class Listener {
  public:
    explicit Listener(const char* url) { EXPECT_EQ(nng_stream_listener_alloc(&listener_, url), 0); }
    ~Listener() { nng_stream_listener_free(listener_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    operator nng_stream_listener*() const { return listener_; }

  private:
    nng_stream_listener* listener_ = nullptr;
};

TEST(UntypedOption, AnyByteThatIsNotZeroIsTrue) {
    Listener listener("tcp://127.0.0.1:0");
    for (const int byte : {0, 1, 2, 255}) {
        const auto value = static_cast<unsigned char>(byte);
        ASSERT_EQ(nng_stream_listener_set(listener, NNG_OPT_TCP_KEEPALIVE, &value, 1), 0);
        bool on = false;
        ASSERT_EQ(nng_stream_listener_get_bool(listener, NNG_OPT_TCP_KEEPALIVE, &on), 0);
        EXPECT_EQ(on, byte != 0) << byte;
    }
}

TEST(UntypedOption, ValuesMayBeAtAnyAddress) {
    Listener listener("ipc:///tmp/naio-untyped-option");
    nng_stream_dialer* dialer = nullptr;
    ASSERT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1:1"), 0);
    alignas(nng_sockaddr) unsigned char bytes[sizeof(nng_sockaddr) + 1];
    const int mode = 0600;
    std::memcpy(bytes + 1, &mode, sizeof(mode));
    EXPECT_EQ(nng_stream_listener_set(listener, NNG_OPT_IPC_PERMISSIONS, bytes + 1, sizeof(mode)), 0);
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    std::memcpy(bytes + 1, &address, sizeof(address));
    EXPECT_EQ(nng_stream_dialer_set(dialer, NNG_OPT_LOCADDR, bytes + 1, sizeof(address)), 0);
    size_t size = sizeof(address);
    EXPECT_EQ(nng_stream_dialer_get(dialer, NNG_OPT_LOCADDR, bytes + 1, &size), 0);
    EXPECT_EQ(std::memcmp(bytes + 1, &address, sizeof(nng_sockaddr_in)), 0);
    nng_stream_dialer_free(dialer);
}

TEST(UntypedOption, ASizeOfZeroAsksForTheSize) {
    Listener listener("tcp://127.0.0.1:0");
    size_t size = 0;
    EXPECT_EQ(nng_stream_listener_get(listener, NNG_OPT_LOCADDR, nullptr, &size), NNG_EINVAL);
    EXPECT_EQ(size, sizeof(nng_sockaddr));
}

TEST(UntypedOption, AnAbstractSocketHasNoMode) {
    Listener listener("abstract://");
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600), 0);
    ASSERT_EQ(nng_stream_listener_listen(listener), 0);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600), 0);
    EXPECT_EQ(nng_stream_listener_set_bool(listener, NNG_OPT_IPC_PERMISSIONS, true), NNG_EBADTYPE);
}

}  // namespace
