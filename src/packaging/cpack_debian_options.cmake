# CPack reads this file before it makes the packages of one kind. For Debian the library is not stripped when it is
# installed, because CPack moves the debug information to the package libnaio0-dbgsym.
if(CPACK_GENERATOR STREQUAL "DEB")
    set(CPACK_STRIP_FILES OFF)
endif()
