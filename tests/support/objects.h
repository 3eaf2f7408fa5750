// Streams, their dialers and listeners, and plain descriptors, each released at the end of its scope.
#pragma once

#include <nng/nng.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace support {

struct FreeObject {
    void operator()(nng_stream* stream) const { nng_stream_free(stream); }
    void operator()(nng_stream_dialer* dialer) const { nng_stream_dialer_free(dialer); }
    void operator()(nng_stream_listener* listener) const { nng_stream_listener_free(listener); }
};

template <class T>
class Object : public std::unique_ptr<T, FreeObject> {
  public:
    using std::unique_ptr<T, FreeObject>::unique_ptr;
    operator T*() const { return this->get(); }
};

using Stream = Object<nng_stream>;
using Dialer = Object<nng_stream_dialer>;
using Listener = Object<nng_stream_listener>;

// Owns a descriptor of the system.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(); }

    operator int() const { return fd_; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1) {
        if (fd_ >= 0) close(fd_);
        fd_ = fd;
    }

  private:
    int fd_ = -1;
};

}  // namespace support
