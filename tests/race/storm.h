// Threads that make random legal calls to random handles.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "courier.h"
#include "provider.h"
#include "subject.h"

namespace race {

// Decides which threads may use a handle. Either many threads share it, or one thread owns it, and may free it and
// allocate another one in its place.
class Lease {
  public:
    [[nodiscard]] bool try_share();
    void unshare() { users_.fetch_sub(1, std::memory_order_release); }

    [[nodiscard]] bool try_own();
    void disown() { users_.store(0, std::memory_order_release); }

  private:
    static constexpr int kOwned = -1;
    std::atomic<int> users_{0};
};

class Storm {
  public:
    explicit Storm(unsigned handles);
    ~Storm();
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;

    // Makes `turns` random calls. Each thread of the storm calls it.
    void rage(unsigned thread, unsigned turns);

    [[nodiscard]] unsigned long operations() const;

  private:
    struct Place {
        Subject subject;
        Provider* provider = nullptr;
        unsigned index = 0;
        Lease lease;
        std::atomic<bool> submitting{false};  // a thread is about to submit, so no other thread may submit
        std::atomic<bool> orphaned{false};    // a callback has reaped it; a thread that clears the flag owns the lease
    };

    void turn(Place& place, Random& random);
    void use(Place& place, Random& random);
    void replace(Place& place, Random& random);
    void adopt(Place& place);
    void submit(Place& place, Random& random);
    void call_back(Place& place, nng_err result);
    void open(Place& place);
    [[nodiscard]] static Limit limit(Random& random);

    std::deque<Place> places_;
    std::vector<std::unique_ptr<Provider>> providers_;
    Courier courier_;
};

}  // namespace race
