// Defines nng_init and nng_fini.
#include <nng/nng.h>

#include "base/string_of.h"
#include "runtime/runtime.h"

#if defined(__x86_64__) && defined(__ELF__) && !defined(__ILP32__)
#define NAIO_FINI_CAN_JUMP 1
#else
#define NAIO_FINI_CAN_JUMP 0
#endif

#if NAIO_FINI_CAN_JUMP
#define NAIO_END_LIBRARY "_" NAIO_STRING_OF(naio) "_end_library"

namespace naio {

// Called by nng_fini alone, which is written in assembler and uses this name.
__attribute__((visibility("hidden"), used)) Parting end_library() noexcept __asm__(NAIO_END_LIBRARY);
Parting end_library() noexcept { return runtime().fini(); }

}  // namespace naio
#endif

extern "C" {

nng_err nng_init(const nng_init_params* parameters) { return naio::runtime().init(parameters); }

#if NAIO_FINI_CAN_JUMP

// Lets debuggers walk the stack of a thread that waits in nng_fini.
#if defined(__GCC_HAVE_DWARF2_CFI_ASM)
#define NAIO_CFI(offset) ".cfi_adjust_cfa_offset " offset "\n\t"
#else
#define NAIO_CFI(offset)
#endif

// Calls end_library, which returns leave and handle in two registers, and jumps to leave(handle), which returns to the
// caller of nng_fini. So no code of the library runs after leave has unmapped it.
__attribute__((naked, no_sanitize("address", "thread", "undefined"))) void nng_fini(void) {
    __asm__(
        "subq $8, %rsp\n\t" NAIO_CFI("8")
        "call " NAIO_END_LIBRARY "\n\t"
        "addq $8, %rsp\n\t" NAIO_CFI("-8")
        "movq %rdx, %rdi\n\t"
        "jmp *%rax");
}

#else

// Keeps the library's reference to itself, so the library stays mapped.
void nng_fini(void) { static_cast<void>(naio::runtime().fini()); }

#endif

}  // extern "C"
