// Tables from numbers to pointers, which NNG 1 declares here.
#include <naio/nng1.h>
