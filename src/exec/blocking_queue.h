// Threads for calls that block in the system, such as look-ups of names and operations on files, and the queue that
// they share.
//
// The queue starts a thread when there is a job and no thread is free, up to a limit. Threads stay until the queue is
// stopped. A job whose call does not return can be abandoned: its thread is lost and no longer counts against the
// limit, so that neither other jobs nor stop wait for it. When the call returns later, the thread becomes a worker
// again if the queue was not stopped and has fewer threads than the limit.
//
//     submit --1--> waiting --2--> running --3--> returned
//                      |              |
//                      4              5
//                      v              v
//                  withdrawn       abandoned
//
//  1. A worker will take the job. If there is no thread and none can be started, the job ends with kNoThread instead.
//     If calls may hang and no thread can be started, the job ends with kNoThread even if there are other threads,
//     because each of these threads may be in a call that returns only after this job's call was made.
//  2. A worker takes the job. The call runs with no lock held.
//  3. The call has returned.
//  4. A thread calls withdraw or abandon. The call is never made.
//  5. A thread calls abandon. The job ends when its call returns, if ever.
//
// Invariants:
//  1. Each job that is submitted ends exactly once, and is not touched afterwards.
//  2. No job waits while a worker is free. While there are fewer threads than the limit, a job waits only if max_lost
//     threads are lost or the system refuses another thread.
//  3. The queue outlives its lost threads: its destructor waits for them.
#pragma once

#include "base/allocator.h"
#include "base/dump.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/thread.h"

namespace naio {

class BlockingQueue {
    struct Worker;

  public:
    enum class End : unsigned char {
        kReturned,   // the job's call has returned
        kAbandoned,  // the job's call has returned, after the job was abandoned
        kWithdrawn,  // the job's call is not made, because the job was withdrawn
        kNoThread,   // the job's call is not made, because no thread is available
    };

    // A call to be made. The class of the object that needs the call derives from Job.
    class Job : public ListNode {
      public:
        using Call = void (*)(Job&) noexcept;        // on a worker; may block
        using Ended = void (*)(Job&, End) noexcept;  // on a worker, or in submit, withdraw or abandon; no lock is held

        Job(Call call, Ended ended) noexcept : call_(call), ended_(ended) {}

      private:
        friend class BlockingQueue;
        enum class State : unsigned char { kNew, kWithdrawn, kWaiting, kRunning, kAbandoned, kOver };

        const Call call_;
        const Ended ended_;
        Worker* worker_ = nullptr;   // the worker that runs the job, while the job runs
        State state_ = State::kNew;  // guarded by the queue's lock
    };

    static constexpr unsigned kMaxLost = 16;

    enum class Calls : unsigned char {
        kReturn,   // each call returns at some time, so a job can wait for a thread that is in another job's call
        kMayHang,  // a call can last until another event, such as another job's call
    };

    BlockingQueue() noexcept = default;
    BlockingQueue(const BlockingQueue&) = delete;
    BlockingQueue& operator=(const BlockingQueue&) = delete;
    ~BlockingQueue();

    // Accepts jobs from now on. Starts no thread yet. The queue will have up to `limit` threads, with the name `name`,
    // and starts none while `max_lost` threads are lost.
    void start(const Allocator& allocator, unsigned limit, const char* name, unsigned max_lost = kMaxLost,
               Calls calls = Calls::kReturn) noexcept;

    // Blocks until the workers have run all waiting jobs and have ended, but does not wait for lost threads. If all
    // threads are lost, the waiting jobs end with kNoThread. A job that another thread submits in the meantime ends
    // with kNoThread, too. REQUIRES: no thread withdraws or abandons a job in the meantime.
    void stop() noexcept;

    // True if a call was ever abandoned. The thread of such a call may still be in the call, or on its way out of the
    // library's code.
    [[nodiscard]] bool has_abandoned_any() noexcept {
        Lock lock(mutex_);
        return abandoned_any_;
    }

    // Submits the job: a worker makes its call, or the job ends without the call. A job that has ended may be submitted
    // again. Any thread.
    void submit(Job& job) noexcept;

    // Prevents the job's call. False if the call has begun, or if the job is over or withdrawn already. A job that is
    // not yet submitted can be withdrawn, too, and then ends in submit. Any thread, as long as the job exists.
    bool withdraw(Job& job) noexcept;

    // Prevents the job's call, or abandons the call if it runs. False if the job is over, or is withdrawn or abandoned
    // already.
    bool abandon(Job& job) noexcept;

    // Writes the numbers of threads and of waiting jobs.
    void dump(Dump& dump, const char* what) noexcept;

  private:
    struct Worker : ListNode {
        explicit Worker(BlockingQueue& owner) noexcept : queue(owner) {}
        BlockingQueue& queue;
        Thread thread;
        bool lost = false;       // the worker's job was abandoned
        bool forgotten = false;  // the queue was stopped after the thread was lost, so no thread joins it
    };

    static void work(void* worker) noexcept;
    [[nodiscard]] Job* next(Worker& worker) noexcept;
    void run(Job& job) noexcept;
    [[nodiscard]] bool take_back(Worker& worker) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool staff() noexcept NAIO_REQUIRES(mutex_);
    enum class Answer : unsigned char { kNo, kYes, kYesAndEnd };  // kYesAndEnd: the caller ends the job
    [[nodiscard]] Answer withdraw_from_queue(Job& job) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool give_up(Job& job) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Job* take_stranded() noexcept NAIO_REQUIRES(mutex_);
    static bool follow(Answer answer, Job& job) noexcept;

    Mutex mutex_;
    Condition changed_;  // there is a job, or the queue is stopping
    Condition found_;    // a lost thread has come back and ends
    List<Job> jobs_ NAIO_GUARDED_BY(mutex_);
    List<Worker> workers_ NAIO_GUARDED_BY(mutex_);
    unsigned waiting_ NAIO_GUARDED_BY(mutex_) = 0;  // the number of jobs in jobs_
    unsigned idle_ NAIO_GUARDED_BY(mutex_) = 0;     // the number of workers without a job, woken or not
    unsigned active_ NAIO_GUARDED_BY(mutex_) = 0;   // the number of workers that are not lost
    unsigned lost_ NAIO_GUARDED_BY(mutex_) = 0;     // the number of lost threads, even from before the last stop
    bool abandoned_any_ NAIO_GUARDED_BY(mutex_) = false;
    bool up_ NAIO_GUARDED_BY(mutex_) = false;

    const Allocator* allocator_ = nullptr;
    const char* name_ = nullptr;
    unsigned limit_ = 0;
    unsigned max_lost_ = kMaxLost;
    Calls calls_ = Calls::kReturn;
};

}  // namespace naio
