// Runs the tests, and checks that each weakened memory order makes one of them fail.
//
//     weak_memory [TEST...]            runs these tests, or all
//     weak_memory --list               prints the names of all tests
//     weak_memory --faults FILE [FAULT...]   checks that tests find these faults of the file, or all
//     weak_memory --history TEST       prints the steps of the execution that fails
//
// Each search runs in a process of its own, because Relacy cannot search again after a failure. Exception: --history
// makes the searches in the program's own process. The executions depend on the test and the fault alone, so that the
// same command finds the same failure again.
#include "suite.h"

#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weak_memory {

namespace {

int read_locals(dl_phdr_info* object, std::size_t, void* to) {
    auto& locals = *static_cast<ThreadLocals*>(to);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = object->dlpi_phdr[i];
        if (part.p_type != PT_TLS) continue;
        locals.here = static_cast<std::byte*>(object->dlpi_tls_data);
        locals.size = part.p_memsz;
        if (locals.size > ThreadLocals::kMaxSize) std::abort();
        std::memcpy(locals.initial, reinterpret_cast<const void*>(object->dlpi_addr + part.p_vaddr), part.p_filesz);
    }
    return 1;  // ends the search, because the program comes first
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

constexpr unsigned long long kAll = 20'000'000;

const Test* find(std::string_view name) {
    for (const Test* test = Test::first; test != nullptr; test = test->next)
        if (test->name == name) return test;
    return nullptr;
}

// Searches the executions of the test for a failure, and prints the result. Returns true if the test fails.
bool run(const Test& test, const Search& search) {
    const double begin = now();
    const Result result = test.search(search);
    const double seconds = now() - begin;
    const char* const kind = search.bound != 0 ? "bound" : "random";
    std::printf("%-24s %-6s %u: %s after %llu executions, %.2f s%s%s\n", test.name, kind, search.bound,
                result.failed ? "FAILED" : "ok", result.executions, seconds,
                result.failed ? ": " : (result.complete ? ", complete" : ""), result.failed ? result.why : "");
    std::fflush(stdout);
    return result.failed;
}

enum class Outcome { kFine, kFailed, kCrashed };

template <class Function>
Outcome in_child(Function function) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(function() ? 1 : 0);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) {
        std::perror("weak_memory: a process cannot be made");
        std::exit(2);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
        return WEXITSTATUS(status) == 0 ? Outcome::kFine : Outcome::kFailed;
    std::printf("CRASHED: status %d\n", status);
    return Outcome::kCrashed;
}

// Calls `each` for the search with at most test.bound preemptions, and then for the random search. Stops when `each`
// returns true. Returns the last answer of `each`.
template <class Each>
bool any_search(const Test& test, Each each) {
    bool any = false;
    if (test.bound != 0) any = each(Search{test.bound, kAll});
    if (!any && test.random != 0) any = each(Search{0, test.random});
    return any;
}

int run_all(const std::vector<const Test*>& tests) {
    int failed = 0;
    for (const Test* test : tests) {
        const bool any = any_search(*test, [&](const Search& search) {
            return in_child([&] { return run(*test, search); }) != Outcome::kFine;
        });
        if (!any) continue;
        ++failed;
        std::printf("    the steps: weak_memory --history %s\n", test->name);
    }
    return failed == 0 ? 0 : 1;
}

// Checks the faults of a file. A line has a fault and tests. With the fault, at least one of the tests must fail or
// crash.
int run_faults(const char* path, const std::set<std::string>& wanted) {
    std::ifstream file(path);
    if (!file) {
        std::fprintf(stderr, "weak_memory: %s cannot be read\n", path);
        return 2;
    }
    std::string line;
    unsigned found = 0, missed = 0;
    const double begin = now();
    while (std::getline(file, line)) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string fault, name;
        if (!(words >> fault) || (!wanted.empty() && wanted.count(fault) == 0)) continue;
        ::setenv("NAIO_FAULT", fault.c_str(), 1);
        bool killed = false;
        while (!killed && words >> name) {
            const Test* const test = find(name);
            if (test == nullptr) {
                std::printf("%s: there is no test %s\n", fault.c_str(), name.c_str());
                break;
            }
            std::printf("%-32s ", fault.c_str());
            killed = any_search(*test, [&](const Search& search) {
                return in_child([&] { return run(*test, search); }) != Outcome::kFine;
            });
        }
        if (!killed) std::printf("%s: MISSED\n", fault.c_str());
        ++(killed ? found : missed);
    }
    std::printf("%u faults found, %u missed, %.1f s\n", found, missed, now() - begin);
    if (found + missed == 0) std::fprintf(stderr, "weak_memory: none of these faults is in %s\n", path);
    return missed == 0 && found != 0 ? 0 : 1;
}

int usage() {
    std::fputs(
        "usage: weak_memory [TEST...]\n"
        "       weak_memory --list\n"
        "       weak_memory --faults FILE [FAULT...]\n"
        "       weak_memory --history TEST\n",
        stderr);
    return 2;
}

int main_of(std::vector<std::string> words) {
    if (!words.empty() && words[0] == "--list") {
        for (const Test* test = Test::first; test != nullptr; test = test->next) std::printf("%s\n", test->name);
        return 0;
    }
    if (words.size() >= 2 && words[0] == "--faults")
        return run_faults(words[1].c_str(), {words.begin() + 2, words.end()});
    const bool history = !words.empty() && words[0] == "--history";
    if (history) words.erase(words.begin());
    if (history && words.size() != 1) return usage();
    for (const std::string& word : words) {
        if (word[0] == '-') return usage();
        if (find(word) != nullptr) continue;
        std::fprintf(stderr, "weak_memory: there is no test %s; --list prints all\n", word.c_str());
        return 2;
    }
    std::vector<const Test*> tests;
    for (const Test* test = Test::first; test != nullptr; test = test->next)
        if (words.empty() || std::find(words.begin(), words.end(), test->name) != words.end()) tests.push_back(test);
    if (!history) return run_all(tests);
    return any_search(*tests[0], [&](Search search) {
        search.history = true;
        return run(*tests[0], search);
    });
}

}  // namespace

ThreadLocals& thread_locals() noexcept {
    static ThreadLocals locals = [] {
        ThreadLocals made;
        ::dl_iterate_phdr(read_locals, &made);
        return made;
    }();
    return locals;
}

const Test* Test::first = nullptr;

Test::Test(const char* called, unsigned preemptions, unsigned long long executions) noexcept
    : name(called), bound(preemptions), random(executions), next(std::exchange(first, this)) {}

}  // namespace weak_memory

// Relacy replaces the global new and delete, but not the delete with a size.
void operator delete(void* block, std::size_t) noexcept { ::operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { ::operator delete[](block); }

int main(int argc, char** argv) { return weak_memory::main_of({argv + 1, argv + argc}); }
