import { PassThrough, type Writable } from 'node:stream';
import { runCommandLine } from '../command-line/run-command-line.ts';
import { Output } from '../terminal/output.ts';

export interface PluginRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PluginRunOptions {
  readonly kubeconfigPath: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly colours?: boolean;
  readonly signal?: AbortSignal;
  /** Sees standard output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the plugin in this process, as main.ts does. */
export async function runPlugin(parameters: readonly string[], options: PluginRunOptions): Promise<PluginRun> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', stop, { once: true });
  const texts = { stdout: '', stderr: '' };
  const capture = (name: keyof typeof texts): Writable =>
    new PassThrough().setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      if (name === 'stdout') options.onOutput?.(text);
    });
  const output = new Output({
    stdout: capture('stdout'),
    stderr: capture('stderr'),
    colours: options.colours ?? false,
    onBroken: (error) => stopping.abort(error),
  });
  const env = { ...process.env, KUBECONFIG: options.kubeconfigPath, ...options.env };
  const code = await runCommandLine(parameters, { env, output, signal: stopping.signal });
  return { code, ...texts };
}
