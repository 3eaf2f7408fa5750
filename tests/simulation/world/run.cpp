#include "world.h"

namespace simulation {

std::string World::finish(const Model& before) {
    Model model = before;
    Program rest;
    for (std::uint8_t place = 0; place < kAios; ++place) {
        if (model.of_provider(place)) rest.push_back({.what = Do::kFinish, .aio = place, .value = NNG_ECLOSED});
        rest.push_back({.what = Do::kStop, .aio = place});
    }
    for (const Call& call : rest) {
        model.apply(call);
        make(call);
        if (std::string what = compare(model); !what.empty()) return "at the end: " + text(call) + ": " + what;
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
        if (!model.allows(call)) continue;
        world.remember_sent(model);
        const auto expected = model.apply(call);
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
