// Runs random programs on the library and the model. See README.md.
#include <nng/nng.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "in_c.h"
#include "io/io_world.h"
#include "program.h"
#include "shared.h"
#include "shrink.h"
#include "world/world.h"

using namespace simulation;

namespace {

struct Options {
    std::uint64_t seed = 1, programs = 1000;
    unsigned length = 40;
    unsigned threads = 1;
    bool shrinks = false, prints = false, shared = false, io = false;
};

// The program that a thread runs, and the call that it makes.
struct Progress {
    std::atomic<std::uint64_t> seed{0};
    std::atomic<std::size_t> at{0};  // the index of the call
};

constexpr unsigned kMaxThreads = 16;
Progress progress[kMaxThreads];
Options options;

[[noreturn]] void fail(std::uint64_t seed, std::size_t failed, const std::string& what) {
    static std::atomic_flag failing;
    while (failing.test_and_set()) std::this_thread::sleep_for(std::chrono::hours(1));
    const Program program = generate(seed, options.length);
    std::printf("simulation: seed %llu fails; shrink it with: --shrink %llu --length %u\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed), options.length);
    for (std::size_t i = 0; i <= failed && i < program.size(); ++i)
        std::printf("%3zu %s\n", i, text(program[i]).c_str());
    std::printf("%s\n", what.c_str());
    std::fflush(stdout);
    std::_Exit(1);
}

[[noreturn]] void fail_shared(std::uint64_t seed, const std::string& what) {
    std::printf("simulation: seed %llu fails (--shared 1): %s\n", static_cast<unsigned long long>(seed), what.c_str());
    std::fflush(stdout);
    std::_Exit(1);
}

[[noreturn]] void fail_io(std::uint64_t seed, std::size_t failed, const std::string& what) {
    const IoProgram program = generate_io(seed, options.length);
    std::printf("simulation: seed %llu fails (--io 1 --length %u)\n", static_cast<unsigned long long>(seed),
                options.length);
    for (std::size_t i = 0; i <= failed && i < program.size(); ++i)
        std::printf("%3zu %s\n", i, text(program[i]).c_str());
    std::printf("%s\n", what.c_str());
    std::fflush(stdout);
    std::_Exit(1);
}

// Reports a failure if a thread makes the same call at two checks, which are 30 seconds apart.
void watch() {
    std::uint64_t seeds[kMaxThreads] = {};
    std::size_t ats[kMaxThreads] = {};
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(30));
        for (unsigned t = 0; t < options.threads; ++t) {
            if (seeds[t] != 0 && seeds[t] == progress[t].seed && ats[t] == progress[t].at)
                (options.io ? fail_io : fail)(seeds[t], ats[t], "the call does not return");
            seeds[t] = progress[t].seed;
            ats[t] = progress[t].at;
        }
    }
}

// Runs every `threads`-th program, from the t-th on.
void run_programs(unsigned t) {
    for (std::uint64_t s = options.seed + t; s < options.seed + options.programs; s += options.threads) {
        progress[t].seed = s;
        if (options.shared) {
            ++progress[t].at;
            if (const std::string what = run_shared(s, options.length); !what.empty()) fail_shared(s, what);
            continue;
        }
        const std::string what = options.io ? run_io(generate_io(s, options.length), Ending::kInOrder, progress[t].at)
                                            : run(generate(s, options.length), Ending::kInOrder, progress[t].at);
        if (!what.empty()) (options.io ? fail_io : fail)(s, progress[t].at, what);
    }
    progress[t].seed = 0;
}

// True if the program fails. Runs it in a child process, because it may crash or wait forever.
bool fails(const Program& program) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(3);
        patience_ms = 500;
        nng_init(nullptr);
        std::atomic<std::size_t> at{0};
        _exit(run(program, Ending::kInOrder, at).empty() ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && status != 0;
}

int print_shortest() {
    const Program program = generate(options.seed, options.length);
    if (!fails(program)) {
        std::fprintf(stderr, "simulation: the program of seed %llu does not fail\n",
                     static_cast<unsigned long long>(options.seed));
        return 2;
    }
    std::fputs(in_c(shrink(program, fails), Ending::kInOrder).c_str(), stdout);
    return 0;
}

bool read_options(int argc, char** argv) {
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        if (i + 1 == argc) return false;
        char* end = nullptr;
        const std::uint64_t value = std::strtoull(argv[i + 1], &end, 0);
        if (end == argv[i + 1] || *end != '\0') return false;
        if (name == "--seed" || name == "--shrink" || name == "--c")
            options.seed = value;
        else if (name == "--programs")
            options.programs = value;
        else if (name == "--length")
            options.length = static_cast<unsigned>(value);
        else if (name == "--shared")
            options.shared = value != 0;
        else if (name == "--io")
            options.io = value != 0;
        else if (name == "--threads" && value >= 1 && value <= kMaxThreads)
            options.threads = static_cast<unsigned>(value);
        else
            return false;
        options.shrinks = options.shrinks || name == "--shrink";
        options.prints = options.prints || name == "--c";
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (!read_options(argc, argv)) {
        std::fputs(
            "usage: simulation [--seed N] [--programs N] [--length N] [--threads N] [--shared 1 | --io 1]\n"
            "       simulation --shrink SEED [--length N]    prints the shortest program that fails, in C\n"
            "       simulation --c SEED [--length N]         prints the program in C\n",
            stderr);
        return 2;
    }
    if (options.shrinks) return print_shortest();
    if (options.prints)
        return std::fputs(in_c(generate(options.seed, options.length), Ending::kInOrder).c_str(), stdout) < 0;

    const auto begin = std::chrono::steady_clock::now();
    nng_init(nullptr);
    std::thread(watch).detach();
    std::thread threads[kMaxThreads];
    for (unsigned t = 0; t < options.threads; ++t) threads[t] = std::thread(run_programs, t);
    for (unsigned t = 0; t < options.threads; ++t) threads[t].join();
    nng_fini();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("simulation: %llu programs of %u calls in %.1f s\n", static_cast<unsigned long long>(options.programs),
                options.length, seconds);
}
