# Adapts the pages of the documentation that `cmake --install` has copied from the folder `source` to the folder
# `installed`. A link to a file that is in `source` and not in `installed`, such as a header, becomes plain text. The
# README gets a sentence that says which of its commands need the source tree.
file(GLOB_RECURSE pages RELATIVE "${installed}" "${installed}/*.md")
foreach(page IN LISTS pages)
    cmake_path(GET page PARENT_PATH folder)
    file(READ "${installed}/${page}" text)
    set(old "${text}")
    # A target with a bracket or a semicolon would break the list, and no page has one.
    string(REGEX MATCHALL "[(][^][(); \n#]+" targets "${text}")
    list(REMOVE_DUPLICATES targets)
    foreach(target IN LISTS targets)
        string(SUBSTRING "${target}" 1 -1 target)
        if(EXISTS "${source}/${folder}/${target}" AND NOT EXISTS "${installed}/${folder}/${target}")
            string(REGEX REPLACE "([.+])" "[\\1]" target "${target}")
            string(REGEX REPLACE "\\[([^]]*)\\]\\(${target}(#[^)]*)?\\)" "\\1" text "${text}")
        endif()
    endforeach()
    if(page STREQUAL "README.md")
        string(REGEX REPLACE "^# naio\n" "# naio\n\n\
This file was installed with naio. The commands `examples/run`, `tests/run`, `docs/build` and those that build naio\n\
need the source tree. `cc examples/deadline.c $(pkg-config --cflags --libs naio)` compiles an installed example.\n"
               text "${text}")
    endif()
    if(NOT text STREQUAL old)
        file(WRITE "${installed}/${page}" "${text}")
    endif()
endforeach()
