#include "loop/poller.h"

#include <chrono>
#include <utility>

namespace naio {

namespace {

thread_local const Poller* poller_here = nullptr;

std::int64_t nanoseconds_from_now(std::int64_t wait) noexcept {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() + wait;
}

}  // namespace

// A thread's place at the poller, and what keeps the tasks that are submitted there.
class Poller::Seat final : public TaskRunner {
  public:
    explicit Seat(Poller& poller) noexcept : poller_(poller) {}

    bool take(TaskQueue& queue, TaskList& tasks) noexcept override {
        if (&queue != poller_.tasks_) return false;
        Lock lock(poller_.mutex_);
        if (term != poller_.term_) return false;
        poller_.ready_.take(tasks);
        return true;
    }

    Term term = 0;  // guarded by the poller's lock

  private:
    // Leaves the rest to others at once, instead of a tick later.
    void step_aside() noexcept override {
        Lock lock(poller_.mutex_);
        if (term != poller_.term_ || !poller_.running_) return;
        poller_.vacant_ = true;
        poller_.changed_.notify_all();
        poller_.hand_over();
    }

    Poller& poller_;
};

bool Poller::start(TaskQueue& tasks) noexcept {
    tasks_ = &tasks;
    if (!loop_.open()) return false;
    Lock lock(mutex_);
    stopping_ = false;
    vacant_ = true;
    if (threads_[0].start("naio:io", main, this) && threads_[1].start("naio:io", main, this)) {
        up_ = true;
        return true;
    }
    stopping_ = true;
    changed_.notify_all();
    mutex_.unlock();
    threads_[0].join();
    loop_.close();
    mutex_.lock();
    return false;
}

void Poller::stop() noexcept {
    {
        Lock lock(mutex_);
        stopping_ = true;
        up_ = false;
        changed_.notify_all();
    }
    loop_.interrupt();
    for (Thread& thread : threads_) thread.join();
    close_watches();
    loop_.close();
    tasks_->submit(collected_);
}

// Those that were not closed are lost.
void Poller::close_watches() noexcept {
    Lock lock(mutex_);
    hand_over();
    for (;;) {
        serve_inbox();
        Watch::Registered* const each = registered_.front();
        if (each == nullptr) return;
        // In one step: who closes it from now on closes the descriptor at once.
        each->watch.state_ = Watch::State::kGone;
        each->watch.unregister();
    }
}

// ---- watches

bool Poller::want(Watch& watch, unsigned events) noexcept {
    {
        Lock lock(mutex_);
        if (!up_ || watch.state_ == Watch::State::kGone) return false;
        if (std::exchange(watch.state_, Watch::State::kAttached) == Watch::State::kUnknown) watch.attached();
        watch.wanted_ |= events;
        if (!post(watch)) return true;
    }
    loop_.interrupt();
    return true;
}

bool Poller::close(Watch& watch) noexcept {
    {
        Lock lock(mutex_);
        const bool attached = std::exchange(watch.state_, Watch::State::kGone) == Watch::State::kAttached;
        if (!attached) return true;
        watch.closing_ = true;
        if (!post(watch)) return false;
    }
    loop_.interrupt();
    return false;
}

// True if the leader has to be woken.
bool Poller::post(Watch& watch) noexcept {
    if (watch.linked()) return false;
    inbox_.push_back(watch);
    return sleeping_;
}

// The lock is dropped for each.
void Poller::serve_inbox() noexcept {
    while (Watch* watch = inbox_.pop_front()) {
        const unsigned wanted = std::exchange(watch->wanted_, 0);
        const bool closing = watch->closing_;
        mutex_.unlock();
        serve(*watch, wanted, closing);
        mutex_.lock();
    }
}

void Poller::serve(Watch& watch, unsigned wanted, bool closing) noexcept {
    const bool is_registered = watch.registered_.linked();
    if (closing) return is_registered ? watch.unregister() : watch.closed();
    if (!is_registered) {
        const int error = watch.enter(loop_.uv());
        if (error != 0) return give_up(watch, -error);
        registered_.push_back(watch.registered_);
    }
    const int error = watch.watch_for(watch.watching_ | wanted);
    if (error != 0) watch.refused(-error, collected_);
}

void Poller::give_up(Watch& watch, int error) noexcept {
    {
        Lock lock(mutex_);
        if (std::exchange(watch.state_, Watch::State::kGone) == Watch::State::kGone) return;  // it is being closed
    }
    watch.refused(error, collected_);
    watch.lost();
}

// ---- threads

bool Poller::is_here() const noexcept { return poller_here == this; }

void Poller::main(void* self) noexcept {
    auto& poller = *static_cast<Poller*>(self);
    poller_here = &poller;
    Seat seat(poller);
    Lock lock(poller.mutex_);
    for (;;) {
        poller.stand_by();
        if (poller.stopping_) return;
        seat.term = ++poller.term_;
        poller.lead(seat);
    }
}

// Until there is nobody who leads, or who leads is overdue.
void Poller::stand_by() noexcept {
    ++standbys_;
    std::uint64_t seen = rounds_;
    unsigned idle = 0;
    while (!stopping_ && !vacant_ && !tick(seen, idle)) {
    }
    --standbys_;
    vacant_ = running_ = false;
}

// Sleeps for a tick; true if the leader has run tasks all the while.
bool Poller::tick(std::uint64_t& seen, unsigned& idle) noexcept {
    if (idle == kPatience) {
        dozing_ = true;
        while (dozing_ && !stopping_ && !vacant_) changed_.wait(mutex_);
        dozing_ = false;
        idle = 0;
    }
    const bool was_running = running_;
    const std::uint64_t before = rounds_;
    const std::int64_t end = nanoseconds_from_now(kTick);
    while (!stopping_ && !vacant_ && changed_.wait_until(mutex_, end)) {
    }
    if (was_running && running_ && rounds_ == before) return true;
    idle = rounds_ == seen ? idle + 1 : 0;
    seen = rounds_;
    return false;
}

void Poller::lead(Seat& seat) noexcept {
    hand_over();  // what the former leader has left
    while (!stopping_) {
        turn();
        if (standbys_ != 0)
            run_ready(seat);
        else
            hand_over();
        if (seat.term != term_ || vacant_) return;
    }
}

// Once around the loop; it does not sleep while there are tasks to be run.
void Poller::turn() noexcept {
    serve_inbox();
    const uv_run_mode mode = ready_.empty() && collected_.empty() ? UV_RUN_ONCE : UV_RUN_NOWAIT;
    sleeping_ = mode == UV_RUN_ONCE;
    mutex_.unlock();
    uv_run(&loop_.uv(), mode);
    mutex_.lock();
    sleeping_ = false;
    ready_.take(collected_);
}

void Poller::run_ready(Seat& seat) noexcept {
    if (ready_.empty()) return;
    running_ = true;
    ++rounds_;
    if (dozing_) {
        dozing_ = false;
        changed_.notify_all();
    }
    for (unsigned left = kTasksPerTurn; left != 0; --left) {
        Task* const task = ready_.pop();
        if (task == nullptr) break;
        mutex_.unlock();
        Task* const again = task->run();
        mutex_.lock();
        const bool leads = seat.term == term_ && !vacant_;
        if (again != nullptr) ready_.push(*again);
        if (leads) continue;
        // What a successor finds in the list it runs, or hands over.
        if (again != nullptr) hand_over();
        return;
    }
    running_ = false;
}

// Gives the tasks that wait to the workers. Drops the lock.
void Poller::hand_over() noexcept {
    TaskList tasks;
    tasks.take(ready_);
    if (tasks.empty()) return;
    mutex_.unlock();
    tasks_->enqueue(tasks);
    mutex_.lock();
}

}  // namespace naio
