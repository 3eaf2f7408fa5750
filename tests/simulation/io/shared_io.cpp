// Calls of several threads to the same streams, listener and dialer: see shared_io.h.
#include "shared_io.h"

#include <naio/naio.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "platform.h"
#include "program.h"

namespace simulation {

namespace {

constexpr unsigned kThreads = 3;
constexpr unsigned kHandles = 3;  // handles of each thread
constexpr unsigned kMemory = 2048;

using Stream = std::shared_ptr<nng_stream>;
using Dialer = std::shared_ptr<nng_stream_dialer>;

class SharedIo;

struct Handle {
    SharedIo* all = nullptr;
    nng_aio* aio = nullptr;
    std::array<char, kMemory> memory{};
    bool makes_stream = false;
    Stream owned;  // the callback frees it if the operation ends with NNG_ECLOSED
    std::atomic<bool> idle{true};
    std::atomic<unsigned> starts{0}, callbacks{0};
};

class SharedIo {
  public:
    SharedIo(std::uint64_t seed, unsigned length)
        : seed_(seed),
          length_(length),
          folder_(make_folder()),
          url_(seed % 2 == 0 ? "tcp://127.0.0.1:4000" : "ipc://" + folder_ + "/socket") {
        for (auto& thread : handles_)
            for (Handle& handle : thread) {
                handle.all = this;
                nng_aio_alloc(&handle.aio, called_back, &handle);
            }
        nng_aio_alloc(&last_, nullptr, nullptr);
        nng_stream_listener_alloc(&listener_, url_.c_str());
        dialer_ = make_dialer();
    }
    ~SharedIo() {
        for (auto& thread : handles_)
            for (Handle& handle : thread) nng_aio_free(handle.aio);
        nng_aio_free(last_);
        nng_stream_listener_free(listener_);
        dialer_.reset();
        for (Stream& each : streams_) each.reset();
        remove_folder(folder_);
    }
    SharedIo(const SharedIo&) = delete;
    SharedIo& operator=(const SharedIo&) = delete;

    std::string run() {
        run_threads(kThreads, [this](unsigned thread) { make_calls(thread); });
        close_all();
        for (auto& thread : handles_)
            for (Handle& handle : thread) {
                nng_aio_wait(handle.aio);
                if (handle.starts != handle.callbacks) return "an operation has not had exactly one callback";
            }
        nng_stream_listener_accept(listener_, last_);
        nng_aio_wait(last_);
        return nng_aio_result(last_) == NNG_ECLOSED ? "" : "a closed listener accepts";
    }

  private:
    static void called_back(void* argument) {
        Handle& handle = *static_cast<Handle*>(argument);
        if (handle.makes_stream && nng_aio_result(handle.aio) == NNG_OK) {
            Stream made(static_cast<nng_stream*>(nng_aio_get_output(handle.aio, 0)), nng_stream_free);
            handle.all->keep(std::move(made), handle.callbacks % 2);
        }
        if (nng_aio_result(handle.aio) == NNG_ECLOSED) handle.owned.reset();
        ++handle.callbacks;
        handle.idle = true;
    }

    // Puts the stream into the place. The stream that was there before is freed after the lock is released, unless a
    // thread uses it.
    void keep(Stream stream, unsigned place) {
        const std::lock_guard lock(mutex_);
        all_streams_.push_back(stream);
        std::swap(streams_[place], stream);
    }

    Dialer make_dialer() {
        nng_stream_dialer* made = nullptr;
        nng_stream_dialer_alloc(&made, url_.c_str());
        const Dialer dialer(made, nng_stream_dialer_free);
        const std::lock_guard lock(mutex_);
        all_dialers_.push_back(dialer);
        return dialer;
    }

    // Closes all objects, so that each operation ends without a request.
    void close_all() {
        nng_stream_listener_close(listener_);
        close_each(all_dialers_, nng_stream_dialer_close);
        close_each(all_streams_, nng_stream_close);
    }

    // Closes each object. A callback may add a stream at the same time.
    template <class Object>
    void close_each(const std::vector<std::weak_ptr<Object>>& all, void (*close)(Object*)) {
        for (std::size_t i = 0;; ++i) {
            std::unique_lock lock(mutex_);
            if (i == all.size()) return;
            const std::shared_ptr<Object> object = all[i].lock();
            lock.unlock();
            if (object != nullptr) close(object.get());
        }
    }

    Stream take(unsigned place) {
        const std::lock_guard lock(mutex_);
        return std::exchange(streams_[place], nullptr);
    }

    Stream stream_at(unsigned place) {
        const std::lock_guard lock(mutex_);
        return streams_[place];
    }

    // Prepares the handle for an operation. The caller must then start the operation.
    static void prepare(Handle& handle, nng_duration timeout, std::size_t bytes, bool makes_stream) {
        nng_aio_set_timeout(handle.aio, timeout);
        nng_iov vector{handle.memory.data(), bytes};
        nng_aio_set_iov(handle.aio, 1, &vector);
        handle.makes_stream = makes_stream;
        handle.idle = false;
        ++handle.starts;
    }

    void start(Handle& handle, Random& random) {
        const auto timeout = static_cast<nng_duration>(random.below(12));
        const std::size_t bytes = 1 + random.below(random.below(4) == 0 ? kMemory : 64);
        const unsigned what = random.below(8);
        const bool makes_stream = what < 4;
        // `stream` and `dialer` are held during the call, but not while the operation is in flight.
        const Stream stream = stream_at(random.below(2));
        if (!makes_stream && stream == nullptr) return;
        Dialer dialer;
        {
            const std::lock_guard lock(mutex_);
            dialer = dialer_;
        }
        prepare(handle, timeout < 4 ? timeout : NNG_DURATION_INFINITE, bytes, makes_stream);
        switch (what) {
            case 0:
            case 1:
                return nng_stream_dialer_dial(dialer.get(), handle.aio);
            case 2:
            case 3:
                return nng_stream_listener_accept(listener_, handle.aio);
            case 4:
                return nng_stream_send(stream.get(), handle.aio);
            case 5:
                return nng_stream_recv(stream.get(), handle.aio);
            case 6:
                return naio_stream_recv_all(stream.get(), handle.aio, NAIO_CANCEL_TOTAL);
            default:
                return naio_stream_shutdown(stream.get(), handle.aio);
        }
    }

    // Closes a stream on which a receive is in flight. The callback of the receive frees the stream, perhaps before
    // nng_stream_close returns.
    void close_owned(Handle& handle, unsigned place) {
        if (!handle.idle) return;
        Stream stream;
        {
            const std::lock_guard lock(mutex_);
            if (streams_[place].use_count() == 1) std::swap(streams_[place], stream);
        }
        if (stream == nullptr) return;
        prepare(handle, NNG_DURATION_INFINITE, 1, false);
        nng_stream* const owned = stream.get();
        handle.owned = std::move(stream);
        nng_stream_recv(owned, handle.aio);
        nng_stream_close(owned);
        nng_aio_wait(handle.aio);
        handle.owned.reset();
    }

    void make_calls(unsigned thread) {
        Random random(seed_ * kThreads + thread);
        if (thread == 0) nng_stream_listener_listen(listener_);
        for (unsigned i = 0; i < length_; ++i) {
            Handle& own = handles_[thread][random.below(kHandles)];
            if (own.idle && random.below(4) != 0) {
                start(own, random);
                continue;
            }
            switch (random.below(12)) {
                case 0:
                case 1:
                case 2:
                    nng_aio_cancel(handles_[random.below(kThreads)][random.below(kHandles)].aio);
                    break;
                case 3:
                    nng_aio_cancel(own.aio);
                    nng_aio_wait(own.aio);
                    break;
                case 4:
                case 5:
                    // Closes or stops a stream. The last thread that uses the stream frees it. take() has emptied the
                    // stream's place, so no place has a closed stream.
                    if (const Stream stream = take(random.below(2)); stream != nullptr)
                        random.below(2) == 0 ? nng_stream_close(stream.get()) : nng_stream_stop(stream.get());
                    break;
                case 6:
                    close_owned(own, random.below(2));
                    break;
                case 7:
                    if (random.below(16) == 0) nng_stream_listener_close(listener_);
                    break;
                case 8:
                    if (random.below(4) == 0) renew_dialer();
                    break;
                default:
                    let_others_run();
            }
        }
    }

    // Replaces the dialer, and closes the former one. The last thread that uses the former dialer frees it.
    void renew_dialer() {
        Dialer dialer = make_dialer();
        {
            const std::lock_guard lock(mutex_);
            std::swap(dialer_, dialer);
        }
        nng_stream_dialer_close(dialer.get());
        if (seed_ % 4 < 2) nng_stream_dialer_stop(dialer.get());
    }

    const std::uint64_t seed_;
    const unsigned length_;
    const std::string folder_, url_;
    std::array<std::array<Handle, kHandles>, kThreads> handles_;
    nng_aio* last_ = nullptr;
    nng_stream_listener* listener_ = nullptr;
    std::mutex mutex_;  // guards the following members
    std::array<Stream, 2> streams_;
    Dialer dialer_;
    std::vector<std::weak_ptr<nng_stream>> all_streams_;
    std::vector<std::weak_ptr<nng_stream_dialer>> all_dialers_;
};

}  // namespace

std::string run_shared_io(std::uint64_t seed, unsigned length) {
    auto shared = std::make_unique<SharedIo>(seed, length);
    std::string wrong = shared->run();
    if (!wrong.empty()) static_cast<void>(shared.release());  // its handles may never become idle
    return wrong;
}

}  // namespace simulation
