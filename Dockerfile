# The daemon, with its state in /data, and its configuration there or at /config/iotawatt-sync.yaml; one that is not there
# yet is made for the addresses in INIT_DEVICES: README.md#docker
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build && rm dist/*.map

# What the bundle leaves out is only what has a native binary: the embedded store.
FROM ${NODE_IMAGE} AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="iotawatt-sync" org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production IOTAWATT_SYNC_STATE_DIR=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY bin ./bin
COPY schema ./schema
COPY examples ./examples
COPY --from=packages /packages/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY deploy/docker-entrypoint /usr/local/bin/
RUN ln -s /app/bin/iotawatt-sync /usr/local/bin/iotawatt-sync \
  && mkdir -p /data /config \
  && chown 1000:1000 /data
USER 1000:1000
VOLUME /data
# Commands find the configuration that is made here.
WORKDIR /data
EXPOSE 8480
HEALTHCHECK --interval=1m --timeout=15s --start-period=1m CMD ["iotawatt-sync", "healthcheck"]
ENTRYPOINT ["docker-entrypoint"]
CMD ["run"]
