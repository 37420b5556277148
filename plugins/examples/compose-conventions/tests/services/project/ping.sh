#!/bin/sh
set -eu
docker exec shop_cache redis-cli ping
