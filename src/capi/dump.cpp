// Defines naio_dump* and naio_set_stall_report: text about what the library does at this moment. Defines
// naio_*_set_name: names of objects in that text. Defines naio_stats: what the library has counted.
#include <naio/naio.h>

#include <algorithm>
#include <cstring>

#include "aio/aio.h"
#include "aio/group.h"
#include "aio/signal.h"
#include "base/os.h"
#include "capi/forked.h"
#include "capi/handle.h"
#include "exec/completion_queue.h"
#include "io/stream_listener.h"
#include "io/udp.h"
#include "runtime/runtime.h"

using naio::checked;

namespace {

void write_to_file(void* file, const char* line) {
    std::fputs(line, static_cast<std::FILE*>(file));
    std::fputc('\n', static_cast<std::FILE*>(file));
}

void write_to_stderr(void*, const char* line) {
    for (const char* const text : {line, "\n"}) {
        [[maybe_unused]] const auto written = naio::os::write(STDERR_FILENO, text, std::strlen(text));
    }
}

void set_name_of(naio::Descriptor& descriptor, const char* name) noexcept {
    if (naio::is_ours(&descriptor)) descriptor.set_name(naio::runtime().allocator(), name);
}

}  // namespace

extern "C" {

void naio_dump(void (*write)(void*, const char*), void* argument) {
    naio::require(reinterpret_cast<void*>(write), __func__);
    naio::runtime().dump(write, argument, true);
}

void naio_dump_file(FILE* file) {
    naio::require(file, __func__);
    naio::runtime().dump(write_to_file, file, true);
}

void naio_dump_stderr() { naio::runtime().dump(write_to_stderr, nullptr, false); }

void naio_set_stall_report(nng_duration after) {
    naio::runtime().report_stalls(after < 0 ? naio::kNever : after * naio::kMillisecond);
}

void naio_aio_set_name(nng_aio* aio, const char* name) { checked(aio, __func__).set_name(name); }

void naio_queue_set_name(naio_queue* queue, const char* name) { checked(queue, __func__).set_name(name); }

void naio_group_set_name(naio_group* group, const char* name) {
    naio_group& named = checked(group, __func__);
    for (unsigned i = 0; i < named.size(); ++i) named.member(i).set_name(name);
}

void naio_signal_set_name(naio_signal* signal, const char* name) {
    naio_signal& named = checked(signal, __func__);
    if (naio::is_ours(signal)) named.set_name(naio::runtime().allocator(), name);
}

void naio_stream_set_name(nng_stream* stream, const char* name) { set_name_of(checked(stream, __func__), name); }

void naio_stream_listener_set_name(nng_stream_listener* listener, const char* name) {
    naio::StreamListener& named = checked(listener, __func__);
    if (naio::is_ours(listener)) named.set_name(name);
}

void naio_udp_set_name(nng_udp* udp, const char* name) { set_name_of(checked(udp, __func__), name); }

void naio_stats(struct naio_statistics* stats) {
    naio::require(stats, __func__);
    struct naio_statistics filled = naio::runtime().stats();
    filled.size = std::min(stats->size, sizeof(filled));
    if (filled.size >= sizeof(filled.size)) std::memcpy(stats, &filled, filled.size);
}

}  // extern "C"
