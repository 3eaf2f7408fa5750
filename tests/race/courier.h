// A thread that finishes the operations that cancel functions leave to it.
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
        bool taken;  // true: the sender has taken over the duty to finish; false: the operation may be over already
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
