import { spawn } from 'node:child_process';

/** Collects the lines of one event and makes an XADD of it. */
const script = (flush: string) =>
  `-F= '/^ACTION=/ { a = $2 } /^DEVPATH=/ { d = $2 } /^DEVNUM=/ { n = $2 + 0 } ` +
  `/^$/ { if (d != "") { print "XADD", stream, "*", "action", a, "device", d, "address", n${flush} } a = d = n = "" }'`;

const monitor = 'udevadm monitor --kernel --property --subsystem-match=usb';

/**
 * What an administrator writes: `udevadm monitor | awk | redis-cli`. `plain` is the pipe as one writes it first;
 * `unbuffered` by somebody who knows that awk holds back its input and output.
 */
export function startUdevadmPipe(options: {
  readonly redisPort: number;
  readonly redisPassword: string;
  readonly stream: string;
  readonly kind: 'plain' | 'unbuffered';
}): { stop(): void } {
  const { redisPort, redisPassword, stream, kind } = options;
  const unbuffered = kind === 'unbuffered';
  const awk = unbuffered
    ? `$(awk -W version 2>&1 </dev/null | grep -q mawk && echo awk -W interactive || echo awk)`
    : 'awk';
  const pipe = [
    `${unbuffered ? 'stdbuf -oL ' : ''}${monitor}`,
    `${awk} -v stream=${stream} ${script(unbuffered ? '; fflush()' : '')}`,
    `redis-cli -p ${redisPort}`,
  ].join(' | ');
  // A group of its own, because the shell alone would not take the pipe down with it.
  const child = spawn('/bin/sh', ['-c', pipe], {
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
    env: { ...process.env, REDISCLI_AUTH: redisPassword },
  });
  return {
    stop: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
