# syntax=docker/dockerfile:1
# c
ARG V=8.4
FROM composer:2 AS vendor
FROM --platform=linux/amd64 php:${V}-fpm AS prod
COPY --from=vendor /app /app
COPY --from=busybox:1 /bin/true /bin/true
ENV A=b
LABEL owner=team
RUN <<EOT
echo
EOT
EXPOSE 9000
VOLUME /data
WORKDIR /app
USER app
