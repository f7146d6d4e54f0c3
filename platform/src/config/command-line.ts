import { nearest } from './nearest.ts';
import { flagOf, type Setting, type Settings } from './setting.ts';

export interface CommandLine {
  /** Name of the setting to the text of its flag. */
  readonly given: ReadonlyMap<string, string>;
  readonly helpRequested: boolean;
  /** One sentence per argument that was not understood. */
  readonly problems: readonly string[];
}

/** Understands `--flag=value`, `--flag value` and, for switches, `--flag` and `--no-flag`. The last one counts. */
export function parseCommandLine(argv: readonly string[], settings: Settings): CommandLine {
  const flags = new Map(Object.entries(settings).map(([name, setting]) => [flagOf(name, setting), { name, setting }]));
  const given = new Map<string, string>();
  const problems: string[] = [];
  let helpRequested = false;
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [flag, value] = splitAtEquals(argument);
    const known = flags.get(flag);
    const negated = switchNegatedBy(flag, flags);
    if (flag === '--help' || flag === '-h') {
      helpRequested = true;
    } else if (known !== undefined) {
      const text = value ?? (known.setting.switch === true ? 'true' : rest.shift());
      if (text === undefined) problems.push(`${flag} needs a value`);
      else given.set(known.name, text);
    } else if (negated !== undefined && value === undefined) {
      given.set(negated.name, 'false');
    } else {
      problems.push(unknownArgument(flag, [...flags.keys()]));
    }
  }
  return { given, helpRequested, problems };
}

interface KnownFlag {
  readonly name: string;
  readonly setting: Setting;
}

function switchNegatedBy(flag: string, flags: ReadonlyMap<string, KnownFlag>): KnownFlag | undefined {
  const known = flag.startsWith('--no-') ? flags.get(`--${flag.slice('--no-'.length)}`) : undefined;
  return known?.setting.switch === true ? known : undefined;
}

function splitAtEquals(argument: string): [flag: string, value: string | undefined] {
  const index = argument.indexOf('=');
  return index === -1 ? [argument, undefined] : [argument.slice(0, index), argument.slice(index + 1)];
}

function unknownArgument(argument: string, flags: readonly string[]): string {
  if (!argument.startsWith('-')) return `"${argument}" is not understood: settings start with --`;
  const suggestion = nearest(argument, flags);
  return `${argument} is not known${suggestion === undefined ? '' : `: did you mean ${suggestion}?`}`;
}
