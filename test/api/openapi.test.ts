import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';

// That every answer of every test is as it is described: see harness.ts.

interface Operation {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: Record<string, { readonly examples?: Record<string, { value: Json }> }>;
  };
}

let it: TestApi;
let description: { paths: Record<string, Record<string, Operation>> };
beforeAll(async () => {
  it = await testApi();
  description = (await it.request('GET', '/openapi.json')).json as unknown as typeof description;
});
afterAll(() => it.close());

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      method: method.toUpperCase(),
      operation,
    })),
  );

test('the description names every route, each by an operation of its own', () => {
  expect(Object.fromEntries(operations().map((o) => [o.name, o.operation.operationId]))).toEqual({
    'POST /events': 'createEvent',
    'GET /events': 'listEvents',
    'POST /events/batch': 'createEvents',
    'GET /events/{id}': 'getEvent',
    'PUT /events/{id}': 'replaceEvent',
    'GET /events/{id}/status': 'getEventStatus',
    'GET /events/{id}/instances': 'listInstances',
    'PATCH /events/{id}/cancel': 'cancelEvent',
    'POST /recurrence/preview': 'previewRecurrence',
    'GET /health/live': 'isLive',
    'GET /health/ready': 'isReady',
    'GET /openapi.json': 'getDescription',
    'GET /openapi.yaml': 'getDescriptionAsYaml',
  });
});

test('as YAML it says the same', async () => {
  const response = await fetch(`${it.api.rest}/openapi.yaml`);
  expect(response.headers.get('content-type')).toMatch(/^application\/yaml/);
  expect(parse(await response.text())).toEqual(description);
});

test('its examples of requests are taken as they are', async () => {
  const sent: string[] = [];
  for (const { operation, method, path } of operations()) {
    const content = operation.requestBody?.content['application/json'];
    for (const [name, { value }] of Object.entries(content?.examples ?? {})) {
      const event = newEvent();
      if (path.includes('{id}')) {
        await it.request('POST', '/events', event);
      }
      const { status, json } = await it.request(method, path.replace('{id}', event.id), value);
      expect([status, json], `${operation.operationId} ${name}`).toEqual([
        expect.toSatisfy((code: number) => code === 200 || code === 201),
        expect.anything(),
      ]);
      sent.push(operation.operationId);
    }
  }
  const withBodies = operations().filter(({ operation }) => operation.requestBody);
  expect(new Set(sent)).toEqual(new Set(withBodies.map((o) => o.operation.operationId)));
});

test('the page to read it loads nothing from elsewhere', async () => {
  const page = await fetch(`${it.api.rest}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*script-src 'self';/,
  );
  const loaded = [...(await page.text()).matchAll(/ (?:src|href)="([^"]+)"/g)].map(
    ([, url]) => url,
  );
  expect(loaded.length).toBeGreaterThan(3);
  for (const url of loaded) {
    expect(url).not.toMatch(/^(?:\w+:|\/\/)/);
    const response = await fetch(new URL(url ?? '', page.url));
    expect([url, response.status]).toEqual([url, 200]);
    await response.arrayBuffer();
  }
});
