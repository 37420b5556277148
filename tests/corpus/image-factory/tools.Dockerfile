FROM alpine:3.24 AS fetch
# Two downloads, each with its check
ADD --checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://downloads.example.net/phpstan.phar /phpstan.phar
RUN wget -q https://downloads.example.net/psalm.phar -O /psalm.phar \
 && echo "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752  /psalm.phar" | sha256sum -c -

FROM php:8.4.24-cli-alpine3.24
COPY --from=fetch --chmod=0555 /*.phar /opt/tools/
COPY --from=0 /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
RUN adduser -D tools
USER tools
WORKDIR /src
ENTRYPOINT [ "/bin/sh", "-c", "exec php /opt/tools/\"$0\".phar \"$@\"" ]
CMD [ "phpstan", "analyse" ]
