// Tests nng_fini against all calls that other threads may make at the same time.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <memory>
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

// A call that another thread makes on each handle during nng_fini.
using Act = void (*)(Subject&);

struct Against {
    const char* name;
    Act act;
    bool restarts;  // the callbacks start operations again and again
};
void PrintTo(const Against& against, std::ostream* out) { *out << against.name; }

constexpr unsigned kHandles = 48;

// Some handles, each with an operation in flight.
class Flock {
  public:
    Flock(Style style, bool restarts) : provider_(style, courier_, kAnyReason), subjects_(kHandles) {
        for (unsigned i = 0; i < kHandles; ++i) {
            Subject& subject = subjects_[i];
            subject.set_plan([restarts](Subject& called, nng_err result) {
                if (restarts) called.start_again(result, limit(called.random()));
            });
            subject.open(provider_, false, i);
            subject.start(limit(subject.random()));
        }
    }

    void visit(unsigned thread, Act act) {
        Random random(thread);
        for (Subject& subject : subjects_) {
            random.dawdle();
            act(subject);
        }
    }

    // Frees all handles that are not gone. A test may call this function after the last nng_fini.
    void free() {
        for (Subject& subject : subjects_)
            if (!subject.gone()) subject.free();
    }

    void expect_rest() const {
        for (const Subject& subject : subjects_) subject.expect_rest();
    }

    [[nodiscard]] unsigned long operations() const {
        unsigned long sum = 0;
        for (const Subject& subject : subjects_) sum += subject.submitted();
        return sum;
    }

  private:
    static Limit limit(Random& random) {
        if (random.one_in(3)) return {};
        return random.one_in(2) ? kFar : Limit{.expire = nng_clock() + 1};
    }

    Provider provider_;
    std::vector<Subject> subjects_;
    Courier courier_;
};

class FiniTest : public BareTest, public testing::WithParamInterface<Against> {
  protected:
    void bring_up() {
        const nng_init_params params = counted(2 + random_.below(3));
        EXPECT_EQ(nng_init(&params), NNG_OK);
    }

    Random random_{1};
};

TEST_P(FiniTest, RunsEveryCallbackFirstAndLeavesNothingBehind) {
    unsigned long operations = 0;
    const Against& against = GetParam();
    for (unsigned i = 0; i < rounds(150) && !failed(); ++i) {
        bring_up();
        Flock flock(kStyles[random_.below(std::size(kStyles))], against.restarts);
        Gate gate(2);
        std::thread other([&] {
            gate.pass();
            flock.visit(2, against.act);
        });
        gate.pass();
        Random::spin(random_.below(60'000));
        nng_fini();
        flock.expect_rest();
        other.join();
        flock.free();
        operations += flock.operations();
        EXPECT_EQ(memory_in_use().blocks, 0);
    }
    expect_nothing_left();
    RecordProperty("operations", std::to_string(operations));
}

const Against kAgainst[] = {
    {"Finish", [](Subject& s) { s.finish(NNG_EPROTO); }, false},
    {"Cancel", [](Subject& s) { nng_aio_cancel(s.aio()); }, false},
    {"Stop", [](Subject& s) { nng_aio_stop(s.aio()); }, false},
    {"Wait", [](Subject& s) { nng_aio_wait(s.aio()); }, false},
    {"Free", [](Subject& s) { s.free(); }, false},
    {"Reap", [](Subject& s) { s.reap(); }, false},
    {"RestartAndFinish", [](Subject& s) { s.finish(NNG_EPROTO); }, true},
    {"RestartAndCancel", [](Subject& s) { nng_aio_cancel(s.aio()); }, true},
    {"RestartAndStop", [](Subject& s) { nng_aio_stop(s.aio()); }, true},
    {"RestartAndWait", [](Subject& s) { nng_aio_wait(s.aio()); }, true},
    {"RestartAndFree", [](Subject& s) { s.free(); }, true},
    {"RestartAndReap", [](Subject& s) { s.reap(); }, true},
};

INSTANTIATE_TEST_SUITE_P(Against, FiniTest, testing::ValuesIn(kAgainst),
                         [](const auto& tested) { return std::string(tested.param.name); });

// The handles have no callback, so the thread that finishes the operation of a reaped handle destroys the handle. In
// this test that is the Courier's thread, which belongs to the program. nng_fini must not return before that thread has
// released the memory, because the program may then unload the memory functions.
TEST_F(FiniTest, WaitsUntilWhatWasReapedIsDestroyed) {
    for (unsigned i = 0; i < rounds(1000) && !failed(); ++i) {
        bring_up();
        std::vector<Subject> subjects(16);
        Courier courier;
        Provider provider(Style::kPosting, courier, kAnyReason);
        for (Subject& subject : subjects) {
            subject.open(provider, true);
            subject.start();
            subject.reap();
        }
        nng_fini();
        EXPECT_EQ(memory_in_use().blocks, 0) << "round " << i << ", seed " << seed();
        if (HasFailure()) break;
    }
    expect_nothing_left();
}

// A callback may call nng_init while another thread is inside the last nng_fini. Either nng_init succeeds, and the
// library stays up, or nng_init returns NNG_EBUSY. nng_fini and the callback must not wait for each other.
TEST_F(FiniTest, DoesNotWaitForACallbackThatCallsInit) {
    for (unsigned i = 0; i < rounds(400) && !failed(); ++i) {
        bring_up();
        std::atomic<unsigned> waiting{0};
        std::atomic<bool> go{false};
        std::atomic<int> users{0};
        std::vector<Subject> subjects(8);
        Courier courier;
        Provider provider(Style::kLocked, courier, kAnyReason);
        for (Subject& subject : subjects) {
            subject.set_plan([&](Subject& called, nng_err) {
                ++waiting;
                wait_until([&] { return go.load(); });
                Random::spin(called.random().below(300));
                const nng_err counted_in = nng_init(nullptr);
                verify(counted_in == NNG_OK || counted_in == NNG_EBUSY, "init in a callback succeeds or is too late");
                if (counted_in == NNG_OK) ++users;
            });
            subject.open(provider, false, i);
            subject.start();
            subject.finish(NNG_EPROTO);
        }
        wait_until([&] { return waiting >= 2; });
        go = true;
        Random::spin(random_.below(300));
        nng_fini();
        for (Subject& subject : subjects) subject.free();
        for (int left = users; left > 0; --left) nng_fini();
        EXPECT_EQ(memory_in_use().blocks, 0);
    }
    expect_nothing_left();
}

// Each thread uses the library independently. The thread that calls nng_fini last ends the operations that the other
// threads have left.
TEST_F(FiniTest, CountsUsersThatComeAndGo) {
    constexpr unsigned kThreads = 3;
    std::vector<std::thread> users;
    for (unsigned thread = 1; thread <= kThreads; ++thread)
        users.emplace_back([thread] {
            Random random(thread);
            for (unsigned i = 0; i < rounds(300) && !failed(); ++i) {
                verify(nng_init(nullptr) == NNG_OK, "nng_init succeeds");
                Flock flock(kStyles[random.below(std::size(kStyles))], random.one_in(2));
                random.dawdle();
                flock.visit(thread, [](Subject& s) { s.finish(NNG_EPROTO); });
                nng_fini();
                flock.free();
            }
        });
    for (std::thread& user : users) user.join();
    expect_nothing_left();
}

}  // namespace
}  // namespace race
