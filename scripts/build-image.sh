#!/bin/sh
# Builds the image of one service with whatever builds images here, and brings it to where it is run.
#   IMAGE=fairlead/payment:0.1.0 scripts/build-image.sh payment
# Skaffold's custom builder calls it, and so does `npm run test:cluster`. What differs between clusters are shell commands,
# which find IMAGE, SERVICE, CONTEXT and NODE_IMAGE in their environment:
#   FAIRLEAD_BUILD_IMAGE  builds the image                                      (default: docker build)
#   FAIRLEAD_LOAD_IMAGE   brings it to the nodes: kind load docker-image "$IMAGE"     (default: nothing)
#   FAIRLEAD_PUSH_IMAGE   pushes it, where PUSH_IMAGE is true as Skaffold says  (default: docker push)
#   NODE_IMAGE            base image with Node 24                               (default: the Dockerfile's)
set -eu
SERVICE=${1:?usage: IMAGE=NAME build-image.sh SERVICE}
IMAGE=${IMAGE:?IMAGE names the image to build}
CONTEXT=${BUILD_CONTEXT:-$(cd "$(dirname "$0")/.." && pwd)}
NODE_IMAGE=${NODE_IMAGE:-}
export SERVICE IMAGE CONTEXT NODE_IMAGE
if [ -n "${FAIRLEAD_BUILD_IMAGE:-}" ]; then sh -c "$FAIRLEAD_BUILD_IMAGE"
else
  docker build --tag "$IMAGE" --build-arg "SERVICE=$SERVICE" \
    ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"} "$CONTEXT"
fi
if [ "${PUSH_IMAGE:-false}" = true ]; then sh -c "${FAIRLEAD_PUSH_IMAGE:-docker push \"\$IMAGE\"}"
elif [ -n "${FAIRLEAD_LOAD_IMAGE:-}" ]; then sh -c "$FAIRLEAD_LOAD_IMAGE"
fi
