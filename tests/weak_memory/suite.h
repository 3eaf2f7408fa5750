// A test that Relacy executes in many ways. For example:
//
//     struct Handover final : weak_memory::Suite<Handover, 2> {
//         naio::Atomic<bool> ready{false};
//         rl::var<int> data{0};
//         void run(unsigned thread) {
//             if (thread == 0) { data($) = 1; ready.store(true, std::memory_order_release); }
//             else if (ready.load(std::memory_order_acquire)) RL_ASSERT(data($) == 1);
//         }
//     };
//     static const weak_memory::Registration<Handover> handover("handover", 3);
//
// rl::var is an object that is not atomic: an access that races with another one fails. prepare() runs before the
// threads, and finish() after them. The program runs on one thread, with Relacy's fibers.
#pragma once

#include "execution.h"

namespace weak_memory {

// The executions of a test that run: all with at most `bound` preemptions, but no more than `executions`. If `bound` is
// 0, `executions` random ones.
struct Search {
    unsigned bound = 0;
    unsigned long long executions = 0;
    bool history = false;  // prints the steps of the failed execution
};

struct Result {
    bool failed = false;
    bool complete = false;  // all executions within the bound have run
    unsigned long long executions = 0;
    const char* why = "";
};

class Test {
  public:
    Test(const char* name, unsigned bound, unsigned long long random) noexcept;
    virtual Result search(const Search& search) const = 0;
    static const Test* first;
    const char* const name;
    const unsigned bound;
    const unsigned long long random;
    const Test* const next;

  protected:
    ~Test() = default;
};

template <class Derived, int kThreads>
struct Suite : rl::test_suite<Derived, kThreads> {
    static_assert(kThreads <= kMaxThreads);

    Suite() {
        ++execution.number;
        execution.threads_run = false;
        execution.clock = 0;
        execution.made = nullptr;
        execution.loaded = nullptr;
        execution.initialize = initialize;
        execution.time = [] { return ++calling_thread().own_acq_rel_order_; };
        execution.knows = [](int thread, rl::timestamp_t time) {
            return thread >= kThreads || calling_thread().acq_rel_order_[thread] >= time;
        };
        begin_thread();
    }
    ~Suite() {
        while (execution.made != nullptr) execution.made->end(*execution.made);
    }

    void prepare() {}
    void finish() {}

    void before() {
        derived().prepare();
        execution.threads_run = true;
    }
    void thread(unsigned index) {
        begin_thread();
        derived().run(index);
    }
    void after() {
        begin_thread();
        execution.threads_run = false;
        derived().finish();
    }

  private:
    Derived& derived() noexcept { return static_cast<Derived&>(*this); }

    static void begin_thread() noexcept {
        ThreadLocals& locals = thread_locals();
        std::memcpy(locals.here, locals.initial, locals.size);
    }

    static rl::thread_info<kThreads>& calling_thread() {
        return static_cast<rl::thread_info<kThreads>&>(*rl::ctx().threadx_);
    }

    static void initialize(rl::atomic_data* data, unsigned index, bool now) {
        auto& record = static_cast<rl::atomic_data_impl<kThreads>*>(data)->history_[index];
        auto& thread = calling_thread();
        for (auto& each : record.first_seen_order_) each = static_cast<rl::timestamp_t>(-1);
        if (!now) return;
        record.acq_rel_timestamp_ = ++thread.own_acq_rel_order_;
        record.first_seen_order_[thread.index_] = thread.own_acq_rel_order_;
    }
};

template <class Derived>
class Registration final : public Test {
  public:
    Registration(const char* name, unsigned bound, unsigned long long random = 20'000) noexcept
        : Test(name, bound, random) {}

    Result search(const Search& search) const override {
        std::ostringstream quiet;
        rl::test_params parameters;
        parameters.output_stream = &quiet;
        parameters.progress_stream = &quiet;
        parameters.search_type = search.bound != 0 ? rl::sched_bound : rl::sched_random;
        parameters.context_bound = search.bound;
        parameters.iteration_count = search.executions;
        parameters.execution_depth_limit = 5000;
        rl::ostringstream state;
        const rl::test_result_e result = execute(parameters, state);
        if (result != rl::test_result_success && search.history) {
            parameters.initial_state = state.str();
            parameters.collect_history = true;
            parameters.output_stream = &std::cout;
            execute(parameters, state);
        }
        return {result != rl::test_result_success, parameters.stop_iteration < search.executions,
                parameters.stop_iteration, rl::test_result_str(result)};
    }

  private:
    static rl::test_result_e execute(rl::test_params& parameters, rl::ostringstream& state) {
        constexpr rl::thread_id_t kThreads = Derived::params::thread_count;
        const bool again = parameters.collect_history;
        if (parameters.search_type == rl::sched_bound)
            return rl::run_test<Derived, rl::context_bound_scheduler<kThreads>>(parameters, state, again);
        return rl::run_test<Derived, rl::random_scheduler<kThreads>>(parameters, state, again);
    }
};

}  // namespace weak_memory
