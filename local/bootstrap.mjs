#!/usr/bin/env node
// Runs a program of this checkout with everything that it needs, on a machine that has nothing but Node
// (>= 20) and npm:
//
//     node local/bootstrap.mjs local/start.ts [arguments]
//
// Installs the packages of package-lock.json if they are not there yet, then runs the program with the
// Node that is one of them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';

const checkout = dirname(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname));
const modules = join(checkout, 'node_modules');
const node = join(modules, 'node', 'bin', 'node');
/** What the package `node` fetches its program with. */
const NODE_SCRIPT = 'installArchSpecificPackage.js';

/** Passed on to what we run. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  complain('usage: node local/bootstrap.mjs PROGRAM [ARGUMENTS]');
  process.exit(2);
}
try {
  await install();
  runProgram(resolve(checkout, program), args);
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** Installs the packages, unless what is there is what the lock file says. */
async function install() {
  if (isInstalled()) return;
  // Beside node_modules, which `npm ci` removes; another process may be at it already.
  const lock = join(checkout, '.data', 'install.lock');
  await withLock(
    lock,
    () => say('waiting for another process that is installing the Node packages'),
    async () => {
      if (isInstalled()) return;
      say('installing the Node packages by npm ci (a minute or so; once)');
      // Without install scripts: none is needed but that of the package `node`, and npm may be set not to
      // run it. Without warnings: they are about this Node being older than the one that we install.
      await mustRun(
        'npm',
        ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'],
        checkout,
      );
      // Not by the Node that runs this: where npm started it that was the one in node_modules, now gone.
      if (!nodeWorks()) await mustRun('node', [NODE_SCRIPT], join(modules, 'node'));
      if (!nodeWorks()) throw new Error(`${node} does not run: remove node_modules and try again`);
    },
  );
}

/**
 * Whether every package of the lock file lies in node_modules in the same version: npm notes there what
 * it has installed, at the end.
 */
function isInstalled() {
  const note = join(modules, '.package-lock.json');
  if (!existsSync(note)) return false;
  const there = packagesOf(note);
  const wanted = Object.entries(packagesOf(join(checkout, 'package-lock.json')));
  const complete = wanted.every(([path, { version, integrity, optional }]) => {
    const found = there[path];
    // An optional one may be for another system.
    if (path === '' || (!found && optional)) return true;
    return found?.version === version && found?.integrity === integrity;
  });
  return complete && nodeWorks();
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

function nodeWorks() {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0;
}

/**
 * Runs a program to its end, its output ours, and says every now and then that it still runs.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
async function mustRun(command, args, cwd) {
  // Without node_modules/.bin, which `npm start` puts in front: the `node` there is being replaced.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !isBin(folder));
  const env = { ...process.env, PATH: path.join(delimiter) };
  // Standard output stays the program's own.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
  const begin = performance.now();
  const seconds = () => Math.round((performance.now() - begin) / 1000);
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  const timer = setInterval(() => say(`  still at it after ${seconds()} s`), 10_000);
  try {
    await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const how = signal ? `killed by ${signal}` : `exit ${code}`;
        if (code === 0) resolve(undefined);
        else reject(new Error(`${command} ${args.join(' ')}: ${how}`));
      });
    });
  } finally {
    clearInterval(timer);
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

/** @param {string} folder */
function isBin(folder) {
  return folder.endsWith(`${sep}node_modules${sep}.bin`);
}

/**
 * Runs the program in our place: its input and output are ours, signals are passed on, and we end as it
 * ends.
 * @param {string} path
 * @param {string[]} args
 */
function runProgram(path, args) {
  const follow = pathToFileURL(join(checkout, 'local', 'with-parent.mjs')).href;
  const child = spawn(node, ['--import', follow, path, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  stopWithNpm(() => child.kill('SIGTERM'));
  child.once('error', (error) => {
    complain(error.message);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}

/**
 * A killed npm (SIGKILL) leaves its child behind: notice that, or a forgotten `npm start` would hold its
 * ports for ever.
 * @param {() => void} stop
 */
function stopWithNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, 100);
  timer.unref();
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @param {string} line */
function complain(line) {
  process.stderr.write(`error: ${line}\n`);
}
