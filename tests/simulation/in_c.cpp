#include "in_c.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <optional>

#include "model/model.h"

namespace simulation {

namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* text, ...) {
    std::array<char, 512> line;
    va_list arguments;
    va_start(arguments, text);
    std::vsnprintf(line.data(), line.size(), text, arguments);
    va_end(arguments);
    return line.data();
}

const char* policy(const Call& call) {
    static constexpr const char* kNames[] = {"FINISH", "DEFER", "DECLINE", "DEFER"};
    return kNames[static_cast<unsigned>(call.policy)];
}

// Returns the statement of a call. It assigns the returned value to the variable `value`.
std::string statement(const Call& call, unsigned number) {
    const unsigned i = call.aio, other = call.other, types = call.types;
    const int value = call.value;
    switch (call.what) {
        case Do::kFree:
            return format("nng_aio_free(handles[%u].aio); while (naio_queue_run(queue, 0)) {} make(%u)", i, i);
        case Do::kReap:
            return format("nng_aio_reap(handles[%u].aio); make(%u)", i, i);
        case Do::kStop:
            return format("nng_aio_stop(handles[%u].aio); while (naio_queue_run(queue, 0)) {}", i);
        case Do::kWaitUntil:
            return format("value = naio_aio_wait_until(handles[%u].aio, 0)", i);
        case Do::kSetExpire:
        case Do::kLimit:
            return format("%s(handles[%u].aio, nng_clock() + (nng_time)%d)", name(call.what), i, value);
        case Do::kSkipCallback:
            return format("nng_aio_skip_callback(handles[%u].aio, &handles[%u].skipped)", i, i);
        case Do::kStart:
            return format(
                "handles[%u].policy = %s; handles[%u].target = handles[%u].aio; nng_aio_start(handles[%u].aio, %s, "
                "&handles[%u])",
                i, policy(call), i, i, i, call.policy == Policy::kNone ? "NULL" : "cancel_plain", i);
        case Do::kStartTyped:
            return format(
                "handles[%u].policy = %s; handles[%u].target = handles[%u].aio; "
                "naio_aio_start(handles[%u].aio, %u, cancel_typed, %s, &handles[%u])",
                i, policy(call), i, i, i, types, value != 0 ? "released" : "NULL", i);
        case Do::kFinish:
            return format("nng_aio_set_output(handles[%u].target, 0, &handles[%u]); %s(handles[%u].target, %d, %u)", i,
                          i, name(call.what), i, value, types);
        case Do::kFinishSync:
            return format("%s(handles[%u].target, %d, %u)", name(call.what), i, value, types);
        case Do::kCompose:
            return format("handles[%u].policy = %s; compose(%u, %u, %d)", i, policy(call), i, types, value);
        case Do::kComplete:
            return format("nng_aio_reset(handles[%u].aio); naio_aio_finish(handles[%u].aio, %d, %u)", i, i, value,
                          types);
        case Do::kSleep:
            return format("nng_sleep_aio(%d, handles[%u].aio)", value, i);
        case Do::kClose:
        case Do::kCancel:
            return format("%s(handles[%u].aio)", name(call.what), i);
        case Do::kSetTimeout:
        case Do::kAbort:
            return format("%s(handles[%u].aio, %d)", name(call.what), i, value);
        case Do::kCancelTyped:
            return format("value = naio_aio_cancel(handles[%u].aio, %u, %d)", i, types, value);
        case Do::kSetTimeoutTypes:
            return format("naio_aio_set_timeout_types(handles[%u].aio, %u)", i, types);
        case Do::kPermit:
        case Do::kAcknowledge:
            return format("value = %s(handles[%u].aio, %u)", name(call.what), i, types);
        case Do::kSetQueue:
            return format("naio_aio_set_queue(handles[%u].aio, %s)", i, value != 0 ? "queue" : "NULL");
        case Do::kRunQueue:
            return "value = (long long)naio_queue_run(queue, 0)";
        case Do::kBind:
            if (other == kNoSignal) return format("naio_aio_bind_slot(handles[%u].aio, NULL, %u)", i, types);
            return format("naio_aio_bind_slot(handles[%u].aio, naio_signal_slot(signals[%u]), %u)", i, other, types);
        case Do::kEmit:
            return format("value = naio_signal_emit(signals[%u], %u)", other, types);
        case Do::kAssign:
            return format(
                "handler_accepts[%u] = %d; naio_slot_assign(naio_signal_slot(signals[%u]), handled, "
                "&handler_calls[%u])",
                other, value, other, other);
        case Do::kClearSlot:
            return format("naio_slot_clear(naio_signal_slot(signals[%u]))", other);
        case Do::kNewSignal:
            return format("naio_signal_free(signals[%u]); naio_signal_alloc(&signals[%u], %u)", other, other, other);
        case Do::kSend:
            return format("use_to_send(%u, %d, %u); %s(streams[%u], handles[%u].aio)", i, value, other, name(call.what),
                          other, i);
        case Do::kSendAll:
            return format("use_to_send(%u, %d, %u); %s(streams[%u], handles[%u].aio, %u)", i, value, other,
                          name(call.what), other, i, types);
        case Do::kRecv:
            return format("use(%u, %d); %s(streams[%u], handles[%u].aio)", i, value, name(call.what), other, i);
        case Do::kRecvAll:
            return format("use(%u, %d); %s(streams[%u], handles[%u].aio, %u)", i, value, name(call.what), other, i,
                          types);
        case Do::kShutdown:
            return format("naio_stream_shutdown(streams[%u], handles[%u].aio)", other, i);
        case Do::kCloseStream:
            return format("nng_stream_close(streams[%u])", other);
        case Do::kNewStreams:
            return "nng_stream_free(streams[0]); nng_stream_free(streams[1]); connect_streams()";
        case Do::kGroupStart:
            return format("naio_group_start(groups[%u], handles[%u].aio, %d, %d, %u)", other, i, value % kFlag,
                          value / kFlag, types);
        case Do::kGroupSeal:
            return format("naio_group_seal(groups[%u])", other);
        case Do::kNewGroup:
            return format("naio_group_free(groups[%u]); make_group(%u)", other, other);
        case Do::kAgain:
            return format("handles[%u].then = then_%u; handles[%u].again = %d", i, number, i, value);
        case Do::kEnd:
            break;
    }
    return "";
}

// Returns the function in C that makes the calls of an aio's callback.
std::string function(const Call& call, unsigned number) {
    std::string text = format("static void then_%u(void) {\n    long long value = 0;\n    (void)value;\n", number);
    for (const Call& each : call.then) text += "    " + statement(each, number) + ";\n";
    return text + "}\n\n";
}

// Returns statements in C that check all that a program can see of an aio. Values that are 0 are left out.
std::string check(const Model& model, unsigned i) {
    const Seen seen = model.seen(i);
    std::string fields;
    const auto add = [&](const char* field, long long value) {
        if (value != 0) fields += format("%s.%s = %lld", fields.empty() ? "" : ", ", field, value);
    };
    add("busy", seen.busy);
    add("typed", model.typed_in_flight(i));
    add("callbacks", seen.callbacks);
    add("cancel_calls", seen.cancel_calls);
    add("asked", seen.asked);
    add("asked_reason", seen.asked_reason);
    add("releases", seen.releases);
    add("steps", seen.steps);
    add("skipped", seen.skipped);
    add("cancelled", seen.cancelled);
    add("reason", seen.reason);
    add("result", seen.result);
    add("count", static_cast<long long>(seen.count));
    add("outcome", seen.outcome);
    add("output", seen.output);
    std::string text = format("    check(%u, (struct seen){%s});\n", i, fields.empty() ? "0" : fields.c_str());
    const auto first = model.first_byte(i);
    if (first && model.idle(i)) text += format("    check_bytes(%u, %zu);\n", i, *first);
    return text;
}

std::string check_all(const Model& model) {
    std::string text;
    for (unsigned i = 0; i < kPlaces; ++i) text += check(model, i);
    text += format("    expect(\"readiness of the queue\", 0, queue_is_readable(), %d);\n", !model.queue_is_empty());
    for (unsigned s = 0; s < kSignals; ++s)
        text +=
            format("    expect(\"calls of the function\", %u, handler_calls[%u], %u);\n", s, s, model.handler_calls(s));
    return text;
}

// Returns the statements of the calls that `next` returns one after the other. No value: their effects are not
// determined.
std::optional<std::string> last_calls(NextCall next, Model& model, unsigned number) {
    std::string text;
    for (auto call = (model.*next)(); call; call = (model.*next)()) {
        if (!model.try_call(*call).allowed) return std::nullopt;
        text += "    " + statement(*call, number) + ";\n    settle();\n";
    }
    return text;
}

std::string end_by_fini(Model model, unsigned number) {
    const auto calls = last_calls(&Model::next_before_fini, model, number);
    if (!calls) return {};
    std::string text = *calls + "    end_by_fini();\n";
    for (unsigned i = 0; i < kPlaces; ++i) {
        if (const auto callbacks = model.callbacks_after_fini(i))
            text += format("    expect(\"callbacks\", %u, handles[%u].callbacks, %u);\n", i, i, *callbacks);
        if (const auto releases = model.releases_after_fini(i))
            text += format("    expect(\"releases\", %u, handles[%u].releases, %u);\n", i, i, *releases);
    }
    return text;
}

std::string end_in_order(Model model, unsigned number) {
    const auto calls = last_calls(&Model::next_to_end, model, number);
    return calls && !calls->empty() ? *calls + check_all(model) : "";
}

}  // namespace

std::string in_c(const Program& program, Ending end) {
    std::string text =
#include "preamble.inc"
        ;
    text += "    long long value = 0;\n    (void)value;\n";
    Model model;
    std::string functions;
    unsigned number = 0;
    for (const Call& call : program) {
        const std::size_t sent = model.sent(call.other % kStreams);
        const auto [allowed, returned] = model.try_call(call);
        if (!allowed) continue;
        if (call.what == Do::kAgain) functions += function(call, ++number);
        if (call.what == Do::kSend || call.what == Do::kSendAll)
            text += format("    sent[%u] = %zu;\n", static_cast<unsigned>(call.other), sent);
        text += "    " + statement(call, number) + ";\n";
        if (returned)
            text += format("    expect(\"what %s returns\", %u, value, %lld);\n", name(call.what),
                           static_cast<unsigned>(call.aio), static_cast<long long>(*returned));
        text += "    settle();\n";
    }
    text += "\n" + check_all(model);
    // A fault may show only in the calls that end all operations.
    text += "\n" + (end == Ending::kFini ? end_by_fini(model, number) : end_in_order(model, number));
    text.insert(text.find("int main(void)"), functions);
    return text + "    exit(wrong);\n}\n";
}

}  // namespace simulation
