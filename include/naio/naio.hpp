// naio for C++20: handles that free themselves, operations as objects, coroutines, groups.
//
// An operation is any object with a member function start(nng_aio*). naio::aio::start, co_await, when_all and
// with_timeout take every operation; C code runs one by calling its start.
//
//   result.hpp      how an operation ended; types of cancellation; std::error_code
//   operation.hpp   what an operation is; async, sleep_for, with_timeout
//   aio.hpp         the handle that runs operations, and run
//   msg.hpp         messages
//   signal.hpp      signals and scopes
//   stop_token.hpp  std::stop_token to cancellation and back
//   task.hpp        coroutines
//   group.hpp       when_all, when_any, && and ||
//
// Nothing here throws, except result::or_throw and functions that pass on an exception of the program.
// All of it compiles with -fno-exceptions too. Memory comes from nng_alloc. A comment ends with the facts
// that <nng/nng.h> explains. A function whose comment has no facts does not block and may be called from any
// thread and from callbacks. One thread at a time uses an object.
#ifndef NAIO_NAIO_HPP
#define NAIO_NAIO_HPP

#include <naio/aio.hpp>
#include <naio/group.hpp>
#include <naio/msg.hpp>
#include <naio/operation.hpp>
#include <naio/result.hpp>
#include <naio/signal.hpp>
#include <naio/stop_token.hpp>
#include <naio/task.hpp>

#endif
