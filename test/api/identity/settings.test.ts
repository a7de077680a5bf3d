import { expect, test } from 'vitest';
import { loadSettings } from '../../../settings/settings.ts';

const right = {
  JWT_ISSUERS: 'corp=https://login.example/realms/a, test=urn:test',
  JWT_AUDIENCE: 'scheduler',
  JWT_KEYS: 'test=/etc/keys/test.pem,corp=https://login.example/jwks.json',
};

test('issuers and their keys are told by alias', () => {
  expect(loadSettings(right).identity).toEqual({
    anonymousIdentity: undefined,
    tokens: {
      issuers: [
        {
          alias: 'corp',
          issuer: 'https://login.example/realms/a',
          keys: new URL('https://login.example/jwks.json'),
        },
        { alias: 'test', issuer: 'urn:test', keys: '/etc/keys/test.pem' },
      ],
      audience: 'scheduler',
      roleClaim: 'scheduler_role',
      clockTolerance: 5,
    },
  });
  expect(loadSettings({ JWT_AUDIENCE: '' }).identity.tokens).toBeUndefined();
});

test.each<[NodeJS.ProcessEnv, string]>([
  [{ JWT_ISSUERS: '' }, 'JWT_ISSUERS is missing'],
  [{ JWT_AUDIENCE: '' }, 'JWT_AUDIENCE is missing'],
  [{ JWT_KEYS: '' }, 'JWT_KEYS is missing'],
  [{ JWT_KEYS: 'corp=https://login.example/jwks.json' }, 'JWT_KEYS has none for test'],
  [{ JWT_ISSUERS: 'corp=urn:a' }, 'JWT_KEYS has test'],
  [{ JWT_ISSUERS: 'https://login.example/' }, 'is not alias=value'],
  [{ JWT_ISSUERS: 'corp=urn:a,corp=urn:b' }, 'JWT_ISSUERS has the alias corp twice'],
  [{ JWT_ISSUERS: 'corp=urn:a,test=urn:a' }, 'the same issuer twice'],
  // Their tokens would speak for login roles of Postgres.
  [{ JWT_ISSUERS: 'sql=urn:a,test=urn:b' }, 'not sql'],
  [{ JWT_KEYS: 'test=a.pem,corp=http://login.example/' }, 'JWT_KEYS: corp'],
  [{ JWT_KEYS: 'test=a.pem,corp=ftp://login.example/' }, 'JWT_KEYS: corp'],
  [{ JWT_CLOCK_TOLERANCE_SECONDS: '9999' }, 'JWT_CLOCK_TOLERANCE_SECONDS'],
  [{ ANONYMOUS_IDENTITY: 'sql:postgres' }, 'ANONYMOUS_IDENTITY'],
])('%j is refused', (wrong, message) => {
  expect(() => loadSettings({ ...right, ...wrong })).toThrow(message);
});
