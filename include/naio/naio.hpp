// naio for C++20: handles that free themselves, operations as objects, coroutines, groups.
//
// An operation is any object with a member function start(nng_aio*). naio::aio::start, co_await, when_all and
// with_timeout take every operation; C code runs one by calling its start.
//
//   result.hpp      results of operations; types of cancellation; std::error_code
//   operation.hpp   the concept operation; async, sleep_for, with_timeout
//   aio.hpp         the handle that runs operations, and run
//   msg.hpp         messages
//   provider.hpp    for programs that provide operations: a list of aios
//   signal.hpp      signals and scopes
//   stop_token.hpp  std::stop_token to cancellation and back
//   task.hpp        coroutines
//   group.hpp       when_all, when_any, && and ||
//
// The headers also compile with -fno-exceptions. Memory comes from nng_alloc, except the memory of stop_source_of.
//
// A comment ends with facts, as in <nng/nng.h>. The facts in the comment on a class are those of all its
// functions.
//
// Facts of all functions, unless a comment says otherwise. The C functions that a function calls have
// facts, too: those about NULL, Down and Errors hold here as well.
//
//   Blocks    no.
//   Callback  yes.
//   Threads   any, but one at a time for one object.
//   NULL      as for the C functions that it calls.
//   Down      as for the C functions that it calls; works if there are none.
//   Memory    what a pointer or a reference refers to stays the caller's. The function uses it during the
//             call only.
//   Throws    nothing.
#ifndef NAIO_NAIO_HPP
#define NAIO_NAIO_HPP

#include <naio/aio.hpp>
#include <naio/group.hpp>
#include <naio/msg.hpp>
#include <naio/operation.hpp>
#include <naio/provider.hpp>
#include <naio/result.hpp>
#include <naio/signal.hpp>
#include <naio/stop_token.hpp>
#include <naio/task.hpp>

#endif
