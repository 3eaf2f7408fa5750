# shellcheck shell=sh
# Functions that the package tests share. Each test reads this file first, and then runs in an empty folder of its own,
# $WORK. CMakeLists.txt sets the environment. CMake itself reads CMAKE_GENERATOR, CC and CXX.
set -eu
: "${SOURCE:?}" "${BUILD:?}" "${WORK:?}" "${CMAKE:?}" "${CTEST:?}" "${CC:?}" "${NM:?}" "${READELF:?}"

consumer=$SOURCE/tests/package/consumer

rm -rf "$WORK"
mkdir -p "$WORK"
cd "$WORK"

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

skip() {
    printf 'SKIPPED: %s\n' "$*" >&2
    exit 77
}

# Prints the name of the next step.
trying() { printf '%s\n' "- $*"; }

# Runs a command. Shows the command's output only if the command fails.
quietly() {
    "$@" >log 2>&1 && return
    cat log
    fail "$*"
}

# same WHAT WANTED GOT: compares two lists of lines.
same() {
    printf '%s\n' "$2" >wanted
    printf '%s\n' "$3" >got
    diff -u wanted got || fail "$1"
}

# Runs a program, which must print that it has slept.
slept() { same "what $1 prints" slept "$("$@")"; }

# built FOLDER CONSUMER [OPTION...]: configures and builds a consumer in a folder, and runs its programs.
built() {
    folder=$1 project=$2
    shift 2
    quietly "$CMAKE" -S "$consumer/$project" -B "$folder" "$@"
    quietly "$CMAKE" --build "$folder" --parallel 2
    for library in naio shared static nng1; do
        slept "$folder/with_$library"
    done
    needed "$folder/with_static" | grep naio && fail "with_static needs the shared library"
    needed "$folder/with_shared" | grep -q 'libnaio\.so\.0' || fail "with_shared does not need libnaio.so.0"
}

# Prints the shared libraries that a program or a library needs.
needed() { "$READELF" --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# Prints the relative links, in the pages of a folder, that lead nowhere. Code is not searched.
dead_links() {
    find "$1" -name '*.md' | while read -r page; do
        sed -e '/^```/,/^```/d' -e 's/](/\n](/g' "$page" | sed -n 's/^](\([^)#: ]*\)[)#].*/\1/p' | while read -r target; do
            [ -e "${page%/*}/$target" ] || printf '%s: %s\n' "$page" "$target"
        done
    done
}

# found NAME FOLDER: prints the path of the file NAME in the folder.
found() {
    path=$(find "$2" -name "$1")
    [ -n "$path" ] || fail "no $1 in $2"
    printf '%s\n' "$path"
}
