#include "msg/message.h"

#include <bit>

namespace {

// Returns the number of spare bytes at each end of a new body. Protocols add bytes there. A body whose size is a large
// power of two has none, because a program that asks for the size of a page, for example, wants no larger block.
constexpr std::size_t room_for(std::size_t size) noexcept { return size >= 1024 && std::has_single_bit(size) ? 0 : 32; }

}  // namespace

nng_msg* nng_msg::create(const naio::Allocator& allocator, std::size_t size) noexcept {
    auto* message = allocator.create<nng_msg>(allocator);
    if (message == nullptr || message->body_.allocate(size, room_for(size)) == NNG_OK) return message;
    destroy(message);
    return nullptr;
}

nng_msg* nng_msg::duplicate() const noexcept {
    auto* copy = body_.allocator().create<nng_msg>(body_.allocator());
    if (copy == nullptr) return nullptr;
    copy->header_ = header_;
    if (copy->body_.copy(body_) == NNG_OK) return copy;
    destroy(copy);
    return nullptr;
}

void nng_msg::destroy(nng_msg* message) noexcept {
    if (message != nullptr) message->body_.allocator().destroy(message);
}
