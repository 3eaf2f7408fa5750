// The ways to end a program.
#pragma once

namespace simulation {

// kInOrder: each operation is ended or waited for. kFini: the last nng_fini ends all of them.
enum class Ending : bool { kInOrder, kFini };

}  // namespace simulation
