#!/bin/sh
# Wöchentliches Update, Aufruf von Hand: ./update.sh
set -eu
cd "$(dirname "$0")"

occ() { docker compose exec -T -u www-data app php occ "$@"; }

occ maintenance:mode --on
docker compose exec -T db sh -c 'exec mariadb-dump --single-transaction -uroot -p"$(cat /run/secrets/mysql_root_password)" nextcloud' \
  | gzip > "backup/nextcloud-$(date +%F).sql.gz"
docker compose pull -q
docker compose up -d --remove-orphans
occ maintenance:mode --off
occ db:add-missing-indices
occ app:update --all
docker image prune -f
