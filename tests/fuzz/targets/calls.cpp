// Fuzz target: the input chooses calls on a few handles, a queue, signals and a group. One thread makes them, while the
// library's own threads run. Each operation that was begun must have one callback, each release function must be called
// once, and a result that the provider has given must arrive. At the end the memory of all objects must be released.
#include <naio/naio.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <memory>

#include "input.h"
#include "workload/memory.h"

using fuzz::Input;

namespace {

constexpr unsigned kHandles = 4;
constexpr nng_err kFinished = NNG_ENOENT;  // the result with which the fake provider finishes

enum class Habit : unsigned char { kTakesUp, kDeclines, kFinishesLater };

// A handle and the provider of its operations.
class Handle {
  public:
    Handle() { CHECK(nng_aio_alloc(&aio_, called, this) == NNG_OK); }
    ~Handle() { nng_aio_free(aio_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] nng_aio* get() const { return aio_; }
    // True if an operation that the library itself provides, such as a sleep, may be in flight.
    bool foreign = false;

    // Ends the operation in flight, if there is one, and waits until the handle is idle.
    void settle() {
        if (foreign) nng_aio_abort(aio_, NNG_EINTR);
        finish();
        nng_aio_wait(aio_);
        foreign = false;
        CHECK(!nng_aio_busy(aio_));
        CHECK(callbacks_ == begun_);
        CHECK(releases_ == accepted_);
    }
    void expect(nng_err result) {
        nng_aio_wait(aio_);
        CHECK(nng_aio_result(aio_) == result);
    }

    nng_aio* begin() {
        ++begun_;
        return aio_;
    }
    void start_plain(bool may_be_canceled) {
        typed_ = false;
        owed_ = 1;
        if (!nng_aio_start(begin(), may_be_canceled ? plain_cancel : nullptr, this)) owed_ = 0;
    }
    void start_typed(naio_cancel guarantee, Habit habit, bool with_release) {
        habit_ = habit;
        typed_ = true;
        owed_ = 1;
        if (with_release) ++accepted_;
        if (naio_aio_start(begin(), guarantee, typed_cancel, with_release ? release : nullptr, this)) return;
        owed_ = 0;
        if (with_release) --accepted_;
    }
    // Returns true if this call has finished the operation.
    bool finish(nng_err result = kFinished) {
        if (owed_.exchange(0) == 0) return false;
        naio_aio_finish(aio_, result, 3);
        return true;
    }

    // Makes the calls that a provider makes between two steps of an operation. Meanwhile `owed_` is 0, so that the
    // cancel function cannot finish the operation.
    void permit(naio_cancel guarantee, naio_cancel clear) {
        if (!typed_ || owed_.exchange(0) == 0) return;
        static_cast<void>(naio_aio_permit(aio_, guarantee));
        static_cast<void>(naio_aio_cancelled(aio_));
        const naio_cancel acknowledged = naio_aio_acknowledge(aio_, clear);
        const nng_err reason = naio_aio_reason(aio_);
        CHECK(acknowledged == 0 || reason != NNG_OK);
        owed_ = 1;
        if (acknowledged != 0 && finish(reason)) expect(reason);
    }
    // Takes back the count of the last begin(), because that operation has ended without a callback.
    void forget_callback() { --begun_; }

  private:
    static void called(void* self) { ++static_cast<Handle*>(self)->callbacks_; }
    static void release(void* self) { ++static_cast<Handle*>(self)->releases_; }
    static void plain_cancel(nng_aio*, void* self, nng_err reason) { static_cast<Handle*>(self)->finish(reason); }
    static bool typed_cancel(nng_aio*, void* self, naio_cancel types, nng_err reason) {
        auto& handle = *static_cast<Handle*>(self);
        CHECK(types != 0);
        if (handle.habit_ == Habit::kDeclines) return false;
        if (handle.habit_ == Habit::kTakesUp) handle.finish(reason);
        return true;
    }

    nng_aio* aio_ = nullptr;
    Habit habit_ = Habit::kTakesUp;
    bool typed_ = false;
    std::atomic<int> owed_{0};  // 1 if the provider has to finish an operation
    int begun_ = 0;
    std::atomic<int> callbacks_{0};
    int accepted_ = 0;
    std::atomic<int> releases_{0};
};

class Scene {
  public:
    Scene() {
        for (auto& handle : handles_) handle = std::make_unique<Handle>();
        CHECK(naio_queue_alloc(&queue_) == NNG_OK);
        CHECK(naio_signal_alloc(&signals_[0], 0) == NNG_OK &&
              naio_signal_alloc(&signals_[1], NAIO_SIGNAL_SCOPE) == NNG_OK);
    }
    ~Scene() {
        for (auto& handle : handles_) {
            handle->settle();
            handle.reset();
        }
        for (naio_signal* signal : signals_) naio_signal_free(signal);
        naio_queue_free(queue_);
    }

    void step(Input& input) {
        std::unique_ptr<Handle>& place = handles_[input.below(kHandles)];
        Handle& handle = *place;
        nng_aio* const aio = handle.get();
        switch (input.below(24)) {
            case 0:
                handle.settle();
                return handle.start_plain(input.below(2) != 0);
            case 1:
            case 2: {
                handle.settle();
                const auto guarantee = static_cast<naio_cancel>(input.below(8));
                const auto habit = static_cast<Habit>(input.below(3));
                return handle.start_typed(guarantee, habit, input.below(2) != 0);
            }
            case 3:
                if (handle.finish()) handle.expect(kFinished);
                return;
            case 4:
                nng_aio_cancel(aio);
                return;
            case 5:
                nng_aio_abort(aio, NNG_EPROTO);
                return;
            case 6:
                static_cast<void>(naio_aio_cancel(aio, input.below(8), NNG_EPERM));
                return;
            case 7:
                return handle.permit(input.below(8), input.below(8));
            case 8: {
                constexpr std::array<nng_duration, 5> kTimeouts{NNG_DURATION_INFINITE, NNG_DURATION_DEFAULT, 0, 1, -5};
                nng_aio_set_timeout(aio, kTimeouts[input.below(kTimeouts.size())]);
                return;
            }
            case 9:
                nng_aio_set_expire(aio, nng_clock() + input.below(3));
                return;
            case 10:
                naio_aio_limit(aio, nng_clock() + input.below(3));
                return;
            case 11:
                naio_aio_set_timeout_types(aio, input.below(8));
                return;
            case 12: {
                handle.settle();
                handle.foreign = true;
                constexpr std::array<nng_duration, 4> kTimes{0, 1, NNG_DURATION_INFINITE, -7};
                nng_sleep_aio(kTimes[input.below(kTimes.size())], handle.begin());
                return;
            }
            case 13:
                return finish_at_once(input, handle);
            case 14:
                handle.settle();
                return naio_aio_set_queue(aio, input.below(2) != 0 ? queue_ : nullptr);
            case 15:
                static_cast<void>(naio_queue_run(queue_, 0));
                return;
            case 16: {
                handle.settle();
                const unsigned which = input.below(3);
                naio_aio_bind_slot(aio, which < 2 ? naio_signal_slot(signals_[which]) : nullptr, input.below(8));
                return;
            }
            case 17:
                static_cast<void>(naio_signal_emit(signals_[input.below(2)], input.below(8)));
                return;
            case 18:
                return compose(input, handle);
            case 19:
                return group(input, handle);
            case 20:
                naio_aio_close(aio);
                return;
            case 21:
                handle.settle();
                nng_aio_stop(aio);
                return;
            case 22:
                handle.settle();
                place.reset();
                place = std::make_unique<Handle>();
                return;
            default: {  // makes a new scope now and then, because a scope remembers its requests
                for (auto& each : handles_) each->settle();
                for (auto& each : handles_) naio_aio_bind_slot(each->get(), nullptr, 0);
                naio_signal_free(signals_[1]);
                CHECK(naio_signal_alloc(&signals_[1], NAIO_SIGNAL_SCOPE) == NNG_OK);
            }
        }
    }

  private:
    static void finish_at_once(Input& input, Handle& handle) {
        handle.settle();
        nng_aio_reset(handle.get());
        bool skipped = false;
        const bool skip = input.below(2) != 0;
        if (skip) nng_aio_skip_callback(handle.get(), &skipped);
        nng_aio_finish(handle.begin(), NNG_EEXIST);
        CHECK(skipped == skip);
        if (skipped) handle.forget_callback();
        handle.expect(NNG_EEXIST);
    }

    struct Steps {
        unsigned left;
        bool stops_early;
    };

    static void compose(Input& input, Handle& handle) {
        handle.settle();
        handle.foreign = true;
        auto* const steps = new Steps{input.below(4), input.below(2) != 0};
        const auto step = [](naio_op* op, void* argument, nng_err result, std::size_t) {
            auto& state = *static_cast<Steps*>(argument);
            if (result != NNG_OK || state.left == 0) return naio_op_finish(op, result, state.left);
            --state.left;
            nng_sleep_aio(state.left == 1 && state.stops_early ? NNG_DURATION_INFINITE : 0, naio_op_child(op));
        };
        CHECK(naio_compose(
                  handle.begin(), input.below(8), step, [](void* state) { delete static_cast<Steps*>(state); },
                  steps) == NNG_OK);
    }

    static void group(Input& input, Handle& handle) {
        handle.settle();
        const unsigned n = 1 + input.below(3);
        naio_group* group = nullptr;
        CHECK(naio_group_alloc(&group, n) == NNG_OK);
        const unsigned need = input.below(5);
        const unsigned flags = input.below(3);
        const unsigned types = input.below(8);
        if (naio_group_start(group, handle.begin(), need, flags, types)) {
            CHECK(need <= n && flags <= NAIO_GROUP_SUCCESS);
            for (unsigned i = 0; i < n; ++i)
                nng_sleep_aio(static_cast<nng_duration>(input.below(2)), naio_group_aio(group, i));
            naio_group_seal(group);
        }
        handle.settle();
        naio_group_free(group);
    }

    std::array<std::unique_ptr<Handle>, kHandles> handles_;
    naio_queue* queue_ = nullptr;
    std::array<naio_signal*, 2> signals_{};
};

}  // namespace

namespace {

// The number of bytes that the library uses while it is up with two workers and the program has none of its objects.
long memory_of_the_library = 0;
bool is_up = false;

void bring_up() {
    if (is_up) return;
    nng_init_params params = failures::counted_memory();
    params.num_task_threads = 2;
    CHECK(nng_init(&params) == NNG_OK);
    is_up = true;
    nng_aio* first = nullptr;  // the library keeps the memory of a freed handle for the next one
    CHECK(nng_aio_alloc(&first, nullptr, nullptr) == NNG_OK);
    nng_aio_free(first);
    memory_of_the_library = failures::bytes_in_use();
}

void bring_down() {
    nng_fini();
    is_up = false;
    CHECK(failures::blocks_in_use() == 0 && failures::bytes_in_use() == 0);
}

// Waits up to 20 seconds, because a thread of the library may be about to release memory.
void expect_no_more_memory_than_at_first() {
    for (int i = 0; i < 20000 && failures::bytes_in_use() > memory_of_the_library; ++i) nng_msleep(1);
    CHECK(failures::bytes_in_use() <= memory_of_the_library);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr unsigned kSteps = 60;
    Input input(data, size);
    bring_up();
    const bool goes_down = input.below(16) == 1;
    {
        Scene scene;
        for (unsigned i = 0; i < kSteps && !input.empty(); ++i) scene.step(input);
    }
    goes_down ? bring_down() : expect_no_more_memory_than_at_first();
    return 0;
}
