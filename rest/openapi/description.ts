import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ErrorCatalogue } from '../../api/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { addComponents } from '../schemas/components.ts';
import { ofEveryAnswer, openRefusals } from './answers.ts';
import { requestExamples } from './examples.ts';

const description = `
Puts bytes on a Kafka topic at an instant, or at every occurrence of a recurrence (RFC 5545), once.

Errors are problem details (RFC 9457) with a stable \`code\`; \`field\` names what is at fault. The examples of
an answer are named after the codes that it can carry. A path that does not exist is 404 \`no_such_route\`, a
method that a path does not have 405 \`method_not_allowed\` with \`Allow\`; what arrives too slowly 408
\`request_timeout\`, too large a head 431 \`headers_too_large\`. Answers may get more fields.`;

const tags = [
  { name: 'Events', description: 'One-off events, series, and instances of series.' },
  { name: 'Recurrences', description: 'What a recurrence means.' },
  { name: 'Health', description: 'Whether this process lives and can serve.' },
  { name: 'Description', description: 'This description.' },
];

/** Collects the routes that are registered after this call into the description of the API. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  addComponents(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Event Scheduler',
        version: packageJson.version,
        description: description.trim(),
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Who calls. A server may let requests without a token act as somebody.',
          },
        },
      },
      security: [{}, { bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `def-${index}`),
    },
    // What has no name is GraphQL's, or a page to read.
    transform: ({ schema, url }) => ({
      schema: schema?.operationId ? schema : { hide: true },
      url,
    }),
    transformObject: (documents) => {
      if (!('openapiObject' in documents)) {
        throw new Error('the description is not in OpenAPI 3');
      }
      return withRequestExamples(documents.openapiObject);
    },
  });
}

/** Serves the description, and a page to read it that needs nothing from elsewhere. */
export async function serveDescription(
  app: FastifyInstance,
  errors: ErrorCatalogue,
): Promise<void> {
  const open = { tags: ['Description'], security: [] };
  const refused = openRefusals(errors);
  app.get(
    '/openapi.json',
    {
      schema: {
        ...open,
        operationId: 'getDescription',
        summary: 'This description as JSON',
        response: {
          200: {
            description: 'OpenAPI 3.1.',
            headers: ofEveryAnswer,
            content: { 'application/json': { schema: { type: 'object' } } },
          },
          ...refused,
        },
      },
    },
    async () => app.swagger(),
  );
  app.get(
    '/openapi.yaml',
    {
      schema: {
        ...open,
        operationId: 'getDescriptionAsYaml',
        summary: 'This description as YAML',
        response: {
          200: {
            description: 'OpenAPI 3.1.',
            headers: ofEveryAnswer,
            content: { 'application/yaml': { schema: { type: 'object' } } },
          },
          ...refused,
        },
      },
    },
    async (_request, reply) => {
      reply.type('application/yaml');
      return app.swagger({ yaml: true });
    },
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Event Scheduler' },
    uiConfig: { layout: 'BaseLayout', displayRequestDuration: true },
    staticCSP: {
      'default-src': "'none'",
      'connect-src': "'self'",
      'script-src': "'self'",
      'style-src': "'self' 'unsafe-inline'",
      'img-src': "'self' data:",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    },
  });
}

interface Operation {
  readonly operationId?: string;
  readonly requestBody?: object;
}

function withRequestExamples<Document extends { readonly paths?: object }>(
  document: Document,
): Document {
  for (const path of Object.values(document.paths ?? {})) {
    for (const { operationId = '', requestBody } of Object.values(path as object) as Operation[]) {
      const examples = requestExamples[operationId];
      if (examples && requestBody && 'content' in requestBody) {
        Object.assign((requestBody.content as Record<string, object>)['application/json'] ?? {}, {
          examples,
        });
      }
    }
  }
  return document;
}
