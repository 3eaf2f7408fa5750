// Random programs against the model. See README.md.
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "program.h"
#include "world.h"

using namespace simulation;

namespace {

std::atomic<std::uint64_t> current{0};  // the seed
std::atomic<std::size_t> at{0};         // the index of its call

[[noreturn]] void fail(std::uint64_t seed, const Program& program, std::size_t failed, const std::string& what) {
    std::printf("seed %llu, %zu calls\n", static_cast<unsigned long long>(seed), program.size());
    for (std::size_t i = 0; i <= failed && i < program.size(); ++i)
        std::printf("%3zu %s\n", i, text(program[i]).c_str());
    std::printf("%s\n", what.c_str());
    std::fflush(stdout);
    std::_Exit(1);
}

// A call that does not return is a failure, too.
void watch(unsigned length) {
    for (std::uint64_t seen_seed = 0, seen_at = 0;;) {
        std::this_thread::sleep_for(std::chrono::seconds(30));
        if (seen_seed == current && seen_at == at && seen_seed != 0)
            fail(seen_seed, generate(seen_seed, length), seen_at, "it does not return");
        seen_seed = current;
        seen_at = at;
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t seed = 1, programs = 1000;
    unsigned length = 40;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char* value = argv[i + 1];
        if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(value, nullptr, 0);
        if (std::strcmp(argv[i], "--programs") == 0) programs = std::strtoull(value, nullptr, 0);
        if (std::strcmp(argv[i], "--length") == 0) length = static_cast<unsigned>(std::strtoul(value, nullptr, 0));
    }
    nng_init(nullptr);
    std::thread(watch, length).detach();
    for (std::uint64_t s = seed; s < seed + programs; ++s) {
        const Program program = generate(s, length);
        current = s;
        const std::string what = run(program, at);
        if (!what.empty()) fail(s, program, at, what);
    }
    nng_fini();
    std::printf("%llu programs\n", static_cast<unsigned long long>(programs));
}
