# Compiles the library so that it counts which of its lines and branches the tests execute (tests/run coverage). The
# code of the tests is compiled as usual.
#
# There is no optimization, so that each branch of the source is a branch of the machine code. The counters are atomic,
# because threads share them.
target_compile_options(naio_objects PRIVATE --coverage -O0 -fprofile-update=atomic)
target_link_options(naio_objects INTERFACE --coverage)
target_link_options(naio_shared PRIVATE --coverage)
target_link_options(naio_static INTERFACE --coverage)
