// Checks of results, for sections with the interface of NNG 1 or NNG 2.
#pragma once

namespace failures {

// Returns true if the result is NNG_OK. Ends the process if the result is an error that the headers do not name, or if
// it is any error while every operation must succeed.
bool succeeded(int result, const char* what, const char* file, int line) noexcept;
// Ends the process if the condition is false. The condition must hold whichever call has failed.
void require(bool condition, const char* what, const char* file, int line) noexcept;
// Returns the condition. Ends the process if the condition is false while every operation must succeed.
bool holds(bool condition, const char* what, const char* file, int line) noexcept;

#define OK(call) failures::succeeded((call), #call, __FILE__, __LINE__)
#define MUST(condition) failures::require((condition), #condition, __FILE__, __LINE__)
#define HOLDS(condition) failures::holds((condition), #condition, __FILE__, __LINE__)

}  // namespace failures
