// Makes names in the code strings. In the prefixed flavour of the library (docs/two-libraries.md) the public names, and
// the namespace naio, are macros for prefixed names. The operator # alone would give the name without the prefix.
#pragma once

#define NAIO_STRING(token) #token
#define NAIO_STRING_OF(token) NAIO_STRING(token)
