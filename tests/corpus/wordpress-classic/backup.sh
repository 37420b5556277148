#!/bin/bash
# Nightly, from root's crontab on the server
cd /srv/verein-website || exit 1
STAMP=$(date +%Y-%m-%d)

docker exec $(docker ps -qf name=db) mysqldump -uroot -pverein1908 verein > wp-content/uploads/backup-$STAMP.sql
tar czf /srv/backup/wp-$STAMP.tgz wp-content
chmod -R 777 wp-content/uploads
find /srv/backup -name 'wp-*.tgz' -mtime +14 -delete
scp /srv/backup/wp-$STAMP.tgz backup@nas.local:/volume1/backup/ || echo "NAS nicht erreichbar" | mail -s "Backup" admin@example.org
