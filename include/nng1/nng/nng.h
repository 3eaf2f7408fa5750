// <nng/nng.h> for programs that are written for NNG 1. The compiler of such a program finds this file first, because
// its folder comes before others in the search path.
#include <naio/nng1.h>
