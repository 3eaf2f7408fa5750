// A look-up function that tests give to the resolver in place of getaddrinfo. A look-up of "hang" returns only after
// the test has called let_go().
#pragma once

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace naio {

// Only one object may exist at a time, because all objects share one state. The names:
// - "one" has one address, "many" has ten, and "none" is unknown.
// - "down" fails for now (EAI_AGAIN), and "broken" fails in the system (EMFILE).
// - A signal interrupts the first look-up of "interrupted".
// - "hang" has the address of "one". Its look-up returns only after the test has called let_go().
// - "self", "self6", "self6.example" and "far6" are names on a machine whose only IPv6 address is ::1. "self" has ::1,
//   127.0.0.1 and an IPv6 address that this machine cannot reach; "self6" and "self6.example" have ::1 alone; "far6"
//   has only an IPv6 address that this machine cannot reach. A look-up with AI_ADDRCONFIG finds none of the IPv6
//   addresses.
// - Each other name has the address of "one".
class FakeNames {
  public:
    FakeNames() {
        Lock lock(state().mutex);
        state().asked = state().answered = state().let_go = 0;
        state().interrupts = true;
    }

    static int look_up(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
        const std::string name = host != nullptr ? host : "";
        wait_if(name == "hang");
        if (name == "none") return EAI_NONAME;
        if (name == "down") return EAI_AGAIN;
        if (name == "broken") {
            errno = EMFILE;
            return EAI_SYSTEM;
        }
        if (name == "interrupted" && std::exchange(state().interrupts, false)) {
            errno = EINTR;
            return EAI_SYSTEM;
        }
        addrinfo numeric = *hints;
        numeric.ai_flags = AI_NUMERICHOST;
        *found = nullptr;
        const std::vector<std::string> addresses = addresses_of(name, (hints->ai_flags & AI_ADDRCONFIG) != 0);
        for (auto address = addresses.rbegin(); address != addresses.rend(); ++address) {
            addrinfo* one = nullptr;
            if (const int error = getaddrinfo(address->c_str(), service, &numeric, &one); error != 0) return error;
            one->ai_next = *found;
            *found = one;
        }
        return addresses.empty() ? EAI_NONAME : 0;
    }

    static void wait_until_asked(int n) { wait_for(&State::asked, n); }
    static void wait_until_answered(int n) { wait_for(&State::answered, n); }
    static int answered() {
        Lock lock(state().mutex);
        return state().answered;
    }
    // Lets n look-ups of "hang" return, in any order.
    static void let_go(int n = 1) {
        Lock lock(state().mutex);
        state().let_go += n;
        state().changed.notify_all();
    }

  private:
    using Lock = std::unique_lock<std::mutex>;
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        int asked = 0, answered = 0, let_go = 0;
        bool interrupts = true;
    };
    static State& state() {
        static State& instance = *new State;
        return instance;
    }

    static std::vector<std::string> addresses_of(const std::string& name, bool of_configured_families) {
        if (name == "self" && of_configured_families) return {"127.0.0.1"};
        if (name == "self") return {"2001:db8::1", "::1", "127.0.0.1"};
        if (name == "far6" && !of_configured_families) return {"2001:db8::1"};
        if (name.starts_with("self6") && !of_configured_families) return {"::1"};
        if (name == "far6" || name.starts_with("self6")) return {};
        std::vector<std::string> addresses;
        for (int i = 1; i <= (name == "many" ? 10 : 1); ++i) addresses.push_back("10.0.0." + std::to_string(i));
        return addresses;
    }

    static void wait_if(bool hangs) {
        State& s = state();
        Lock lock(s.mutex);
        ++s.asked;
        s.changed.notify_all();
        if (hangs) {
            s.changed.wait(lock, [&s] { return s.let_go > 0; });
            --s.let_go;
        }
        ++s.answered;
        s.changed.notify_all();
    }
    static void wait_for(int State::*count, int n) {
        State& s = state();
        Lock lock(s.mutex);
        s.changed.wait(lock, [&] { return s.*count >= n; });
    }
};

}  // namespace naio
