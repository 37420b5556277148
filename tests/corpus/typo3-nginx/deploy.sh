#!/bin/bash
# ./deploy.sh [live|stage]
TARGET=${1:-stage}
HOST=www-data@$TARGET.example.de

composer install --no-dev -o --ignore-platform-reqs || exit 1
rsync -az --delete --exclude-from=.rsyncignore ./ $HOST:/var/www/typo3/
ssh $HOST <<'REMOTE'
cd /var/www/typo3
docker-compose -f docker-compose.yml -f docker-compose.live.yml up -d --build
docker-compose exec -T php vendor/bin/typo3 cache:flush
docker-compose exec -T php chmod -R 0777 var public/typo3temp public/fileadmin
REMOTE
curl -s -o /dev/null -w '%{http_code}\n' https://$TARGET.example.de/
