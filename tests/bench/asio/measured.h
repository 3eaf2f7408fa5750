// Shared by the scenarios with Asio.
#ifndef BENCH_MEASURED_H
#define BENCH_MEASURED_H

#include <asio.hpp>
#include <thread>

#include "measure.h"

// A context that a thread of its own runs until the end.
class Running {
  public:
    Running() : work_(asio::make_work_guard(context)), thread_([this] { context.run(); }) {}
    ~Running() {
        work_.reset();
        context.stop();
        thread_.join();
    }

    asio::io_context context{1};  // one thread: Asio takes fewer locks then

  private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

#endif
