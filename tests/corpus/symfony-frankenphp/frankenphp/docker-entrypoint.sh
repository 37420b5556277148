#!/bin/sh
# Waits for the database and migrates it, then starts what was asked for.
set -e

case "$1" in
frankenphp | bin/console)
	tries=30
	until php bin/console dbal:run-sql -q 'SELECT 1' >/tmp/db-error 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" -le 0 ]; then
			echo "the database does not answer:" >&2
			cat /tmp/db-error >&2
			exit 1
		fi
		sleep 2
	done
	if [ "${MIGRATE:-yes}" = yes ] && ls migrations/*.php >/dev/null 2>&1; then
		php bin/console doctrine:migrations:migrate --no-interaction --all-or-nothing
	fi
	;;
esac

exec docker-php-entrypoint "$@"
