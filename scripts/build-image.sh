#!/bin/sh
# Builds one service's image for Skaffold's custom builder, with whatever builds images here:
#   FAIRLEAD_BUILD  command that takes `-t NAME --build-arg K=V CONTEXT`   (default: docker build)
#   FAIRLEAD_PUSH   command that takes NAME, where images are pushed        (default: docker push)
#   NODE_IMAGE      base image with Node 24                                 (default: the Dockerfile's)
set -eu
service=${1:?usage: build-image.sh SERVICE, with IMAGE set}
image=${IMAGE:?IMAGE names the image to build}
# shellcheck disable=SC2086
${FAIRLEAD_BUILD:-docker build} -t "$image" --build-arg "SERVICE=$service" \
  ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"} "${BUILD_CONTEXT:-.}"
if [ "${PUSH_IMAGE:-false}" = true ]; then ${FAIRLEAD_PUSH:-docker push} "$image"; fi
