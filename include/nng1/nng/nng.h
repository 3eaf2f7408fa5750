// <nng/nng.h> for programs that are written for NNG 1: the folder of this file comes before others in the search
// path of such a program.
#include <naio/nng1.h>
