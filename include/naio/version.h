// The version of naio: the only place where it is written. CMake reads it from here, and so do the packages.
// docs/versions.md says what a new version may change.
#ifndef NAIO_VERSION_H
#define NAIO_VERSION_H

#define NAIO_VERSION_MAJOR 0
#define NAIO_VERSION_MINOR 2
#define NAIO_VERSION_PATCH 0

// The version as one number that grows with each release, for #if and for naio_version(). That of 1.2.3 is
// NAIO_VERSION_NUMBER(1, 2, 3), which is 10203.
#define NAIO_VERSION_NUMBER(major, minor, patch) ((major)*10000 + (minor)*100 + (patch))
#define NAIO_VERSION NAIO_VERSION_NUMBER(NAIO_VERSION_MAJOR, NAIO_VERSION_MINOR, NAIO_VERSION_PATCH)

#endif
