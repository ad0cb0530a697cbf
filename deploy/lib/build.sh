# shellcheck shell=bash
# Configures and compiles with CMake and Ninja. Sourced after say.sh. On a terminal Ninja shows its
# own progress; elsewhere a line comes at each quarter. The whole output is kept in a log.

# build PRESET FOLDER LOG [TARGET...]
build() {
    local preset=$1 folder=$2 log=$3
    shift 3
    need_tool cmake cmake
    need_tool ninja ninja-build
    mkdir -p -- "$folder" 2>/dev/null
    [ -w "$folder" ] || fail "'$folder' cannot be written by $(id -un): choose another --build DIR"
    : >"$log" || fail "cannot write '$log'"
    configure "$preset" "$folder" "$log"
    compile "$folder" "$log" "$@"
}

configure() {
    [ -f "$2/build.ninja" ] && return
    step_begin configure
    (cd "$ROOT" && cmake --preset "$1" -B "$2") >>"$3" 2>&1 || {
        rm -f "$2/build.ninja"
        tail_of "$3"
        fail "CMake could not configure the preset '$1'; the whole log is $3"
    }
    step_end "preset $1 in $2"
}

compile() {
    local folder=$1 log=$2 jobs rc
    shift 2
    jobs=$(nproc)
    step_begin build
    if [ -t 2 ]; then
        ninja -C "$folder" -j "$jobs" "$@" >&2
    else
        NINJA_STATUS='[%p] ' ninja -C "$folder" -j "$jobs" "$@" 2>&1 | tee -a -- "$log" | quarters
    fi
    rc=${PIPESTATUS[0]}
    if [ "$rc" -ne 0 ]; then
        [ -t 2 ] || tail_of "$log" 40
        fail "the build failed; the reason is above${log:+, the whole log is $log}"
    fi
    step_end "$jobs jobs, log $log"
}

# Reads Ninja's lines "[ 37%] ..." and says when the next quarter is reached.
quarters() {
    local line next=25
    while read -r line; do
        [[ $line =~ ^\[\ *([0-9]+)%\] ]] || continue
        while ((BASH_REMATCH[1] >= next && next < 100)); do
            say "  build         $next %"
            ((next += 25))
        done
    done
}
