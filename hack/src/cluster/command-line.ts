import { parseArgs } from 'node:util';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { UsbPlug } from '../guest/index.ts';
import { type ClusterNode, nodeNames } from './network.ts';

export const usage = `Usage: npm run cluster -- COMMAND

  up [--nodes=host,usb] [--kwok-nodes=N] [--image=FILE ...]
                     starts what does not run yet, and waits until all is ready
  down               ends all of it and removes what it left
  status [--output=json]
                     shows servers, nodes and plugged devices; exit code 3 when it is down
  plug DRIVER [--id=ID] [--serial=TEXT] [--bus=usb0.0] [--port=1.2]
                     plugs a device of QEMU, e.g. usb-kbd, into the node usb; prints its id
  unplug ID          pulls it out
  reset              presses the reset button of the node usb
`;

/** What a command line asks for. */
export type ClusterCommand =
  | {
      readonly name: 'up';
      readonly nodes: readonly ClusterNode[];
      readonly kwokNodes: number;
      readonly images: readonly string[] | undefined;
    }
  | { readonly name: 'status'; readonly output: 'table' | 'json' }
  | { readonly name: 'plug'; readonly device: UsbPlug }
  | { readonly name: 'unplug'; readonly id: string }
  | { readonly name: 'down' | 'reset' | 'help' };

const options = {
  nodes: { type: 'string', default: nodeNames.join(',') },
  'kwok-nodes': { type: 'string', default: '0' },
  image: { type: 'string', multiple: true },
  output: { type: 'string', default: 'table' },
  id: { type: 'string' },
  serial: { type: 'string' },
  bus: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** @throws AutoWeaveError AW_CONFIG_INVALID which names what is wrong. */
export function parseCommandLine(parameters: readonly string[]): ClusterCommand {
  const { values, positionals } = parse(parameters);
  const [name = 'help', target] = positionals;
  if (values.help) return { name: 'help' };
  const read = commands[name];
  if (read === undefined) throw invalid(`there is no command ${name}`);
  return read(values, target);
}

const commands: Readonly<Record<string, (values: Values, target: string | undefined) => ClusterCommand>> = {
  up: (values) => ({
    name: 'up',
    nodes: nodesIn(values.nodes),
    kwokNodes: countIn('--kwok-nodes', values['kwok-nodes']),
    images: values.image,
  }),
  down: () => ({ name: 'down' }),
  status: ({ output }) => ({ name: 'status', output: outputIn(output) }),
  plug: ({ id, serial, bus, port }, driver) => ({
    name: 'plug',
    device: { driver: required('plug', 'DRIVER', driver), ...definedOnly({ id, serial, bus, port }) },
  }),
  unplug: (_values, id) => ({ name: 'unplug', id: required('unplug', 'ID', id) }),
  reset: () => ({ name: 'reset' }),
  help: () => ({ name: 'help' }),
};

type Parsed = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
type Values = Parsed['values'];

function parse(parameters: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: true });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function nodesIn(text: string): ClusterNode[] {
  const names = text.split(',');
  const unknown = names.find((name) => !(nodeNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw invalid(`--nodes has ${unknown}; accepted are ${nodeNames.join(', ')}`);
  if (!names.includes('host')) throw invalid('--nodes must have host, on which the other one depends');
  return nodeNames.filter((name) => names.includes(name));
}

function outputIn(text: string): 'table' | 'json' {
  if (text === 'table' || text === 'json') return text;
  throw invalid(`--output is ${text}; accepted are table, json`);
}

function countIn(flag: string, text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw invalid(`${flag} is ${text}; accepted is a number from 0 to 9999`);
  return Number(text);
}

function required(command: string, what: string, value: string | undefined): string {
  if (value === undefined) throw invalid(`${command} needs ${what}`);
  return value;
}

function definedOnly<T extends Record<string, string | undefined>>(values: T): { [Name in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: string;
  };
}

function invalid(reason: string): AutoWeaveError {
  return new AutoWeaveError('AW_CONFIG_INVALID', `npm run cluster: ${reason}. See npm run cluster -- --help`);
}
