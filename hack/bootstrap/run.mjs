import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a command with our standard streams, passing SIGINT and SIGTERM on.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code, in the way of a shell: 128 and the number of the signal that ended it
 */
export function run(command, parameters, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { ...options, stdio: 'inherit' });
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM']);
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      // A terminal sends Ctrl-C to the child as well.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, passOn);
    const done = () => {
      for (const signal of signals) process.off(signal, passOn);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}

/**
 * Says every 10 s that `label` is still going on.
 *
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 */
export async function withElapsedTime(label, work) {
  const startedAt = Date.now();
  const tell = (/** @type {string} */ more) =>
    console.error(`${label} … ${more}${Math.round((Date.now() - startedAt) / 1000)} s`);
  console.error(label);
  const timer = setInterval(tell, 10_000, '');
  try {
    return await work();
  } finally {
    clearInterval(timer);
    tell('ended after ');
  }
}
