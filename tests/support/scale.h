// Scales race tests and random tests: they do fewer rounds under a sanitizer, which makes everything an order of
// magnitude slower.
#pragma once

namespace support {

#if defined(__SANITIZE_THREAD__)
inline constexpr unsigned kShare = 3;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr unsigned kShare = 2;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr unsigned kShare = 3;
#elif __has_feature(address_sanitizer)
inline constexpr unsigned kShare = 2;
#else
inline constexpr unsigned kShare = 1;
#endif
#else
inline constexpr unsigned kShare = 1;
#endif

// Returns the number of rounds for a test that does `count` rounds without a sanitizer.
constexpr unsigned rounds(unsigned count) { return (count + kShare - 1) / kShare; }

}  // namespace support
