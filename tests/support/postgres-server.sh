#!/usr/bin/env bash
# A throw-away PostgreSQL from Debian's package, on a free loopback port and a unix socket.
#
#   postgres-server.sh start FOLDER    makes it in FOLDER (which is made, too) or starts it again
#                                      there; prints the URL of its superuser
#   postgres-server.sh stop FOLDER     stops it at once; FOLDER stays
#   postgres-server.sh kill FOLDER     ends it without a chance to tidy up
#   postgres-server.sh pause FOLDER    none of its processes runs any more
#   postgres-server.sh resume FOLDER   until now
#
# FOLDER/tls holds the authority of its certificate, ca.crt, and one that is not, other.crt.
# FOLDER/server.log is what it says. Only processes that it started itself are signalled.
set -euo pipefail

die() { printf 'postgres-server.sh: %s\n' "$*" >&2; exit 1; }

[[ $# == 2 ]] || die "usage: postgres-server.sh start|stop|kill|pause|resume FOLDER"
verb=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
data=$folder/data
password=throw-away

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[[ -n $bin ]] || die "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"

# PostgreSQL refuses to run as root.
as_owner() {
    if [[ $(id -u) != 0 ]]; then
        (cd / && "$@")
    elif id postgres >/dev/null 2>&1; then
        (cd / && runuser -u postgres -- "$@")
    else
        (cd / && runuser -u nobody -- "$@")
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

certificate() { # NAME SUBJECT ISSUER: signed by ISSUER, or by itself
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -keyout "$folder/tls/$1.key" -out "$folder/tls/$1.crt" -subj "$2" "${@:3}" 2>/dev/null
}

make() {
    mkdir -p "$folder/tls"
    certificate ca "/CN=lvng test authority"
    certificate other "/CN=another authority"
    certificate server /CN=localhost -CA "$folder/tls/ca.crt" -CAkey "$folder/tls/ca.key" \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext basicConstraints=CA:FALSE
    printf %s "$password" >"$folder/password"
    if [[ $(id -u) == 0 ]]; then chown -R "$(as_owner id -un)" "$folder"; fi
    chmod 755 "$folder" "$folder/tls"
    as_owner "$bin/initdb" --pgdata "$data" --username postgres --auth scram-sha-256 \
        --pwfile "$folder/password" --encoding UTF8 --locale C.UTF-8 >/dev/null
    as_owner tee -a "$data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
port = $(free_port)
unix_socket_directories = '$folder'
max_connections = 200
ssl = on
ssl_cert_file = '$folder/tls/server.crt'
ssl_key_file = '$folder/tls/server.key'
END
}

postmaster() { head -n 1 "$data/postmaster.pid" 2>/dev/null || true; }
port() { sed -n 's/^port = //p' "$data/postgresql.conf"; }

start() {
    [[ -d $data ]] || make
    as_owner "$bin/pg_ctl" --pgdata "$data" --log "$folder/server.log" --wait --silent start \
        >&2 || die "it did not start: $(tail -n 3 "$folder/server.log")"
    echo "postgresql://postgres:$password@127.0.0.1:$(port)/postgres"
}

running_postmaster() {
    local pid
    pid=$(postmaster)
    [[ -n $pid ]] || die "it does not run"
    echo "$pid"
}

family() { ps -o pid= --pid "$1" --ppid "$1"; } # the postmaster first

signal_all() {
    # A child may have ended since it was listed.
    family "$(running_postmaster)" | xargs -n 1 kill "-$1" 2>/dev/null || true
}

# Gone, or dead and not yet reaped: in a container perhaps nobody ever does.
is_gone() { [[ ! $(ps -o stat= --pid "$1") =~ ^[^Z] ]]; }

# end SIGNAL: sends it to the postmaster, and returns when the whole family has ended.
end() {
    local pids pid deadline=$((SECONDS + 30))
    pid=$(running_postmaster)
    pids=$(family "$pid")
    kill "-$1" "$pid"
    for pid in $pids; do
        until is_gone "$pid"; do
            [[ $SECONDS -lt $deadline ]] || die "process $pid does not end"
            sleep 0.02
        done
    done
    rm -f "$data/postmaster.pid" "$folder"/.s.PGSQL.*
}

case $verb in
start) start ;;
stop) end QUIT ;;
kill) end KILL ;;
pause) signal_all STOP ;;
resume) signal_all CONT ;;
*) die "no such command: $verb" ;;
esac
