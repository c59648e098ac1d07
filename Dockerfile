# One recipe for the image of every service:
#   docker build --build-arg SERVICE=payment -t fairlead/payment:0.1.0 .
# Node runs the TypeScript sources as they are, so nothing is compiled; what a service cannot reach is left out.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS files
USER root
WORKDIR /app
COPY package.json package-lock.json ./
# Laptops get their Node and PostgreSQL from optional packages; an image has neither.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# Named only here, so that all services share what is installed above.
ARG SERVICE
COPY kit kit
COPY transport transport
COPY proto proto
COPY services/${SERVICE} services/${SERVICE}
COPY cdk8s/image/keep-modules.js /tmp/keep-modules.mjs
RUN test -n "${SERVICE}" && node /tmp/keep-modules.mjs "${SERVICE}" && rm package-lock.json

FROM ${NODE_IMAGE}
ARG SERVICE
ENV NODE_ENV=production SERVICE=${SERVICE}
WORKDIR /app
COPY --from=files --chown=0:0 /app /app
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 50051 9090
ENTRYPOINT ["/bin/sh", "-c", "exec node kit/run/main.ts \"$SERVICE\""]
