# shellcheck shell=bash
# What deploy/ tells people: steps with their time, and errors that say what to do. Sourced.
# Steps go to stderr; stdout carries results only (the ready line, the status table).

say() {
    printf '%s\n' "$*" >&2
}

# fail SENTENCE...: says why and ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# now_ms: wall clock in milliseconds, without starting a process. Result in NOW_MS.
now_ms() {
    local micros=${EPOCHREALTIME/[.,]/}
    NOW_MS=$((micros / 1000))
}

# pause_ms MILLISECONDS (< 1000): sleeps without starting a process.
pause_ms() {
    local seconds
    printf -v seconds '0.%03d' "$1"
    if [ -z "${PAUSE_FD:-}" ]; then
        exec {PAUSE_FD}<> <(:)
    fi
    read -r -t "$seconds" -u "$PAUSE_FD" || true
}

# step_begin NAME, step_end [DETAIL]: one line for each step, with the time it took.
step_begin() {
    STEP_NAME=$1
    now_ms
    STEP_START_MS=$NOW_MS
}

step_end() {
    local took_ms
    now_ms
    took_ms=$((NOW_MS - STEP_START_MS))
    printf '  %-12s %5d.%02d s  %s\n' "$STEP_NAME" $((took_ms / 1000)) $((took_ms % 1000 / 10)) \
        "${1:-}" >&2
}

# tail_of FILE [LINES]: the end of a log, indented, for error messages.
tail_of() {
    if [ -s "$1" ]; then
        say "the end of $1:"
        tail -n "${2:-15}" -- "$1" | cut -c 1-300 | sed 's/^/    /' >&2
    else
        say "$1 is empty"
    fi
}

# need_tool TOOL PACKAGE
need_tool() {
    command -v "$1" >/dev/null 2>&1 ||
        fail "the program '$1' is missing: install the Debian package '$2'," \
            "or run deploy/bootstrap as a user who may install packages"
}

# is_number TEXT MIN MAX
is_number() {
    [[ $1 =~ ^[0-9]{1,9}$ ]] && ((10#$1 >= $2 && 10#$1 <= $3))
}
