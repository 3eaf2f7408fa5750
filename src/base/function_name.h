// The name of a function, for dumps and messages.
//
// On Linux the name is found with dl_iterate_phdr, and not with dladdr: in glibc, dladdr takes the lock that dlopen
// holds while the constructors of a library run, and dlclose while the destructors run. Such a constructor may wait for
// an operation. So a thread that reports a long wait would sleep in dladdr until that operation ends, and the report
// would be missing when it is needed. A thread holds the lock of dl_iterate_phdr only while it changes or reads the
// list of libraries.
#pragma once

#include <cstddef>

namespace naio {

// Writes the name of the function to `text`, which has room for `size` bytes, and cuts the name if it does not fit. The
// name is a symbol that the function's file exports. If there is none, writes the name of the file and the offset of
// the function in the file as it was linked, for addr2line. Writes the address if the dynamic loader does not know the
// file. Any thread, with any lock held.
void name_function(const void* function, char* text, std::size_t size) noexcept;

}  // namespace naio
