// A pipeline of coroutines: a producer, a stage and a consumer, joined by bounded queues.
//
// Each coroutine is a loop that looks like blocking code, but no thread is blocked while it waits. `&&` runs the
// coroutines at the same time, and ends the others if one of them fails. The end of the work passes down the pipeline:
// a stage that has no more items to put closes its queue, and a stage that gets NNG_ECLOSED has got all items.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <naio/naio.hpp>

#include "bounded_queue.h"
#include "check.h"

using naio::result;
using naio::task;

static constexpr std::size_t kItems = 5;

struct Got {
    nng_err err;
    int* item;
};

// Tasks that perform the queue's operations. The item is input 0 (put) or output 0 (get) of the aio on which the
// coroutine's operations run.
static task<nng_err> put(bounded_queue* queue, int* item) {
    const auto self = co_await naio::this_op;
    nng_aio_set_input(self.child(), 0, item);
    const result r = co_await naio::async(bounded_queue_put, queue);
    co_return r.err;
}

static task<Got> get(bounded_queue* queue) {
    const result r = co_await naio::async(bounded_queue_get, queue);
    const auto self = co_await naio::this_op;
    co_return Got{r.err, r ? static_cast<int*>(nng_aio_get_output(self.child(), 0)) : nullptr};
}

static task<nng_err> produce(int* items, bounded_queue* to) {
    for (std::size_t i = 0; i < kItems; ++i) {
        items[i] = static_cast<int>(i);
        std::printf("producer: %d\n", items[i]);
        if (const nng_err err = co_await put(to, &items[i]); err != NNG_OK) co_return err;
    }
    bounded_queue_close(to);
    co_return NNG_OK;
}

static task<nng_err> square(bounded_queue* from, bounded_queue* to) {
    for (;;) {
        const Got got = co_await get(from);
        if (got.err == NNG_ECLOSED) break;
        if (got.err != NNG_OK) co_return got.err;
        std::printf("stage: %d becomes %d\n", *got.item, *got.item * *got.item);
        *got.item *= *got.item;
        if (const nng_err err = co_await put(to, got.item); err != NNG_OK) co_return err;
    }
    bounded_queue_close(to);
    co_return NNG_OK;
}

static task<nng_err> consume(bounded_queue* from, int& sum) {
    for (;;) {
        const Got got = co_await get(from);
        if (got.err == NNG_ECLOSED) co_return NNG_OK;
        if (got.err != NNG_OK) co_return got.err;
        std::printf("consumer: %d\n", *got.item);
        sum += *got.item;
    }
}

int main(int argc, char** argv) {
    usage(argc, argv, 0, 0, "",
          "A pipeline of coroutines: a producer, a stage and a consumer, joined by bounded queues.");
    bounded_queue* numbers = nullptr;
    bounded_queue* squares = nullptr;
    int items[kItems] = {};
    int sum = 0;

    check(nng_init(nullptr), "nng_init");
    check(bounded_queue_alloc(&numbers, 1), "bounded_queue_alloc");
    check(bounded_queue_alloc(&squares, 1), "bounded_queue_alloc");

    auto pipeline = produce(items, numbers) && square(numbers, squares) && consume(squares, sum);
    check(naio::run(pipeline).err, "the pipeline");
    std::printf("main: the sum of the squares is %d\n", sum);

    bounded_queue_free(squares);
    bounded_queue_free(numbers);
    nng_fini();
    if (sum == 0 + 1 + 4 + 9 + 16) return 0;
    std::fprintf(stderr, "this should have been 30\n");
    return 1;
}
