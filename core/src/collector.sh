#!/bin/sh
# Records what runs on this machine, so that Plimsoll can compare it with what the files say.
#
#   sh collect.sh > running.txt
#
# It asks Docker (or Podman) and changes nothing. Values of environment variables are left out, their names are kept; command
# lines and labels are kept as they are. The result is plain text: look through it before you hand it on.
#
#   ENGINE=podman sh collect.sh > running.txt     choose the engine
#   MOST=50 sh collect.sh > running.txt           look into at most 50 containers, images, volumes and networks

set -u
LC_ALL=C
export LC_ALL

most=${MOST:-200}
most_lines=2000
most_bytes=3900000

engine=${ENGINE:-}
if [ -z "$engine" ]; then
    for candidate in docker podman; do
        if command -v "$candidate" >/dev/null 2>&1; then
            engine=$candidate
            break
        fi
    done
fi
if [ -z "$engine" ] || ! command -v "$engine" >/dev/null 2>&1; then
    echo "collect.sh: neither docker nor podman was found; name one with ENGINE=" >&2
    exit 1
fi
name=${engine##*/}

# Leaves out values of environment variables: in "Env" lists, and in the command line that Podman keeps.
redact() {
    awk '
        /"Env": \[[ \t\r]*$/ || /"CreateCommand": \[[ \t\r]*$/ { inside = 1; print; next }
        inside && /^[ \t]*\]/ { inside = 0 }
        inside {
            at = index($0, "=")
            if (at > 0) { $0 = substr($0, 1, at) "<redacted>\"" (/,[ \t\r]*$/ ? "," : "") }
        }
        { print }
    '
}

# section TITLE COMMAND...: a header line that names the command, then what it says.
section() {
    title=$1
    shift
    echo
    echo "### $name $title"
    "$engine" "$@" 2>/dev/null | redact || true
}

# ids COMMAND...: what to look into, one name a line, each once.
ids() {
    "$engine" "$@" 2>/dev/null | sort -u | head -n "$most"
}

collect() {
    echo "# Made by the collector of Plimsoll. Lines that start with ### name the command that follows them."
    echo "# taken: $(date -u +%Y-%m-%dT%H:%M:%SZ)"

    section "version --format '{{json .}}'" version --format '{{json .}}'
    section "info --format '{{json .}}'" info --format '{{json .}}'
    section "ps -a --no-trunc --format '{{json .}}'" ps -a --no-trunc --format '{{json .}}'

    containers=$(ids ps -aq --no-trunc)
    if [ -n "$containers" ]; then
        # One word for each container. shellcheck disable=SC2086
        section 'inspect $(docker ps -aq)' inspect --type container $containers
    fi

    section "images --digests --no-trunc --format '{{json .}}'" images --digests --no-trunc --format '{{json .}}'
    images=$(ids images -q --no-trunc)
    if [ -n "$images" ]; then
        # shellcheck disable=SC2086
        section 'image inspect $(docker images -q)' image inspect $images
    fi

    section "network ls --no-trunc --format '{{json .}}'" network ls --no-trunc --format '{{json .}}'
    networks=$(ids network ls -q)
    if [ -n "$networks" ]; then
        # shellcheck disable=SC2086
        section 'network inspect $(docker network ls -q)' network inspect $networks
    fi

    section "volume ls --format '{{json .}}'" volume ls --format '{{json .}}'
    volumes=$(ids volume ls -q)
    if [ -n "$volumes" ]; then
        # shellcheck disable=SC2086
        section 'volume inspect $(docker volume ls -q)' volume inspect $volumes
    fi

    case $name in
    *podman*) section "system df --format '{{json .}}'" system df --format '{{json .}}' ;;
    *) section "system df -v --format '{{json .}}'" system df -v --format '{{json .}}' ;;
    esac

    for container in $(ids ps -q --no-trunc); do
        section "diff $container" diff "$container" | head -n "$most_lines"
    done
}

# One file that any mail takes and that the analysis reads to its end.
collect | awk -v most="$most_bytes" '
    { size += length($0) + 1 }
    size > most { print "# cut: this is longer than " most " bytes; the rest is left out"; exit }
    { print }
'
