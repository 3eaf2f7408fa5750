// A context that its own thread runs, for the scenarios with Asio.
#ifndef BENCH_MEASURED_H
#define BENCH_MEASURED_H

#include <asio.hpp>
#include <thread>

#include "measure.h"

// A context, and a thread that runs it until the object is destroyed.
class Running {
  public:
    Running() : work_(asio::make_work_guard(context)), thread_([this] { context.run(); }) {}
    ~Running() {
        work_.reset();
        context.stop();
        thread_.join();
    }

    asio::io_context context{1};  // for one thread, so that Asio takes fewer locks

  private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

#endif
