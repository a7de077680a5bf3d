import { loadSettings } from '../settings/settings.ts';
import { runRelay } from './program.ts';

await runRelay(loadSettings());
