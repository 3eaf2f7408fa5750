// The part of the model for signals, scopes and slots.
#include "model.h"

namespace simulation {

// Makes the aio the only target of a plain signal. Called when the aio is bound, and when it starts an operation.
void Model::aim(unsigned s, unsigned i) {
    signals_[s].targets = {i};
    signals_[s].handler = false;
}

bool Model::emit(unsigned s, Types types) {
    if (types == 0) return false;
    Signal& signal = signals_[s];
    bool accepted = signal.scope;
    if (signal.scope) signal.remembered |= types;
    if (request_of_all(signal.targets, types, signal.scope ? types : Types{0}, NNG_ECANCELED)) accepted = true;
    if (!signal.handler) return accepted;
    ++signal.handler_calls;
    return signal.accepts || accepted;
}

std::optional<std::int64_t> Model::apply_signal(const Call& call) {
    const unsigned i = call.aio;
    Aio& aio = aios_[i];
    Signal& signal = signals_[call.other % kSignals];
    switch (call.what) {
        case Do::kBind:
            for (Signal& bound : signals_) std::erase(bound.targets, i);
            aio.signal = call.other;
            aio.filter = call.types;
            aio.remembered = 0;
            if (call.other == kNoSignal) break;
            if (!signal.scope)
                aim(call.other, i);
            else
                signal.targets.push_back(i);
            break;
        case Do::kEmit:
            return emit(call.other, call.types);
        case Do::kAssign:
            if (!signal.scope) signal.targets.clear();
            signal.handler = true;
            signal.accepts = call.value != 0;
            if (signal.remembered != 0) ++signal.handler_calls;
            break;
        case Do::kClearSlot:
            if (!signal.scope) signal.targets.clear();
            signal.handler = false;
            break;
        case Do::kNewSignal:
            for (Aio& bound : aios_) {
                if (bound.signal != call.other) continue;
                bound.signal = kNoSignal;
                bound.remembered = signal.remembered;
            }
            signal.remembered = 0;
            signal.targets.clear();
            signal.handler = false;
            break;
        default:
            break;
    }
    return std::nullopt;
}

}  // namespace simulation
