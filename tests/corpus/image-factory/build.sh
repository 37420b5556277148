#!/bin/sh
# Builds what CI builds, without pushing: ./build.sh [target…]
set -eu

version=$(git describe --tags --dirty 2>/dev/null || echo dev)
for target in "${@:-app}"; do
    docker buildx build \
        --file Dockerfile --target "$target" \
        --build-arg PHP=8.4.24 \
        --build-context vendor=docker-image://composer:2.10.2 \
        --secret id=npmrc,src="$HOME/.npmrc" \
        --tag "registry.example.net/factory/$target:$version" \
        --load .
done

docker build -q -f tools.Dockerfile -t factory-tools . && docker run --rm --network none --read-only \
    --cap-drop ALL --user "$(id -u):$(id -g)" -v "$PWD:/src:ro" factory-tools phpstan analyse --no-progress
