// Operations that finish in the call that starts them.
#pragma once

#include <cstddef>
#include <naio/operation.hpp>

namespace cpp {

inline auto finished(nng_err err = NNG_OK, std::size_t count = 0) {
    const auto finish = [](nng_err result, std::size_t moved, nng_aio* aio) {
        nng_aio_reset(aio);
        naio_aio_finish(aio, result, moved);
    };
    return naio::async(finish, err, count);
}

}  // namespace cpp
