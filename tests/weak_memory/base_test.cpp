// Tests the memory orders of reference counts, of the allocator's hooks, and of the log.
#include "base/allocator.h"
#include "base/log.h"
#include "base/ref.h"
#include "suite.h"

namespace {

using naio::Allocator;
using naio::Log;
using naio::ReferenceCount;

// The owner that gives up the last reference destroys what the others have used.
struct LastOwner final : weak_memory::Suite<LastOwner, 2> {
    ReferenceCount references{2};
    rl::var<int> object[2]{0, 0};

    void run(unsigned thread) {
        object[thread]($) = 1;
        if (!references.release()) return;
        for (auto& each : object) RL_ASSERT(each($) == 1);
    }
};
const weak_memory::Registration<LastOwner> last_owner("references", 3);

// A thread replaces the functions while another one allocates and releases. The functions read a variable that the
// program writes before it installs them, and again after they are replaced.
struct ReplacedHooks final : weak_memory::Suite<ReplacedHooks, 2> {
    Allocator allocator;
    rl::var<int> former{1}, later{0};
    static inline ReplacedHooks* self;
    char block[8];

    void prepare() {
        self = this;
        RL_ASSERT(allocator.install({[](std::size_t) -> void* {
                                         RL_ASSERT(self->former($) == 1);
                                         return self->block;
                                     },
                                     nullptr, [](void*, std::size_t) { RL_ASSERT(self->former($) == 1); }}));
    }
    void run(unsigned thread) {
        if (thread == 0) {
            void* const memory = allocator.allocate(8);
            allocator.release(memory, 8);
            return;
        }
        later($) = 1;
        const Allocator::Hooks hooks{[](std::size_t) -> void* {
                                         RL_ASSERT(self->later($) == 1);
                                         return self->block;
                                     },
                                     nullptr, [](void*, std::size_t) { RL_ASSERT(self->later($) == 1); }};
        if (allocator.install(hooks)) former($) = 2;
    }
};
const weak_memory::Registration<ReplacedHooks> replaced_hooks("allocator_hooks", 3);

// A logger sees what the thread that sets it has prepared.
struct NewLogger final : weak_memory::Suite<NewLogger, 2> {
    Log log;
    rl::var<int> prepared{0};
    static inline NewLogger* self;

    void prepare() { self = this; }
    void run(unsigned thread) {
        if (thread == 1) return log.print(NNG_LOG_ERR, nullptr, "text");
        prepared($) = 1;
        log.set_logger(
            [](nng_log_level, nng_log_facility, const char*, const char*) { RL_ASSERT(self->prepared($) == 1); });
    }
};
const weak_memory::Registration<NewLogger> new_logger("logger", 3);

}  // namespace
