// How the abstract machines of these tests report that a rule is broken.
#pragma once

namespace naio {

// Thrown when a rule is broken.
struct Broken {
    const char* rule;
};

inline void require(bool holds, const char* rule) {
    if (!holds) throw Broken{rule};
}

}  // namespace naio
