# shellcheck shell=bash
# The certificates of a closed Lockstock, by openssl. Sourced after say.sh, processes.sh and
# config.sh.
#   DIR/ca/ca.crt, ca.key    who vouches for all others; the key may be kept elsewhere
#   DIR/ca/index.txt, issued/  what was signed; DIR/ca/crl.pem: what does not count any more
#   DIR/tls/NAME.crt, .key   one for each user of the broker, the broker, and HTTPS
# A name that listens has a file NAME.names too: the addresses at which it may be called.

readonly CA_DAYS=1826
readonly LEAF_DAYS=90
readonly CRL_DAYS=7300     # beyond the CA: a list that has ended refuses everybody
readonly LIFE_PERCENT_MAX=80 # of a life, then a certificate is renewed
readonly HTTPS=https
readonly LOCK_WAIT_S=30
readonly LISTENERS=("$BROKER" "$HTTPS")

# lock_ca: one at a time signs, or changes what is known of devices.
lock_ca() {
    exec 8>>"$DIR/devices/lock"
    flock -w "$LOCK_WAIT_S" 8 || fail "another command of deploy/ has worked on devices or" \
        "certificates for $LOCK_WAIT_S s"
}

# tls_users: who shows the broker a certificate, beside devices.
tls_users() {
    printf '%s\n' "${SERVICES[@]}" bridge "$SECOND_BRIDGE" "$SIMULATOR" "${OPERATORS[@]}"
}

ca_settings() {
    cat <<'TEXT'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = issued
certificate = ca.crt
private_key = ca.key
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
TEXT
}

# ca WORD...: openssl ca, in the folder of the CA, so that no path needs quotes.
ca() {
    (umask 077 && cd -- "$DIR/ca" && openssl ca -config <(ca_settings) -batch -notext "$@" 2>&1)
}

need_ca_key() {
    [ -s "$DIR/ca/ca.key" ] || fail "the key of the CA is not in '$DIR/ca/ca.key', and nothing" \
        "can be signed or revoked without: bring it back for this command; it may go again"
}

# make_crl: what is revoked, for the broker to read.
make_crl() {
    local text
    text=$(ca -gencrl -crldays "$CRL_DAYS" -out crl.new) ||
        fail "the list of revoked certificates cannot be made: $text"
    mv -f -- "$DIR/ca/crl.new" "$DIR/ca/crl.pem" || fail "cannot write '$DIR/ca/crl.pem'"
}

make_ca() {
    local mark
    need_tool openssl openssl
    [ ! -s "$DIR/ca/crl.pem" ] || return 0
    mark=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
    (
        umask 077
        mkdir -p -- "$DIR/ca/issued" "$DIR/tls" && : >"$DIR/ca/index.txt" &&
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config /dev/null \
                -keyout "$DIR/ca/ca.key" -out "$DIR/ca/ca.crt" -days "$CA_DAYS" \
                -subj "/CN=Lockstock CA $mark" \
                -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
                -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    ) || fail "openssl cannot make the CA in '$DIR/ca'"
    make_crl
}

# subject_alternatives FILE: the addresses in it, a line each, as openssl wants them.
subject_alternatives() {
    local address words=()
    while read -r address; do
        case $address in
        *[!0-9.]*:* | *:*) words+=("IP:$address") ;;
        *[!0-9.]*) words+=("DNS:$address") ;;
        *) words+=("IP:$address") ;;
        esac
    done <"$1"
    (IFS=, && printf '%s\n' "${words[*]}")
}

# extensions NAME
extensions() {
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'
    printf 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
    if [ -e "$DIR/tls/$1.names" ]; then
        printf 'extendedKeyUsage=serverAuth\nsubjectAltName=%s\n' \
            "$(subject_alternatives "$DIR/tls/$1.names")"
    else
        printf 'extendedKeyUsage=clientAuth\n'
    fi
}

# sign NAME REQUEST CERTIFICATE: whatever name the request has.
sign() {
    local text
    need_ca_key
    text=$(ca -in "$2" -subj "/CN=$1" -days "$LEAF_DAYS" -extfile <(extensions "$1") -out "$3") ||
        fail "the certificate of $1 cannot be signed: $text"
}

# issue NAME [FILE]: a new key and a certificate of it. The key is written first: a pair that does
# not fit is made anew.
issue() {
    local file=${2:-$DIR/tls/$1}
    need_ca_key
    (umask 077 && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -config /dev/null -keyout "$file.key.new" -out "$file.request" -subj "/CN=$1" \
        2>/dev/null) ||
        fail "openssl cannot make a key in '$DIR/tls'"
    sign "$1" "$file.request" "$file.crt.new"
    rm -f -- "$file.request"
    mv -f -- "$file.key.new" "$file.key" || fail "cannot write '$file.key'"
    mv -f -- "$file.crt.new" "$file.crt" || fail "cannot write '$file.crt'"
}

# date_of FILE start|end: of its life, in seconds.
date_of() {
    local text
    text=$(openssl x509 -noout "-${2}date" -in "$1" 2>/dev/null) ||
        fail "'$1' is no certificate: remove it, and run deploy/certificates renew"
    date -d "${text#*=}" +%s
}

# life_of FILE: in LIFE_PERCENT what is gone of it, in ENDS its last day, as YYYY-MM-DD.
# shellcheck disable=SC2034 # the caller tells it
life_of() {
    local begin end
    begin=$(date_of "$1" start) || exit 1
    end=$(date_of "$1" end) || exit 1
    printf -v ENDS '%(%Y-%m-%d)T' "$end"
    LIFE_PERCENT=$(((EPOCHSECONDS - begin) * 100 / (end - begin)))
}

# is_old FILE: is LIFE_PERCENT_MAX of a life gone?
is_old() {
    ! openssl x509 -noout -in "$1" >/dev/null 2>&1 \
        -checkend $((LEAF_DAYS * 864 * (100 - LIFE_PERCENT_MAX)))
}

# is_due NAME: is a certificate missing, old, of another CA, or none of its key?
is_due() {
    local file=$DIR/tls/$1
    [ -s "$file.crt" ] && [ -s "$file.key" ] || return 0
    ! is_old "$file.crt" || return 0
    [ ! "$file.names" -nt "$file.crt" ] || return 0
    [ "$(openssl x509 -noout -pubkey -in "$file.crt")" != \
        "$(openssl pkey -pubout -in "$file.key")" ]
}

# name_listener NAME ADDRESS...: at which it may be called; the same as before changes nothing.
name_listener() {
    local file=$DIR/tls/$1.names
    shift
    [ "$(cat -- "$file" 2>/dev/null)" = "$(printf '%s\n' "$@")" ] ||
        (umask 077 && printf '%s\n' "$@" >"$file") || fail "cannot write '$file'"
}

# issue_due: all that are due.
issue_due() {
    local name
    while read -r name; do
        ! is_due "$name" || issue "$name"
    done < <(tls_users && printf '%s\n' "${LISTENERS[@]}")
}

# mark_revoked NAME: each certificate that was ever signed for it; make_crl tells.
mark_revoked() {
    local state serial name text
    while IFS=$'\t' read -r state _ _ serial _ name; do
        [ "$state $name" = "V /CN=$1" ] || continue
        text=$(ca -revoke "issued/$serial.pem") ||
            fail "a certificate of $1 cannot be revoked: $text"
    done < <(sed 's/\t\t/\t-\t/' "$DIR/ca/index.txt")
}
