#include "exec/queues_in_wait.h"

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "base/atomic.h"
#include "base/fault.h"
#include "exec/thread_end.h"

namespace naio {

namespace {

// These variables have no destructors, because the destructors of a thread's own objects and of the program's static
// objects may run queues, and wait for their handles.
constinit thread_local Bell* innermost = nullptr;
constinit thread_local bool runs_queues = false;
constinit thread_local bool end_is_noticed = false;

struct AllQueues {
    Mutex mutex;
    List<CompletionQueue> list NAIO_GUARDED_BY(mutex);
    // Written with the lock, read without it, because in a forked child the lock may be held forever.
    Atomic<std::size_t> size{0};
};

AllQueues& all_queues() noexcept {
    // Never destroyed, because the destructors of the program's static objects may run queues.
    alignas(AllQueues) static std::byte memory[sizeof(AllQueues)];
    static AllQueues& instance = *new (memory) AllQueues;
    return instance;
}

}  // namespace

// Gives up the queues of each thread that ends. The main thread does not end when it leaves main: it remains the
// runner of its queues until the process exits.
class QueuesInWait::ThreadEnds {
  public:
    // Called when the library is unloaded or the process exits. A program releases all queues before it unloads the
    // library. So if there are queues, the process exits. A static object that is destroyed later may then join a
    // runner and wait for a handle of the runner's queue. Therefore, as long as there are queues, the library still
    // notices the ends of threads.
    ~ThreadEnds() {
        if (all_queues().size.load(std::memory_order_relaxed) == 0) ends_.ignore();
    }

    void notice_this_thread() noexcept {
        if (!end_is_noticed) end_is_noticed = ends_.notice_this_thread(reinterpret_cast<void*>(Thread::current()));
    }

  private:
    ThreadEnd ends_{thread_ends};
};

QueuesInWait::ThreadEnds& QueuesInWait::all_thread_ends() noexcept {
    static ThreadEnds instance;
    return instance;
}

// Called when a thread ends. If another destructor of the thread runs a queue afterwards, the system calls thread_ends
// again, up to PTHREAD_DESTRUCTOR_ITERATIONS times.
void QueuesInWait::thread_ends(void* id) noexcept {
    end_is_noticed = false;
    if (NAIO_FAULT(thread_ends_as_runner)) return;
    const auto thread = reinterpret_cast<Thread::Id>(id);
    for_each_of(thread, [&](CompletionQueue& queue) { queue.give_up(thread); });
}

// Calls `visit` with each queue that has this thread as its runner, or has a task that this thread is inside. The
// acquire pairs with the release of CompletionQueue::set_runner. inside_ needs none, because no other thread replaces
// the id of this thread there.
template <class Visit>
void QueuesInWait::for_each_of(Thread::Id thread, Visit visit) noexcept {
    AllQueues& all = all_queues();
    Lock lock(all.mutex);
    for (CompletionQueue* each = all.list.front(); each != nullptr; each = all.list.after(*each))
        if (each->runner_.load(NAIO_ORDER(runner_read, acquire)) == thread ||
            each->inside_.load(std::memory_order_relaxed) == thread)
            visit(*each);
}

void QueuesInWait::dump(Dump& dump) noexcept {
    std::array<CompletionQueue::Copy, 64> copies;
    std::size_t copied = 0;
    AllQueues& all = all_queues();
    if (!dump.lock(all.mutex, "queues")) return;
    for (CompletionQueue* each = all.list.front(); each != nullptr && copied < copies.size();
         each = all.list.after(*each))
        copies[copied++] = each->copy();
    const std::size_t left_out = all.size.load(std::memory_order_relaxed) - copied;
    all.mutex.unlock();
    for (std::size_t i = 0; i < copied; ++i) copies[i].write(dump);
    if (left_out != 0) dump.line("queues: %zu more", left_out);
}

void QueuesInWait::count_into(Stats& stats) noexcept {
    AllQueues& all = all_queues();
    Lock lock(all.mutex);
    for (CompletionQueue* each = all.list.front(); each != nullptr; each = all.list.after(*each)) {
        ++stats.queues;
        stats.queued_callbacks += each->size();
    }
}

void QueuesInWait::enlist(CompletionQueue& queue) noexcept {
    all_thread_ends().notice_this_thread();
    AllQueues& all = all_queues();
    Lock lock(all.mutex);
    all.list.push_back(queue);
    all.size.fetch_add(1, std::memory_order_relaxed);
}

void QueuesInWait::strike(CompletionQueue& queue) noexcept {
    AllQueues& all = all_queues();
    Lock lock(all.mutex);
    queue.unlink();
    all.size.fetch_sub(1, std::memory_order_relaxed);
}

void QueuesInWait::forget_name(CompletionQueue& queue) noexcept {
    Lock lock(all_queues().mutex);
    queue.set_name(nullptr);
}

Bell* QueuesInWait::begin_to_run() noexcept {
    all_thread_ends().notice_this_thread();
    runs_queues = true;
    return innermost;
}

void QueuesInWait::notice_run() noexcept { runs_queues = true; }

bool QueuesInWait::any_here() noexcept { return runs_queues; }

QueuesInWait::QueuesInWait(Bell& bell, CompletionQueue* wanted) noexcept
    : thread_(Thread::current()), outer_(std::exchange(innermost, &bell)), wanted_(wanted), candidate_(bell, thread_) {
    if (wanted_ != nullptr) wanted_->line_up(candidate_, thread_);
    if (runs_queues) answer_to(&bell);
}

QueuesInWait::~QueuesInWait() {
    if (!NAIO_FAULT(inner_wait_keeps_the_thread)) innermost = outer_;
    if (wanted_ != nullptr) wanted_->leave(candidate_, thread_, outer_);
    if (runs_queues) answer_to(outer_);
}

// Makes `bell` the bell that this thread's queues ring.
void QueuesInWait::answer_to(Bell* bell) noexcept {
    for_each_of(thread_, [&](CompletionQueue& queue) { queue.answer_to(thread_, bell); });
}

bool QueuesInWait::run_one() noexcept {
    if (of_wanted_ < kTasksOfWanted && run_wanted()) return true;
    of_wanted_ = 0;
    return run_other() || run_wanted();
}

bool QueuesInWait::run_wanted() noexcept {
    if (wanted_ == nullptr || !wanted_->run_one(thread_, &candidate_)) return false;
    ++of_wanted_;
    return true;
}

// Runs a task of a queue other than wanted_. False if no such queue has a task that the thread may run. The chosen
// queue exists until this function has its own reference, because the handle of the queue's task has a reference. If
// another thread becomes the runner before this thread has taken the task, run_one runs nothing; the result is true, so
// that the caller tries again.
bool QueuesInWait::run_other() noexcept {
    if (!runs_queues || NAIO_FAULT(waits_run_no_other_queue)) return false;
    Ref<CompletionQueue> chosen;
    for_each_of(thread_, [&](CompletionQueue& queue) {
        if (!chosen && &queue != wanted_ && queue.has_task_for(thread_)) chosen = Ref(&queue);
    });
    if (!chosen) return false;
    static_cast<void>(chosen->run_one(thread_, nullptr));
    return true;
}

}  // namespace naio
