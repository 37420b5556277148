#!/usr/bin/env bash
# The test suite has a database of its own
mysql --user=root --password="$MYSQL_ROOT_PASSWORD" <<-SQL
	CREATE DATABASE IF NOT EXISTS booking_test;
	GRANT ALL ON \`booking_test%\`.* TO '$MYSQL_USER'@'%';
SQL
