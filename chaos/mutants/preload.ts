/**
 * To be imported before a relay (`--import`): makes the mistake in its source that MUTANT names,
 * file by file, as they are loaded.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../local/folders.ts';
import { mutantNamed } from './catalogue.ts';
import { mutate } from './mutant.ts';

const { name, patch = [] } = mutantNamed(process.env.MUTANT ?? '');
const patches = Map.groupBy(patch, ({ file }) => pathToFileURL(join(checkout, file)).href);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const ofFile = patches.get(url);
    if (!ofFile) return loaded;
    const source = String(loaded.source);
    return {
      ...loaded,
      source: ofFile.reduce((text, one) => mutate(text, one, `${name}: ${one.file}`), source),
    };
  },
});
