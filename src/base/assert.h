// NAIO_ASSERT(condition) checks a precondition (REQUIRES) in debug builds. It checks nothing while a seeded fault is
// chosen, because a test must notice the fault by its effect on a program, and not by an assertion.
#pragma once

#include <cassert>

#include "base/fault.h"

#if defined(NAIO_SEEDED_FAULTS)
#define NAIO_ASSERT(condition) assert((condition) || naio::has_fault())
#else
#define NAIO_ASSERT(condition) assert(condition)
#endif
