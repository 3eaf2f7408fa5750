// Tests pairs of calls and events that meet at one operation.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <string>

#include "duel.h"
#include "library.h"
#include "support/scale.h"
#include "verdict.h"

namespace race {
namespace {

using namespace support;

class PairTest : public RaceTest, public testing::WithParamInterface<Pair> {};

TEST_P(PairTest, LeadsToOneCallbackForEachOperationAndNothingElse) {
    unsigned long operations = 0;
    for (const Style style : kStyles) {
        SCOPED_TRACE(name(style));
        Duel duel(GetParam(), style);
        duel.fight(rounds(60));
        operations += duel.operations();
    }
    RecordProperty("operations", std::to_string(operations));
}

// There is no pair of kFree or kReap with another thread's call on the handle, because the contract forbids such a
// pair: after a thread has freed or reaped a handle, only the provider, the timer and the callback may use it.
constexpr Pair kPairs[] = {
    {Party::kFinish, Party::kCancel},
    {Party::kFinish, Party::kAbort},
    {Party::kFinish, Party::kStop},
    {Party::kFinish, Party::kFree},
    {Party::kFinish, Party::kReap},
    {Party::kFinish, Party::kWait},
    {Party::kCancel, Party::kCancel},
    {Party::kCancel, Party::kAbort},
    {Party::kCancel, Party::kStop},
    {Party::kCancel, Party::kWait},
    {Party::kAbort, Party::kStop},
    {Party::kAbort, Party::kWait},
    {Party::kStop, Party::kStop},
    {Party::kStop, Party::kWait},
    {Party::kWait, Party::kWait},
    {Party::kExpire, Party::kFinish},
    {Party::kExpire, Party::kCancel},
    {Party::kExpire, Party::kAbort},
    {Party::kExpire, Party::kStop},
    {Party::kExpire, Party::kFree},
    {Party::kExpire, Party::kReap},
    {Party::kExpire, Party::kWait},
    {Party::kExpire, Party::kRestart},
    {Party::kExpire, Party::kRestartAndCancel},
    {Party::kExpire, Party::kRestartAndStop},
    {Party::kExpire, Party::kRestartAndReap},
    {Party::kExpire, Party::kRestartAndFree},
    {Party::kStart, Party::kFinish},
    {Party::kStart, Party::kCancel},
    {Party::kStart, Party::kAbort},
    {Party::kStart, Party::kExpire},
    {Party::kStart, Party::kStop},
    {Party::kStart, Party::kWait},
    {Party::kRestart, Party::kFinish},
    {Party::kRestart, Party::kCancel},
    {Party::kRestart, Party::kAbort},
    {Party::kRestart, Party::kStop},
    {Party::kRestart, Party::kFree},
    {Party::kRestart, Party::kReap},
    {Party::kRestart, Party::kWait},
    {Party::kRestartAndCancel, Party::kFinish},
    {Party::kRestartAndCancel, Party::kStop},
    {Party::kRestartAndCancel, Party::kFree},
    {Party::kRestartAndCancel, Party::kReap},
    {Party::kRestartAndCancel, Party::kWait},
    {Party::kRestartAndStop, Party::kFinish},
    {Party::kRestartAndStop, Party::kCancel},
    {Party::kRestartAndStop, Party::kStop},
    {Party::kRestartAndStop, Party::kFree},
    {Party::kRestartAndStop, Party::kReap},
    {Party::kRestartAndStop, Party::kWait},
    {Party::kRestartAndReap, Party::kFinish},
    {Party::kRestartAndFree, Party::kFinish},
};

INSTANTIATE_TEST_SUITE_P(Race, PairTest, testing::ValuesIn(kPairs),
                         [](const auto& tested) { return name(tested.param); });

}  // namespace
}  // namespace race
