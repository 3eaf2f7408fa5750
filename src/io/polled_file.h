// An open file whose readiness the system can report: a pipe, a FIFO, a terminal, another device.
//
// A read is done when it has moved at least one byte, or the file has ended. A write is a whole operation of the
// descriptor: it is done when all is written. The other operations are sync, status, and reads and writes at an offset,
// which only some devices support. They never wait: the call that submits such an operation performs it.
//
// The library has opened the descriptor itself. So its open file description belongs to this file alone, and O_NONBLOCK
// changes no other description of the same pipe or terminal. (Systems other than Linux may share the description if the
// path is /dev/stdin.)
//
// Invariants:
//  1. closer_ is set before the descriptor is closed, or stays nullptr. The operation of closer_ finishes after the
//     system has closed the descriptor.
#pragma once

#include "aio/aio.h"
#include "base/allocator.h"
#include "exec/blocking_queue.h"
#include "io/descriptor.h"
#include "io/file.h"

namespace naio {

class PolledFile final : public File, public Descriptor {
  public:
    // Says which thread closes the descriptor. kOnQueue is for a descriptor whose close may block: close(2) of a
    // terminal waits until all output has been sent.
    enum class Close : bool { kOnPoller, kOnQueue };

    struct Services {
        BlockingQueue& closings;
        const Allocator& allocator;
    };

    // Takes over a non-blocking descriptor. The caller has the first reference.
    PolledFile(const Services& services, Poller& poller, int fd, Close how) noexcept
        : Descriptor(poller, fd, take, put), services_(services), how_(how), closing_(*this) {}

    void read(Aio& aio, Offset offset) noexcept override;
    void write(Aio& aio, Offset offset) noexcept override;
    void sync(Aio& aio) noexcept override;
    void status(Aio& aio, naio_file_status& to) noexcept override;
    void close(Aio& aio) noexcept override;
    void free() noexcept override;

  private:
    friend class Allocator;
    struct Closing final : BlockingQueue::Job {
        explicit Closing(PolledFile& owner) noexcept : Job(call, ended), file(owner) {}
        static void call(Job& job) noexcept;
        static void ended(Job& job, BlockingQueue::End how) noexcept;
        PolledFile& file;
        FileResult result{};
    };

    ~PolledFile() override = default;
    void destroy() noexcept override { services_.allocator.destroy(this); }
    void close_descriptor(int fd) noexcept override;
    template <class Use>
    void do_at_once(Aio& aio, Use use) noexcept;

    static Attempt take(Descriptor& self, Aio& aio) noexcept;
    static Attempt put(Descriptor& self, Aio& aio) noexcept;

    const Services services_;
    const Close how_;
    Aio* closer_ = nullptr;  // the aio of naio_file_close
    Closing closing_;
};

}  // namespace naio
