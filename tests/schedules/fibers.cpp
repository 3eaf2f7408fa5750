// Implements the threads of a schedule (machine.h) as fibers. Each fiber has a stack, and a copy of the program's
// thread-local objects that is swapped in and out. The code is for x86-64, where the program's thread-local objects lie
// below the thread pointer.
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

#include "machine.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" void schedules_switch(void** save, void* load) noexcept;

asm(R"(
    .text
    .globl schedules_switch
schedules_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
)");

namespace schedules::machine {

namespace {

constexpr std::size_t kStack = 256 * 1024;
constexpr std::size_t kSavedRegisters = 6;

struct Fiber {
    void* top = nullptr;    // the stack pointer of a fiber that does not run
    char* stack = nullptr;  // the lowest address
    void* fake_stack = nullptr;
    std::vector<char> locals;
};

struct Locals {
    char* here = nullptr;
    std::size_t size = 0;
    const char* initial = nullptr;
    std::size_t initial_size = 0;
};

Fiber fibers[kMaxThreads];
Locals locals;
int running = 0;
const void* main_stack = nullptr;
std::size_t main_stack_size = 0;

int find_locals(dl_phdr_info* info, std::size_t, void*) noexcept {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& part = info->dlpi_phdr[i];
        if (part.p_type != PT_TLS) continue;
        locals.size = part.p_memsz;
        locals.initial = reinterpret_cast<const char*>(info->dlpi_addr + part.p_vaddr);
        locals.initial_size = part.p_filesz;
        const std::size_t rounded = (part.p_memsz + part.p_align - 1) & ~(part.p_align - 1);
        locals.here = static_cast<char*>(__builtin_thread_pointer()) - rounded;
    }
    return 1;  // ends the search, because the program comes first
}

void find_main_stack() noexcept {
    pthread_attr_t attributes;
    void* lowest = nullptr;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &lowest, &main_stack_size);
    pthread_attr_destroy(&attributes);
    main_stack = lowest;
}

}  // namespace

void open() noexcept {
    if (locals.here != nullptr) return;
    dl_iterate_phdr(find_locals, nullptr);
    find_main_stack();
    fibers[0].locals.resize(locals.size);
}

void create(int thread, void (*entry)()) noexcept {
    Fiber& fiber = fibers[thread];
    if (fiber.stack == nullptr) {
        void* const memory = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            std::fprintf(stderr, "schedules: no memory for a stack\n");
            _exit(3);
        }
        fiber.stack = static_cast<char*>(memory);
    }
#if defined(__SANITIZE_ADDRESS__)
    // The fiber that used this stack before has ended without returning from its functions, so their frames are
    // poisoned.
    __asan_unpoison_memory_region(fiber.stack, kStack);
#endif
    auto** top = reinterpret_cast<void**>(fiber.stack + kStack - 64);
    *--top = nullptr;  // the return address of the entry, which does not return
    *--top = reinterpret_cast<void*>(entry);
    for (std::size_t i = 0; i < kSavedRegisters; ++i) *--top = nullptr;
    fiber.top = top;
    fiber.locals.assign(locals.size, 0);
    std::memcpy(fiber.locals.data(), locals.initial, locals.initial_size);
}

void switch_to(int from, int to, [[maybe_unused]] bool ends) noexcept {
    std::memcpy(fibers[from].locals.data(), locals.here, locals.size);
    std::memcpy(locals.here, fibers[to].locals.data(), locals.size);
    running = to;
#if defined(__SANITIZE_ADDRESS__)
    const bool main = to == 0;
    __sanitizer_start_switch_fiber(ends ? nullptr : &fibers[from].fake_stack, main ? main_stack : fibers[to].stack,
                                   main ? main_stack_size : kStack);
#endif
    schedules_switch(&fibers[from].top, fibers[to].top);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fibers[running].fake_stack, nullptr, nullptr);
#endif
}

void entered() noexcept {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

void reclaim(int) noexcept {}

}  // namespace schedules::machine
