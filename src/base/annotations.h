// Macros for Clang's thread-safety analysis. They say that a lock guards data, or that a function takes or requires a
// lock.
#pragma once

#if defined(__clang__)
#define NAIO_ANNOTATION(x) __attribute__((x))
#else
#define NAIO_ANNOTATION(x)
#endif
#define NAIO_CAPABILITY(name) NAIO_ANNOTATION(capability(name))
#define NAIO_SCOPED_CAPABILITY NAIO_ANNOTATION(scoped_lockable)
#define NAIO_GUARDED_BY(mutex) NAIO_ANNOTATION(guarded_by(mutex))
#define NAIO_REQUIRES(...) NAIO_ANNOTATION(requires_capability(__VA_ARGS__))
#define NAIO_EXCLUDES(...) NAIO_ANNOTATION(locks_excluded(__VA_ARGS__))
#define NAIO_ACQUIRE(...) NAIO_ANNOTATION(acquire_capability(__VA_ARGS__))
#define NAIO_TRY_ACQUIRE(...) NAIO_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define NAIO_RETURN_CAPABILITY(mutex) NAIO_ANNOTATION(lock_returned(mutex))
#define NAIO_RELEASE(...) NAIO_ANNOTATION(release_capability(__VA_ARGS__))
#define NAIO_NO_THREAD_SAFETY_ANALYSIS NAIO_ANNOTATION(no_thread_safety_analysis)
