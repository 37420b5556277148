#!/bin/sh
# Renders the model once, deploys exactly that, and records what runs.
set -eu

cd /srv/warehouse
docker compose config --format json > compose.config.json
docker compose -f compose.config.json pull --quiet
docker compose -f compose.config.json up --detach --wait --remove-orphans

{
    echo "# taken: $(date -u +%FT%TZ)"
    for what in 'ps -a --no-trunc' 'images --digests --no-trunc' 'volume ls' 'network ls --no-trunc'; do
        echo "### docker $what"
        # shellcheck disable=SC2086
        docker $what --format '{{json .}}'
    done
} > inventory/running.txt
