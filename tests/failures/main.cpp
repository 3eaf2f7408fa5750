// Runs the sections of the workload. In each run one call fails in one way, and the program checks that the library
// handles the failure. The runs cover every call of a section, and every way in which that call can fail.
//
//     failures                         runs all sections
//     failures SECTION...              runs these sections
//     failures SECTION KIND WAY N      makes one run, in this process; the report of a failed run has this command
//     failures --list                  lists the sections, kinds and ways
//
// Each run is a process of its own, in which the section runs twice. The first time, a call fails. The second time, no
// call fails, and all operations must succeed. A run also counts as failed if it crashes or hangs, if a result is an
// error that the headers do not name, if a callback is missing, or if memory, descriptors, threads or lists of
// getaddrinfo are left.
#include <dirent.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "failures.h"
#include "workload/memory.h"
#include "workload/workload.h"

using namespace failures;

namespace {

constexpr unsigned kHangs = 60;      // seconds until SIGALRM ends a run
constexpr unsigned kEndless = 2000;  // no section makes this many calls of one kind

struct Report {
    Tally tally;
    int descriptors_left;  // the number of descriptors at the end of the run, less the number at its beginning
};

unsigned entries_of(const char* directory) {
    DIR* const list = opendir(directory);
    unsigned count = 0;
    while (readdir(list) != nullptr) ++count;
    closedir(list);
    return count;
}

// Blocks until the calling thread is the only one of the process. The kernel may list a joined thread for a moment. If
// a thread does not end, SIGALRM ends the run.
void wait_for_threads() {
    constexpr unsigned kOnlyThis = 3;  // the entries of this thread, "." and ".."
    for (const timespec moment{0, 200'000}; entries_of("/proc/self/task") > kOnlyThis;) nanosleep(&moment, nullptr);
}

// Limits the process to n - 1 more descriptors than it has. If n is 0, removes the limit.
void limit_descriptors(unsigned n) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    static const rlim_t before = limit.rlim_cur;
    const int lowest = dup(0);
    close(lowest);
    limit.rlim_cur = n == 0 ? before : static_cast<rlim_t>(lowest) + n - 1;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Starts the library, unless the section does so itself. Returns true if this call has started the library.
bool start(const Section& section) {
    if (section.starts_the_library) return false;
    const nng_init_params params = counted_memory();
    if (OK(nng_init(&params))) return true;
    return false;
}

void run_section(const Section& section, const Order& order, Report& report) {
    expect_success(order.n == 0);
    bool up = start(section);
    const bool limited = order.kind == Kind::kDescriptors && order.n != 0;
    arm(order, report.tally);
    if (limited) limit_descriptors(order.n);
    section.run();
    if (limited) limit_descriptors(0);
    disarm();
    expect_success(true);
    section.run();
    if (up) nng_fini();
}

void expect_nothing_left() {
    if (blocks_in_use() != 0 || bytes_in_use() != 0 || name_lists() != 0) {
        std::fprintf(stderr, "left: %ld blocks of memory, %ld bytes, %d lists of names\n", blocks_in_use(),
                     bytes_in_use(), name_lists());
        std::_Exit(1);
    }
}

[[noreturn]] void run(const Section& section, const Order& order, Report& report) {
    alarm(kHangs);
    const unsigned descriptors = entries_of("/proc/self/fd");
    run_section(section, order, report);
    let_openers_go();
    wait_for_threads();
    forget_fifo();
    expect_nothing_left();
    report.descriptors_left = static_cast<int>(entries_of("/proc/self/fd")) - static_cast<int>(descriptors);
    std::_Exit(0);
}

// ---- the driver

int output = -1;  // the descriptor of a file, to which each run prints

void show_output() {
    lseek(output, 0, SEEK_SET);
    char text[4096];
    for (ssize_t size; (size = read(output, text, sizeof(text))) > 0;)
        fwrite(text, 1, static_cast<std::size_t>(size), stdout);
}

// Runs the order in a child process. Returns true if the run has succeeded and exactly `*kept` descriptors are left; if
// `kept` is nullptr, any number may be left. libuv opens descriptors for its first loop and keeps them.
bool succeeds(const Section& section, const Order& order, Report& report, const int* kept) {
    std::memset(&report, 0, sizeof(report));
    if (ftruncate(output, 0) != 0) std::abort();
    lseek(output, 0, SEEK_SET);
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(output, STDERR_FILENO);
        dup2(output, STDOUT_FILENO);
        run(section, order, report);
    }
    int status = 0;
    waitpid(child, &status, 0);
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (well && (kept == nullptr || report.descriptors_left == *kept)) return true;

    show_output();
    std::printf("FAILED: %s, %s %s, n = %u: ", section.name, name_of(order.kind), order.way.name, order.n);
    if (well)
        std::printf("%d descriptors are left, and %d without a failure", report.descriptors_left, *kept);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        std::printf("it hangs");
    else if (WIFSIGNALED(status))
        std::printf("%s", strsignal(WTERMSIG(status)));
    else
        std::printf("see above");
    std::printf("\nAgain with: failures %s %s %s %u\n\n", section.name, name_of(order.kind), order.way.name, order.n);
    std::fflush(stdout);
    return false;
}

struct Sum {
    unsigned runs = 0;
    unsigned failed = 0;
};

// Runs the section with n = 1, 2, ... until a run fails, or until a run has fewer than n calls of the kind, so that no
// call has failed.
void run_way(const Section& section, Kind kind, const Way& way, Report& report, int kept, Sum& sum) {
    for (unsigned n = 1; n < kEndless; ++n) {
        ++sum.runs;
        if (!succeeds(section, {kind, way, n}, report, &kept)) {
            ++sum.failed;
            return;  // the runs with larger n would probably fail for the same reason
        }
        if (!report.tally.struck) return;
    }
    std::printf("FAILED: %s, %s %s: too many calls\n", section.name, name_of(kind), way.name);
    ++sum.failed;
}

void run_all(const Section& section, Report& report, Sum& sum) {
    const Sum before = sum;
    ++sum.runs;
    if (!succeeds(section, {Kind::kMemory, ways_of(Kind::kMemory)[0], 0}, report, nullptr)) {
        ++sum.failed;
        return;
    }
    const Tally calls = report.tally;
    const int kept = report.descriptors_left;
    for (unsigned i = 0; i < kKinds; ++i) {
        const auto kind = static_cast<Kind>(i);
        if (calls.counts[i] == 0 && kind != Kind::kDescriptors) continue;
        for (const Way& way : ways_of(kind)) run_way(section, kind, way, report, kept, sum);
    }
    std::printf("%-18s %5u runs, %u failed\n", section.name, sum.runs - before.runs, sum.failed - before.failed);
    std::fflush(stdout);
}

void list() {
    for (const Section& section : sections()) std::printf("section %s\n", section.name);
    for (unsigned i = 0; i < kKinds; ++i) {
        std::printf("kind %s:", name_of(static_cast<Kind>(i)));
        for (const Way& way : ways_of(static_cast<Kind>(i))) std::printf(" %s", way.name);
        std::printf("\n");
    }
}

const Section* find_section(std::string_view name) {
    for (const Section& section : sections())
        if (section.name == name) return &section;
    std::fprintf(stderr, "failures: no section %s; see --list\n", std::string(name).c_str());
    std::exit(2);
}

bool find_order(std::string_view kind, std::string_view way, const char* n, Order& order) {
    for (unsigned i = 0; i < kKinds; ++i) {
        if (name_of(static_cast<Kind>(i)) != kind) continue;
        for (const Way& each : ways_of(static_cast<Kind>(i))) {
            if (each.name != way) continue;
            order = {static_cast<Kind>(i), each, static_cast<unsigned>(std::strtoul(n, nullptr, 10))};
            return true;
        }
    }
    return false;
}

}  // namespace

int main(int count, char** arguments) {
    void* const shared = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    Report& report = *static_cast<Report*>(shared);
    if (count == 2 && std::string_view(arguments[1]) == "--list") return list(), 0;
    Order order{};
    if (count == 5 && find_order(arguments[2], arguments[3], arguments[4], order))
        run(*find_section(arguments[1]), order, report);

    std::FILE* const file = std::tmpfile();
    if (file == nullptr) return 2;
    output = fileno(file);
    Sum sum;
    if (count == 1)
        for (const Section& section : sections()) run_all(section, report, sum);
    for (int i = 1; i < count; ++i) run_all(*find_section(arguments[i]), report, sum);
    std::printf("%u runs, %u failed\n", sum.runs, sum.failed);
    return sum.failed == 0 ? 0 : 1;
}
