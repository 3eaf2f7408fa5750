// The thread that finishes what a cancel function did not finish itself.
#pragma once

#include <nng/nng.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "operation.h"

namespace race {

class Courier {
  public:
    struct Letter {
        Provider* provider;
        Operation* operation;
        Number number;
        nng_err result;
        bool taken;  // by the sender; otherwise it may be over when the letter arrives
    };

    Courier() : thread_([this] { deliver(); }) {}
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    void post(const Letter& letter);

  private:
    void deliver();
    [[nodiscard]] std::vector<Letter> collect();

    std::mutex mutex_;
    std::condition_variable posted_;
    std::vector<Letter> letters_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace race
