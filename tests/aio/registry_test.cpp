// Tests Registry: the slabs of its handles, stop and close, and the wait for reaped handles.
#include "aio/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "aio/aio.h"
#include "aio/operation_dump.h"
#include "aio/signal.h"
#include "aio/slab.h"
#include "support/event.h"
#include "support/running_services.h"

namespace naio {
namespace {

using namespace support;

constexpr std::size_t kSlab = 64;

// A cancel function that finishes the operation at once.
void end(nng_aio* aio, void*, nng_err reason) { aio->finish({reason}); }

// A handle, the result that its callback has seen, and the number of its callbacks.
struct Handle {
    static void called(void* self) {
        auto& handle = *static_cast<Handle*>(self);
        handle.result = handle.aio->result();
        handle.callbacks.set();
    }

    Aio* aio = nullptr;
    std::atomic<nng_err> result{NNG_OK};
    Event callbacks;
};

class RegistryTest : public testing::Test {
  protected:
    Aio* create() { return registry_.create(nullptr, nullptr); }
    void create(Handle& handle) {
        handle.aio = registry_.create(Handle::called, &handle);
        ASSERT_NE(handle.aio, nullptr);
    }
    std::vector<Aio*> create(std::size_t count) {
        std::vector<Aio*> handles;
        while (handles.size() < count) handles.push_back(create());
        return handles;
    }
    void destroy(const std::vector<Aio*>& handles) {
        for (Aio* aio : handles) registry_.destroy(*aio);
    }

    // Returns the number of blocks in use, without those that were in use when the test began.
    [[nodiscard]] std::size_t blocks() const { return allocator_.in_use() - before_; }

    // Returns false under a sanitizer, where every handle is a block of its own.
    [[nodiscard]] bool has_slabs() {
        const long before = allocator_.allocated();
        destroy(create(2));
        return allocator_.allocated() - before < 2;
    }

    RunningServices around_;
    TestAllocator& allocator_ = around_.allocator;
    Registry& registry_ = around_.registry;
    std::size_t before_ = allocator_.in_use();
};

// ---- memory

TEST_F(RegistryTest, HandlesAreAlignedAndDoNotOverlap) {
    const std::vector<Aio*> handles = create(5 * kSlab + 1);
    std::vector<std::uintptr_t> places;
    for (Aio* aio : handles) places.push_back(reinterpret_cast<std::uintptr_t>(aio));
    std::sort(places.begin(), places.end());
    for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_EQ(places[i] % alignof(Aio), 0u);
        if (i > 0) {
            EXPECT_GE(places[i] - places[i - 1], sizeof(Aio));
        }
    }
    destroy(handles);
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

TEST_F(RegistryTest, AHandleTakesNoMoreThanItsOwnSize) {
    if (!has_slabs()) GTEST_SKIP() << "not under a sanitizer";
    registry_.trim();
    const std::vector<Aio*> handles = create(3 * kSlab);
    EXPECT_EQ(blocks(), 3u);
    destroy(handles);
}

TEST_F(RegistryTest, FreePlacesAreTakenFirst) {
    if (!has_slabs()) GTEST_SKIP() << "not under a sanitizer";
    std::vector<Aio*> handles = create(4 * kSlab);
    std::vector<Aio*> gone;
    for (std::size_t i = 0; i < handles.size(); i += 3) gone.push_back(handles[i]);
    destroy(gone);
    const std::size_t occupied = blocks();
    std::vector<Aio*> back = create(gone.size());
    EXPECT_EQ(blocks(), occupied);
    std::sort(gone.begin(), gone.end());
    std::sort(back.begin(), back.end());
    EXPECT_EQ(gone, back);
    destroy(handles);
}

TEST_F(RegistryTest, ASinglePlaceIsFoundAgain) {
    if (!has_slabs()) GTEST_SKIP() << "not under a sanitizer";
    const std::vector<Aio*> handles = create(4 * kSlab);
    for (Aio* aio : handles) {
        registry_.destroy(*aio);
        ASSERT_EQ(create(), aio);
    }
    EXPECT_EQ(blocks(), 4u);
    destroy(handles);
}

TEST_F(RegistryTest, CreatingAndDestroyingOneHandleAllocatesOnce) {
    if (!has_slabs()) GTEST_SKIP() << "not under a sanitizer";
    for (const std::size_t others : {std::size_t{0}, kSlab - 1, kSlab, kSlab + 1}) {
        const std::vector<Aio*> handles = create(others);
        destroy(create(1));
        const long before = allocator_.allocated();
        for (int i = 0; i < 100; ++i) destroy(create(1));
        EXPECT_EQ(allocator_.allocated(), before) << "with " << others << " others";
        destroy(handles);
    }
}

TEST_F(RegistryTest, EmptySlabsAreGivenBackExceptForOne) {
    const std::vector<Aio*> handles = create(10 * kSlab);
    destroy(handles);
    EXPECT_LE(blocks(), 1u);
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

TEST_F(RegistryTest, TrimKeepsWhatIsOccupied) {
    std::vector<Aio*> handles = create(3 * kSlab);
    Aio* kept = handles[kSlab + kSlab / 2];
    std::erase(handles, kept);
    destroy(handles);
    registry_.trim();
    EXPECT_EQ(blocks(), 1u);
    EXPECT_TRUE(kept->start(end, nullptr));
    kept->cancel(kAllTypes, NNG_ECANCELED);
    EXPECT_EQ(kept->result(), NNG_ECANCELED);
    registry_.destroy(*kept);
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
    destroy(create(1));
}

// Handles in memory of the program, among others. Some of them are in one chain of the registry.
TEST_F(RegistryTest, AHandleInForeignMemoryTakesNoOtherMemoryAndNoPlaceOfOthers) {
    struct alignas(64) Place {
        std::byte memory[1024];
    };
    std::vector<Place> places(600);
    std::vector<Aio*> foreign;
    const std::vector<Aio*> handles = create(kSlab + 1);
    const long before = allocator_.allocated();
    for (Place& place : places) {
        foreign.push_back(&registry_.create_in(place.memory, nullptr, nullptr, "init"));
        EXPECT_TRUE(Registry::is_foreign(*foreign.back()));
        EXPECT_GE(reinterpret_cast<std::byte*>(foreign.back()), place.memory);
        EXPECT_LE(reinterpret_cast<std::byte*>(foreign.back() + 1), place.memory + Registry::foreign_size());
    }
    EXPECT_EQ(allocator_.allocated(), before);
    const std::vector<Aio*> more = create(kSlab);
    for (Aio* aio : more) EXPECT_FALSE(Registry::is_foreign(*aio));
    for (std::size_t i = 0; i < foreign.size(); ++i) {
        Aio* const aio = foreign[(i * 7) % foreign.size()];
        EXPECT_TRUE(aio->start(end, nullptr));
        aio->cancel(kAllTypes, NNG_ECANCELED);
        EXPECT_EQ(aio->result(), NNG_ECANCELED);
        registry_.expect_end(*aio);
        registry_.destroy(*aio);
        registry_.trim();
    }
    destroy(handles);
    destroy(more);
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

TEST_F(RegistryTest, CloseEndsHandlesInForeignMemoryToo) {
    alignas(64) std::byte memory[2][1024];
    Aio& busy = registry_.create_in(memory[0], nullptr, nullptr, "init");
    EXPECT_TRUE(busy.start(end, nullptr));
    registry_.close();
    EXPECT_EQ(busy.result(), NNG_ESTOPPED);
    Aio& late = registry_.create_in(memory[1], nullptr, nullptr, "init");
    EXPECT_FALSE(late.start(end, nullptr));
    registry_.open();
    for (Aio* const aio : {&busy, &late}) {
        EXPECT_TRUE(aio->start(end, nullptr));
        registry_.expect_end(*aio);
        aio->free();
    }
}

TEST_F(RegistryTest, NoMemoryNoHandle) {
    std::vector<Aio*> handles = create(kSlab);
    for (const long n : {0, 1, 2}) {
        allocator_.fail_after(n);
        Aio* aio = nullptr;
        while ((aio = create()) != nullptr) handles.push_back(aio);
        allocator_.fail_after(0);
        EXPECT_EQ(create(), nullptr);
        allocator_.fail_no_more();
        handles.push_back(create());
        EXPECT_NE(handles.back(), nullptr);
    }
    destroy(handles);
}

TEST_F(RegistryTest, EveryPatternOfCreateAndDestroyWorks) {
    std::mt19937 random(7);
    std::vector<Aio*> handles;
    std::set<Aio*> known;
    for (int i = 0; i < 50'000; ++i) {
        // The number of handles goes up and down, across several slabs.
        const std::size_t aim = i / 5000 % 2 == 0 ? 6 * kSlab : kSlab / 2;
        if (handles.empty() || random() % (aim + handles.size()) < aim) {
            Aio* aio = create();
            ASSERT_NE(aio, nullptr);
            ASSERT_TRUE(known.insert(aio).second) << "a place is taken twice";
            handles.push_back(aio);
        } else {
            std::swap(handles[random() % handles.size()], handles.back());
            known.erase(handles.back());
            registry_.destroy(*handles.back());
            handles.pop_back();
        }
    }
    destroy(handles);
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

// ---- close and open

TEST_F(RegistryTest, CloseEndsEveryOperationAndWaitsForItsCallback) {
    std::deque<Handle> handles(3 * kSlab + 5);
    for (std::size_t i = 0; i < handles.size(); ++i) {
        create(handles[i]);
        if (i % 3 != 0) {
            EXPECT_TRUE(handles[i].aio->start(end, nullptr));
        }
    }
    registry_.close();
    for (std::size_t i = 0; i < handles.size(); ++i) {
        EXPECT_EQ(handles[i].callbacks.count(), i % 3 != 0);
        EXPECT_EQ(handles[i].result, i % 3 != 0 ? NNG_ESTOPPED : NNG_OK);
        EXPECT_FALSE(handles[i].aio->busy());
        registry_.destroy(*handles[i].aio);
    }
    registry_.open();
}

TEST_F(RegistryTest, AClosedRegistryRefusesStarts) {
    Handle before, after;
    create(before);
    registry_.close();
    create(after);
    for (Handle* handle : {&before, &after}) {
        EXPECT_FALSE(handle->aio->start(end, nullptr));
        EXPECT_TRUE(handle->callbacks.wait());
        EXPECT_EQ(handle->result, NNG_ESTOPPED);
    }
    registry_.open();
    for (Handle* handle : {&before, &after}) {
        handle->aio->wait();
        EXPECT_TRUE(handle->aio->start(end, nullptr));
        handle->aio->finish({NNG_OK});
        EXPECT_TRUE(handle->callbacks.wait(2));
        handle->aio->free();
        EXPECT_EQ(handle->result, NNG_OK);
    }
}

TEST_F(RegistryTest, AStoppedHandleStaysStoppedWhenTheRegistryOpens) {
    Handle handle;
    create(handle);
    handle.aio->stop();
    registry_.close();
    registry_.open();
    EXPECT_FALSE(handle.aio->start(end, nullptr));
    EXPECT_TRUE(handle.callbacks.wait());
    EXPECT_EQ(handle.result, NNG_ESTOPPED);
    handle.aio->free();
}

TEST_F(RegistryTest, HandlesSurviveCloseAndOpen) {
    std::deque<Handle> handles(2 * kSlab);
    for (Handle& handle : handles) create(handle);
    for (int round = 1; round <= 20; ++round) {
        for (Handle& handle : handles) EXPECT_TRUE(handle.aio->start(end, nullptr));
        registry_.close();
        registry_.trim();
        for (Handle& handle : handles) EXPECT_EQ(handle.callbacks.count(), round);
        registry_.open();
    }
    for (Handle& handle : handles) handle.aio->free();
}

TEST_F(RegistryTest, CloseWaitsForARunningCallback) {
    struct Slow {
        Event inside, go_on;
        std::atomic<bool> left{false};
        static void called(void* self) {
            auto& slow = *static_cast<Slow*>(self);
            slow.inside.set();
            EXPECT_TRUE(slow.go_on.wait());
            slow.left = true;
        }
    } slow;
    Aio* aio = registry_.create(Slow::called, &slow);
    aio->finish({NNG_OK});
    EXPECT_TRUE(slow.inside.wait());
    std::thread closer([&] {
        registry_.close();
        EXPECT_TRUE(slow.left);
    });
    slow.go_on.set();
    closer.join();
    aio->free();
}

TEST_F(RegistryTest, CloseWaitsForAProviderThatEndsLater) {
    struct Provider {
        Event asked;
        static void cancel(nng_aio*, void* self, nng_err reason) {
            EXPECT_EQ(reason, NNG_ESTOPPED);
            static_cast<Provider*>(self)->asked.set();
        }
    } provider;
    Handle handle;
    create(handle);
    ASSERT_TRUE(handle.aio->start(Provider::cancel, &provider));
    std::thread closer([&] {
        registry_.close();
        EXPECT_EQ(handle.callbacks.count(), 1);
    });
    EXPECT_TRUE(provider.asked.wait());
    handle.aio->finish({NNG_ESTOPPED});
    closer.join();
    EXPECT_EQ(provider.asked.count(), 1);
    handle.aio->free();
}

// The registry's lock is not held while a cancel function or a callback runs.
TEST_F(RegistryTest, CancelFunctionsAndCallbacksMayCreateAndFree) {
    struct Restless {
        explicit Restless(Registry& home) : registry(home) {}
        Registry& registry;
        Aio* aio = nullptr;
        std::vector<Aio*> more;
        static void cancel(nng_aio* aio, void* self, nng_err reason) {
            static_cast<Restless*>(self)->grow();
            aio->finish({reason});
        }
        static void called(void* self) {
            auto& restless = *static_cast<Restless*>(self);
            restless.grow();
            restless.aio->free();  // its own handle
        }
        void grow() {
            for (std::size_t i = 0; i < kSlab; ++i) more.push_back(registry.create(nullptr, nullptr));
            registry.destroy(*more.front());
            more.erase(more.begin());
        }
    };
    std::deque<Restless> many;
    for (std::size_t i = 0; i < 10; ++i) {
        Restless& restless = many.emplace_back(registry_);
        restless.aio = registry_.create(Restless::called, &restless);
        ASSERT_TRUE(restless.aio->start(Restless::cancel, &restless));
    }
    registry_.close();
    for (Restless& restless : many) {
        EXPECT_EQ(restless.more.size(), 2 * kSlab - 2);
        destroy(restless.more);
    }
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

TEST_F(RegistryTest, CloseWaitsUntilReapedHandlesAreGone) {
    for (int round = 0; round < 100; ++round) {
        std::deque<Handle> handles(10);
        for (Handle& handle : handles) {
            create(handle);
            ASSERT_TRUE(handle.aio->start(end, nullptr));
            handle.aio->reap();
            create()->reap();
        }
        registry_.close();
        for (Handle& handle : handles) EXPECT_EQ(handle.callbacks.count(), 1);
        registry_.trim();
        EXPECT_EQ(blocks(), 0u);
        registry_.open();
    }
}

// A callback finishes an operation on a handle that close() has already seen idle.
TEST_F(RegistryTest, CloseWaitsForWhatACallbackCompletesOnAnotherHandle) {
    struct Chain {
        Aio* next = nullptr;
        std::atomic<bool> left{false};
        static void call(void* self) {
            auto& chain = *static_cast<Chain*>(self);
            for (int i = 0; i < 300; ++i) std::this_thread::yield();
            if (chain.next != nullptr) chain.next->finish({NNG_OK});
            chain.left = true;
        }
    };
    for (const bool forward : {true, false}) {
        std::deque<Chain> chains(6);
        std::vector<Aio*> handles;
        for (Chain& chain : chains) {
            handles.push_back(registry_.create(Chain::call, &chain));
            const std::vector<Aio*> between = create(kSlab);  // so that each chain has its handle in another slab
            handles.insert(handles.end(), between.begin(), between.end());
        }
        const auto handle = [&](std::size_t i) { return handles[i * (kSlab + 1)]; };
        const std::size_t last = chains.size() - 1;
        for (std::size_t i = 0; i < last; ++i) (forward ? chains[i] : chains[i + 1]).next = handle(forward ? i + 1 : i);
        handle(forward ? 0 : last)->finish({NNG_OK});
        registry_.close();
        for (Chain& chain : chains) EXPECT_TRUE(chain.left);
        for (Aio* aio : handles) EXPECT_FALSE(aio->busy());
        destroy(handles);
        registry_.open();
    }
}

TEST_F(RegistryTest, ThreadsMayUseHandlesWhileItClosesAndOpens) {
    constexpr int kThreads = 2;
    std::atomic<bool> enough{false};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < kThreads; ++t)
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            while (!enough) {
                Handle handle;
                int callbacks = 0;
                handle.aio = registry_.create(Handle::called, &handle);
                for (unsigned i = random() % 4; i > 0; --i) {
                    handle.aio->set_timeout(random() % 2 == 0 ? 1 : NNG_DURATION_INFINITE);
                    if (handle.aio->start(end, nullptr)) handle.aio->cancel(kAllTypes, NNG_ECANCELED);
                    EXPECT_TRUE(handle.callbacks.wait(++callbacks));
                    handle.aio->wait();
                }
                if (random() % 4 == 0 && handle.aio->start(end, nullptr)) {
                    handle.aio->reap();
                    EXPECT_TRUE(handle.callbacks.wait(++callbacks));
                    continue;
                }
                handle.aio->free();
            }
        });
    for (int i = 0; i < 300; ++i) {
        registry_.close();
        if (i % 10 == 0) registry_.trim();
        registry_.open();
        if (i % 4 == 0) std::this_thread::yield();
    }
    enough = true;
    for (std::thread& thread : threads) thread.join();
    registry_.close();
    registry_.trim();
    EXPECT_EQ(blocks(), 0u);
}

// ---- names in dumps

// Returns a dump that adds each line to `text`.
Dump dump_to(std::string& text) {
    return {[](void* to, const char* line) { static_cast<std::string*>(to)->append(line).append("\n"); }, &text, false,
            [](Dump&, const void*) noexcept -> const void* { return nullptr; }};
}

// The names that a dump shows for an operation that waits for descriptor 7 and whose handle is bound to the signal's
// slot. `meanwhile` happens after the dump has copied the handle's fields.
template <class Meanwhile>
std::string line_after(Aio& aio, Meanwhile meanwhile) {
    OperationCopy copy = aio.copy();
    meanwhile();
    {
        Lock lock(ObjectName::table());
        copy.find_names();
    }
    std::string line;
    Dump dump = dump_to(line);
    copy.write(dump);
    return line;
}

TEST_F(RegistryTest, ADumpShowsNoNameOfAnObjectThatHasReplacedTheOneThatAnOperationWaitedFor) {
    Aio* const aio = create();
    ObjectName stream;
    const auto wait_for_descriptor = [&] {
        EXPECT_TRUE(aio->start(end, nullptr));
        aio->note_descriptor(7);
    };
    wait_for_descriptor();
    stream.set(allocator_, ObjectName::key_of(7), "old");
    EXPECT_NE(line_after(*aio, [] {}).find("descriptor 7 \"old\""), std::string::npos);
    const auto replace = [&] {
        aio->finish({NNG_OK});
        stream.set(allocator_, ObjectName::key_of(7), "new");
    };
    EXPECT_EQ(line_after(*aio, replace).find("new"), std::string::npos);
    wait_for_descriptor();
    EXPECT_EQ(line_after(*aio, [&] { replace(), wait_for_descriptor(); }).find("new"), std::string::npos);
    aio->finish({NNG_OK});

    naio_signal* const first = naio_signal::create(allocator_, Slot::Kind::kPlain);
    naio_signal* const second = naio_signal::create(allocator_, Slot::Kind::kPlain);
    aio->bind_slot(&first->slot(), kAllTypes);
    first->set_name(allocator_, "first");
    EXPECT_NE(line_after(*aio, [] {}).find("\"first\""), std::string::npos);
    EXPECT_EQ(line_after(*aio, [&] { aio->bind_slot(&second->slot(), kAllTypes); }).find("first"), std::string::npos);
    allocator_.destroy(first);
    allocator_.destroy(second);
    registry_.destroy(*aio);
}

TEST_F(RegistryTest, ADumpSaysOnceThatItSkipsTheNamesIfTheirTableStaysLocked) {
    const std::vector<Aio*> handles = create(2 * kSlab);
    for (Aio* aio : handles) EXPECT_TRUE(aio->start(end, nullptr));
    Event locked, enough;
    std::thread holder([&] {
        Lock lock(ObjectName::table());
        locked.set();
        EXPECT_TRUE(enough.wait());
    });
    EXPECT_TRUE(locked.wait());
    const std::string skipped = "names of streams, listeners and signals: skipped, ";
    std::string all, one;
    Dump dump_of_all = dump_to(all), dump_of_one = dump_to(one);
    registry_.dump(dump_of_all);
    EXPECT_TRUE(registry_.dump(dump_of_one, static_cast<const Operation*>(handles.back())));
    enough.set();
    holder.join();
    EXPECT_NE(all.find(skipped), std::string::npos) << all;
    EXPECT_EQ(all.find(skipped), all.rfind(skipped)) << all;
    EXPECT_EQ(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')), handles.size() + 2) << all;
    EXPECT_EQ(one.find(skipped), 0u) << one;
    EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), 2) << one;
    for (Aio* aio : handles) aio->finish({NNG_OK});
    destroy(handles);
}

}  // namespace
}  // namespace naio
