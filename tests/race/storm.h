// Everything at once: threads that do whatever is legal to whatever handle, at random, until enough has been done.
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

// Which threads may use a handle: many share it, or one owns it, frees it, and allocates another one in its place.
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

    // One thread's share.
    void rage(unsigned thread, unsigned turns);

    [[nodiscard]] unsigned long operations() const;

  private:
    struct Place {
        Subject subject;
        Provider* provider = nullptr;
        unsigned index = 0;
        Lease lease;
        std::atomic<bool> submitting{false};  // some thread is about to submit: no other one may
        std::atomic<bool> orphaned{false};    // its callback has reaped the handle, and left the lease to the finder
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
