// Benchmarks of messages.
#include <vector>

#include "library.h"

static nng_msg* new_message() {
    nng_msg* message;
    require(nng_msg_alloc(&message, 0) == NNG_OK, "nng_msg_alloc");
    return message;
}

static void msg_alloc_free(benchmark::State& state) {
    for (auto _ : state) nng_msg_free(new_message());
}
BENCHMARK(msg_alloc_free);

// Appends pieces until a message has 64 KiB.
static void msg_append(benchmark::State& state) {
    const std::vector<char> piece(static_cast<std::size_t>(state.range(0)));
    const std::size_t pieces = 65536 / piece.size();
    while (state.KeepRunningBatch(static_cast<std::int64_t>(pieces))) {
        nng_msg* message = new_message();
        for (std::size_t i = 0; i < pieces; i++) {
            require(nng_msg_append(message, piece.data(), piece.size()) == NNG_OK, "nng_msg_append");
        }
        nng_msg_free(message);
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(msg_append)->Arg(1)->Arg(64)->Arg(4096);

static void msg_append_trim_u32(benchmark::State& state) {
    nng_msg* message = new_message();
    uint32_t value = 0;
    for (auto _ : state) {
        require(nng_msg_append_u32(message, value) == NNG_OK, "nng_msg_append_u32");
        require(nng_msg_trim_u32(message, &value) == NNG_OK, "nng_msg_trim_u32");
    }
    nng_msg_free(message);
}
BENCHMARK(msg_append_trim_u32);

static void msg_header_insert_chop(benchmark::State& state) {
    nng_msg* message = new_message();
    uint32_t value = 1;
    for (auto _ : state) {
        require(nng_msg_header_insert(message, &value, sizeof(value)) == NNG_OK, "nng_msg_header_insert");
        require(nng_msg_header_chop(message, sizeof(value)) == NNG_OK, "nng_msg_header_chop");
    }
    nng_msg_free(message);
}
BENCHMARK(msg_header_insert_chop);

static void msg_dup(benchmark::State& state) {
    nng_msg* message = new_message();
    const std::vector<char> body(static_cast<std::size_t>(state.range(0)));
    require(nng_msg_append(message, body.data(), body.size()) == NNG_OK, "nng_msg_append");
    for (auto _ : state) {
        nng_msg* copy;
        require(nng_msg_dup(&copy, message) == NNG_OK, "nng_msg_dup");
        nng_msg_free(copy);
    }
    nng_msg_free(message);
}
BENCHMARK(msg_dup)->Arg(64)->Arg(65536);
