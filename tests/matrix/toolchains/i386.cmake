set(CMAKE_SYSTEM_PROCESSOR i686)
set(triple i386-linux-gnu)
set(emulated i386)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
