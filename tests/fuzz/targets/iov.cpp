// Fuzz target: makes a list of pieces of memory from the input, and advances in the list: with naio_aio_iov_advance, or
// with Vectors, which the library's system calls use. No call reads or writes the pieces, so the pieces may be huge.
#include <naio/naio.h>

#include <vector>

#include "input.h"
#include "io/vectors.h"

using fuzz::Input;

namespace {

using Wide = unsigned __int128;

struct Piece {
    std::uintptr_t at;
    std::size_t size;
    bool operator==(const Piece&) const = default;
};
using Pieces = std::vector<Piece>;

std::size_t some_size(Input& input) {
    const unsigned which = input.below(4);
    return which < 2 ? input.below(16) : which == 2 ? input.number<std::uint16_t>() : input.number<std::uint32_t>();
}

Wide total(const Pieces& pieces) {
    Wide sum = 0;
    for (const Piece& piece : pieces) sum += piece.size;
    return sum;
}

// Returns the pieces without their first `bytes` bytes, and without empty pieces.
Pieces after(const Pieces& pieces, Wide bytes) {
    Pieces rest;
    for (const Piece& piece : pieces) {
        const auto taken = static_cast<std::size_t>(std::min<Wide>(bytes, piece.size));
        bytes -= taken;
        if (piece.size != taken) rest.push_back({piece.at + taken, piece.size - taken});
    }
    return rest;
}

// Returns the first `bytes` bytes of the pieces.
Pieces first(const Pieces& pieces, Wide bytes) {
    Pieces some;
    for (const Piece& piece : pieces) {
        const auto taken = static_cast<std::size_t>(std::min<Wide>(bytes, piece.size));
        bytes -= taken;
        if (taken != 0) some.push_back({piece.at, taken});
    }
    return some;
}

template <class Iov, class Get>
Pieces listed(const Iov* list, unsigned count, Get get) {
    Pieces pieces;
    for (unsigned i = 0; i < count; ++i)
        if (const Piece piece = get(list[i]); piece.size != 0) pieces.push_back(piece);
    return pieces;
}

Pieces listed(const naio::Vectors& vectors) {
    return listed(vectors.data(), static_cast<unsigned>(vectors.count()), [](const iovec& piece) {
        return Piece{reinterpret_cast<std::uintptr_t>(piece.iov_base), piece.iov_len};
    });
}

Pieces listed(nng_aio* aio) {
    const nng_iov* list = nullptr;
    const unsigned count = naio_aio_get_iov(aio, &list);
    return listed(list, count, [](const nng_iov& piece) {
        return Piece{reinterpret_cast<std::uintptr_t>(piece.iov_buf), piece.iov_len};
    });
}

void advance_vectors(Input& input, const std::vector<nng_iov>& list, const Pieces& given) {
    naio::Vectors vectors(list.data(), static_cast<unsigned>(list.size()));
    Wide moved = 0;
    const Wide all = total(given);
    while (!input.empty()) {
        const Pieces rest = after(given, moved);
        CHECK(listed(vectors) == rest);
        CHECK(vectors.size() == all - moved);
        CHECK(vectors.empty() == rest.empty());
        const std::size_t some = some_size(input);
        const naio::Vectors front = vectors.first(some);
        CHECK(listed(front) == first(rest, some));
        CHECK(front.size() == std::min<Wide>(some, all - moved));
        const std::size_t step = front.size();
        vectors.advance(step);
        moved += step;
    }
}

void advance_aio(Input& input, nng_aio* aio, const Pieces& given) {
    Wide moved = 0;
    const Wide all = total(given);
    while (!input.empty()) {
        const std::size_t step = some_size(input);
        const std::size_t beyond = naio_aio_iov_advance(aio, step);
        CHECK(beyond == (moved + step > all ? moved + step - all : 0));
        moved = std::min(all, moved + step);
        CHECK(listed(aio) == after(given, moved));
    }
}

nng_aio* handle() {
    nng_aio* aio = nullptr;
    CHECK(nng_aio_alloc(&aio, nullptr, nullptr) == NNG_OK);
    return aio;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static nng_aio* const aio = handle();
    Input input(data, size);
    std::vector<nng_iov> list;
    Pieces given;
    const unsigned count = input.below(10);
    std::uintptr_t at = 0x10000;
    for (unsigned i = 0; i < count; ++i) {
        const std::size_t length = some_size(input);
        list.push_back({reinterpret_cast<void*>(at), length});
        given.push_back({at, length});
        at += length + input.below(3);
    }
    const nng_err result = nng_aio_set_iov(aio, count, list.data());
    CHECK(result == (count > 8 ? NNG_EINVAL : NNG_OK));
    if (result != NNG_OK) return 0;
    CHECK(listed(aio) == after(given, 0));
    input.below(2) == 0 ? advance_aio(input, aio, given) : advance_vectors(input, list, given);
    return 0;
}
