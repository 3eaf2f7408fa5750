// The value of an option, which a caller passes or receives in a variable of one type.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/fault.h"

namespace naio {

enum class OptionType : unsigned char { kBool, kInt, kMilliseconds, kSize, kUint64, kString, kAddress };

// The caller's variable, to which a get writes the value.
class OptionRoom {
  public:
    OptionRoom(OptionType type, void* room) noexcept : type_(type), room_(room) {}

    nng_err put(bool value) const noexcept { return put(OptionType::kBool, value); }
    nng_err put(int value) const noexcept { return put(OptionType::kInt, value); }

  private:
    template <class T>
    nng_err put(OptionType type, T value) const noexcept {
        if (type != type_ && !NAIO_FAULT(type_of_option_ignored)) return NNG_EBADTYPE;
        *static_cast<T*>(room_) = value;
        return NNG_OK;
    }

    OptionType type_;
    void* room_;
};

// The caller's value, which a set reads.
class OptionValue {
  public:
    OptionValue(OptionType type, const void* value) noexcept : type_(type), value_(value) {}

    nng_err get(bool& to) const noexcept { return get(OptionType::kBool, to); }
    nng_err get(int& to) const noexcept { return get(OptionType::kInt, to); }
    nng_err get(nng_sockaddr& to) const noexcept { return get(OptionType::kAddress, to); }

  private:
    template <class T>
    nng_err get(OptionType type, T& to) const noexcept {
        if (type != type_) return NNG_EBADTYPE;
        to = *static_cast<const T*>(value_);
        return NNG_OK;
    }

    OptionType type_;
    const void* value_;
};

}  // namespace naio
