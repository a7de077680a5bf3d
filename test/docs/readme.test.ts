import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../settings/settings.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

test('the settings table of the README is the schema that the programs read', () => {
  const rows = Object.entries(settingsSchema.properties).map(([name, schema]) => {
    const fallback = 'default' in schema ? `\`${String(schema.default)}\`` : '';
    const description = 'description' in schema ? String(schema.description) : '';
    return `| \`${name}\` | ${fallback} | ${description} |`;
  });
  expect(rows.every((row) => !row.endsWith('|  |'))).toBe(true);
  const table = ['| variable | default | |', '|---|---|---|', ...rows].join('\n');
  expect(readme).toContain(table);
});

test('every npm script that the README names exists', async () => {
  const manifest = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
});
