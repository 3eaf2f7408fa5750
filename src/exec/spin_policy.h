// Decides how often a thread that waits for an operation attempts it before it sleeps. If the operation succeeds in one
// of these attempts, no thread has to wake this one. That is faster than a sleep by several times if the peer runs on
// another processor, and answers soon. If the peer has to run on the same processor, such attempts delay it. Therefore:
//  - a wait begins with kAttemptsBeforeSleep attempts at most;
//  - if all of them fail, the next waits begin without an attempt (backoff.h);
//  - an operation that succeeds in the first attempt says nothing. Its bytes had arrived before, perhaps while this
//    thread was not running, because the peer was, on the same processor.
//
// Each object that threads wait for has a SpinPolicy, which the object's lock guards. One thread at a time uses it.
#pragma once

#include "exec/backoff.h"
#include "exec/spin.h"

namespace naio {

class SpinPolicy {
  public:
    static constexpr unsigned kMaxLeftOut = 1023;

    // A wait begins. True if the thread must attempt the operation before it sleeps.
    [[nodiscard]] bool wait_begins() noexcept {
        attempts_ = 0;
        spins_ = backoff_.tries();
        return spins_;
    }

    // An attempt has failed. True if the thread must attempt the operation again before it sleeps.
    [[nodiscard]] bool attempt_fails() noexcept {
        if (!spins_) return false;
        if (++attempts_ < kAttemptsBeforeSleep) return true;
        end(false);
        return false;
    }

    // An attempt has succeeded.
    void attempt_succeeds() noexcept {
        if (spins_ && attempts_ != 0) end(true);
    }

  private:
    void end(bool success) noexcept {
        spins_ = false;
        backoff_.ends(success);
    }

    Backoff<kMaxLeftOut> backoff_;
    unsigned attempts_ = 0;  // the number of attempts of this wait that have failed
    bool spins_ = false;     // the thread that waits makes attempts before it sleeps
};

}  // namespace naio
