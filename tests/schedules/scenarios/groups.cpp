// Scenarios of groups: their launch, requests to them, their seal and their end.
#include "base/atomic.h"
#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::yield;

static naio_group* make_group(unsigned size = 2) {
    naio_group* group = nullptr;
    require(naio_group_alloc(&group, size) == NNG_OK, "naio_group_alloc fails");
    return group;
}

// The operations run on the group's members. The handles of the Operation objects themselves stay idle.
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

// Providers of operations on a group's members.
struct Members {
    explicit Members(naio_group* on, unsigned number) : group(on), count(number) {}

    void start(unsigned i, naio_cancel guarantee) {
        const naio::Lock lock(mutex);
        over[i] = !naio_aio_start(aio(i), guarantee, cancel, nullptr, this);
    }
    void finish(unsigned i, nng_err result = NNG_OK) {
        {
            const naio::Lock lock(mutex);
            if (std::exchange(over[i], true)) return;
        }
        nng_aio_finish(aio(i), result);
    }
    [[nodiscard]] nng_aio* aio(unsigned i) const { return naio_group_aio(group, i); }

    static bool cancel(nng_aio* aio, void* self, naio_cancel, nng_err reason) {
        auto& members = *static_cast<Members*>(self);
        for (unsigned i = 0; i < members.count; ++i)
            if (members.aio(i) == aio) members.finish(i, reason);
        return true;
    }

    naio_group* const group;
    const unsigned count;
    naio::Mutex mutex;
    bool over[3] = {true, true, true};
};

// The library, a group, the providers of its members, and the handle that the group runs on. The scenario frees the
// group, often while its threads still use the handle.
struct Run {
    explicit Run(unsigned size) : group(make_group(size)), members(group, size) {}
    void start(unsigned need, int flags, naio_cancel types) {
        require(naio_group_start(group, outer.aio, need, flags, types), "naio_group_start fails");
    }

    Library library;
    Count count;
    Handle outer{count};
    naio_group* const group;
    Members members;
};

SCENARIO(group_decided, "two members reach a group's goal at the same time, and a third one is asked to end") {
    Run run(3);
    run.start(1, 0, NAIO_CANCEL_TERMINAL);
    for (unsigned i = 0; i < 3; ++i) run.members.start(i, NAIO_CANCEL_TERMINAL);
    {
        const Thread one([&] { run.members.finish(0); });
        const Thread other([&] { run.members.finish(1); });
        naio_group_seal(run.group);
    }
    nng_aio_wait(run.outer.aio);
    require(run.count.calls == 1 && run.count.result == NNG_OK, "the group has not ended well");
    naio_group_free(run.group);
}

SCENARIO(group_sleeps, "a group with a sleep decides while its last member is launched") {
    const Library library;
    Count count;
    Handle outer(count);
    Operation first;
    naio_group* const group = make_group(3);
    require(naio_group_start(group, outer.aio, 1, 0, NAIO_CANCEL_TERMINAL), "naio_group_start fails");
    first.start_on(naio_group_aio(group, 0));
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 1));
    {
        const Thread finisher([&] { first.finish(); });
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 2));
        naio_group_seal(group);
    }
    nng_aio_wait(outer.aio);
    require(count.calls == 1, "the group has not ended once");
    naio_group_free(group);
}

SCENARIO(group_in_group, "two members of a group in a group end while the outer group is asked to end") {
    const Library library;
    Count count;
    Handle outer(count);
    Operation first, second;
    naio_group* const group = make_group();
    naio_group* const inner = make_group();
    require(naio_group_start(group, outer.aio, 1, 0, NAIO_CANCEL_TERMINAL), "naio_group_start fails");
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 1));
    require(naio_group_start(inner, naio_group_aio(group, 0), 1, 0, NAIO_CANCEL_TERMINAL), "naio_group_start fails");
    first.start_on(naio_group_aio(inner, 0));
    second.start_on(naio_group_aio(inner, 1));
    naio_group_seal(inner);
    naio_group_seal(group);
    {
        const Thread one([&] { first.finish(); });
        const Thread other([&] { second.finish(); });
        naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_EINTR);
    }
    nng_aio_wait(outer.aio);
    require(count.calls == 1, "the groups have not ended once");
    naio_group_free(inner);
    naio_group_free(group);
}

SCENARIO(group_freed, "the callback frees the group, while its last members are being finished") {
    const Library library;
    Count count;
    Handle outer(count);
    naio_group* const group = make_group();
    Members members(group, 2);
    count.also = [&] { naio_group_free(group); };
    require(naio_group_start(group, outer.aio, 2, 0, 0), "naio_group_start fails");
    members.start(0, NAIO_CANCEL_TERMINAL);
    members.start(1, NAIO_CANCEL_TERMINAL);
    naio_group_seal(group);
    {
        const Thread one([&] { members.finish(0); });
        const Thread other([&] { members.finish(1); });
    }
    nng_aio_wait(outer.aio);
}

SCENARIO(group_again, "a group runs again, on another handle, as soon as it has ended") {
    const Library library;
    Count counts[2];
    Handle outers[2] = {Handle(counts[0]), Handle(counts[1])};
    naio_group* const group = make_group();
    Members first(group, 2), second(group, 2);
    const auto launch = [&](Members& members, nng_aio* outer) {
        require(naio_group_start(group, outer, 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_TERMINAL), "naio_group_start fails");
        members.start(0, NAIO_CANCEL_TERMINAL);
        members.start(1, NAIO_CANCEL_TERMINAL);
        naio_group_seal(group);
    };
    counts[0].also = [&] { launch(second, outers[1].aio); };
    launch(first, outers[0].aio);
    {
        const Thread one([&] { first.finish(0); });
        const Thread other([&] { first.finish(1, NNG_ECLOSED); });
        nng_aio_wait(outers[0].aio);
        const Thread later([&] { second.finish(0); });
    }
    nng_aio_wait(outers[1].aio);
    require(counts[0].calls == 1 && counts[1].calls == 1, "there was not one callback");
    require(counts[1].result == NNG_OK, "the second run has not ended well");
    naio_group_free(group);
}

// One member accepts a request at once. The other member cannot, until its provider permits it.
SCENARIO(group_sticky, "a request that one member has accepted reaches the other one when its provider permits it") {
    Run run(2);
    run.start(2, 0, 0);
    run.members.start(0, NAIO_CANCEL_TERMINAL);
    run.members.start(1, NAIO_CANCEL_NONE);
    naio_group_seal(run.group);
    {
        const Thread canceler([&] {
            require(naio_aio_cancel(run.outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED),
                    "the request was not accepted");
        });
        const Thread provider([&] { naio_aio_permit(run.members.aio(1), NAIO_CANCEL_TERMINAL); });
    }
    nng_aio_wait(run.outer.aio);
    require(run.count.result == NNG_ECANCELED, "the group was not ended by the request");
    naio_group_free(run.group);
}

SCENARIO(group_sealed, "a group that is sealed accepts no request that its members refuse") {
    Run run(2);
    naio::Atomic<bool> sealed{false};
    run.start(2, 0, 0);
    {
        const Thread canceler([&] {
            const bool was_sealed = sealed.load();
            const bool accepted = naio_aio_cancel(run.outer.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED);
            require(!was_sealed || !accepted, "the group accepted a request that none of its members accepts");
        });
        run.members.start(0, NAIO_CANCEL_NONE);
        run.members.start(1, NAIO_CANCEL_NONE);
        naio_group_seal(run.group);
        sealed.store(true);
    }
    const Thread one([&] { run.members.finish(0); });
    const Thread other([&] { run.members.finish(1); });
    nng_aio_wait(run.outer.aio);
    naio_group_free(run.group);
}

SCENARIO(group_expires, "a group expires while its members are launched and finished") {
    Run run(2);
    nng_aio_set_timeout(run.outer.aio, 1);
    run.start(2, NAIO_GROUP_SUCCESS, NAIO_CANCEL_TERMINAL);
    run.members.start(0, NAIO_CANCEL_TERMINAL);
    const Thread finisher([&] { run.members.finish(0); });
    run.members.start(1, NAIO_CANCEL_TERMINAL);
    naio_group_seal(run.group);
    nng_aio_wait(run.outer.aio);  // waits forever if the second member is not asked to end
    require(run.count.calls == 1 && run.count.result == NNG_ETIMEDOUT, "the group has not timed out");
    naio_group_free(run.group);
}

SCENARIO(group_fini, "the library goes down while a group is launched") {
    Run run(2);
    Gate launched;
    const Thread launcher([&] {
        const bool runs = naio_group_start(run.group, run.outer.aio, 2, 0, 0);
        launched.open();
        if (!runs) return;
        run.members.start(0, NAIO_CANCEL_TERMINAL);
        run.members.start(1, NAIO_CANCEL_TERMINAL);
        naio_group_seal(run.group);
    });
    launched.pass();
    run.library.go_down();
    require(run.count.calls == 1 && run.count.result == NNG_ESTOPPED, "the group was not stopped");
    naio_group_free(run.group);
}

// A request for TOTAL reaches the first member alone, because the second one does not guarantee TOTAL.
SCENARIO(group_first_asked, "a group that waits for one member is asked to end, and only the first one permits it") {
    Run run(2);
    run.start(1, 0, NAIO_CANCEL_TERMINAL);
    run.members.start(0, NAIO_CANCEL_TOTAL);
    run.members.start(1, NAIO_CANCEL_TERMINAL);
    naio_group_seal(run.group);
    const Thread canceler([&] { naio_aio_cancel(run.outer.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED); });
    nng_aio_wait(run.outer.aio);  // waits forever if the second member is not asked
    require(run.count.calls == 1 && run.count.result == NNG_ECANCELED, "the group was not ended by the request");
    naio_group_free(run.group);
}

SCENARIO(group_all_asked, "a group that waits for all members is asked to end, and the second does not permit it") {
    Run run(2);
    run.start(2, 0, NAIO_CANCEL_TERMINAL);
    run.members.start(0, NAIO_CANCEL_TOTAL);
    run.members.start(1, NAIO_CANCEL_TERMINAL);
    naio_group_seal(run.group);
    {
        const Thread canceler([&] { naio_aio_cancel(run.outer.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED); });
        while (nng_aio_busy(run.members.aio(0))) yield();
        for (int i = 0; i < 6; ++i) yield();
        run.members.finish(1);
    }
    nng_aio_wait(run.outer.aio);
    require(run.count.result == NNG_ECANCELED, "the group was not ended by the request");
    require(nng_aio_result(run.members.aio(1)) == NNG_OK, "a request ended a member that it harms");
    require(naio_aio_outcome(run.outer.aio) == NAIO_CANCEL_PARTIAL, "the outcome hides what a member has done");
    naio_group_free(run.group);
}

SCENARIO(group_refused, "a deadline that was set for a group that is refused does not end the next operation") {
    const Library library;
    Count count;
    const Handle outer(count);
    naio_group* const group = make_group();
    nng_aio_set_expire(outer.aio, nng_clock() + 1);
    require(!naio_group_start(group, outer.aio, 3, 0, 0), "a group starts for more members than it has");
    nng_aio_wait(outer.aio);
    nng_sleep_aio(5, outer.aio);
    nng_aio_wait(outer.aio);
    require(count.calls == 2 && count.result == NNG_OK, "the next operation has not ended well");
    naio_group_free(group);
}

SCENARIO(group_refused_once, "a group whose start was refused runs on another handle") {
    const Library library;
    const Handle refused, outer;
    naio_group* const group = make_group(1);
    nng_aio_stop(refused.aio);
    require(!naio_group_start(group, refused.aio, 1, 0, NAIO_CANCEL_ALL), "a handle that is stopped starts");
    require(naio_group_start(group, outer.aio, 1, 0, NAIO_CANCEL_ALL), "naio_group_start fails");
    nng_sleep_aio(0, naio_group_aio(group, 0));
    naio_group_seal(group);
    nng_aio_wait(outer.aio);
    require(nng_aio_result(outer.aio) == NNG_OK, "the group has not ended well");
    naio_group_free(group);
}

SCENARIO(group_declined, "a group declines a request, and then its member alone is asked to end") {
    const Library library;
    const Handle outer;
    naio_group* const group = make_group(1);
    nng_aio* const member = naio_group_aio(group, 0);
    require(naio_group_start(group, outer.aio, 1, 0, NAIO_CANCEL_ALL), "naio_group_start fails");
    const auto end = [](nng_aio* aio, void*, naio_cancel, nng_err reason) {
        nng_aio_finish(aio, reason);
        return true;
    };
    require(naio_aio_start(member, NAIO_CANCEL_TERMINAL, end, nullptr, nullptr), "naio_aio_start fails");
    naio_group_seal(group);
    require(!naio_aio_cancel(outer.aio, NAIO_CANCEL_TOTAL, NNG_OK), "the group accepts what its member cannot do");
    require(naio_aio_cancel(member, NAIO_CANCEL_TERMINAL, NNG_ECLOSED), "the member declines");
    nng_aio_wait(outer.aio);
    require(nng_aio_result(outer.aio) == NNG_OK, "a member counts as asked by the group");
    naio_group_free(group);
}
