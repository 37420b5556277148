#!/usr/bin/env bash
# Gives the user in the container the id of the person outside, then starts what was asked for.
set -u

if [[ -n "${DEV_UID:-}" && "$DEV_UID" != "$(id -u dev)" ]]; then
    usermod --uid "$DEV_UID" dev
fi
install -d -m 0777 /.composer

if (( $# )); then
    exec gosu dev "$@"
fi
exec supervisord -n -c /etc/supervisor/conf.d/dev.conf
