# Writes the headers and the linker's map of the prefixed flavour (docs/two-libraries.md). Variables:
#
#     NAIO_PREFIX   the prefix, such as naio_
#     root          the project
#     out           the folder to write to; a file that would not change is not written
#
# The files, for the prefix naio_:
#
#     naio_naio.h             <nng/nng.h> and <naio/naio.h> in one, which spells the prefixed names
#     naio_naio/nng/nng.h     includes naio_naio.h, and makes each name of <nng/nng.h> a macro for the prefixed name
#     naio_naio/naio/naio.h   makes the names of <naio/naio.h> macros, too
#     naio_naio/naio/...      other headers of the folder `include`: copies, in which the C++ namespace differs
#     naio_naio.map           the map of the shared library's symbols
#
# A name is a word that begins with nng_ or naio_, or with NNG_ or NAIO_. The prefix comes before the whole name, in
# upper case if the name is in upper case.
string(TOUPPER "${NAIO_PREFIX}" upper_prefix)
set(flavour ${NAIO_PREFIX}naio)

# Names in comments that no header declares: environment variables, which both flavours read.
set(environment NAIO_FOREIGN_NNG NAIO_STALL NNG_LOG_NO_COLOR)

# naio_write(FILE TEXT): writes the file, unless it has this text already.
function(naio_write file text)
    set(old)
    if(EXISTS "${out}/${file}")
        file(READ "${out}/${file}" old)
    endif()
    if(NOT old STREQUAL text)
        file(WRITE "${out}/${file}" "${text}")
    endif()
endfunction()

# naio_prefixed(VARIABLE TEXT): sets the variable to the text with all names prefixed.
function(naio_prefixed variable text)
    # Names in upper case come first: a prefix such as NNG_ makes names in lower case look like them.
    string(REGEX REPLACE "(^|[^A-Za-z0-9_])((NNG|NAIO)_[A-Za-z0-9_]*)" "\\1${upper_prefix}\\2" text "${text}")
    string(REGEX REPLACE "(^|[^A-Za-z0-9_])((nng|naio)_[A-Za-z0-9_]*)" "\\1${NAIO_PREFIX}\\2" text "${text}")
    foreach(name IN LISTS environment)
        string(REPLACE "${upper_prefix}${name}" "${name}" text "${text}")
    endforeach()
    set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# naio_names(VARIABLE TEXT PATTERN): sets the variable to the list of the names that the code in the text has.
function(naio_names variable text pattern)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "\"[^\"\n]*\"" "" text "${text}")
    # No bracket and no semicolon is left, which would have a meaning in a list.
    string(REGEX REPLACE "[^A-Za-z0-9_]+" " " text "${text}")
    string(REGEX MATCHALL " ${pattern}_[A-Za-z0-9_]+" names "${text}")
    list(TRANSFORM names STRIP)
    list(REMOVE_DUPLICATES names)
    list(SORT names)
    set(${variable} "${names}" PARENT_SCOPE)
endfunction()

# naio_macros(VARIABLE NAME...): sets the variable to the definitions of the names as macros for the prefixed names.
function(naio_macros variable)
    set(text)
    foreach(name IN LISTS ARGN)
        naio_prefixed(prefixed ${name})
        string(APPEND text "#define ${name} ${prefixed}\n")
    endforeach()
    set(${variable} "${text}" PARENT_SCOPE)
endfunction()

file(READ ${root}/include/nng/nng.h nng)
file(READ ${root}/include/naio/version.h version)
file(READ ${root}/include/naio/naio.h naio)

# ---- The header that spells the prefixed names ----

set(body)
foreach(header IN ITEMS nng version naio)
    string(REGEX REPLACE "#ifndef [A-Z_]+_H\n#define [A-Z_]+_H\n" "" text "${${header}}")
    string(REGEX REPLACE "#endif[^\n]*\n$" "" text "${text}")
    string(REGEX REPLACE "#include <(nng|naio)/[^\n]*\n" "" text "${text}")
    string(APPEND body "${text}\n")
endforeach()
naio_prefixed(body "${body}")
set(guard NAIO_PREFIXED_${upper_prefix}NAIO_H)
naio_write(
    ${flavour}.h
    "// The interface of naio with the prefix ${NAIO_PREFIX} before each name: ${NAIO_PREFIX}nng_aio is the type\n\
// that <nng/nng.h> calls nng_aio, and ${upper_prefix}NNG_OK is its NNG_OK. No name of this header is a name of NNG, so a\n\
// file can include NNG's own <nng/nng.h>, too. The functions are those of the library lib${flavour}.\n\
// docs/two-libraries.md is the guide. naio's build has made this header from <nng/nng.h>, <naio/version.h>\n\
// and <naio/naio.h>, in this order.\n\
#ifndef ${guard}\n#define ${guard}\n\n${body}\n#endif  // ${guard}\n")

# ---- The headers that rename ----

# Macros of the headers that only the headers themselves use, or that a program or the build of the library defines.
set(private "_H$|^NNG_DECL$|^NAIO_PRINTF$|^NAIO_INT$|^NNG_(STATIC|SHARED)_LIB$|^NNG_HIDDEN_VISIBILITY$")
set(renamed)
foreach(header IN ITEMS nng version naio)
    naio_names(names "${${header}}" "(nng|naio|NNG|NAIO)")
    list(FILTER names EXCLUDE REGEX "${private}")
    list(REMOVE_ITEM names ${renamed} "")
    list(APPEND renamed ${names})
    naio_macros(macros ${names})
    set(folder naio)
    set(more "#include <nng/nng.h>\n")
    if(header STREQUAL "nng")
        set(folder nng)
        set(more "#include \"../../${flavour}.h\"\n")
    elseif(header STREQUAL "naio")
        set(more "#include <naio/version.h>\n#include <nng/nng.h>\n")
    endif()
    string(TOUPPER ${folder}_${header}_H guard)
    naio_write(
        ${flavour}/${folder}/${header}.h
        "// <${folder}/${header}.h> for programs that call naio by names with the prefix ${NAIO_PREFIX}. Each name is a\n\
// macro for the prefixed name, so the program's source stays as it is. ${flavour}.h declares and documents\n\
// the prefixed names.\n\
#ifndef ${guard}\n#define ${guard}\n\n${more}\n${macros}\n#endif\n")
endforeach()

# The other headers. The inline namespace gives their C++ names another linkage, so that a program may have files that
# use either flavour. Their names in C, if they declare any, become macros.
file(GLOB_RECURSE headers RELATIVE ${root}/include ${root}/include/*)
list(REMOVE_ITEM headers nng/nng.h naio/version.h naio/naio.h)
foreach(header IN LISTS headers)
    file(READ ${root}/include/${header} text)
    string(REPLACE "\nnamespace naio {\n" "\nnamespace naio {\ninline namespace ${flavour} {\n" text "${text}")
    string(REPLACE "\n}  // namespace naio\n" "\n}  // namespace ${flavour}\n}  // namespace naio\n" text "${text}")
    string(REPLACE "\nnamespace naio::" "\nnamespace naio::inline ${flavour}::" text "${text}")
    naio_names(names "${text}" "(nng|naio)")
    list(FILTER names EXCLUDE REGEX "^${flavour}$")
    if(header STREQUAL "naio/nng1.h")
        # No file includes it with <nng/nng.h>. It renames some names itself, to others that the macros rename.
        string(REGEX MATCHALL "\n#define nng_[a-z0-9_]+" own "${text}")
        list(TRANSFORM own REPLACE ".* " "")
        list(REMOVE_ITEM names ${own})
    else()
        list(REMOVE_ITEM names ${renamed} "")
    endif()
    if(names)
        naio_macros(macros ${names})
        string(REGEX REPLACE "(#ifndef [A-Z0-9_]+\n#define [A-Z0-9_]+\n)" "\\1\n${macros}" text "${text}")
    endif()
    naio_write(${flavour}/${header} "${text}")
endforeach()

# ---- The map ----

file(READ ${root}/src/packaging/naio.map text)
naio_prefixed(text "${text}")
naio_write(${flavour}.map "${text}")
