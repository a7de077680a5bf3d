import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaText } from '../../graphql/schema-text.ts';
import { newEvent, type TestApi, testApi } from '../api/harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

test('graphql/schema.graphql is what GraphQL shows (npm run graphql:schema)', async () => {
  const file = await readFile(new URL('../../graphql/schema.graphql', import.meta.url), 'utf8');
  expect(await schemaText(it.api.graphql)).toBe(file);
  expect(file).not.toMatch(
    /rowId|nodeId|contentHash|\blanes?\b|identityRole|schemaVersion|private/i,
  );
});

const refused = async (query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await it.graphql(query, variables);
  expect(data).toBeUndefined();
  return errors;
};
const tooComplex = [{ extensions: { code: 'query_too_complex' } }];
const id = 'id: "018f0000-0000-7000-8000-000000000001"';
const nested = (levels: number): string =>
  levels === 0 ? 'id' : `instances { nodes { ${nested(levels - 1)} } }`;

test('a document is bounded, variables are not', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => `a${i}: event(id: "x") { id }`).join(' ');
  const answer = await it.request('POST', '/graphql', { query: `{ ${many} }` });
  expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large']);
  const payload = Buffer.alloc(600_000).toString('base64');
  const { errors } = await it.graphql(
    'mutation ($input: ScheduleEventInput!) { scheduleEvent(input: $input) { event { id } } }',
    { input: newEvent({ payload }) },
  );
  expect(errors).toBeUndefined();
});

test.each<[string, string]>([
  [
    'aliases',
    `{ ${Array.from({ length: 300 }, (_, i) => `a${i}: event(${id}) { id }`).join(' ')} }`,
  ],
  ['depth', `{ event(${id}) { ${nested(8)} } }`],
  ['lists in lists', `{ event(${id}) { instances(first: 1000) { nodes { ${nested(1)} } } } }`],
  [
    'leaves',
    `{ event(${id}) { ${Array.from({ length: 2500 }, (_, i) => `a${i}: id`).join(' ')} } }`,
  ],
  [
    'fragments that double',
    `{ event(${id}) { ...f0 } }
     ${Array.from({ length: 30 }, (_, i) => `fragment f${i} on Event { ...f${i + 1} ...f${i + 1} }`).join('\n')}
     fragment f30 on Event { id }`,
  ],
  [
    'payloads',
    `{ event(${id}) { ${Array.from({ length: 30 }, (_, i) => `a${i}: payload`).join(' ')} } }`,
  ],
  ['long pages', `{ event(${id}) { instances(first: 1001) { nodes { id } } } }`],
  ['long pages of PostGraphile', '{ topicGrants(first: 1000000) { nodes { topic } } }'],
])('%s are bounded', async (_name, query) => {
  expect(await refused(query)).toMatchObject(tooComplex);
});

test('an answer is bounded, however many events it asks for', async () => {
  const payload = Buffer.alloc(800_000).toString('base64');
  await it.request('POST', '/events', newEvent({ payload, destinationTopic: 'large' }));
  const many = (count: number) =>
    it.graphql(
      `{ ${Array.from({ length: count }, (_, i) => `a${i}: events(destinationTopic: "large", from: "${2000 + i}-01-01T00:00:00", first: 1) { nodes { payload } }`).join(' ')} }`,
    );
  expect((await many(15)).errors).toBeUndefined();
  expect(JSON.stringify((await many(20)).errors)).toContain('The payloads of its answer');
});

test('pages are as bounded in variables', async () => {
  const query = 'query ($n: Int) { topicGrants(first: $n) { nodes { topic } } }';
  expect(await refused(query, { n: 1001 })).toMatchObject(tooComplex);
  expect((await it.graphql(query, { n: 1000 })).errors).toBeUndefined();
});

test('requests are not batched', async () => {
  const { status } = await it.request('POST', '/graphql', [{ query: '{ __typename }' }]);
  expect(status).toBe(400);
});

test('a variable of another type has a code, too', async () => {
  const query = 'query ($id: String!) { event(id: $id) { id } }';
  expect(await refused(query, { id: 5 })).toMatchObject([{ extensions: { code: 'bad_request' } }]);
});
