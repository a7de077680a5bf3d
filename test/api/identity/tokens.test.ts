import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeKey, now, TokenIssuer } from '../../harness/token-issuer.ts';
import { newEvent, type TestApi, testApi } from '../harness.ts';

let issuer: TokenIssuer;
let it: TestApi;
beforeAll(async () => {
  issuer = await TokenIssuer.start();
  it = await testApi({ tokens: issuer.settings() });
  await it.dba.query(`select scheduler.grant_topic('corp:alice', 'a-', true),
    scheduler.grant_topic('corp:boss', '', true)`);
});
afterAll(async () => {
  await it.close();
  await issuer.close();
});

type Token = Parameters<TokenIssuer['token']>;

async function create(...token: Token) {
  return it.request('POST', '/events', newEvent(), await issuer.headers(...token));
}

async function ask(authorization: string | undefined) {
  const headers = authorization === undefined ? {} : { authorization };
  return it.request('GET', `/events/${newEvent().id}`, undefined, headers);
}

test('a caller is its alias and subject, a producer unless its claim says otherwise', async () => {
  const { status, json } = await create();
  expect([status, json.owner]).toEqual([201, 'corp:alice']);
  expect((await create({ scheduler_role: 'producer' })).status).toBe(201);
  const reader = await create({ scheduler_role: 'reader' });
  expect([reader.status, reader.json.code]).toEqual([403, 'forbidden']);

  const path = `/events/${String(json.id)}`;
  const read = async (sub: string, scheduler_role: string) =>
    it.request('GET', path, undefined, await issuer.headers({ sub, scheduler_role }));
  expect((await read('bob', 'producer')).status).toBe(404);
  expect((await read('rita', 'reader')).json).toMatchObject({ owner: 'corp:alice' });
  expect((await read('rita', 'reader')).json.payload).toBeNull();
  expect((await read('boss', 'operator')).json).toMatchObject({ payload: 'aGVsbG8=' });
});

test('GraphQL knows the same callers', async () => {
  const { json } = await create();
  const read = async (sub: string) => {
    const query = { query: `{ event(id: "${String(json.id)}") { owner } }` };
    return (await it.request('POST', '/graphql', query, await issuer.headers({ sub }))).json;
  };
  expect(await read('alice')).toEqual({ data: { event: { owner: 'corp:alice' } } });
  expect(await read('bob')).toEqual({ data: { event: null } });
});

test('without a token nobody is let in, and told how (RFC 6750 §3)', async () => {
  const { status, json, headers } = await ask(undefined);
  expect([status, json.code]).toEqual([401, 'not_identified']);
  expect(headers.get('www-authenticate')).toBe('Bearer');
  expect((await it.request('GET', '/health/ready')).status).toBe(200);
});

test('what is logged at start names the issuers', () => {
  expect(JSON.parse(it.log[0] ?? '{}')).toMatchObject({
    issuers: ['corp=https://login.example/'],
    audience: 'scheduler',
  });
});

test('clocks may be off by the tolerance; several audiences are fine', async () => {
  const accepted: Token[0][] = [
    { exp: now() - 3 },
    { nbf: now() + 3 },
    { aud: ['another', 'scheduler'] },
    { sub: 'a'.repeat(255) },
    { exp: 1e300 },
  ];
  for (const claims of accepted) {
    expect((await ask(`Bearer ${await issuer.token(claims)}`)).status).toBe(404);
  }
  expect((await ask(`bEARER  ${await issuer.token()}`)).status).toBe(404);
});

test('a token that was verified a moment ago expires all the same', async () => {
  const token = await issuer.token({ exp: now() + 2 });
  expect((await ask(`Bearer ${token}`)).status).toBe(404);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 9_000 });
  try {
    expect((await ask(`Bearer ${token}`)).json.detail).toBe('It has expired.');
  } finally {
    vi.useRealTimers();
  }
});

describe('401 invalid_token', () => {
  test.each<[string, Token[0], string]>([
    ['has expired', { exp: now() - 60 }, 'expired'],
    ['is not yet valid', { nbf: now() + 60 }, 'nbf'],
    ['has no exp', { exp: undefined }, 'exp'],
    ['is for another audience', { aud: 'another' }, 'aud'],
    ['is for nobody', { aud: undefined }, 'aud'],
    ['is by another issuer', { iss: 'https://evil.example/' }, 'iss'],
    ['is by nobody', { iss: undefined }, 'iss'],
    ['has no subject', { sub: undefined }, 'sub'],
    ['has an empty subject', { sub: '' }, 'sub'],
    ['has a subject with a NUL', { sub: 'a\0b' }, 'sub'],
    ['has too long a subject', { sub: 'a'.repeat(256) }, 'sub'],
    ['has an unknown role', { scheduler_role: 'admin' }, 'scheduler_role'],
    ['has a role in another spelling', { scheduler_role: 'Operator' }, 'scheduler_role'],
    ['has no text as role', { scheduler_role: ['operator'] }, 'scheduler_role'],
    ['has a null role', { scheduler_role: null }, 'scheduler_role'],
  ])('for a token that %s', async (_name, claims, word) => {
    const { status, json, headers } = await ask(`Bearer ${await issuer.token(claims)}`);
    expect([status, json.code]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(json.detail).toContain(word);
  });

  test('for every way to sign it that is not the issuer’s', async () => {
    const strangers = await makeKey('ES256');
    const rsa = await makeKey('RS256');
    const [head, body, signature] = (await issuer.token()).split('.') as [string, string, string];
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = encode({ alg: 'none' });
    const hs256 = encode({ alg: 'HS256', typ: 'JWT', kid: issuer.key.kid });
    const mac = (secret: string) =>
      createHmac('sha256', secret).update(`${hs256}.${body}`).digest('base64url');
    const operator = encode({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'b' });
    const critical = encode({ alg: 'ES256', kid: issuer.key.kid, crit: ['x'], x: 1 });
    const forged = [
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.${signature}`,
      `${hs256}.${body}.${mac(await exportSPKI(issuer.key.publicKey))}`,
      `${hs256}.${body}.${mac(JSON.stringify(issuer.key.jwk))}`,
      `${head}.${operator}.${signature}`,
      `${critical}.${body}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      `${head}.${body}`,
      await issuer.token({}, {}, strangers.privateKey),
      await issuer.token({}, { kid: strangers.kid }, strangers.privateKey),
      await issuer.token({}, { alg: 'RS256' }, rsa.privateKey),
      await issuer.token({}, { jwk: strangers.jwk }, strangers.privateKey),
      await issuer.token({}, { jku: 'https://evil.example/jwks.json' }, strangers.privateKey),
      await issuer.token({}, { x5u: 'https://evil.example/x.pem' }, strangers.privateKey),
      await issuer.token({}, { kid: '../../../../etc/passwd' }, strangers.privateKey),
      await issuer.token({}, { kid: "' or 1=1 --" }, strangers.privateKey),
      `${'a'.repeat(8_000)}.b.c`,
      'nonsense',
    ];
    for (const token of forged) {
      const { status, json } = await ask(`Bearer ${token}`);
      expect([token, status, json.code]).toEqual([token, 401, 'invalid_token']);
    }
  });

  test('for an Authorization that is no Bearer token', async () => {
    const token = await issuer.token();
    for (const authorization of [
      'Basic YTpi',
      token,
      'Bearer',
      'Bearer a b',
      `Bearer ${token},x`,
    ]) {
      const { status, json } = await ask(authorization);
      expect([status, json.code]).toEqual([401, 'invalid_token']);
    }
  });
});

test('beside ANONYMOUS_IDENTITY a token counts, and a bad one is still 401', async () => {
  const both = await testApi({
    database: it.database,
    anonymousIdentity: 'legacy',
    tokens: issuer.settings(),
  });
  try {
    const answer = async (headers: Record<string, string>) => {
      const { status, json } = await both.request('POST', '/events', newEvent(), headers);
      return [status, json.owner ?? json.code];
    };
    const json = { 'content-type': 'application/json' };
    expect(await answer(await issuer.headers())).toEqual([201, 'corp:alice']);
    expect(await answer(json)).toEqual([403, 'topic_not_granted']);
    await it.dba.query(`select scheduler.grant_topic('legacy', 'a-', true)`);
    expect(await answer(json)).toEqual([201, 'legacy']);
    expect(await answer(await issuer.headers({ exp: 1 }))).toEqual([401, 'invalid_token']);
  } finally {
    await both.close();
  }
});
