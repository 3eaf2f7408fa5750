// Names a function of another file in a program that is not position-independent. Such a program may take the address
// of a function from a symbol of its own, which it does not define.
#include <cstdio>
#include <cstdlib>

#include "base/function_name.h"

int main() {
    char text[64];
    naio::name_function(reinterpret_cast<const void*>(&std::abort), text, sizeof(text));
    std::puts(text);
}
