#include "verdict.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <random>

#include "random.h"

namespace race {

namespace {

std::atomic<unsigned> complaints{0};

std::uint64_t choose_seed() {
    const char* given = std::getenv("NAIO_RACE_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
}

}  // namespace

std::uint64_t seed() {
    static const std::uint64_t chosen = choose_seed();
    return chosen;
}

void complain(const char* rule) {
    constexpr unsigned kEnough = 5;
    if (complaints.fetch_add(1) < kEnough) ADD_FAILURE() << "broken: " << rule << " (seed " << seed() << ")";
}

bool failed() { return complaints.load(std::memory_order_relaxed) != 0; }

void forget_failures() { complaints.store(0); }

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace race
