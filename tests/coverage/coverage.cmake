# Has the library's own code count what the tests execute (tests/run coverage). The tests themselves stay as they are.
#
# Without optimization each branch of the source is one of the machine's. Counters are atomic: threads share them.
target_compile_options(naio_objects PRIVATE --coverage -O0 -fprofile-update=atomic)
target_link_options(naio_objects INTERFACE --coverage)
target_link_options(naio_shared PRIVATE --coverage)
target_link_options(naio_static INTERFACE --coverage)
