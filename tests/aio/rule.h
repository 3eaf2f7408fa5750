// How the abstract machines of these tests say that a rule is broken.
#pragma once

namespace naio {

// What an actor found that must not be.
struct Broken {
    const char* rule;
};

inline void require(bool holds, const char* rule) {
    if (!holds) throw Broken{rule};
}

}  // namespace naio
