// The exception by which the abstract machines of these tests report a broken rule.
#pragma once

namespace naio {

struct Broken {
    const char* rule;
};

inline void require(bool holds, const char* rule) {
    if (!holds) throw Broken{rule};
}

}  // namespace naio
