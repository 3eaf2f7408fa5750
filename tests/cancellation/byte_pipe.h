// A provider whose operations read and write a pipe of bytes in memory. An operation ends as soon as it has moved at
// least one byte. While it waits, its guarantee is TOTAL.
#pragma once

#include <naio/naio.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace cancellation {

class BytePipe {
  public:
    // At most `chunk` bytes move at a time, so that long transfers take many operations.
    BytePipe(size_t capacity, size_t chunk) : capacity_(capacity), chunk_(chunk) {}

    void read(nng_aio* aio) { submit(readers_, aio); }
    void write(nng_aio* aio) { submit(writers_, aio); }

    [[nodiscard]] size_t size() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return bytes_.size();
    }

  private:
    struct Done {
        nng_aio* aio;
        size_t count;
    };
    using Line = std::deque<nng_aio*>;

    void submit(Line& line, nng_aio* aio) {
        std::vector<Done> done;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!naio_aio_start(aio, NAIO_CANCEL_TOTAL, &BytePipe::cancel, nullptr, this)) return;
            line.push_back(aio);
            move(done);
        }
        for (const Done& each : done) naio_aio_finish(each.aio, NNG_OK, each.count);
    }

    void move(std::vector<Done>& done) {
        for (bool moved = true; moved;) {
            moved = false;
            if (!writers_.empty() && bytes_.size() < capacity_) {
                done.push_back(take_from(writers_));
                moved = true;
            }
            if (!readers_.empty() && !bytes_.empty()) {
                done.push_back(give_to(readers_));
                moved = true;
            }
        }
    }

    Done take_from(Line& line) {
        nng_aio* aio = line.front();
        line.pop_front();
        const nng_iov* iov = nullptr;
        size_t count = 0;
        if (naio_aio_get_iov(aio, &iov) > 0) {
            count = std::min({iov->iov_len, capacity_ - bytes_.size(), chunk_});
            bytes_.append(static_cast<const char*>(iov->iov_buf), count);
        }
        return {aio, count};
    }

    Done give_to(Line& line) {
        nng_aio* aio = line.front();
        line.pop_front();
        const nng_iov* iov = nullptr;
        size_t count = 0;
        if (naio_aio_get_iov(aio, &iov) > 0) {
            count = std::min({iov->iov_len, bytes_.size(), chunk_});
            std::memcpy(iov->iov_buf, bytes_.data(), count);
            bytes_.erase(0, count);
        }
        return {aio, count};
    }

    static bool cancel(nng_aio* aio, void* self, naio_cancel, nng_err reason) {
        return static_cast<BytePipe*>(self)->withdraw(aio) && (naio_aio_finish(aio, reason, 0), true);
    }
    bool withdraw(nng_aio* aio) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return std::erase(readers_, aio) + std::erase(writers_, aio) != 0;
    }

    const size_t capacity_;
    const size_t chunk_;
    std::mutex mutex_;
    std::string bytes_;
    Line readers_;
    Line writers_;
};

}  // namespace cancellation
