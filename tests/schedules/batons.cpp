// Implements the threads of a schedule (machine.h) as threads of the system. Only the thread that has the baton runs.
// ThreadSanitizer sees the threads start and end. It does not see the baton, because this file is not instrumented and
// the baton is a futex. So ThreadSanitizer reports all accesses that the program's own atomics and locks do not order.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "machine.h"

namespace schedules::machine {

namespace {

struct Player {
    volatile int has_baton = 0;
    pthread_t thread{};
    bool to_join = false;
    void (*entry)() = nullptr;
};

Player players[kMaxThreads];

void wait_for_baton(Player& player) noexcept {
    while (player.has_baton == 0) syscall(SYS_futex, &player.has_baton, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    player.has_baton = 0;
    asm volatile("" ::: "memory");
}

void hand_baton(Player& player) noexcept {
    asm volatile("" ::: "memory");
    player.has_baton = 1;
    syscall(SYS_futex, &player.has_baton, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void* play(void* self) {
    auto& player = *static_cast<Player*>(self);
    wait_for_baton(player);
    player.entry();
    return nullptr;
}

}  // namespace

void open() noexcept {}

void create(int thread, void (*entry)()) noexcept {
    Player& player = players[thread];
    player.has_baton = 0;
    player.entry = entry;
    if (pthread_create(&player.thread, nullptr, play, &player) != 0) {
        std::fprintf(stderr, "schedules: the system has no more threads\n");
        _exit(3);
    }
    player.to_join = true;
}

void switch_to(int from, int to, bool ends) noexcept {
    hand_baton(players[to]);
    if (!ends) wait_for_baton(players[from]);
}

void entered() noexcept {}

void reclaim(int thread) noexcept {
    Player& player = players[thread];
    if (player.to_join) pthread_join(player.thread, nullptr);
    player.to_join = false;
}

}  // namespace schedules::machine
