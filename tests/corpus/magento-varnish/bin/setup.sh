#!/usr/bin/env bash
# First installation: bin/setup.sh [domain]
set -o errexit -o nounset

DOMAIN=${1:-shop.test}
source env/magento.env

docker compose up -d db opensearch rabbitmq redis
until docker compose exec -T db mysqladmin ping -uroot -pmagento --silent; do
  echo "waiting for the database"; sleep 2
done

docker compose run --rm -u root phpfpm chown -R app:app /var/www/html
docker compose run --rm phpfpm bin/magento setup:install \
  --db-host="$MYSQL_HOST" --db-name="$MYSQL_DATABASE" --db-user="$MYSQL_USER" --db-password="$MYSQL_PASSWORD" \
  --base-url="https://$DOMAIN/" \
  --backend-frontname="$MAGENTO_BACKEND_FRONTNAME" \
  --admin-email="$ADMIN_EMAIL" --admin-user="$ADMIN_USER" --admin-password="$ADMIN_PASSWORD" \
  --search-engine=opensearch --opensearch-host="$OPENSEARCH_HOST" --opensearch-port="$OPENSEARCH_PORT" \
  --amqp-host="$RABBITMQ_HOST" --amqp-port=5672 --amqp-user="$RABBITMQ_USER" --amqp-password="$RABBITMQ_PASSWORD" \
  --session-save=redis --session-save-redis-host=redis --use-rewrites=1

docker compose up -d
echo "Fertig: https://$DOMAIN/"
