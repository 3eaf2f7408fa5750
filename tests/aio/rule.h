// How the abstract machines of these tests say that a rule is broken.
#pragma once

namespace naio {

// A broken rule, as an actor has found it.
struct Broken {
    const char* rule;
};

inline void require(bool holds, const char* rule) {
    if (!holds) throw Broken{rule};
}

}  // namespace naio
