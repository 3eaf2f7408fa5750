// Runs every kind of round on a thread of its own for a time, and checks the process while these threads rest.
//
//     soak SECONDS [SEED]
//
// The time has ten parts, and after each one all threads rest. While they rest, as many operations must have completed
// as were started. From the third part on, there must be as many descriptors as after the second part, and hardly more
// memory and threads, because everything that is made on first use exists after two parts. At the end nng_fini must
// give everything back. Prints a line for each part. Aborts if a check fails.
#include <dirent.h>
#include <unistd.h>

#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

#include "actor.h"

namespace soak {
namespace {

constexpr unsigned kParts = 10;
constexpr unsigned kWarm = 2;  // after this part everything exists that is made on first use

std::atomic<long> blocks{0};
void* allocate(std::size_t size) { return ++blocks, std::malloc(size); }
void* allocate_zeroed(std::size_t n, std::size_t size) { return ++blocks, std::calloc(n, size); }
void release(void* block, std::size_t) {
    --blocks;
    std::free(block);
}

long entries(const char* path) {
    DIR* const directory = opendir(path);
    if (directory == nullptr) return -1;
    long count = 0;
    while (readdir(directory) != nullptr) ++count;
    closedir(directory);
    return count - 3;  // ".", "..", and for /proc/self/fd the directory itself
}

struct Census {
    long kilobytes = 0;
    long memory_blocks = 0;
    long descriptors = 0;
    long threads = 0;

    static Census take() {
        Census census;
        long pages = 0;
        std::FILE* const file = std::fopen("/proc/self/statm", "r");
        SOAK_CHECK(file != nullptr && std::fscanf(file, "%*d %ld", &pages) == 1);
        std::fclose(file);
        census.kilobytes = pages * (sysconf(_SC_PAGESIZE) / 1024);
        census.memory_blocks = blocks;
        census.descriptors = entries("/proc/self/fd");
        census.threads = entries("/proc/self/task") + 1;
        return census;
    }
};

// Threads that alternate with the main thread: they work for a part, and rest until the main thread begins another one.
class Crew {
  public:
    explicit Crew(std::uint64_t seed) : turn_(static_cast<std::ptrdiff_t>(kKindCount) + 1) {
        rounds_ = std::vector<std::atomic<std::uint64_t>>(kKindCount);
        for (unsigned i = 0; i < kKindCount; ++i) threads_.emplace_back([this, i, seed] { work(i, seed + i); });
    }

    void part(std::chrono::milliseconds time) {
        resting_ = false;
        turn_.arrive_and_wait();
        std::this_thread::sleep_for(time);
        resting_ = true;
        turn_.arrive_and_wait();
    }
    void end() {
        over_ = true;
        turn_.arrive_and_wait();
        for (std::thread& thread : threads_) thread.join();
    }
    [[nodiscard]] std::uint64_t rounds(unsigned kind) const { return rounds_[kind]; }

  private:
    void work(unsigned kind, std::uint64_t seed) {
        Random random(seed);
        for (;;) {
            turn_.arrive_and_wait();
            if (over_) return;
            while (!resting_) {
                kKinds[kind].round(random);
                ++rounds_[kind];
            }
            turn_.arrive_and_wait();
        }
    }

    std::barrier<> turn_;
    std::atomic<bool> resting_{false};
    std::atomic<bool> over_{false};
    std::vector<std::atomic<std::uint64_t>> rounds_;
    std::vector<std::thread> threads_;
};

// Waits for the last callbacks. Then gives the kernel 100 ms to forget threads that have ended.
void settle() {
    for (unsigned i = 0; i < 1000 && started != completed; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

constexpr long kMorePollers = 7;  // one more than this is the limit unless max_poller_threads is set

void expect_flat(const Census& warm, const Census& now) {
    // The library starts pollers, workers and threads for look-ups when it needs them, and keeps them for a time. A
    // poller has two threads and seven descriptors. The registry keeps a slab.
    SOAK_CHECK(now.descriptors <= warm.descriptors + 7 * kMorePollers);
    SOAK_CHECK(now.threads <= warm.threads + 8 + 2 * kMorePollers);
    SOAK_CHECK(now.memory_blocks <= warm.memory_blocks + 64);
    SOAK_CHECK(now.kilobytes <= warm.kilobytes + 8192);
}

// Uses the library once before the first census, because libuv opens a pipe for signals with the first loop of a
// process, and keeps the pipe.
void use_once(std::uint64_t seed) {
    Random random(seed);
    SOAK_CHECK(nng_init(nullptr) == NNG_OK);
    tcp(random);
    nng_fini();
    settle();
}

int run(unsigned seconds, std::uint64_t seed) {
    use_once(seed);
    const Census before = Census::take();
    std::printf("seed %llu, %u s, %u threads\n", static_cast<unsigned long long>(seed), seconds, kKindCount);
    std::printf("%-8s %12s %10s %8s %12s %8s\n", "part", "operations", "RSS kB", "blocks", "descriptors", "threads");
    nng_init_params params{};
    params.malloc_fn = allocate;
    params.calloc_fn = allocate_zeroed;
    params.free_fn = release;
    SOAK_CHECK(nng_init(&params) == NNG_OK);
    Crew crew(seed);
    Census warm;
    for (unsigned part = 1; part <= kParts; ++part) {
        crew.part(std::chrono::milliseconds(seconds * 1000 / kParts));
        settle();
        const Census now = Census::take();
        std::printf("%-8u %12llu %10ld %8ld %12ld %8ld\n", part, static_cast<unsigned long long>(completed.load()),
                    now.kilobytes, now.memory_blocks, now.descriptors, now.threads);
        std::fflush(stdout);
        SOAK_CHECK(started == completed);
        if (part == kWarm) warm = now;
        if (part > kWarm) expect_flat(warm, now);
    }
    crew.end();
    nng_fini();
    settle();
    const Census after = Census::take();
    for (unsigned i = 0; i < kKindCount; ++i)
        std::printf("%s %llu  ", kKinds[i].name, static_cast<unsigned long long>(crew.rounds(i)));
    std::printf("\nafter nng_fini: %ld blocks, %ld descriptors, %ld threads\n", after.memory_blocks, after.descriptors,
                after.threads);
    for (unsigned i = 0; i < kKindCount; ++i) SOAK_CHECK(crew.rounds(i) != 0);
    SOAK_CHECK(after.memory_blocks == 0 && after.descriptors == before.descriptors && after.threads == before.threads);
    return 0;
}

}  // namespace
}  // namespace soak

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const auto seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    return soak::run(static_cast<unsigned>(std::atoi(argv[1])), seed);
}
