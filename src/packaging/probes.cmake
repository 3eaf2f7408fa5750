# NAIO_PROBES: with AUTO the library has probes for bpftrace, perf and SystemTap if there is <sys/sdt.h>. ON fails
# without that header. With OFF the library has no probes.
include(CheckIncludeFileCXX)
set(has_probes OFF)
if(NOT NAIO_PROBES STREQUAL OFF)
    check_include_file_cxx(sys/sdt.h NAIO_HAS_SDT)
    set(has_probes ${NAIO_HAS_SDT})
    if(NAIO_PROBES STREQUAL ON AND NOT NAIO_HAS_SDT)
        message(FATAL_ERROR "NAIO_PROBES is ON, and <sys/sdt.h> is missing (Debian: systemtap-sdt-dev)")
    endif()
endif()
set(NAIO_HAS_PROBES ${has_probes} CACHE INTERNAL "The library has USDT probes")
