# The scheduler's programs. By default what `npm start` runs, on services named by DATABASE_URL and
# KAFKA_BROKERS; in production one container each for `node relay/main.ts` and `node api/main.ts`.
FROM node:24-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

# Without install scripts: the only one needed fetches Node itself, which the image has.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

COPY . .

USER node
EXPOSE 8080
CMD ["node", "local/start.ts"]
