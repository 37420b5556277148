#!/bin/bash
# Quick start for new colleagues (Linux / macOS)
docker network create prestashop-net
docker run -ti --name some-mysql --network prestashop-net -e MYSQL_ROOT_PASSWORD=admin -p 3307:3306 -d mysql:5.7
docker run -ti --name some-prestashop --network prestashop-net -e DB_SERVER=some-mysql -p 8080:80 -d prestashop/prestashop:latest

# Modules from the shared drive
docker cp /mnt/share/modules/. some-prestashop:/var/www/html/modules/
docker exec -it some-prestashop bash -c "rm -rf /var/www/html/install && chmod -R 777 /var/www/html/var /var/www/html/img"
docker commit some-prestashop registry.example.fr/boutique/prestashop:$(date +%Y%m%d)
docker push registry.example.fr/boutique/prestashop:$(date +%Y%m%d)
