import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SysfsStage } from '../../system/sysfs-stage.ts';
import { stagedDevice } from '../../system/staged-device.ts';

export interface MeasuredProcess {
  readonly name: string;
  readonly nodeFlags: readonly string[];
  /** Absolute. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For its log and its data. */
  readonly directory: string;
}

const deviceCount = 50;
const nodeName = 'measured';

/** @param directory with the emitted images in `emitted` */
export async function measuredProcesses(directory: string): Promise<MeasuredProcess[]> {
  const folder = async (name: string): Promise<string> => {
    const path = join(directory, name);
    await mkdir(path, { recursive: true });
    return path;
  };
  const sysfs = await folder('sysfs');
  plugIn(sysfs);
  const usb = { AW_USB_SOURCE: 'kernel', AW_SYSFS_ROOT: sysfs, AW_DEV_ROOT: await folder('dev') };
  const journal = { AW_JOURNAL_DIRECTORY: await folder('journal') };
  return [
    {
      name: 'operator',
      nodeFlags: [],
      file: join(directory, 'emitted/operator/operator.mjs'),
      environment: { AW_NAMESPACE: 'default', POD_NAME: nodeName },
      directory: await folder('operator'),
    },
    {
      name: `agent, ${deviceCount} devices`,
      nodeFlags: ['--optimize-for-size'],
      file: join(directory, 'emitted/node-agent/agent.mjs'),
      environment: { NODE_NAME: nodeName, ...usb, ...journal },
      directory: await folder('agent'),
    },
    {
      name: 'executor',
      nodeFlags: ['--optimize-for-size'],
      file: join(directory, 'emitted/node-agent/executor.mjs'),
      environment: { NODE_NAME: nodeName, AW_RUNNER_ENTRY: join(directory, 'emitted/runner/runner.mjs') },
      directory: await folder('executor'),
    },
  ];
}

function plugIn(sysfs: string): void {
  const stage = new SysfsStage(sysfs);
  const ports = Array.from({ length: deviceCount }, (_port, index) => index + 1);
  stage.build(ports);
  for (const port of ports) stage.attach(stagedDevice(port, port));
}
