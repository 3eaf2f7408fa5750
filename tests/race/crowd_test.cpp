// Tests many threads that make the same call on many handles at once.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "courier.h"
#include "library.h"
#include "provider.h"
#include "subject.h"
#include "support/gate.h"
#include "support/scale.h"
#include "verdict.h"

namespace race {
namespace {

using namespace support;

constexpr unsigned kThreads = 4;

template <class Work>
void on_all_threads(Work work) {
    Gate gate(kThreads);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i] {
            gate.pass();
            work(i);
        });
    for (std::thread& thread : threads) thread.join();
}

class CrowdTest : public RaceTest {
  protected:
    // Lets each thread act on all `count` handles while the deadlines of the handles' operations pass. The threads
    // begin at different handles.
    template <class Act>
    void crowd(unsigned count, Act act) {
        std::vector<Subject> subjects(count);
        Courier courier;
        Provider provider(kStyles[round_++ % std::size(kStyles)], courier, bit(NNG_ESTOPPED) | bit(NNG_ETIMEDOUT));
        for (Subject& subject : subjects) {
            subject.open(provider);
            subject.start({.expire = nng_clock() + 2});
        }
        on_all_threads([&](unsigned thread) {
            for (unsigned i = 0; i < count; ++i) act(subjects[(i + thread * count / kThreads) % count], i, thread);
        });
        for (Subject& subject : subjects) {
            if (!subject.gone()) subject.free();
            wait_until([&] { return subject.at_rest() || failed(); });
        }
        operations_ += count;
    }

    ~CrowdTest() override { RecordProperty("operations", std::to_string(operations_)); }

    unsigned round_ = 0;
    unsigned long operations_ = 0;
};

TEST_F(CrowdTest, OfHandlesIsFreedAndReapedAtOnce) {
    for (unsigned i = 0; i < rounds(120) && !failed(); ++i)
        crowd(512, [](Subject& subject, unsigned index, unsigned) {
            if (index >= 512 / kThreads) return;  // each thread frees its own handles
            index % 2 == 0 ? subject.free() : subject.reap();
        });
}

TEST_F(CrowdTest, OfThreadsStopsTheSameHandles) {
    for (unsigned i = 0; i < rounds(300) && !failed(); ++i)
        crowd(64, [](Subject& subject, unsigned, unsigned) {
            nng_aio_stop(subject.aio());
            subject.expect_rest();
        });
}

// The argument of a handle's callback. Input 0 of the handle points to the Token, so that any thread finds the Token.
class Token {
  public:
    static nng_aio* make() {
        nng_aio* aio = nullptr;
        auto* token = new Token;
        verify(nng_aio_alloc(&aio, &Token::called, token) == NNG_OK, "nng_aio_alloc succeeds");
        token->aio_ = aio;
        nng_aio_set_input(aio, 0, token);
        return aio;
    }

    static void destroy(nng_aio* aio) {
        auto* token = static_cast<Token*>(nng_aio_get_input(aio, 0));
        verify(token->aio_ == aio, "no two handles share their memory");
        nng_aio_free(aio);
        verify(token->calls_ == token->expected_, "free returns after the callback");
        delete token;
    }

    static void complete(nng_aio* aio) {
        ++static_cast<Token*>(nng_aio_get_input(aio, 0))->expected_;
        nng_aio_finish(aio, NNG_OK);
    }

  private:
    static void called(void* self) { ++static_cast<Token*>(self)->calls_; }

    nng_aio* aio_ = nullptr;
    unsigned calls_ = 0;  // not atomic, so that ThreadSanitizer checks the order
    unsigned expected_ = 0;
};

TEST_F(CrowdTest, OfThreadsAllocatesAndFreesEachOthersHandles) {
    std::array<std::atomic<nng_aio*>, 256> places{};
    on_all_threads([&](unsigned thread) {
        Random random(thread);
        for (unsigned i = 0; i < rounds(60'000) && !failed(); ++i) {
            nng_aio* aio = Token::make();
            if (random.one_in(4)) Token::complete(aio);
            aio = places[random.below(places.size())].exchange(aio, std::memory_order_acq_rel);
            if (aio != nullptr) Token::destroy(aio);
        }
    });
    for (auto& place : places)
        if (place.load() != nullptr) Token::destroy(place.load());
    operations_ = rounds(60'000) * kThreads / 4;
}

}  // namespace
}  // namespace race
