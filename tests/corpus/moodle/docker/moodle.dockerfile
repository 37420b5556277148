# escape=\
from php:8.2-apache-bullseye
label org.opencontainers.image.title="Moodle" \
      org.opencontainers.image.vendor="Schulträger Musterkreis"
arg MOODLE_BRANCH=MOODLE_405_STABLE
run apt-get update && apt-get -y install \
        cron ghostscript git graphviz aspell \
        libicu-dev libpng-dev libpq-dev libxml2-dev libzip-dev locales \
    && docker-php-ext-install exif gd intl opcache pgsql soap zip \
    && pecl install redis && docker-php-ext-enable redis \
    && sed -i 's/^# *\(de_DE.UTF-8\)/\1/' /etc/locale.gen && locale-gen
run git clone --depth 1 --branch $MOODLE_BRANCH git://git.moodle.org/moodle.git /var/www/html
copy config.php /var/www/html/config.php
copy php/moodle.ini /usr/local/etc/php/conf.d/
copy crontab /etc/cron.d/moodle
run mkdir /var/www/moodledata && chmod 777 /var/www/moodledata && chown -R www-data /var/www \
    && a2enmod ssl rewrite headers
env LANG=de_DE.UTF-8 LANGUAGE=de:en
env LC_ALL de_DE.UTF-8
expose 80 443
