// Makes the calls of a program to the library, and after each call compares all that a program can see with the model.
// A World has a provider of operations of its own, callbacks that count, a signal and a scope, a queue, two groups, and
// two streams that are connected with each other.
//
// Cancel functions, callbacks and release functions run on threads of the library; the variables that they write are
// atomic or guarded by mutex_.
#pragma once

#include <naio/naio.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ending.h"
#include "model/model.h"
#include "program.h"

namespace simulation {

// World::compare waits at most this long for library and model to agree. Only a failure takes the whole time.
extern unsigned patience_ms;

class World {
  public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Notes the number of bytes sent on each stream, which decides the next bytes. Call it before each call.
    void remember_sent(const Model& model);

    // Makes the call. Returns its answer; no value for functions whose answers are not compared.
    std::optional<std::int64_t> make(const Call& call);

    // Waits until all that a program can see is as in the model. Returns what still differs after `patience`
    // milliseconds, or an empty string.
    std::string compare(const Model& model, unsigned patience = patience_ms);

    // Ends all operations, so that the world can be destroyed. Returns what is wrong, or an empty string.
    std::string finish(const Model& model, Ending end);

  private:
    struct Handle {
        World* world = nullptr;
        nng_aio* aio = nullptr;
        unsigned place = 0;
        std::atomic<unsigned> callbacks{0}, cancel_calls{0}, releases{0}, asked{0};
        std::atomic<int> asked_reason{0};
        std::atomic<unsigned> steps{0};
        std::atomic<int> steps_left{0};
        std::atomic<std::size_t> steps_done{0};
        std::atomic<nng_aio*> target{nullptr};  // the aio whose operation the provider has to finish
        std::atomic<Policy> policy{};
        std::atomic<unsigned> in_callback{0};
        std::atomic<bool> misordered{false};  // two callbacks overlapped, or one came before its release function
        std::atomic<bool> in_queue{false};
        std::atomic<unsigned> again{0};  // the number of callbacks that make the calls in `then`
        std::vector<Call> then;
        bool skipped = false;
        std::vector<std::uint8_t> memory;
    };
    struct Signal {
        naio_signal* signal = nullptr;
        std::atomic<bool> accepts{false};
        std::atomic<unsigned> calls{0};
    };

    static void call_back(void* handle);
    static void cancel_plain(nng_aio* aio, void* handle, nng_err reason);
    static bool cancel_typed(nng_aio* aio, void* handle, naio_cancel types, nng_err reason);
    static void release(void* handle);
    static void step(naio_op* op, void* handle, nng_err result, std::size_t count);
    static bool handle_request(void* signal, naio_cancel types);

    std::string end_in_order(Model model);
    std::string end_by_fini(Model model);
    bool make_last_calls(NextCall next, Model& model, std::string& what);
    void make_handle(unsigned place);
    void make_signal(unsigned which);
    void make_group(unsigned which);
    void make_on_group(const Call& call);
    void make_streams();
    void free_streams();
    void pause();
    void drain_queue();
    void set_memory(Handle& handle, const Call& call);
    void make_on_stream(const Call& call);
    Seen see(const Handle& handle, const Model& model) const;
    std::string wrong(const Model& model);
    std::string wrong_group(const Model& model, unsigned which);
    bool remembers(unsigned group, unsigned outer, Types types);
    std::string wrong_order(const Model& model);
    std::string wrong_bytes(const Model& model, unsigned place) const;

    std::array<Handle, kPlaces> handles_;  // the aios, then the groups' members
    std::array<naio_group*, kGroups> groups_{};
    std::array<Types, kGroups> remembered_{};  // the types that remembers() has found
    nng_aio* probe_ = nullptr;
    std::array<Signal, kSignals> signals_;
    std::array<nng_stream*, kStreams> streams_{};
    std::array<std::size_t, kStreams> sent_{};
    naio_queue* queue_ = nullptr;
    nng_mtx* pause_lock_ = nullptr;
    nng_cv* pause_ = nullptr;
    std::mutex mutex_;
    std::vector<unsigned> order_;  // guarded by mutex_: the handles whose callbacks the queue has run
};

// Runs the program on the library and the model. Returns what differs, or an empty string. `at` is the index of the
// call that is being made, or of the call after which library and model differ.
std::string run(const Program& program, Ending end, std::atomic<std::size_t>& at);

}  // namespace simulation
