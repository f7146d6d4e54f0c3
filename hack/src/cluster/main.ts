import { errorCode, errorMessage } from '@autoweave/platform/errors';
import { toolContext } from '../tools/index.ts';
import { runningSandbox, tearDown } from './cluster-setup.ts';
import { clusterStatus } from './cluster-status.ts';
import { type ClusterCommand, parseCommandLine, usage } from './command-line.ts';
import { defaultDirectory } from './default-directory.ts';
import { clusterLayout } from './layout.ts';
import { statusTable } from './status-table.ts';
import { up } from './up.ts';
import { UsbNodeMonitor } from './usb-node/usb-node-monitor.ts';
import { monitorPath } from './usb-node/usb-node-server.ts';

/** As of systemctl for what does not run. */
const downExitCode = 3;
const layout = clusterLayout(defaultDirectory);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The exit code. */
async function run(command: ClusterCommand): Promise<number> {
  switch (command.name) {
    case 'help':
      print(usage);
      break;
    case 'up':
      await up({ ...command, layout, context: toolContext() });
      print(`export KUBECONFIG=${layout.kubeconfig}`);
      break;
    case 'down':
      await tearDown(layout);
      break;
    case 'status':
      return showStatus(command.output);
    case 'plug':
      print(await (await usbNode()).plug(command.device));
      break;
    case 'unplug':
      await (await usbNode()).unplug(command.id);
      break;
    case 'reset':
      await (await usbNode()).reset();
      break;
  }
  return 0;
}

async function showStatus(output: 'table' | 'json'): Promise<number> {
  const rows = await clusterStatus(layout);
  if (output === 'json') print(JSON.stringify(rows ?? [], undefined, 2));
  else print(rows === undefined ? 'The cluster is down' : statusTable(rows));
  return rows === undefined ? downExitCode : 0;
}

async function usbNode(): Promise<UsbNodeMonitor> {
  const sandbox = await runningSandbox(layout);
  if (sandbox === undefined) throw new Error('The cluster is down; start it by: npm run cluster -- up');
  return new UsbNodeMonitor(monitorPath(sandbox));
}

try {
  process.exitCode = await run(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${errorCode(error) ?? 'Failed'}: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
