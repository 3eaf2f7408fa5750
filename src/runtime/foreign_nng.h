// Finds another library in the process that is NNG itself: a file that defines NNG's sockets and an nng_aio_alloc of
// its own. NNG's sockets call functions that both libraries define, such as nng_stream_dialer_dial. If the loader has
// bound these calls to naio, or will, NNG gets naio's objects and neither library works.
//
// The Runtime looks once, when it comes up for the first time, and refuses to come up if it sees such calls
// (docs/two-libraries.md says what cannot be seen). The look takes no lock of the library and none that is held while
// constructors run, and allocates nothing. On systems other than Linux, and in the prefixed flavour, whose names no
// other library has, nothing is found.
#pragma once

#include "base/dump.h"

namespace naio {

class ForeignNng {
  public:
    enum class Verdict : unsigned char {
        kNone,
        kUnclear,   // there is one, and the look does not show where its calls go
        kConflict,  // there is one, and its calls come to this library
    };

    // Looks through all files that the loader has mapped, unless the environment has NAIO_FOREIGN_NNG=accept.
    void look() noexcept;

    [[nodiscard]] Verdict verdict() const noexcept { return verdict_; }
    // Adds what was found, which names both files. REQUIRES: the verdict is not kNone.
    void describe(DumpLine& line) const noexcept;

  private:
    static constexpr unsigned kRoom = 128;

    Verdict verdict_ = Verdict::kNone;
    char foreign_[kRoom] = {};  // the ends of the paths of the two files
    char own_[kRoom] = {};
};

}  // namespace naio
