// A descriptor that is readable while its owner's queue has tasks, for poll and similar calls. The owner guards the
// ReadyDescriptor with the queue's lock.
#pragma once

namespace naio {

class ReadyDescriptor {
  public:
    ReadyDescriptor() noexcept = default;
    ReadyDescriptor(const ReadyDescriptor&) = delete;
    ReadyDescriptor& operator=(const ReadyDescriptor&) = delete;
    ~ReadyDescriptor();

    // Returns the descriptor. The first call creates it, and makes it readable if `ready` is true. Returns -1 if the
    // system has none to give.
    [[nodiscard]] int open(bool ready) noexcept;

    // raise makes the descriptor readable, and lower makes it no longer readable. They do nothing before open has
    // created the descriptor.
    void raise() noexcept;
    void lower() noexcept;

  private:
    int ends_[2] = {-1, -1};  // the ends of a pipe: one to poll, one to write to
};

}  // namespace naio
