// Asio: nothing keeps an operation's completion, or the next operation, from meeting a cancellation
// handler that is still running.
//
// One thread emits. While the handler that the operation has put into the slot runs there, another
// thread completes the operation, because nothing makes it wait. Its completion handler runs beside
// the cancellation handler, and starts the next operation with the same slot, which destroys the
// cancellation handler that is running. (A handler that used itself afterwards would
// use freed memory. This one does not, so that the program is well defined. The two threads take
// turns through promises, so that each run is the same.)
//
// Asio says so: a slot is as safe as its I/O object, that is, calls must not overlap. The program
// has to keep them apart, with a strand for example.
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

// Something that happens once, to wait for.
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
