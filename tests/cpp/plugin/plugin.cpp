// A plugin that is built with -fvisibility=hidden and exports one function.
#include "plugin.h"

namespace {

std::error_code error(nng_err err) { return naio::error_code(err); }

void throws(nng_err err) { static_cast<void>(naio::result{err}.or_throw()); }

naio::task<void> calls(void (*throws_it)(nng_err), nng_err err) {
    co_await naio::sleep_for(std::chrono::seconds(0));
    throws_it(err);
}

nng_err awaits(void (*throws_it)(nng_err), nng_err err) { return naio::run(calls(throws_it, err)).err; }

}  // namespace

extern "C" [[gnu::visibility("default")]] const Plugin* plugin() {
    static const Plugin the_plugin{error, throws, awaits};
    return &the_plugin;
}
