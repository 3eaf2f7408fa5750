// Tests the typed functions for options of dialers and listeners: the functions of one type refuse an option of another
// type.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

namespace {

// The functions of one kind of object, with names that both kinds share.
struct Dialer {
    using Handle = nng_stream_dialer;
    static constexpr auto alloc = nng_stream_dialer_alloc;
    static constexpr auto free = nng_stream_dialer_free;
    static constexpr auto get_bool = nng_stream_dialer_get_bool;
    static constexpr auto get_int = nng_stream_dialer_get_int;
    static constexpr auto get_ms = nng_stream_dialer_get_ms;
    static constexpr auto get_size = nng_stream_dialer_get_size;
    static constexpr auto get_uint64 = nng_stream_dialer_get_uint64;
    static constexpr auto get_string = nng_stream_dialer_get_string;
    static constexpr auto set_bool = nng_stream_dialer_set_bool;
    static constexpr auto set_int = nng_stream_dialer_set_int;
    static constexpr auto set_ms = nng_stream_dialer_set_ms;
    static constexpr auto set_size = nng_stream_dialer_set_size;
    static constexpr auto set_uint64 = nng_stream_dialer_set_uint64;
    static constexpr auto set_string = nng_stream_dialer_set_string;
    static constexpr auto set_addr = nng_stream_dialer_set_addr;
    static constexpr auto get_tls = nng_stream_dialer_get_tls;
    static constexpr auto set_tls = nng_stream_dialer_set_tls;
};
struct Listener {
    using Handle = nng_stream_listener;
    static constexpr auto alloc = nng_stream_listener_alloc;
    static constexpr auto free = nng_stream_listener_free;
    static constexpr auto get_bool = nng_stream_listener_get_bool;
    static constexpr auto get_int = nng_stream_listener_get_int;
    static constexpr auto get_ms = nng_stream_listener_get_ms;
    static constexpr auto get_size = nng_stream_listener_get_size;
    static constexpr auto get_uint64 = nng_stream_listener_get_uint64;
    static constexpr auto get_string = nng_stream_listener_get_string;
    static constexpr auto set_bool = nng_stream_listener_set_bool;
    static constexpr auto set_int = nng_stream_listener_set_int;
    static constexpr auto set_ms = nng_stream_listener_set_ms;
    static constexpr auto set_size = nng_stream_listener_set_size;
    static constexpr auto set_uint64 = nng_stream_listener_set_uint64;
    static constexpr auto set_string = nng_stream_listener_set_string;
    static constexpr auto set_addr = nng_stream_listener_set_addr;
    static constexpr auto get_tls = nng_stream_listener_get_tls;
    static constexpr auto set_tls = nng_stream_listener_set_tls;
};

template <class Object>
class OptionTypes : public testing::Test {
  protected:
    OptionTypes() { EXPECT_EQ(Object::alloc(&handle, "tcp://127.0.0.1:1"), NNG_OK); }
    ~OptionTypes() override { Object::free(handle); }

    // Checks that every function for another type than bool returns `expected` for the option.
    void expect_of_other_types(const char* option, nng_err expected) {
        int number = 0;
        nng_duration duration = 0;
        std::size_t size = 0;
        std::uint64_t large = 0;
        const char* text = nullptr;
        const nng_sockaddr address{};
        EXPECT_EQ(Object::get_int(handle, option, &number), expected);
        EXPECT_EQ(Object::get_ms(handle, option, &duration), expected);
        EXPECT_EQ(Object::get_size(handle, option, &size), expected);
        EXPECT_EQ(Object::get_uint64(handle, option, &large), expected);
        EXPECT_EQ(Object::get_string(handle, option, &text), expected);
        EXPECT_EQ(Object::set_int(handle, option, 1), expected);
        EXPECT_EQ(Object::set_ms(handle, option, 1), expected);
        EXPECT_EQ(Object::set_size(handle, option, 1), expected);
        EXPECT_EQ(Object::set_uint64(handle, option, 1), expected);
        EXPECT_EQ(Object::set_string(handle, option, "1"), expected);
        EXPECT_EQ(Object::set_addr(handle, option, &address), expected);
    }

    typename Object::Handle* handle = nullptr;
};

using Objects = testing::Types<Dialer, Listener>;
TYPED_TEST_SUITE(OptionTypes, Objects, );

TYPED_TEST(OptionTypes, AreCheckedForEachOption) {
    for (const char* const option : {NNG_OPT_TCP_NODELAY, NNG_OPT_TCP_KEEPALIVE}) {
        for (const bool flag : {true, false}) {
            bool got = !flag;
            EXPECT_EQ(TypeParam::set_bool(this->handle, option, flag), NNG_OK);
            EXPECT_EQ(TypeParam::get_bool(this->handle, option, &got), NNG_OK);
            EXPECT_EQ(got, flag);
        }
        this->expect_of_other_types(option, NNG_EBADTYPE);
    }
}

TYPED_TEST(OptionTypes, DoNotMatterForAnUnknownOption) {
    bool flag = false;
    EXPECT_EQ(TypeParam::get_bool(this->handle, "no-such", &flag), NNG_ENOTSUP);
    EXPECT_EQ(TypeParam::set_bool(this->handle, "no-such", true), NNG_ENOTSUP);
    this->expect_of_other_types("no-such", NNG_ENOTSUP);
}

TYPED_TEST(OptionTypes, OfTlsAreNotSupported) {
    nng_tls_config* config = nullptr;
    EXPECT_EQ(TypeParam::get_tls(this->handle, &config), NNG_ENOTSUP);
    EXPECT_EQ(TypeParam::set_tls(this->handle, config), NNG_ENOTSUP);
}

TEST(ListenerOption, OfASecurityDescriptorIsNotSupported) {
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:1"), NNG_OK);
    EXPECT_EQ(nng_stream_listener_set_security_descriptor(listener, nullptr), NNG_ENOTSUP);
    nng_stream_listener_free(listener);
}

}  // namespace
