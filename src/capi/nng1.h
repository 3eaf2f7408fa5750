// Macros and functions for all files that define functions of <naio/nng1.h>. In the library the names of these
// functions begin with naio_nng1_. Messages have the names that programs use, which the header gives them by macros.
//
// No file of the library includes <naio/nng1.h>, because it has other types with the names of <nng/nng.h>.
#pragma once

#include <nng/nng.h>

#include "aio/aio.h"
#include "aio/api.h"

// NAIO_NNG1(aio_alloc) is the name of nng_aio_alloc in the library: naio_nng1_aio_alloc. The build of the prefixed
// flavour defines NAIO_NNG1_BEGIN, because no header that it makes renames these functions for the library's own
// sources.
#ifndef NAIO_NNG1_BEGIN
#define NAIO_NNG1_BEGIN naio_nng1_
#endif
#define NAIO_NNG1_JOIN(begin, name) begin##name
#define NAIO_NNG1_EXPAND(begin, name) NAIO_NNG1_JOIN(begin, name)
#define NAIO_NNG1(name) NAIO_NNG1_EXPAND(NAIO_NNG1_BEGIN, name)

// Exports a function from the shared library, as NNG_DECL does with those that <nng/nng.h> declares.
#define NAIO_EXPORTED __attribute__((visibility("default")))

namespace naio {

// Starts the library if it is down, with the values of nng_init_set_parameter. `function` is the public function's
// name.
[[nodiscard]] nng_err start_library_nng1(const char* function) noexcept;

// Returns the handle with which the function starts an operation. Returns nullptr if the handle is stopped: the
// function then has nothing to do, because NNG 1 reports such a start to no callback.
[[nodiscard]] Aio* startable_nng1(nng_aio* handle, Api function) noexcept;

// Returns NNG 1's code for an error. NNG 1 has no NNG_ESTOPPED, and gives NNG_ECLOSED.
[[nodiscard]] inline nng_err code_nng1(nng_err error) noexcept { return error == NNG_ESTOPPED ? NNG_ECLOSED : error; }

}  // namespace naio
