#include "world.h"

namespace simulation {

namespace {

constexpr unsigned kHalfASecond = 500;

}  // namespace

// Where no call that ends something is determined, what follows is not looked at.
std::string World::finish(const Model& before) {
    Model model = before;
    bool determined = true;
    while (const auto call = model.next_to_end()) {
        const bool allowed = model.try_call(*call).allowed;
        if (!allowed) model.apply(*call);
        determined = determined && allowed;
        make(*call);
        std::string what = determined ? compare(model) : "";
        if (!what.empty()) return "at the end: " + text(*call) + ": " + what;
        if (!determined) static_cast<void>(compare(model, kHalfASecond));  // lets other threads get on
    }
    return {};
}

std::string run(const Program& program, std::atomic<std::size_t>& at) {
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
    std::string what = world.finish(model);
    if (!what.empty()) static_cast<void>(owner.release());
    return what;
}

}  // namespace simulation
