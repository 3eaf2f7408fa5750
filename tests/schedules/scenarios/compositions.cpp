// Groups, and operations that are composed of others.
#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;

static naio_group* make_group() {
    naio_group* group = nullptr;
    require(naio_group_alloc(&group, 2) == NNG_OK, "naio_group_alloc fails");
    return group;
}

// The operations are on the group's members; the handles that they have themselves are idle.
SCENARIO(group, "a group ends with its first member, and asks the other one to end") {
    const Library library;
    Count count;
    Handle outer(count);
    Operation first, second;
    naio_group* const group = make_group();
    {
        require(naio_group_start(group, outer.aio, 1, 0, NAIO_CANCEL_TERMINAL), "naio_group_start fails");
        first.start_on(naio_group_aio(group, 0));
        const Thread finisher([&] { first.finish(); });
        second.start_on(naio_group_aio(group, 1));
        naio_group_seal(group);
        nng_aio_wait(outer.aio);
        require(count.calls == 1 && count.result == NNG_OK, "the group has not ended well");
        require(naio_group_order(group, 0) == 0, "the group ended with another member");
    }
    naio_group_free(group);
}

SCENARIO(group_all, "a group waits for all its members") {
    const Library library;
    Count count;
    Handle outer(count);
    Operation first, second;
    naio_group* const group = make_group();
    {
        require(naio_group_start(group, outer.aio, 2, NAIO_GROUP_SUCCESS, NAIO_CANCEL_TERMINAL),
                "naio_group_start fails");
        first.start_on(naio_group_aio(group, 0));
        second.start_on(naio_group_aio(group, 1));
        const Thread finisher([&] { first.finish(); });
        const Thread other([&] { second.finish(); });
        naio_group_seal(group);
        nng_aio_wait(outer.aio);
        require(count.calls == 1 && count.result == NNG_OK, "the group has not ended well");
    }
    naio_group_free(group);
}

SCENARIO(group_requested, "a group is asked to end while its members are launched") {
    const Library library;
    Count count;
    Handle outer(count);
    Operation first, second;
    naio_group* const group = make_group();
    require(naio_group_start(group, outer.aio, 2, 0, 0), "naio_group_start fails");
    {
        const Thread canceler([&] { naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
        first.start_on(naio_group_aio(group, 0));
        second.start_on(naio_group_aio(group, 1));
        naio_group_seal(group);
    }
    nng_aio_wait(outer.aio);
    require(count.calls == 1 && count.result == NNG_ECANCELED, "the group was not ended by the request");
    naio_group_free(group);
}

// A step is submitted, and its end is the next step, at the end of which the composed operation ends.
struct TwoSteps {
    Operation provider;
    int step = 0;
};

static void two_steps(naio_op* op, void* self, nng_err result, size_t) {
    auto& steps = *static_cast<TwoSteps*>(self);
    if (result != NNG_OK || steps.step++ == 2) return naio_op_finish(op, result, 0);
    steps.provider.start_on(naio_op_child(op));
}

SCENARIO(composed, "an operation of two steps is asked to end, while its steps are finished") {
    const Library library;
    Count count;
    Handle outer(count);
    TwoSteps steps;
    require(naio_compose(outer.aio, 0, two_steps, nullptr, &steps) == NNG_OK, "naio_compose fails");
    {
        const Thread finisher([&] {
            steps.provider.finish();
            steps.provider.finish();
        });
        const Thread canceler([&] { nng_aio_cancel(outer.aio); });
    }
    nng_aio_wait(outer.aio);
    require(count.calls == 1 && (count.result == NNG_OK || count.result == NNG_ECANCELED), "the result is another one");
}
