// A pointer that owns a message, and a function that returns the bytes of a body or a header as text.
#pragma once

#include <memory>
#include <string_view>

#include "msg/message.h"

namespace naio {

struct Destroy {
    void operator()(Message* message) const { Message::destroy(message); }
};
using Owned = std::unique_ptr<Message, Destroy>;

template <class Bytes>
std::string_view text(Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace naio
