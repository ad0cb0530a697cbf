# shellcheck shell=bash
# Restarts of parts of a Lockstock that runs. Sourced after say.sh and processes.sh.

readonly RESTART_WAIT_MS=45000    # the supervisor gives one up after less
readonly SUPERVISOR_LOCK_MS=2000  # of the one before, which was killed
readonly SIGUSR1_BIT=512          # in the masks of /proc/PID/status

# supervisor_restarts DIR: does the supervisor that runs there know how? Those of before 0.4 would
# die of the question.
supervisor_restarts() {
    local name value
    live_pid "$1" "$SUPERVISOR" || return 1
    while read -r name value; do
        [ "$name" != SigBlk: ] || break
    done 2>/dev/null <"/proc/$PID/status"
    (((16#${value:-0} & SIGUSR1_BIT) != 0))
}

# is_old_ready DIR PROCESS: one of before 0.4 answers at a TCP port, which stands in a file.
is_old_ready() {
    local fd head=''
    read_line "$1/run/$2.admin"
    is_number "$LINE" 1 65535 || return 1
    { exec {fd}<>"/dev/tcp/127.0.0.1/$LINE"; } 2>/dev/null || return 1
    { printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&"$fd"; } 2>/dev/null &&
        read -r -t 1 -u "$fd" head
    exec {fd}>&-
    [[ $head == "HTTP/1."*" 200"* ]]
}

# restart_one DIR PROCESS: by the supervisor, which starts it from the folder in DIR/etc/bin. Fails
# when the new one is not ready in time; WHY says so.
# shellcheck disable=SC2034 # the caller tells it
restart_one() {
    local file=$1/run/$2.restart deadline_ms
    WHY="the supervisor does not run"
    live_pid "$1" "$SUPERVISOR" || return 1
    rm -f -- "$file-failed"
    (umask 077 && : >"$file") || fail "cannot write '$file'"
    kill -USR1 "$PID" || fail "process $PID belongs to another user: run this as that user"
    now_ms
    deadline_ms=$((NOW_MS + RESTART_WAIT_MS))
    while [ -e "$file" ]; do
        WHY="the supervisor did not say that it was restarted"
        now_ms
        if ((NOW_MS >= deadline_ms)) || ! live_pid "$1" "$SUPERVISOR"; then
            rm -f -- "$file"
            return 1
        fi
        pause_ms "$POLL_MS"
    done
    WHY="it did not get ready; its log is $1/log/$2.log"
    [ ! -e "$file-failed" ]
}

# replace_supervisor DIR BIN: the processes live on and are taken over by the new one.
replace_supervisor() {
    local deadline_ms
    if live_pid "$1" "$SUPERVISOR"; then
        kill -KILL "$PID" || fail "process $PID belongs to another user: run this as that user"
        wait_gone "$1" "$KILL_WAIT_MS" "$SUPERVISOR"
    fi
    exec 9<"$1"
    flock -w "$((SUPERVISOR_LOCK_MS / 1000))" 9 ||
        fail "somebody else holds '$1': is another command of deploy/ at work there?"
    start_supervisor "$1" "$2" >/dev/null 2>&1
    exec 9<&-
    now_ms
    deadline_ms=$((NOW_MS + KILL_WAIT_MS))
    until live_pid "$1" "$SUPERVISOR"; do
        now_ms
        ((NOW_MS < deadline_ms)) || fail "the supervisor did not start; see $1/log/supervise.log"
        pause_ms "$POLL_MS"
    done
}
