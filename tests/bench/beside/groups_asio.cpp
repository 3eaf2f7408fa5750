// The groups of groups.cpp, with Asio and a context that one thread runs. The handler of a group starts the next one.
// Groups of 2 and 10 are variadic, larger ones are ranged.
#include <asio.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <thread>

#include "common/measure.h"
#include "common/socket_pair.h"
#include "rows.h"

namespace peer {

namespace {

enum class Event { kByteComes, kOneReady, kAllReady, kCancelled };

namespace ex = asio::experimental;

class Groups {
  public:
    Groups(Event event, bool here, long size, long events)
        : event_(event), here_(here), size_(static_cast<std::size_t>(size)), left_(events) {
        for (std::size_t i = 0; i < size_; ++i) timers_.emplace_back(context_);
        if (event_ != Event::kByteComes) return;
        int ends[2];
        socket_pair(false, ends);
        socket_.assign(asio::local::stream_protocol(), ends[0]);
        peer_.assign(asio::local::stream_protocol(), ends[1]);
    }

    double run() {
        const double events = static_cast<double>(left_);
        const int64_t begin = now_ns();
        asio::post(context_, [this] { launch(); });
        if (here_)
            context_.run();
        else
            std::thread([this] { context_.run(); }).join();
        return static_cast<double>(now_ns() - begin) / events;
    }

  private:
    // Begins member i with a completion handler. The members of a ranged group have one type.
    struct Member {
        Groups* groups;
        std::size_t i;
        template <class Handler>
        void operator()(Handler&& handler) {
            groups->begin(i, std::forward<Handler>(handler));
        }
    };
    auto member(std::size_t i) {
        return asio::async_initiate<const asio::deferred_t&, void(asio::error_code)>(Member{this, i}, asio::deferred);
    }
    template <class Handler>
    void begin(std::size_t i, Handler&& handler) {
        if (event_ == Event::kAllReady || (event_ == Event::kOneReady && i == 0)) {
            return asio::post(context_,
                              [handler = std::forward<Handler>(handler)]() mutable { handler(asio::error_code()); });
        }
        if (event_ == Event::kByteComes && i == 0) {
            const auto slot = asio::get_associated_cancellation_slot(handler);
            auto done = [handler = std::forward<Handler>(handler)](asio::error_code error, std::size_t) mutable {
                handler(error);
            };
            return socket_.async_read_some(asio::buffer(&byte_, 1),
                                           asio::bind_cancellation_slot(slot, std::move(done)));
        }
        timers_[i].expires_after(std::chrono::seconds(60));
        timers_[i].async_wait(std::forward<Handler>(handler));
    }

    template <class Group>
    void wait_for(Group&& group) {
        const auto next = [this](auto&&...) {
            if (--left_ != 0) launch();
        };
        if (event_ == Event::kByteComes || event_ == Event::kOneReady)
            group.async_wait(ex::wait_for_one(), next);
        else if (event_ == Event::kCancelled)
            group.async_wait(ex::wait_for_all(), asio::bind_cancellation_slot(signal_.slot(), next));
        else
            group.async_wait(ex::wait_for_all(), next);
    }
    template <std::size_t... i>
    void launch_some(std::index_sequence<i...>) {
        wait_for(ex::make_parallel_group(member(i)...));
    }
    void launch() {
        if (size_ == 2) {
            launch_some(std::make_index_sequence<2>());
        } else if (size_ == 10) {
            launch_some(std::make_index_sequence<10>());
        } else {
            std::vector<decltype(member(0))> members;
            members.reserve(size_);
            for (std::size_t i = 0; i < size_; ++i) members.push_back(member(i));
            wait_for(ex::make_parallel_group(std::move(members)));
        }
        if (event_ == Event::kByteComes) require(::write(peer_.native_handle(), "x", 1) == 1, "write");
        if (event_ == Event::kCancelled) signal_.emit(asio::cancellation_type::terminal);
    }

    const Event event_;
    const bool here_;
    const std::size_t size_;
    long left_;
    asio::io_context context_{1};
    std::vector<asio::steady_timer> timers_;
    asio::local::stream_protocol::socket socket_{context_};
    asio::local::stream_protocol::socket peer_{context_};
    asio::cancellation_signal signal_;
    char byte_ = 0;
};

}  // namespace

template <bool here>
double byte_comes(long size, long events) {
    return Groups(Event::kByteComes, here, size, events).run();
}
template <bool here>
double one_ready(long size, long events) {
    return Groups(Event::kOneReady, here, size, events).run();
}
template <bool here>
double all_ready(long size, long events) {
    return Groups(Event::kAllReady, here, size, events).run();
}
template <bool here>
double cancelled(long size, long events) {
    return Groups(Event::kCancelled, here, size, events).run();
}

template double byte_comes<false>(long, long);
template double byte_comes<true>(long, long);
template double one_ready<false>(long, long);
template double one_ready<true>(long, long);
template double all_ready<false>(long, long);
template double all_ready<true>(long, long);
template double cancelled<false>(long, long);
template double cancelled<true>(long, long);

}  // namespace peer
