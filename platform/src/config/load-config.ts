import { deepFreeze } from '../deep-freeze.ts';
import { AutoWeaveError } from '../errors/index.ts';
import { withoutCredentials } from '../telemetry/redaction.ts';
import { parseCommandLine } from './command-line.ts';
import { helpText, type ProgramDescription } from './help-text.ts';
import { flagOf, variableOf, type Config, type Setting, type Settings } from './setting.ts';

export interface LoadConfigOptions<S extends Settings> extends ProgramDescription {
  readonly settings: S;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program: `process.argv.slice(2)`. */
  readonly argv: readonly string[];
}

/** `--help` was given: the text is for standard output, and the exit code 0. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested';
}

/**
 * Flags win over variables, variables over defaults; an empty variable counts as not set. The result is frozen.
 *
 * @throws AutoWeaveError AW_CONFIG_INVALID naming every wrong setting, its value and what is accepted.
 * @throws HelpRequested
 */
export function loadConfig<const S extends Settings>(options: LoadConfigOptions<S>): Config<S> {
  const { name, settings, env, argv } = options;
  const { given, helpRequested, problems } = parseCommandLine(argv, settings);
  if (helpRequested) throw new HelpRequested(helpText(options));
  const config: Record<string, unknown> = {};
  const wrong = [...problems];
  for (const [key, setting] of Object.entries(settings)) {
    const variable = env[variableOf(key, setting)];
    const text = given.get(key) ?? (variable === '' ? undefined : variable) ?? setting.default;
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) config[key] = parsed.data;
    else wrong.push(wrongSetting({ key, setting, text, accepted: parsed.error.issues.map((issue) => issue.message) }));
  }
  if (wrong.length > 0) throw invalidConfig(name, wrong);
  return deepFreeze(config) as Config<S>;
}

interface WrongSetting {
  readonly key: string;
  readonly setting: Setting;
  readonly text: string | undefined;
  readonly accepted: readonly string[];
}

function wrongSetting({ key, setting, text, accepted }: WrongSetting): string {
  const names = `${flagOf(key, setting)} (${variableOf(key, setting)})`;
  if (text === undefined) return `${names} is required: ${setting.description}`;
  const shown = setting.secret === true ? '[redacted]' : JSON.stringify(withoutCredentials(text));
  return `${names} is ${shown}: ${accepted.join(', ')}`;
}

function invalidConfig(name: string, wrong: readonly string[]): AutoWeaveError {
  const count = wrong.length === 1 ? 'one setting is wrong' : `${wrong.length} settings are wrong`;
  return new AutoWeaveError('AW_CONFIG_INVALID', `${name}: ${count}\n${wrong.map((line) => `  ${line}`).join('\n')}`);
}
