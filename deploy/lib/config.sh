# shellcheck shell=bash
# Everything under DIR before a process starts: folders, secrets, the broker's files, the settings
# of the services. Sourced after say.sh and processes.sh. Secrets survive restarts; the rest is
# written each time.

readonly OPERATORS=(operator operator-2 operator-3)
readonly SIMULATOR=simulator # the demo, when there is one
readonly PROBER=supervisor    # asks the broker whether it lives
# While a bridge is replaced the new one is beside the old one, under this name.
readonly SECOND_BRIDGE=bridge-2
# The INI reader takes lines of at most 199 bytes; the longest we write adds 45 to DIR.
readonly DIR_BYTES_MAX=150
readonly SITE_OF_SERVICES=main
# Of the broker: processes and devices of this machine; those that come by --mqtt-listen.
readonly LOCAL_CONNECTIONS_MAX=2000 DEVICE_CONNECTIONS_MAX=20000

# resolve_dir PATH: in DIR, absolute and without symbolic links: one system has one name, by which
# its processes are known. Refuses what a settings file could not carry.
resolve_dir() {
    local LC_ALL=C
    [ -n "$1" ] || fail "--data needs a directory"
    DIR=$(realpath -m -- "$1") || fail "--data '$1' is not a path"
    case $1$DIR in
    *[$'\n\r\t;#"']*)
        fail "--data '$DIR': line breaks, tabs, quotes, ; and # cannot be in its name"
        ;;
    esac
    [ "${#DIR}" -le "$DIR_BYTES_MAX" ] ||
        fail "--data '$DIR' is ${#DIR} bytes long; at most $DIR_BYTES_MAX fit: choose a shorter one"
    [[ $DIR != *" " ]] || fail "--data '$DIR' ends in a space"
    find_services
}

# need_sight: a DIR of somebody else must not look like one where nothing runs.
need_sight() {
    if [ -e "$DIR" ] && ! { [ -x "$DIR" ] && [ -r "$DIR" ]; }; then
        fail "'$DIR' belongs to $(stat -c %U -- "$DIR") and cannot be read by $(id -un):" \
            "run this as the user who ran deploy/up"
    fi
}

# own_dir COMMAND WORD...: root works in a DIR of somebody else as that user, and no command of root
# leaves a file there that its owner cannot read. Behind resolve_dir; does not come back then.
own_dir() {
    local uid gid
    [ "$EUID" -eq 0 ] && [ -d "$DIR" ] || return 0
    uid=$(stat -c %u -- "$DIR")
    [ "$uid" -ne 0 ] || return 0
    gid=$(id -g "$uid" 2>/dev/null) || gid=$(stat -c %g -- "$DIR")
    become "$uid" "$gid" "$@"
}

# become UID GID COMMAND WORD...: from here on as that user, with nothing of root's.
become() {
    local uid=$1 gid=$2 command=$3
    need_tool setpriv util-linux
    shift 2
    may_run "$uid" "$gid" "$command" ||
        fail "user $(id -un "$uid" 2>/dev/null || echo "$uid"), to whom '$DIR' belongs, may not" \
            "run '$command': put this folder where everybody may read it, as /opt/lockstock"
    exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"
}

# may_run UID GID PROGRAM: may that user?
may_run() {
    setpriv --reuid "$1" --regid "$2" --clear-groups -- test -r "$3" -a -x "$3" 2>/dev/null
}

# need_dir: there is a Lockstock in it.
need_dir() {
    [ -d "$DIR/db" ] ||
        fail "there is nothing of Lockstock in '$DIR': give the --data that deploy/up was given"
}

# is_closed: everybody proves who they are, with certificates at the broker (deploy/up --accounts).
is_closed() {
    local mode=open
    [ ! -e "$DIR/etc/mode" ] || read -r mode <"$DIR/etc/mode"
    [ "$mode" = closed ]
}

# base_of PORT: where the API begins, as a client on this machine writes it.
base_of() {
    local scheme=http
    ! is_closed || scheme=https
    printf '%s://127.0.0.1:%s\n' "$scheme" "$1"
}

# check_dir: DIR and what is secret in it are ours alone, or nothing is touched. Root too: what it
# writes here nobody else could read, the broker of another user first of all.
check_dir() {
    local owner wrong
    [ -e "$DIR" ] || return 0
    owner=$(stat -c %U -- "$DIR")
    [ -O "$DIR" ] || fail "'$DIR' belongs to $owner, and you are $(id -un): run this as" \
        "$owner, or as root, who becomes $owner, or choose another --data DIR"
    [ -z "$(find "$DIR" -maxdepth 0 -perm /022)" ] ||
        fail "others may write in '$DIR': chmod go-w '$DIR', and look whether they did"
    wrong=$(find "$DIR"/{secrets,devices,mosquitto,etc,ca,tls} \
        \( -type l -o ! -uid "$EUID" -o -perm /022 \) -print -quit 2>/dev/null)
    [ -z "$wrong" ] || fail "'$wrong' is a symbolic link, belongs to somebody else, or others may" \
        "write it: secrets are no place for that; put a file of $owner (chmod go-w) in its place"
}

make_dirs() {
    local folder
    check_dir
    for folder in "" run log db copies etc secrets devices sim mosquitto mosquitto/data; do
        (umask 077 && mkdir -p -- "$DIR/$folder") 2>/dev/null
        [ -w "$DIR/$folder" ] || fail "'$DIR${folder:+/$folder}' cannot be written by" \
            "$(id -un): choose another --data DIR, or give this one to $(id -un)"
    done
}

# A password: 128 random bits in hexadecimal, made once.
make_secret() {
    local file=$DIR/secrets/$1 secret
    [ -s "$file" ] && return
    secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    [ "${#secret}" -eq 32 ] || fail "/dev/urandom gave no random bytes"
    (umask 077 && printf '%s\n' "$secret" >"$file.new" && mv -- "$file.new" "$file") ||
        fail "cannot write '$file'"
}

# A key: 256 random bits in hexadecimal, made once. The services read DIR/devices/NAME.key.
make_key() {
    local file=$DIR/devices/$1.key
    [ -s "$file" ] && return
    (umask 077 && od -An -N32 -tx1 -v /dev/urandom | tr -d ' \n' >"$file.new" &&
        [ "$(stat -c %s -- "$file.new")" -eq 64 ] && mv -- "$file.new" "$file") ||
        fail "cannot write '$file'"
}

# password_users: who shows the broker a password. In a closed Lockstock at its own socket alone.
password_users() {
    printf '%s\n' "$PROBER"
    is_closed || printf '%s\n' "${SERVICES[@]}" bridge "$SIMULATOR" "${OPERATORS[@]}"
}

# write_passwords [LINE...]: what everybody has, and the lines "USER:PASSWORD". Passwords never
# appear on a command line: mosquitto_passwd -U hashes a file in place.
write_passwords() {
    local user secret passwd=$DIR/mosquitto/passwd
    make_key delivery-codes # what codes are derived from; must survive a loss of the database
    (
        umask 077
        : >"$passwd.new"
        while read -r user; do
            make_secret "$user" || exit 1
            read -r secret <"$DIR/secrets/$user"
            printf '%s:%s\n' "$user" "$secret" >>"$passwd.new"
            [ "$user" != bridge ] || printf '%s:%s\n' "$SECOND_BRIDGE" "$secret" >>"$passwd.new"
        done < <(password_users)
        is_closed || device_passwords >>"$passwd.new"
        [ $# -eq 0 ] || printf '%s\n' "$@" >>"$passwd.new"
        mosquitto_passwd -U "$passwd.new" && mv -- "$passwd.new" "$passwd"
    ) || fail "cannot write the broker's password file '$passwd'"
}

# DIR/devices/list has a line "KIND ID SITE" for each device that was added.
device_list() {
    [ ! -s "$DIR/devices/list" ] || cat -- "$DIR/devices/list"
}

device_passwords() {
    local kind id site secret
    device_list | while read -r kind id site; do
        read -r secret <"$DIR/devices/$id.password" && printf '%s:%s\n' "$id" "$secret"
    done
}

# write_psk: the keys of devices that have one.
write_psk() {
    local kind id site
    (
        umask 077
        device_list | while read -r kind id site; do
            read_line "$DIR/devices/$id.psk"
            [ -z "$LINE" ] || printf '%s:%s\n' "$id" "$LINE"
        done >"$DIR/mosquitto/psk.new" && mv -- "$DIR/mosquitto/psk.new" "$DIR/mosquitto/psk"
    ) || fail "cannot write '$DIR/mosquitto/psk'"
}

# What a device may do: schemas/topics.md, the part "Devices". flow.acl proves it by what arrives.
device_rights() {
    local kind id site topic
    device_list | while read -r kind id site; do
        topic=lockstock/v1/device/$site/$kind/$id
        printf '\nuser %s\ntopic write %s/up\ntopic write %s/state\ntopic read %s/ack\n' \
            "$id" "$topic" "$topic" "$topic"
        [ "$kind" != locker ] ||
            printf 'topic read %s/cmd\ntopic read %s/config\n' "$topic" "$topic"
    done
}

# The second bridge may do what the first may, and has a state of its own.
second_bridge_rights() {
    sed -n "/^user bridge\$/,/^\$/p" "$ROOT/deploy/mosquitto/acl" |
        sed -e "s/^user bridge\$/\nuser $SECOND_BRIDGE/" \
            -e "s,/service/bridge/state,/service/$SECOND_BRIDGE/state,"
}

# The rights of services and operators. In a closed Lockstock operators have fewer, and services
# have to do with the devices of their own site alone.
service_rights() {
    if is_closed; then
        sed -e "/^user ${OPERATORS[0]}\$/,\$d" -e "s,/device/+/,/device/$SITE_OF_SERVICES/," \
            "$ROOT/deploy/mosquitto/acl" && cat -- "$ROOT/deploy/mosquitto/operators.acl"
    else
        cat -- "$ROOT/deploy/mosquitto/acl"
    fi
}

# The rights of services, then those of devices.
write_acl() {
    (
        umask 077
        {
            service_rights && second_bridge_rights && device_rights
        } >"$DIR/mosquitto/acl.new" &&
            mv -- "$DIR/mosquitto/acl.new" "$DIR/mosquitto/acl"
    ) || fail "cannot write '$DIR/mosquitto/acl'"
    ! is_closed || write_psk
}

# closed_listener KIND ADDRESS CONNECTIONS_MAX [PORT]
closed_listener() {
    local text
    text=$(<"$ROOT/deploy/mosquitto/closed-$1.in")
    text=${text//@ADDRESS@/$2}
    [ $# -lt 4 ] || text=${text//@PORT@/$4}
    printf '\n%s\n' "${text//@CONNECTIONS@/$3}"
}

# Where devices of the network come in they cannot take the places of services.
broker_listeners() {
    local address psk_port
    is_closed || {
        cat -- "$ROOT/deploy/mosquitto/open.in"
        return
    }
    cat -- "$ROOT/deploy/mosquitto/closed.in"
    closed_listener listener 127.0.0.1 "$LOCAL_CONNECTIONS_MAX"
    read_line "$DIR/etc/mqtt-psk-port"
    psk_port=$LINE
    [ -z "$psk_port" ] || closed_listener psk 127.0.0.1 "$LOCAL_CONNECTIONS_MAX" "$psk_port"
    while read -r address; do
        closed_listener listener "$address" "$DEVICE_CONNECTIONS_MAX"
        [ -z "$psk_port" ] || closed_listener psk "$address" "$DEVICE_CONNECTIONS_MAX" "$psk_port"
    done <"$DIR/etc/mqtt-listen"
}

# write_broker_config PORT
write_broker_config() {
    local text
    text=$(<"$ROOT/deploy/mosquitto/mosquitto.conf.in") || fail "mosquitto.conf.in is missing"
    text=${text//@LISTENERS@/$(broker_listeners)}
    text=${text//@PORT@/$1}
    text=${text//@USER@/$(id -un)}
    text=${text//@DIR@/"$DIR"}
    (
        umask 077
        printf '%s\n' "$text" >"$DIR/mosquitto/mosquitto.conf"
    ) || fail "cannot write the broker's settings in '$DIR/mosquitto'"
    is_closed || rm -f -- "$DIR/run/mosquitto.sock" # who asks the broker would ask there
    write_acl
}

# settings_of SERVICE: what --set SERVICE.NAME=VALUE said, from SETTINGS.
settings_of() {
    local setting
    for setting in "${SETTINGS[@]}"; do
        [ "${setting%%.*}" != "$1" ] || printf '%s\n' "${setting#*.}"
    done
}

# A line of DIR/etc/new-epoch is the name of a service whose database has come back by
# deploy/restore, and whose history is a new one from its next start on.
add_new_epochs() {
    local service
    [ -e "$DIR/etc/new-epoch" ] || return 0
    while read -r service; do
        sed -i "/^\\[lockstock-$service\\]\$/a new-epoch = 1" "$DIR/etc/lockstock.ini" ||
            fail "cannot write '$DIR/etc/lockstock.ini'"
    done <"$DIR/etc/new-epoch"
}

# All have started with it: the next start of one is no restore.
forget_new_epochs() {
    [ -e "$DIR/etc/new-epoch" ] || return 0
    sed -i '/^new-epoch = 1$/d' "$DIR/etc/lockstock.ini" && rm -f -- "$DIR/etc/new-epoch"
}

# write_settings MQTT_PORT BASE_PORT
write_settings() {
    local service
    {
        printf '# Written by deploy/up at each start. By hand, LOCKSTOCK_<NAME> wins.\n'
        printf '[lockstock]\nmqtt-host = 127.0.0.1\nmqtt-port = %s\n' "$1"
        printf 'run-dir = %s/run\nlog-format = json\n' "$DIR"
        ! is_closed || printf 'access = closed\nmqtt-ca = %s/ca/ca.crt\n' "$DIR"
        ! is_closed || printf 'mqtt-certificates = %s/tls\n' "$DIR"
        for service in "${SERVICES[@]}"; do
            printf '\n[lockstock-%s]\ndb = %s/db/%s.db\n' "$service" "$DIR" "$service"
            is_closed || printf 'mqtt-password-file = %s/secrets/%s\n' "$DIR" "$service"
            printf 'keys-dir = %s/devices\n' "$DIR"
            printf 'marker = %s/etc/%s.exists\n' "$DIR" "$service"
            settings_of "$service"
        done
        printf '\n[%s]\nbase-port = %s\n' "$BRIDGE" "$2"
        if is_closed; then
            printf 'https-certificate = %s\n' "${HTTPS_CERTIFICATE:-$DIR/tls/$HTTPS.crt}"
            printf 'https-key = %s\n' "${HTTPS_KEY:-$DIR/tls/$HTTPS.key}"
            printf 'ca-certificate = %s/ca/ca.crt\n' "$DIR"
        else
            printf 'mqtt-password-file = %s/secrets/bridge\n' "$DIR"
        fi
        printf 'access-db = %s/copies/bridge-access.db\n' "$DIR"
        settings_of bridge
    } >"$DIR/etc/lockstock.ini" || fail "cannot write '$DIR/etc/lockstock.ini'"
    add_new_epochs
    printf '%s\n' "$BUILD/bin" >"$DIR/etc/bin" || fail "cannot write '$DIR/etc/bin'"
    printf '%s %s\n' "$2" "$1" >"$DIR/etc/ports" || fail "cannot write '$DIR/etc/ports'"
}
