// A descriptor that is readable while something is ready, for poll and its like. Its owner guards it.
#pragma once

namespace naio {

class ReadyDescriptor {
  public:
    ReadyDescriptor() noexcept = default;
    ReadyDescriptor(const ReadyDescriptor&) = delete;
    ReadyDescriptor& operator=(const ReadyDescriptor&) = delete;
    ~ReadyDescriptor();

    // The descriptor, created by the first call; -1 if the system has none.
    [[nodiscard]] int open(bool ready) noexcept;

    // Readable from now on; no longer. Nothing happens before it is open.
    void raise() noexcept;
    void lower() noexcept;

  private:
    int ends_[2] = {-1, -1};  // of a pipe: to poll, and to write to
};

}  // namespace naio
