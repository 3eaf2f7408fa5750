// Tests which operations an emission of a signal or a scope reaches, and when.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <memory>
#include <thread>
#include <vector>

#include "signals.h"
#include "support/checkpoint.h"
#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

TEST(Signal, ReachesTheOperationThatIsBoundToIt) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    EXPECT_EQ(naio_aio_bound_slot(handle), signal.slot());
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(signal.emit(kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ECANCELED}}));
}

TEST(Signal, EmittedBeforeTheStartHasNoEffect) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    EXPECT_FALSE(signal.emit(kAll));
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.calls().empty());
    EXPECT_TRUE(operation.finish());
}

TEST(Signal, EmittedAfterTheEndHasNoEffect) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.finish());
    EXPECT_FALSE(signal.emit(kAll));
    nng_aio_wait(handle);
    EXPECT_FALSE(signal.emit(kAll));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Signal, EmittedWithNoHandleBoundHasNoEffect) {
    Signal signal;
    EXPECT_FALSE(signal.emit(kAll));
    EXPECT_FALSE(naio_signal_emit(nullptr, kAll));
}

TEST(Signal, ServesTheFollowingOperationsAsWell) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(operation.start(handle, kTotal));
        EXPECT_TRUE(signal.emit(kTotal));
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    }
}

TEST(Signal, HasOneTargetTheOneThatStartedLast) {
    Signal signal;
    TypedOperation first, second;
    Handle a, b;
    signal.bind(a);
    signal.bind(b);
    ASSERT_TRUE(second.start(b, kTotal));
    ASSERT_TRUE(first.start(a, kTotal));  // replaces b's operation as the target
    EXPECT_TRUE(signal.emit(kTotal));
    nng_aio_wait(a);
    EXPECT_FALSE(signal.emit(kTotal));
    EXPECT_TRUE(second.calls().empty());
    EXPECT_TRUE(second.finish());
}

TEST(Signal, ThatIsRefusedSaysSo) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTerminal));
    EXPECT_FALSE(signal.emit(kTotal));
    operation.on_cancel = TypedOperation::declines;
    EXPECT_FALSE(signal.emit(kTerminal));
    EXPECT_TRUE(operation.finish());
}

TEST(Signal, LetsThroughWhatTheFilterDoes) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle, kTotal | kPartial);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(signal.emit(kTerminal));
    EXPECT_TRUE(signal.emit(kAll));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTotal | kPartial, NNG_ECANCELED}}));
}

TEST(Signal, IsShieldedByAFilterOfNothing) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle, kNone);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(signal.emit(kAll));
    EXPECT_TRUE(operation.finish());
}

TEST(Signal, DoesNotReachAHandleThatWasUnbound) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    naio_aio_bind_slot(handle, nullptr, kAll);
    EXPECT_EQ(naio_aio_bound_slot(handle), nullptr);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(signal.emit(kAll));
    EXPECT_TRUE(operation.finish());
}

TEST(Signal, MayBeFreedWhileOperationsAreBoundToIt) {
    auto signal = std::make_unique<Signal>();
    TypedOperation operation;
    Handle handle;
    signal->bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    signal.reset();
    EXPECT_NE(naio_aio_bound_slot(handle), nullptr);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.finish());
}

TEST(Signal, OutlivesTheHandlesThatAreBoundToIt) {
    Signal signal;
    {
        Handle handle;
        signal.bind(handle);
    }
    EXPECT_FALSE(signal.emit(kAll));
}

TEST(Signal, MayBeEmittedInACallback) {
    Signal signal;
    TypedOperation operation, other;
    Handle target;
    signal.bind(target);
    ASSERT_TRUE(other.start(target, kTotal));
    Handle handle([&](nng_aio*) { EXPECT_TRUE(signal.emit(kTotal)); });
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    nng_aio_wait(target);
    EXPECT_EQ(nng_aio_result(target), NNG_ECANCELED);
}

TEST(Signal, EmittedInItsOwnTargetsCancelFunctionDoesNotRecurse) {
    Signal signal;
    int depth = 0;
    TypedOperation operation([&](TypedOperation& self, naio_cancel types, nng_err reason) {
        EXPECT_EQ(depth++, 0);
        if (types == kTotal) {
            EXPECT_TRUE(signal.emit(kTerminal));
        }
        if (types == kTerminal) self.finish(reason);
        --depth;
        return true;
    });
    Handle handle;
    signal.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(signal.emit(kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls().size(), 2u);
}

TEST(Signal, MayBeFreedInTheCancelFunctionThatItCalls) {
    auto* signal = new Signal;
    TypedOperation operation([&](TypedOperation& self, naio_cancel, nng_err reason) {
        delete std::exchange(signal, nullptr);
        return self.finish(reason);
    });
    Handle handle;
    signal->bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(signal->emit(kTotal));
    nng_aio_wait(handle);
}

TEST(Signal, WithAnUnknownFlagIsRefused) {
    naio_signal* signal = nullptr;
    EXPECT_EQ(naio_signal_alloc(&signal, 6), NNG_EINVAL);
    naio_signal_free(nullptr);
}

// ---- scopes

TEST(Scope, ReachesAllOperationsBoundToIt) {
    Scope scope;
    constexpr int kMany = 50;
    std::vector<std::unique_ptr<TypedOperation>> operations;
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < kMany; ++i) {
        operations.push_back(std::make_unique<TypedOperation>());
        handles.push_back(std::make_unique<Handle>());
        scope.bind(*handles.back());
        ASSERT_TRUE(operations.back()->start(*handles.back(), kTotal));
    }
    EXPECT_TRUE(scope.emit(kTotal));
    for (auto& handle : handles) {
        nng_aio_wait(*handle);
        EXPECT_EQ(nng_aio_result(*handle), NNG_ECANCELED);
    }
    for (auto& operation : operations) EXPECT_EQ(operation->calls().size(), 1u);
}

TEST(Scope, RefusesWhatStartsLaterAndNothingHasHappened) {
    Scope scope;
    TypedOperation operation;
    Handle handle;
    scope.bind(handle);
    EXPECT_TRUE(scope.emit(kTerminal));  // the scope remembers this request
    EXPECT_FALSE(operation.start(handle, kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), support::Results{NNG_ECANCELED});
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Scope, RefusesASleepThatWouldEndAtOnce) {
    Scope scope;
    Handle handle;
    scope.bind(handle);
    EXPECT_TRUE(scope.emit(kAll));
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
}

TEST(Scope, RemembersOnlyWhatTheFilterLetsThrough) {
    Scope scope;
    TypedOperation operation;
    Handle handle;
    scope.bind(handle, kTerminal);
    EXPECT_TRUE(scope.emit(kTotal));
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(scope.emit(kTerminal));
    nng_aio_wait(handle);
}

TEST(Scope, StaysStickyForAnOperationThatDoesNotPermitItYet) {
    Scope scope;
    TypedOperation operation;
    Handle handle;
    scope.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTerminal));
    EXPECT_TRUE(scope.emit(kTotal));
    EXPECT_TRUE(operation.calls().empty());
    EXPECT_EQ(operation.permit(kTotal), kTotal);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
}

TEST(Scope, DoesNotKeepAStoppedHandleFromStopping) {
    Scope scope;
    TypedOperation operation;
    Handle handle([&](nng_aio* aio) { operation.start(aio, kTotal); });
    scope.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(scope.emit(kTotal));
    EXPECT_TRUE(handle.called_back(3));  // each start is refused, and a callback reports it
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results().back(), NNG_ESTOPPED);
}

TEST(Scope, EmittedInCancelFunctionsDoesNotRecurse) {
    Scope scope;
    int depth = 0, calls = 0;
    std::vector<std::unique_ptr<TypedOperation>> operations;
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < 20; ++i) {
        operations.push_back(std::make_unique<TypedOperation>([&](TypedOperation& self, naio_cancel, nng_err reason) {
            EXPECT_EQ(depth++, 0);
            ++calls;
            EXPECT_TRUE(scope.emit(kTotal));
            self.finish(reason);
            --depth;
            return true;
        }));
        handles.push_back(std::make_unique<Handle>());
        scope.bind(*handles.back());
        ASSERT_TRUE(operations.back()->start(*handles.back(), kTotal));
    }
    EXPECT_TRUE(scope.emit(kTotal));
    EXPECT_EQ(calls, 20);
}

TEST(Scope, AnEmissionFromAnotherThreadIsLeftToTheOneUnderWay) {
    Scope scope;
    Checkpoint inside;
    TypedOperation operation([&](TypedOperation& self, naio_cancel types, nng_err reason) {
        if (types == kTotal) {
            inside.pass();
        } else {
            self.finish(reason);
        }
        return true;
    });
    Handle handle;
    scope.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    std::thread emitter([&] { EXPECT_TRUE(scope.emit(kTotal)); });
    ASSERT_TRUE(inside.reached());
    EXPECT_TRUE(scope.emit(kTerminal));  // this emission does not wait
    inside.open();
    emitter.join();
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls().size(), 2u);
}

// ---- functions

struct Target {
    std::vector<naio_cancel> types;
    bool answer = true;
    static bool called(void* self, naio_cancel types) {
        static_cast<Target*>(self)->types.push_back(types);
        return static_cast<Target*>(self)->answer;
    }
};

TEST(SlotFunction, IsCalledForEveryEmission) {
    Signal signal;
    Target target;
    naio_slot_assign(signal.slot(), Target::called, &target);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_TRUE(signal.emit(kTotal));
    target.answer = false;
    EXPECT_FALSE(signal.emit(kTerminal));
    EXPECT_EQ(target.types, std::vector<naio_cancel>({kTotal, kTotal, kTerminal}));
    naio_slot_clear(signal.slot());
    EXPECT_FALSE(signal.emit(kAll));
    EXPECT_EQ(target.types.size(), 3u);
    naio_slot_clear(nullptr);
}

TEST(SlotFunction, ReplacesTheOperationOfAPlainSignalAndTheOpposite) {
    Signal signal;
    Target target;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    naio_slot_assign(signal.slot(), Target::called, &target);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_TRUE(operation.calls().empty());
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_EQ(target.types.size(), 1u);
    EXPECT_EQ(operation.calls().size(), 1u);
}

TEST(SlotFunction, OfAScopeStandsBesideItsOperations) {
    Scope scope;
    Target target;
    TypedOperation operation;
    Handle handle;
    scope.bind(handle);
    naio_slot_assign(scope.slot(), Target::called, &target);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(scope.emit(kTotal));
    EXPECT_EQ(target.types, std::vector<naio_cancel>({kTotal}));
    EXPECT_EQ(operation.calls().size(), 1u);
}

TEST(SlotFunction, OfAScopeIsCalledAtOnceForWhatIsRemembered) {
    Scope scope;
    Target target;
    EXPECT_TRUE(scope.emit(kPartial));
    naio_slot_assign(scope.slot(), Target::called, &target);
    EXPECT_EQ(target.types, std::vector<naio_cancel>({kPartial}));
}

TEST(SlotFunction, DoesNotRunAnyMoreWhenClearReturns) {
    Signal signal;
    struct Slow {
        Checkpoint inside;
        std::atomic<bool> left{false};
        static bool called(void* self, naio_cancel) {
            auto& slow = *static_cast<Slow*>(self);
            slow.inside.pass();
            slow.left = true;
            return true;
        }
    } slow;
    naio_slot_assign(signal.slot(), Slow::called, &slow);
    std::thread emitter([&] { EXPECT_TRUE(signal.emit(kTotal)); });
    ASSERT_TRUE(slow.inside.reached());
    std::thread releaser([&] { slow.inside.open(); });
    naio_slot_clear(signal.slot());
    EXPECT_TRUE(slow.left);
    releaser.join();
    emitter.join();
}

TEST(SlotFunction, MayClearItself) {
    Signal signal;
    struct Once {
        naio_slot* slot;
        int calls = 0;
        static bool called(void* self, naio_cancel) {
            auto& once = *static_cast<Once*>(self);
            ++once.calls;
            naio_slot_clear(once.slot);
            return true;
        }
    } once{signal.slot()};
    naio_slot_assign(signal.slot(), Once::called, &once);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_FALSE(signal.emit(kTotal));
    EXPECT_EQ(once.calls, 1);
}

TEST(SlotFunction, ThatEmitsItsOwnSignalDoesNotRecurse) {
    Signal signal;
    struct Again {
        Signal& signal;
        int depth = 0, calls = 0;
        static bool called(void* self, naio_cancel) {
            auto& again = *static_cast<Again*>(self);
            EXPECT_EQ(again.depth++, 0);
            if (++again.calls < 5) {
                EXPECT_TRUE(again.signal.emit(kTotal));
            }
            --again.depth;
            return true;
        }
    } again{signal};
    naio_slot_assign(signal.slot(), Again::called, &again);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_EQ(again.calls, 5);
}

TEST(SlotFunction, IsNotCalledForAnEmissionAfterAnOperationHasReplacedIt) {
    Signal signal;
    TypedOperation operation;
    Handle handle;
    signal.bind(handle);
    struct Replaced {
        Signal& signal;
        TypedOperation& operation;
        nng_aio* handle;
        int calls = 0;
        static bool called(void* self, naio_cancel) {
            auto& replaced = *static_cast<Replaced*>(self);
            ++replaced.calls;
            EXPECT_TRUE(replaced.signal.emit(kTotal));  // the emission that calls this function delivers this one
            EXPECT_TRUE(replaced.operation.start(replaced.handle, kTotal));
            return true;
        }
    } replaced{signal, operation, handle};
    naio_slot_assign(signal.slot(), Replaced::called, &replaced);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_EQ(replaced.calls, 1);
    EXPECT_TRUE(operation.calls().empty());  // both emissions came before the start of the operation
    EXPECT_TRUE(operation.finish());
}

}  // namespace
}  // namespace cancellation
