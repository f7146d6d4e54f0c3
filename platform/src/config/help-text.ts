import { flagOf, variableOf, type Settings } from './setting.ts';

export interface ProgramDescription {
  /** As it is started, e.g. `autoweave-agent`. */
  readonly name: string;
  /** One sentence. */
  readonly description?: string;
  readonly settings: Settings;
}

export function helpText({ name, description, settings }: ProgramDescription): string {
  const entries = Object.entries(settings).map(([key, setting]) => {
    const origin = `${variableOf(key, setting)}${setting.default === undefined ? '' : `, default ${setting.default || '""'}`}`;
    return `  ${flagOf(key, setting)}${setting.switch === true ? '' : '=…'}\n      ${setting.description} (${origin})\n`;
  });
  const head = `Usage: ${name} [--setting=value …]\n${description === undefined ? '' : `${description}\n`}`;
  return `${head}\nSettings, each as a flag or (in brackets) an environment variable; the flag wins:\n${entries.join('')}  --help\n      Prints this text.\n`;
}
