// Returns the name of the calling thread, as the system knows it.
#pragma once

#include <pthread.h>

#include <array>
#include <string>

namespace support {

inline std::string thread_name() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return name.data();
}

}  // namespace support
