import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeKey, TokenIssuer } from '../../harness/token-issuer.ts';
import { newEvent, type TestApi, testApi } from '../harness.ts';

let first: TestApi;
let folder: string;
beforeAll(async () => {
  first = await testApi();
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await first.close();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An issuer and an API that accepts its tokens, to ask with a token: 404 says that it was accepted. */
async function withIssuer(
  work: (it: {
    issuer: TokenIssuer;
    ask: (...token: Parameters<TokenIssuer['token']>) => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  const issuer = await TokenIssuer.start();
  const api = await testApi({ database: first.database, tokens: issuer.settings() });
  try {
    await work({
      issuer,
      ask: async (...token) => {
        const path = `/events/${newEvent().id}`;
        const headers = { authorization: `Bearer ${await issuer.token(...token)}` };
        const { status, json } = await api.request('GET', path, undefined, headers);
        return `${status} ${String(json.code)}`;
      },
    });
  } finally {
    await api.close();
    await issuer.close();
  }
}

const passSeconds = (seconds: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });

const accepted = '404 not_found';
const refused = '401 invalid_token';
const away = '503 keys_unavailable';

describe('keys behind a URL', () => {
  test('are fetched once, and accepted for RS256, ES256 and EdDSA only', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      const algorithms = ['RS256', 'ES256', 'EdDSA', 'RS384', 'PS256', 'ES384'];
      const keys = await Promise.all(algorithms.map(makeKey));
      issuer.keys = keys.map(({ jwk }) => jwk);
      const answers = keys.map(({ alg, kid, privateKey }) => ask({}, { alg, kid }, privateKey));
      expect(await Promise.all(answers)).toEqual([
        ...[accepted, accepted, accepted],
        ...[refused, refused, refused],
      ]);
      expect(issuer.fetched).toBe(1);
    });
  });

  test('are fetched again for one that is not known, but not for every token that names one', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      expect(await ask()).toBe(accepted);
      issuer.key = await makeKey('ES256');
      issuer.keys.push(issuer.key.jwk);
      expect(await ask()).toBe(refused);
      expect(issuer.fetched).toBe(1);
      passSeconds(11);
      expect(await ask()).toBe(accepted);
      expect([await ask({}, { kid: 'x' }), await ask({}, { kid: 'y' })]).toEqual([
        refused,
        refused,
      ]);
      expect(issuer.fetched).toBe(2);
    });
  });

  test('that were taken back are forgotten after ten minutes', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      expect(await ask()).toBe(accepted);
      issuer.keys = [(await makeKey('ES256')).jwk];
      expect(await ask()).toBe(accepted);
      passSeconds(601);
      expect(await ask()).toBe(refused);
    });
  });

  test('stay in force while they cannot be fetched; others are 503', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      issuer.status = 500;
      expect(await ask()).toBe(away);
      issuer.status = 200;
      expect(await ask()).toBe(accepted);
      issuer.status = 500;
      passSeconds(601);
      expect(await ask()).toBe(accepted);
      expect(await ask({}, { kid: 'unknown' })).toBe(away);
      await issuer.close();
      passSeconds(601);
      expect(await ask()).toBe(accepted);
      expect(await ask({}, { kid: 'unknown' })).toBe(away);
    });
  });

  test('that are no keys are 503', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      issuer.keys = 'none' as unknown as typeof issuer.keys;
      expect(await ask()).toBe(away);
    });
  });

  test('that are several need a token that says which', async () => {
    await withIssuer(async ({ issuer, ask }) => {
      issuer.keys.push((await makeKey('ES256')).jwk);
      expect(await ask({}, { kid: undefined })).toBe(refused);
      expect(await ask()).toBe(accepted);
    });
  });
});

describe('a key in a file', () => {
  async function settingsFor(name: string, pem: string) {
    const file = join(folder, name);
    await writeFile(file, pem);
    return {
      issuers: [{ alias: 'corp', issuer: 'https://login.example/', keys: file }],
      audience: 'scheduler',
      roleClaim: 'role',
      clockTolerance: 0,
    };
  }

  test('is accepted for its algorithm only', async () => {
    const issuer = await TokenIssuer.start('RS256');
    const pem = await exportSPKI(issuer.key.publicKey);
    const tokens = await settingsFor('rsa.pem', pem);
    const api = await testApi({ database: first.database, tokens });
    try {
      const ask = async (...token: Parameters<TokenIssuer['token']>) => {
        const headers = await issuer.headers(...token);
        return (await api.request('POST', '/events', newEvent(), headers)).json.code;
      };
      expect(await ask({ role: 'producer' })).toBe('topic_not_granted');
      expect(await ask({ role: 'reader' })).toBe('forbidden');
      expect(await ask({}, { alg: 'HS256' }, new TextEncoder().encode(pem))).toBe('invalid_token');
      const other = await makeKey('ES256');
      expect(await ask({}, { alg: 'ES256' }, other.privateKey)).toBe('invalid_token');
    } finally {
      await api.close();
      await issuer.close();
    }
  });

  test.each<[string, () => Promise<string>]>([
    ['is private', async () => exportPKCS8((await makeKey('RS256')).privateKey)],
    [
      'is of another curve',
      async () => exportSPKI((await generateKeyPair('ES384', { extractable: true })).publicKey),
    ],
    ['is no key', async () => 'nonsense'],
  ])('that %s refuses to start, naming the setting', async (name, pem) => {
    const tokens = await settingsFor(`${name}.pem`, await pem());
    await expect(testApi({ database: first.database, tokens })).rejects.toThrow('JWT_KEYS: corp');
  });

  test('that is missing refuses to start, naming the setting', async () => {
    const settings = await settingsFor('there.pem', '');
    const issuers = settings.issuers.map((one) => ({ ...one, keys: join(folder, 'missing.pem') }));
    const start = testApi({ database: first.database, tokens: { ...settings, issuers } });
    await expect(start).rejects.toThrow(/JWT_KEYS: corp: .*missing.pem/);
  });
});
