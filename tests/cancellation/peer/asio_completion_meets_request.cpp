// Asio: an operation may complete, and the next one may start, while a cancellation handler of the operation is still
// running.
//
// One thread emits, and runs the cancellation handler that the operation has put into the slot. Another thread
// completes the operation at the same time, because nothing makes it wait. The completion handler runs beside the
// cancellation handler, and starts the next operation with the same slot. This start destroys the cancellation handler
// that is running. (A cancellation handler that used its members after that would use freed memory. The handler here
// does not, so that the program is well defined. The two threads take turns through promises, so that each run is the
// same.)
//
// Asio documents this: a slot is as safe as its I/O object, that is, calls must not overlap. A program has to keep such
// calls apart, for example with a strand.
#include <asio.hpp>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "expect.h"

namespace {

struct Meeting {
    std::promise<void> request_arrived;
    std::promise<void> next_started;
    bool request_runs = false;
    bool completed_meanwhile = false;
    bool destroyed_meanwhile = false;
};

// The cancellation handler that the operation puts into the slot.
class Request {
  public:
    explicit Request(Meeting& meeting) : meeting_(meeting) {}
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() { meeting_.destroyed_meanwhile = meeting_.destroyed_meanwhile || meeting_.request_runs; }

    void operator()(asio::cancellation_type) {
        Meeting& meeting = meeting_;
        meeting.request_runs = true;
        meeting.request_arrived.set_value();
        meeting.next_started.get_future().wait();
        meeting.request_runs = false;
    }

  private:
    Meeting& meeting_;
};

// An event for which one operation at a time waits.
class Event {
  public:
    explicit Event(Meeting& meeting) : meeting_(meeting) {}

    template <class Token>
    auto async_wait(Token&& token) {
        return asio::async_initiate<Token, void()>(
            [this](auto handler) {
                auto slot = asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected()) slot.template emplace<Request>(meeting_);
                complete_ = std::move(handler);
            },
            token);
    }

    void happen() { std::exchange(complete_, nullptr)(); }

  private:
    Meeting& meeting_;
    std::function<void()> complete_;
};

}  // namespace

int main() {
    Meeting meeting;
    Event event(meeting);
    asio::cancellation_signal signal;

    event.async_wait(asio::bind_cancellation_slot(signal.slot(), [&] {
        meeting.completed_meanwhile = meeting.request_runs;
        event.async_wait(asio::bind_cancellation_slot(signal.slot(), [] {}));
    }));

    std::thread provider([&] {
        meeting.request_arrived.get_future().wait();
        event.happen();
        meeting.next_started.set_value();
    });
    signal.emit(asio::cancellation_type::total);
    provider.join();

    expect(meeting.completed_meanwhile, "the operation completes beside its cancellation handler");
    expect(meeting.destroyed_meanwhile, "the next operation destroys the cancellation handler that is running");
}
