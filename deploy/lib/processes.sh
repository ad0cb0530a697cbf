# shellcheck shell=bash
# Which processes there are, whether one runs, and how it is stopped. Sourced after say.sh.
# A pid file alone proves nothing: the number may have been given to another program. A process is
# ours only if its command line names its program and a configuration file of this DIR.

# The order in which they stop: nobody asks before the door is shut, the broker hears the last word.
SERVICES=(product rental delivery stock information)
readonly SIGN_IN=account # one more, where people sign in: find_services
readonly BROKER=mosquitto
readonly BRIDGE=lockstock-bridge
readonly SUPERVISOR=supervise # the program lockstock-supervise
readonly STOP_WAIT_MS=5000
readonly KILL_WAIT_MS=2000
readonly POLL_MS=20

process_names() {
    local service
    PROCESSES=("$BROKER")
    for service in "${SERVICES[@]}"; do
        PROCESSES+=("lockstock-$service")
    done
    PROCESSES+=("$BRIDGE")
}
process_names

# find_services: those of DIR. Where people sign in there is a file etc/account.ini; the supervisor
# looks at it, too.
find_services() {
    [ -s "$DIR/etc/account.ini" ] && [[ " ${SERVICES[*]} " != *" $SIGN_IN "* ]] || return 0
    SERVICES+=("$SIGN_IN")
    process_names
}

# read_line FILE: its first line in LINE, "" if there is none.
read_line() {
    LINE=
    if [ -r "$1" ]; then
        read -r LINE <"$1" || true
    fi
}

# is_ours PID PROGRAM FILE: a live process that runs PROGRAM, or lockstock-PROGRAM, with FILE on its
# command line?
is_ours() {
    local word program=no file=no words=()
    [[ $1 =~ ^[1-9][0-9]*$ ]] && [ -r "/proc/$1/cmdline" ] || return 1
    # A zombie has an empty command line: dead for our purposes.
    mapfile -d '' -t words 2>/dev/null <"/proc/$1/cmdline" || return 1
    for word in "${words[@]}"; do
        [[ ${word##*/} = "$2" || ${word##*/} = "lockstock-$2" ]] && program=yes
        [ "$word" = "$3" ] && file=yes
    done
    [ "$program" = yes ] && [ "$file" = yes ]
}

# config_of DIR PROCESS: the file that its command line names, in CONFIG.
config_of() {
    case $2 in
    "$BROKER") CONFIG=$1/mosquitto/mosquitto.conf ;;
    "$SUPERVISOR" | demo) CONFIG=$1 ;;
    *) CONFIG=$1/etc/lockstock.ini ;;
    esac
}

# live_pid DIR PROCESS: its pid in PID; fails, with PID "", if it does not run.
live_pid() {
    read_line "$1/run/$2.pid"
    config_of "$1" "$2"
    if is_ours "$LINE" "$2" "$CONFIG"; then
        PID=$LINE
    else
        PID=
        return 1
    fi
}

# wait_gone DIR MILLISECONDS PROCESS...: until none of them runs; fails when the time is over.
wait_gone() {
    local dir=$1 process deadline_ms any
    now_ms
    deadline_ms=$((NOW_MS + $2))
    shift 2
    while :; do
        any=no
        for process in "$@"; do
            live_pid "$dir" "$process" && any=yes
        done
        [ "$any" = no ] && return 0
        now_ms
        [ "$NOW_MS" -ge "$deadline_ms" ] && return 1
        pause_ms "$POLL_MS"
    done
}

# signal_all DIR SIGNAL PROCESS...
signal_all() {
    local dir=$1 signal=$2 process
    shift 2
    for process in "$@"; do
        if live_pid "$dir" "$process"; then
            kill -s "$signal" "$PID" 2>/dev/null
            [ "$signal" = KILL ] &&
                say "$process did not stop in $((STOP_WAIT_MS / 1000)) s: killed"
            # A stopped process (SIGSTOP) must wake up to hear it.
            kill -s CONT "$PID" 2>/dev/null
        fi
    done
}

# stop_group DIR PROCESS...: SIGTERM, 5 s, SIGKILL; then their pid files go.
stop_group() {
    local dir=$1 process
    shift
    signal_all "$dir" TERM "$@"
    if ! wait_gone "$dir" "$STOP_WAIT_MS" "$@"; then
        signal_all "$dir" KILL "$@"
        wait_gone "$dir" "$KILL_WAIT_MS" "$@" || say "some of these do not die: $*"
    fi
    for process in "$@"; do
        rm -f "$dir/run/$process.pid" "$dir/run/$process.sock" "$dir/run/$process.deaths"
    done
}

# stop_all DIR: the demo, bridge, services, broker.
stop_all() {
    stop_group "$1" demo
    stop_group "$1" "$BRIDGE"
    stop_group "$1" "${SERVICES[@]/#/lockstock-}"
    stop_group "$1" "$BROKER"
}

# any_running DIR [PROCESS...]: does one of them run? Without names: of all but the supervisor.
any_running() {
    local dir=$1 process
    shift
    [ $# -gt 0 ] || set -- demo "${PROCESSES[@]}"
    for process in "$@"; do
        live_pid "$dir" "$process" && return 0
    done
    return 1
}

# find_lost DIR: what lives without a pid file, as when somebody has removed DIR/run, gets one. Who
# does not own DIR writes nothing in it.
find_lost() {
    local process file pid lost=()
    [ -O "$1" ] || return 0
    for process in "$SUPERVISOR" "${PROCESSES[@]}"; do
        live_pid "$1" "$process" || lost+=("$process")
    done
    [ ${#lost[@]} -gt 0 ] || return 0
    while read -r file; do
        pid=${file//[^0-9]/}
        for process in "${lost[@]}"; do
            config_of "$1" "$process"
            is_ours "$pid" "$process" "$CONFIG" || continue
            (umask 077 && mkdir -p -- "$1/run" && printf '%s\n' "$pid" >"$1/run/$process.pid")
        done
    done < <(grep -lzxF -e "$1" -e "$1/etc/lockstock.ini" -e "$1/mosquitto/mosquitto.conf" \
        /proc/[0-9]*/cmdline 2>/dev/null)
}

# version_of BIN: of the programs there, as "0.4.0"; "unknown" when they do not say.
version_of() {
    local words
    read -r -a words < <("$1/lockstock-${SERVICES[0]}" --version 2>/dev/null)
    printf '%s\n' "${words[1]:-unknown}"
}

# start_supervisor DIR BIN: in a session of its own, so that Ctrl-C reaches it only as an orderly
# stop. It inherits the lock of DIR, descriptor 9, and what we print to. Its pid is $!.
start_supervisor() {
    rm -f "$1/run/$SUPERVISOR.pid"
    setsid "$2/lockstock-$SUPERVISOR" "$1" </dev/null &
}

# bring_back DIR: if the supervisor has died and its processes live on, it comes back and takes
# them over. Who does not own DIR only looks.
bring_back() {
    local deadline_ms
    find_lost "$1"
    if live_pid "$1" "$SUPERVISOR" || ! any_running "$1" "${PROCESSES[@]}" || [ ! -O "$1" ]; then
        return
    fi
    read_line "$1/etc/bin"
    [ -x "$LINE/lockstock-$SUPERVISOR" ] || return
    exec 9<"$1"
    if flock -n 9; then
        start_supervisor "$1" "$LINE" >/dev/null 2>&1
        now_ms
        deadline_ms=$((NOW_MS + KILL_WAIT_MS))
        until live_pid "$1" "$SUPERVISOR" || [ "$NOW_MS" -ge "$deadline_ms" ]; do
            pause_ms "$POLL_MS"
            now_ms
        done
        say "the supervisor had died: it is back, and has taken over what lives"
    fi
    exec 9<&-
}

# ask_ready DIR PROCESS: what it says of itself. ANSWER is "ready", or why not; DEGRADED has a line
# "reason since text" for each thing that it owes all the same.
ask_ready() {
    local body
    DEGRADED='' ANSWER="not listening yet"
    read_line "$1/etc/bin"
    [ -S "$1/run/$2.sock" ] || return 1
    body=$("$LINE/$2" --config "$1/etc/lockstock.ini" --run-dir "$1/run" --check ready 2>/dev/null)
    case $body in
    '{"ready":true,'*) ANSWER=ready ;;
    '{"ready":false,'*)
        text_of why "$body"
        ANSWER=$TEXT
        ;;
    *) ANSWER="no answer from its admin socket" ;;
    esac
    read_degraded "${body#*\"degraded\":}"
    [ "$ANSWER" = ready ]
}

# text_of MEMBER JSON: the first text of that name, in TEXT.
text_of() {
    TEXT=
    [[ $2 =~ \"$1\":\"(([^\\\"]|\\.)*)\" ]] || return 1
    TEXT=${BASH_REMATCH[1]//\\\"/\"}
}

# read_degraded JSON: the reasons of a body, in DEGRADED.
read_degraded() {
    local rest=$1 reason since
    while text_of reason "$rest"; do
        reason=$TEXT
        text_of since "$rest" && since=$TEXT
        text_of text "$rest" || return
        DEGRADED+="$reason $since $TEXT"$'\n'
        rest=${rest#*"}"}
    done
}

# is_listening PORT
is_listening() {
    (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
