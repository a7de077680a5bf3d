import { readFile } from 'node:fs/promises';
import { createContext, type Module, SourceTextModule } from 'node:vm';

// Runs the compiled client where there is nothing but web standards, as in a browser or another runtime:
//
//     node --experimental-vm-modules web-globals.ts FOLDER_OF_DIST BASE_URL

const [dist, baseUrl] = process.argv.slice(2);
const context = createContext({
  ...{ AbortController, AbortSignal, atob, btoa, clearTimeout, crypto, fetch, Headers },
  ...{ performance, setTimeout, TextDecoder, TextEncoder, URL, URLSearchParams },
});
const loaded = new Map<string, SourceTextModule>();

async function load(url: string): Promise<SourceTextModule> {
  const known = loaded.get(url);
  if (known) return known;
  const source = await readFile(new URL(url), 'utf8');
  const module = new SourceTextModule(source, { context, identifier: url });
  loaded.set(url, module);
  return module;
}

/** The browsers' form of the one package that the client needs; nothing else by name. */
function resolve(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return new URL(specifier, from).href;
  if (specifier === 'uuid') return import.meta.resolve('uuid').replace('/dist-node/', '/dist/');
  throw new Error(`the client imports ${specifier}`);
}

const program = new SourceTextModule(
  `import { createSchedulableEvent, SchedulerClient } from './client/index.js';
  const client = new SchedulerClient({ baseUrl: ${JSON.stringify(baseUrl)} });
  const event = createSchedulableEvent({
    scheduledAt: new Date('2035-01-01'), payload: { hello: 'wörld' }, destinationTopic: 'a-topic' });
  await client.schedule(event);
  export const stored = await client.event(event.id);`,
  { context, identifier: `file://${dist}/program.js` },
);
await program.link((specifier: string, { identifier }: Module) =>
  load(resolve(specifier, identifier)),
);
await program.evaluate();
process.stdout.write(JSON.stringify((program.namespace as { stored: unknown }).stored));
