set(CMAKE_SYSTEM_PROCESSOR s390x)
set(triple s390x-linux-gnu)
set(emulated s390x)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
