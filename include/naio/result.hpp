// The class result, which says how an operation ended, and the types of cancellation. See naio.hpp.
#ifndef NAIO_RESULT_HPP
#define NAIO_RESULT_HPP

#include <naio/naio.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

namespace naio {

// A set of types of cancellation, which a request asks for or a provider guarantees. See naio.h.
enum class cancel : naio_cancel {
    none = NAIO_CANCEL_NONE,
    terminal = NAIO_CANCEL_TERMINAL,  // the operation ends; the object that it worked on can only be closed
    partial = NAIO_CANCEL_PARTIAL,    // the operation ends; how much has been done is known
    total = NAIO_CANCEL_TOTAL,        // the operation ends; nothing has happened
    all = NAIO_CANCEL_ALL,            // any type that the operation permits
};

// Returns the set `types` as the C functions take it.
constexpr naio_cancel bits(cancel types) noexcept { return static_cast<naio_cancel>(types); }

// The union, the intersection and the complement of sets `a` and `b`.
// Memory: an assignment returns `a`.
constexpr cancel operator|(cancel a, cancel b) noexcept { return cancel{bits(a) | bits(b)}; }
constexpr cancel operator&(cancel a, cancel b) noexcept { return cancel{bits(a) & bits(b)}; }
constexpr cancel operator~(cancel a) noexcept { return cancel{~bits(a)}; }
constexpr cancel& operator|=(cancel& a, cancel b) noexcept { return a = a | b; }
constexpr cancel& operator&=(cancel& a, cancel b) noexcept { return a = a & b; }

// True if the set `types` is not empty: if (any(asked & cancel::total)) ...
constexpr bool any(cancel types) noexcept { return types != cancel::none; }

namespace detail {

// The class is visible even in a plugin that is built with -fvisibility=hidden: see category.
class [[gnu::visibility("default")]] error_category final : public std::error_category {
  public:
    static constexpr const char* the_name = "naio";

    const char* name() const noexcept override { return the_name; }
    std::string message(int code) const override { return nng_strerror(static_cast<nng_err>(code)); }
    std::error_condition default_error_condition(int code) const noexcept override {
        const std::errc portable = condition(code);
        return portable == std::errc{} && code != NNG_OK ? std::error_condition(code, *this)
                                                         : std::make_error_condition(portable);
    }

    // Treats the conditions of another module's copy of the category as equal.
    bool equivalent(int code, const std::error_condition& condition) const noexcept override {
        return default_error_condition(code) == condition || (is(condition.category()) && condition.value() == code);
    }
    bool equivalent(const std::error_code& code, int condition) const noexcept override {
        return is(code.category()) && code.value() == condition;
    }

    // True if `other` is this category or another module's copy of it.
    static bool is(const std::error_category& other) noexcept { return std::strcmp(other.name(), the_name) == 0; }

  private:
    // Returns the portable condition of a code, or zero if there is none.
    static std::errc condition(int code) noexcept {
        if ((code & NNG_ESYSERR) != 0) return static_cast<std::errc>(code & ~NNG_ESYSERR);
        switch (code) {
            case NNG_EINTR:
                return std::errc::interrupted;
            case NNG_ENOMEM:
                return std::errc::not_enough_memory;
            case NNG_EINVAL:
                return std::errc::invalid_argument;
            case NNG_EBUSY:
                return std::errc::device_or_resource_busy;
            case NNG_ETIMEDOUT:
                return std::errc::timed_out;
            case NNG_ECONNREFUSED:
                return std::errc::connection_refused;
            case NNG_EAGAIN:
                return std::errc::resource_unavailable_try_again;
            case NNG_ENOTSUP:
                return std::errc::not_supported;
            case NNG_EADDRINUSE:
                return std::errc::address_in_use;
            case NNG_ENOENT:
                return std::errc::no_such_file_or_directory;
            case NNG_EPROTO:
                return std::errc::protocol_error;
            case NNG_EUNREACHABLE:
                return std::errc::host_unreachable;
            case NNG_EPERM:
                return std::errc::operation_not_permitted;
            case NNG_EMSGSIZE:
                return std::errc::message_size;
            case NNG_ECONNABORTED:
                return std::errc::connection_aborted;
            case NNG_ECONNRESET:
                return std::errc::connection_reset;
            case NNG_ECANCELED:
                return std::errc::operation_canceled;
            case NNG_ENOFILES:
                return std::errc::too_many_files_open;
            case NNG_ENOSPC:
                return std::errc::no_space_on_device;
            case NNG_EEXIST:
                return std::errc::file_exists;
            default:
                return {};
        }
    }
};

}  // namespace detail

// Returns the category of the library's errors. Their messages are nng_strerror's. An error for which the standard
// library has a name compares equal to this name: code == std::errc::timed_out. A plugin and its program share one
// category object, so that their codes are equal, if the program exports its symbols (-rdynamic, CMake's
// ENABLE_EXPORTS). Otherwise each of the two has its own object; is_category is true for both objects, and conditions
// compare equal.
// Threads: any, also several at once. Memory: lives until the program, or the plugin that has made it, ends.
[[gnu::visibility("default")]] inline const std::error_category& category() noexcept {
    static const detail::error_category the_category;
    return the_category;
}

// True if `other` is category(), or the category() of another module of the process.
inline bool is_category(const std::error_category& other) noexcept { return detail::error_category::is(other); }

// Converts `err` to a std::error_code.
inline std::error_code error_code(nng_err err) noexcept { return {static_cast<int>(err), category()}; }

// The result of an operation.
struct result {
    nng_err err = NNG_OK;
    std::size_t count = 0;          // as nng_aio_count: bytes, or another unit that the operation defines
    cancel outcome = cancel::none;  // as naio_aio_outcome: the guarantee that holds if a request ended the operation

    // True if there was no error.
    explicit operator bool() const noexcept { return err == NNG_OK; }

#if defined(__cpp_exceptions)
    // Returns the count if there was no error.
    // Throws: std::system_error with error_code(err) if there was an error.
    std::size_t or_throw() const {
        if (err != NNG_OK) throw std::system_error(error_code(err));
        return count;
    }
#endif

    friend bool operator==(const result&, const result&) = default;
};

// Returns the result of the last operation on `aio`. Valid in the aio's callback and while the aio is idle.
// Threads: any, also several at once for one aio. NULL: fatal.
inline result result_of(nng_aio* aio) noexcept {
    return {nng_aio_result(aio), nng_aio_count(aio), cancel{naio_aio_outcome(aio)}};
}

}  // namespace naio

#endif
