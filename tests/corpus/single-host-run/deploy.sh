#!/usr/bin/env bash
#
# Rollt die Zeiterfassung auf dem Server aus. Kein Compose, gewachsen seit 2017.
#
# Aufruf: ./deploy.sh [VERSION]
#
set -e

VERSION=${1:-latest}
REGISTRY="registry.example.de"
IMAGE="$REGISTRY/zeit/app:$VERSION"
DB_PASS='Uhrwerk-77-Db'
NET=zeit
OPTS="--restart unless-stopped --network $NET"

log() { printf '%s %s\n' "$(date +%T)" "$*"; }

docker network inspect "$NET" >/dev/null 2>&1 || docker network create "$NET"

log "Datenbank"
if ! docker ps --format '{{.Names}}' | grep -qx zeit-db; then
  docker run -d --name zeit-db $OPTS \
    -e MYSQL_ROOT_PASSWORD="$DB_PASS" \
    -e MYSQL_DATABASE=zeit \
    -v /srv/zeit/mysql:/var/lib/mysql \
    -p 3306:3306 \
    mariadb:10.5
fi

log "Cache"
docker rm -f zeit-redis 2>/dev/null || true
docker run -d --name zeit-redis $OPTS -p 0.0.0.0:6379:6379 redis:6 redis-server --protected-mode no

log "Anwendung $IMAGE"
docker pull "$IMAGE"
docker stop zeit-app && docker rm zeit-app || true
docker run --detach \
  --name=zeit-app \
  --hostname zeit \
  --user 0:0 \
  --cap-add=SYS_ADMIN --security-opt apparmor=unconfined \
  --env APP_ENV=production --env "DB_PASSWORD=$DB_PASS" \
  --env-file /srv/zeit/app.env \
  --volume /srv/zeit/storage:/var/www/html/storage:rw \
  --mount type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock \
  --publish 80:8080 --publish 443:8443 \
  --memory 1g \
  $OPTS "$IMAGE"

# Warten, bis PHP antwortet
for i in $(seq 1 30); do
  if curl -fs http://localhost/status > /dev/null; then break; fi
  sleep 2
done

log "Cron"
cat > /etc/cron.d/zeit <<CRON
*/5 * * * * root docker exec zeit-app php /var/www/html/artisan schedule:run
0 1 * * * root docker exec zeit-db sh -c 'mysqldump -uroot -p$DB_PASS zeit' > /srv/zeit/dump.sql
CRON

docker exec -u root zeit-app chmod -R a+rwX /var/www/html/storage
log fertig
