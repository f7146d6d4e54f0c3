import { Command } from 'commander';
import type { EventsOptions } from '../events/events.ts';
import { pluginVersion } from '../plugin-version.ts';
import type { TreeOptions } from '../tree/tree.ts';
import { parseDuration } from './duration.ts';
import { addGlobalOptions } from './global-options.ts';
import { examples } from './help-text.ts';

/** What the command line asks for. */
export type Request =
  | { readonly command: 'tree'; readonly options: TreeOptions }
  | { readonly command: 'events'; readonly options: EventsOptions }
  | { readonly command: 'why'; readonly device: string }
  | { readonly command: 'doctor' }
  | { readonly command: 'completion'; readonly shell: string };

export interface ProgramOptions {
  readonly onRequest: (request: Request, command: Command) => Promise<void>;
  /** Takes help and version. */
  readonly write: (text: string) => void;
}

export function makeProgram({ onRequest, write }: ProgramOptions): Command {
  const program = new Command('kubectl autoweave')
    .description(
      'Looks into a cluster with AutoWeave: USB devices, what happens to them, and what keeps things from working.',
    )
    .version(pluginVersion, '--version', 'print the version of this plugin')
    .helpOption('-h, --help', 'print help, with examples')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => undefined })
    .showSuggestionAfterError()
    .exitOverride();
  addGlobalOptions(program).addHelpText('after', examples.program);
  addTree(program, onRequest);
  addEvents(program, onRequest);
  addWhy(program, onRequest);
  addDoctor(program, onRequest);
  addCompletion(program, onRequest);
  return program;
}

type OnRequest = ProgramOptions['onRequest'];

function addTree(program: Command, onRequest: OnRequest): void {
  program
    .command('tree')
    .summary('show which device hangs on which port of which node')
    .description(
      'Shows nodes, buses, hubs, ports and devices. Without --all: devices that are plugged in, and the nodes that hold some or are not Ready.',
    )
    .argument('[nodes...]', 'only these nodes')
    .option('-A, --all', 'also devices that are away, at the port that they had last, and nodes without devices', false)
    .addHelpText('after', examples.tree)
    .action(async (nodes: string[], { all }: { all: boolean }, command: Command) => {
      await onRequest({ command: 'tree', options: { all, nodes } }, command);
    });
}

interface EventFlags {
  readonly follow: boolean;
  readonly since: string;
  readonly node?: string;
  readonly device?: string;
}

function addEvents(program: Command, onRequest: OnRequest): void {
  program
    .command('events')
    .summary('show what happened to devices and plugins')
    .description(examples.eventsDescription)
    .option('-f, --follow', 'go on showing what happens, until Ctrl-C', false)
    .option('--since <duration>', 'how far to look back, e.g. 10m or 2h', '1h')
    .option('--node <name>', 'only what happened at this node')
    .option('--device <name>', 'only what happened to this device: its name, its alias, or the beginning of one')
    .addHelpText('after', examples.events)
    .action(async ({ follow, since, node, device }: EventFlags, command: Command) => {
      const options = { follow, sinceMilliseconds: parseDuration(since, '--since'), node, device };
      await onRequest({ command: 'events', options }, command);
    });
}

function addWhy(program: Command, onRequest: OnRequest): void {
  program
    .command('why')
    .summary('explain what runs for a device, and what keeps the rest from running')
    .description(examples.whyDescription)
    .argument('<device>', 'name of the UsbDevice, its alias, or the beginning of one')
    .addHelpText('after', examples.why)
    .action(async (device: string, _options: object, command: Command) => {
      await onRequest({ command: 'why', device }, command);
    });
}

function addDoctor(program: Command, onRequest: OnRequest): void {
  program
    .command('doctor')
    .summary('check the installation, and say what to do')
    .description(examples.doctorDescription)
    .addHelpText('after', examples.doctor)
    .action(async (_options: object, command: Command) => onRequest({ command: 'doctor' }, command));
}

function addCompletion(program: Command, onRequest: OnRequest): void {
  program
    .command('completion')
    .summary('print a script that completes the command line')
    .description('Prints a script for a shell, or the one through which kubectl completes its plugins.')
    .argument('<shell>', 'bash, zsh, fish or kubectl')
    .addHelpText('after', examples.completion)
    .action(async (shell: string, _options: object, command: Command) => {
      await onRequest({ command: 'completion', shell }, command);
    });
}
