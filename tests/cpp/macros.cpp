// Checks that <naio/naio.hpp> compiles after headers of other projects that define macros with common names: Qt's
// headers, those of Windows, and X11's. The headers of the standard library come first, because they need not compile
// with such macros.
#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>
#if __has_include(<stop_token>)
#include <stop_token>
#endif

// Qt
#define emit
#define foreach
#define forever for (;;)
#define signals public
#define slots

// Windows
#define DELETE 1
#define ERROR 0
#define FALSE 0
#define IN
#define OPTIONAL
#define OUT
#define TRUE 1
#define far
#define interface struct
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define near
#define small char

// X11
#define Always 2
#define Bool int
#define None 0L
#define Status int
#define Success 0

#include <naio/naio.hpp>

#ifndef emit
#error "<naio/naio.hpp> has removed a macro"
#endif
