// The name of a function, for dumps and messages.
//
// On Linux the name is found with dl_iterate_phdr, and not with dladdr (base/mapped_file.h): a constructor of a library
// may wait for an operation while its thread holds the lock that dladdr takes. So a thread that reports a long wait
// would sleep in dladdr until that operation ends, and the report would be missing when it is needed.
#pragma once

#include <cstddef>

namespace naio {

// Writes the name of the function to `text`, which has room for `size` bytes, and cuts the name if it does not fit. The
// name is a symbol that the function's file exports. If there is none, writes the name of the file and the offset of
// the function in the file as it was linked, for addr2line. Writes the address if the dynamic loader does not know the
// file. Any thread, with any lock held.
void name_function(const void* function, char* text, std::size_t size) noexcept;

}  // namespace naio
