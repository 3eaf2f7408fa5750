// Coroutines: a task awaits tasks that end at once, and operations that end at once.
#include <asio.hpp>
#include <naio/naio.hpp>

#include "common/measure.h"
#include "rows.h"

namespace {

// ---- naio

naio::task<int> naio_one(int value) { co_return value; }

naio::task<void> naio_tasks(long events, double& ns) {
    const int64_t begin = now_ns();
    long sum = 0;
    for (long i = 0; i < events; ++i) sum += co_await naio_one(1);
    ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events);
    require(sum == events, "each task returns");
}

double naio_task(long, long events) {
    double ns = 0;
    require(static_cast<bool>(naio::run(naio_tasks(events, ns))), "the task succeeds");
    return ns;
}

// ---- Asio

asio::awaitable<int> asio_one(int value) { co_return value; }

asio::awaitable<void> asio_tasks(long events, double& ns) {
    const int64_t begin = now_ns();
    long sum = 0;
    for (long i = 0; i < events; ++i) sum += co_await asio_one(1);
    ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events);
    require(sum == events, "each task returns");
}

double asio_task(long, long events) {
    double ns = 0;
    asio::io_context context{1};
    asio::co_spawn(context, asio_tasks(events, ns), asio::detached);
    context.run();
    return ns;
}

}  // namespace

std::vector<Row> await_rows() { return {{"await, task that ends at once", 1, naio_task, asio_task, 200000}}; }
