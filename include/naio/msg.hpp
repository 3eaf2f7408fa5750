// The class msg, which owns a message. See naio.hpp.
#ifndef NAIO_MSG_HPP
#define NAIO_MSG_HPP

#include <nng/nng.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace naio {

// Owns one nng_msg, or is empty (false). On an empty object call only get, release and operator bool.
class msg {
  public:
    msg() noexcept = default;

    // Makes an object that owns `message`.
    // NULL: makes an empty object. Memory: takes over the message.
    explicit msg(nng_msg* message) noexcept : message_(message) {}

    // Returns a message with a body of `size` bytes, unspecified; an empty object if there is no memory.
    static msg with_size(std::size_t size) noexcept {
        nng_msg* message = nullptr;
        return msg(nng_msg_alloc(&message, size) == NNG_OK ? message : nullptr);
    }

    // Takes over the message of `other`, which is empty afterwards. An assignment frees the former message.
    msg(msg&& other) noexcept : message_(other.release()) {}
    msg& operator=(msg&& other) noexcept {
        nng_msg* const old = std::exchange(message_, other.release());
        nng_msg_free(old);
        return *this;
    }
    // Frees the message.
    ~msg() { nng_msg_free(message_); }

    // operator bool returns true if there is a message. get returns the message; NULL if there is none.
    // Memory: the message stays the object's.
    explicit operator bool() const noexcept { return message_ != nullptr; }
    nng_msg* get() const noexcept { return message_; }

    // Gives the message to the caller. Afterwards this object is empty.
    // Memory: the caller frees the message.
    [[nodiscard]] nng_msg* release() noexcept { return std::exchange(message_, nullptr); }

    // Returns a copy; an empty object if there is no memory.
    [[nodiscard]] msg duplicate() const noexcept {
        nng_msg* copy = nullptr;
        return msg(nng_msg_dup(&copy, message_) == NNG_OK ? copy : nullptr);
    }

    // Return the bytes of the body or the header, or the body's size.
    // Memory: the bytes are valid until a call changes the body's size, or the message is freed.
    std::span<std::byte> body() noexcept { return {static_cast<std::byte*>(nng_msg_body(message_)), size()}; }
    std::span<const std::byte> body() const noexcept {
        return {static_cast<const std::byte*>(nng_msg_body(message_)), size()};
    }
    std::size_t size() const noexcept { return nng_msg_len(message_); }
    std::span<std::byte> header() noexcept {
        return {static_cast<std::byte*>(nng_msg_header(message_)), nng_msg_header_len(message_)};
    }

    // Adds a copy of the `bytes`, or of the characters of `text`, at the end of the body. NNG_ENOMEM: the message is as
    // before.
    [[nodiscard]] nng_err append(std::span<const std::byte> bytes) noexcept {
        return static_cast<nng_err>(nng_msg_append(message_, bytes.data(), bytes.size()));
    }
    [[nodiscard]] nng_err append(std::string_view text) noexcept {
        return static_cast<nng_err>(nng_msg_append(message_, text.data(), text.size()));
    }

    // Sets the body's length to `size`: cuts bytes off at its end, or adds unspecified ones. NNG_ENOMEM: the message is
    // as before.
    [[nodiscard]] nng_err resize(std::size_t size) noexcept {
        return static_cast<nng_err>(nng_msg_realloc(message_, size));
    }

  private:
    nng_msg* message_ = nullptr;
};

// Takes the message out of `aio`: one that was received, or one that was set and not sent. Returns an empty object if
// there is none. Call it in the callback, or while the aio is idle.
// NULL: fatal.
[[nodiscard]] inline msg take_msg(nng_aio* aio) noexcept {
    msg taken(nng_aio_get_msg(aio));
    nng_aio_set_msg(aio, nullptr);
    return taken;
}

// Puts a `message` into `aio` for the next operation to send. If the operation fails, take the message back with
// take_msg. A message that is in the aio already is not freed: take it out first. Call it in the callback, or while the
// aio is idle.
// NULL aio: fatal.
inline void put_msg(nng_aio* aio, msg message) noexcept { nng_aio_set_msg(aio, message.release()); }

}  // namespace naio

#endif
