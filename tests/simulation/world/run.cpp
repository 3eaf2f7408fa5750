#include "world.h"

namespace simulation {

namespace {

constexpr unsigned kHalfASecond = 500;

}  // namespace

std::string World::finish(const Model& model, Ending end) {
    return end == Ending::kFini ? end_by_fini(model) : end_in_order(model);
}

// Makes the calls that `next` returns, until it returns none or a comparison with the model shows a difference, which
// `what` then says. True if the effects of all these calls are determined. After a call whose effect is not determined
// nothing is compared any more.
bool World::make_last_calls(NextCall next, Model& model, std::string& what) {
    bool determined = true;
    for (auto call = (model.*next)(); call && what.empty(); call = (model.*next)()) {
        const bool allowed = model.try_call(*call).allowed;
        if (!allowed) model.apply(*call);
        determined = determined && allowed;
        make(*call);
        if (determined)
            what = compare(model);
        else
            static_cast<void>(compare(model, kHalfASecond));  // lets other threads run
        if (!what.empty()) what = "at the end: " + text(*call) + ": " + what;
    }
    return determined;
}

std::string World::end_in_order(Model model) {
    std::string what;
    static_cast<void>(make_last_calls(&Model::next_to_end, model, what));
    return what;
}

// Calls the last nng_fini, and checks that it has ended every operation and run every callback.
std::string World::end_by_fini(Model model) {
    std::string what;
    const bool determined = make_last_calls(&Model::next_before_fini, model, what);
    if (!what.empty()) return what;
    for (Handle& handle : handles_) handle.policy = Policy::kFinish;
    nng_fini();
    for (const Handle& handle : handles_) {
        const std::string aio = "after nng_fini: aio " + std::to_string(handle.place) + ": ";
        if (nng_aio_busy(handle.aio)) return aio + "it is busy";
        if (handle.misordered)
            return aio + "two callbacks ran at the same time, or one began before the release function had returned";
        if (!determined) continue;
        const auto callbacks = model.callbacks_after_fini(handle.place);
        if (callbacks && *callbacks != handle.callbacks)
            return aio + std::to_string(handle.callbacks) + " callbacks instead of " + std::to_string(*callbacks);
        const auto releases = model.releases_after_fini(handle.place);
        if (releases && *releases != handle.releases)
            return aio + std::to_string(handle.releases) + " releases instead of " + std::to_string(*releases);
    }
    return {};
}

std::string run(const Program& program, Ending end, std::atomic<std::size_t>& at) {
    Model model;
    auto owner = std::make_unique<World>();
    World& world = *owner;
    for (std::size_t i = 0; i < program.size(); ++i) {
        at = i;
        const Call& call = program[i];
        world.remember_sent(model);
        const auto [allowed, expected] = model.try_call(call);
        if (!allowed) continue;
        const auto returned = world.make(call);
        std::string what;
        if (expected && returned != expected)
            what = "it returned " + std::to_string(returned.value_or(0)) + " instead of " + std::to_string(*expected);
        if (what.empty()) what = world.compare(model);
        if (what.empty()) continue;
        static_cast<void>(owner.release());  // its handles may never become idle
        return what;
    }
    std::string what = world.finish(model, end);
    if (!what.empty()) static_cast<void>(owner.release());
    return what;
}

}  // namespace simulation
