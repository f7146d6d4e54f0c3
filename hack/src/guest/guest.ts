import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../processes/free-ports.ts';
import { ServerProcess } from '../processes/server-process.ts';
import { type ToolContext, toolContext } from '../tools/index.ts';
import { repositoryDrive } from './drives.ts';
import { emulatorParameters } from './emulator-parameters.ts';
import { GuestCommand, type GuestCommandOptions, type GuestCommandResult } from './guest-command.ts';
import { daemonPort as portInGuest } from './inside/protocol.ts';
import { prepareGuest } from './prepare-guest.ts';
import { QmpClient } from './qmp-client.ts';
import { UsbDevices, type UsbPlug } from './usb-devices.ts';

export interface GuestOptions {
  readonly memoryMegabytes?: number;
  readonly accelerator?: 'tcg' | 'kvm';
  readonly context?: ToolContext;
}

/**
 * A machine with a kernel, udevd and USB controllers of its own, and the repository at /autoweave.
 * The loopback interface of the host is 10.0.2.2 in it.
 */
export interface Guest {
  readonly qmp: QmpClient;
  /** Plugs a device in; resolves with its id when QEMU did so, which is before the guest's kernel announces it. */
  plug(device: UsbPlug): Promise<string>;
  /** Pulls a device out; resolves when QEMU did so. */
  unplug(id: string): Promise<void>;
  /** Runs a command to its end. */
  exec(command: readonly string[], options?: GuestCommandOptions): Promise<GuestCommandResult>;
  /** Starts a command that goes on. Killed when the guest stops. */
  start(command: readonly string[], options?: GuestCommandOptions): GuestCommand;
  writeFile(path: string, content: string): Promise<void>;
  /** A loopback port of the host that leads to a port of the guest. */
  forward(guestPort: number): Promise<number>;
  /** What kernel and init wrote. */
  consoleLog(): Promise<string>;
  /** Ends the guest, as if its power failed, and removes its files. May be called again. */
  stop(): Promise<void>;
}

/** @throws AutoWeaveError AW_LOCAL_SERVER_FAILED when the guest does not come up; its console is in the log. */
export async function startGuest(options: GuestOptions = {}): Promise<Guest> {
  const { memoryMegabytes = 1_536, accelerator = 'tcg', context = toolContext() } = options;
  const { machine, tools, system, dependencies } = await prepareGuest(context);
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-guest-'));
  const [daemonPort = 0] = await freePorts(1);
  const daemon: Daemon = { port: daemonPort, token: randomBytes(16).toString('hex') };
  const monitor = join(directory, 'monitor');
  const consoleLog = join(directory, 'console.log');
  const repository = await repositoryDrive(tools, directory);
  const parameters = emulatorParameters({
    machine,
    accelerator,
    memoryMegabytes,
    kernel: system.kernel,
    initramfs: system.initramfs,
    drives: [
      { file: system.root, mode: 'forgetful' },
      { file: repository, mode: 'readonly' },
      { file: dependencies, mode: 'readonly' },
    ],
    monitor,
    consoleLog,
    network: `user,hostfwd=tcp:127.0.0.1:${daemon.port}-:${portInGuest}`,
    kernelParameters: [`autoweave.token=${daemon.token}`],
  });
  const server = new ServerProcess({
    command: tools.emulator,
    parameters,
    directory,
    logFile: consoleLog,
    isReady: async () => (await readFile(consoleLog, 'utf8')).includes('The guest is ready'),
  });
  const stop = async (): Promise<void> => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await server.start();
    const qmp = await QmpClient.connect(monitor);
    return guestOf({ qmp, daemon, consoleLog, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Daemon {
  readonly port: number;
  readonly token: string;
}

interface GuestParts {
  readonly qmp: QmpClient;
  readonly daemon: Daemon;
  readonly consoleLog: string;
  readonly stop: () => Promise<void>;
}

function guestOf({ qmp, daemon, consoleLog, stop }: GuestParts): Guest {
  const devices = new UsbDevices(qmp);
  return {
    qmp,
    plug: (device) => devices.plug(device),
    unplug: (id) => devices.unplug(id),
    exec: (command, options) => runInGuest(daemon, command, options).result,
    start: (command, options) => runInGuest(daemon, command, options),
    writeFile: async (path, content) => {
      const { exit, stderr } = await runInGuest(daemon, ['tee', path], { input: content }).result;
      if (exit !== 0) throw new Error(`${path} was not written: ${stderr}`);
    },
    forward: (guestPort) => forward(qmp, guestPort),
    consoleLog: () => readFile(consoleLog, 'utf8'),
    stop: async () => {
      qmp.close();
      await stop();
    },
  };
}

function runInGuest(daemon: Daemon, command: readonly string[], options: GuestCommandOptions = {}): GuestCommand {
  const { environment = {}, directory = '/autoweave', input = '' } = options;
  const [program = '', ...parameters] = command;
  const request = { token: daemon.token, command: program, parameters, environment, directory, input };
  return new GuestCommand(daemon.port, request, options);
}

/** The monitor's own protocol has no command for it. */
async function forward(qmp: QmpClient, guestPort: number): Promise<number> {
  const [port = 0] = await freePorts(1);
  const answer = await qmp.execute('human-monitor-command', {
    'command-line': `hostfwd_add net0 tcp:127.0.0.1:${port}-:${guestPort}`,
  });
  if (answer.trim() !== '') throw new Error(`Port ${guestPort} of the guest was not forwarded: ${answer.trim()}`);
  return port;
}
