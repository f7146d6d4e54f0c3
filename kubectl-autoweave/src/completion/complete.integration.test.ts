import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runPlugin } from '../testing/run-plugin.ts';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { sampleDevice, sampleNode, uniqueSignature } from '../testing/sample-objects.ts';
import { completionScripts } from './scripts.ts';

describe('completion', () => {
  let cluster: PluginCluster;
  const unique = uniqueSignature();
  const device = `046d-c31c-${unique}`;

  beforeAll(async () => {
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    await cluster.put(sampleNode(`desk-${unique}`));
    await cluster.put(sampleDevice({ name: device, spec: { alias: `keys-${unique}` } }));
  });

  afterAll(() => cluster.close());

  const complete = async (...words: string[]): Promise<string[]> =>
    (await runPlugin(['__complete', ...words], { kubeconfigPath: inject('kubeconfigPath') })).stdout
      .trimEnd()
      .split('\n');

  it.each([
    [['wh'], ['why\texplain what runs for a device, and what keeps the rest from running', ':4']],
    [
      ['tree', `desk-${unique}`],
      [`desk-${unique}`, ':4'],
    ],
    [
      ['why', device],
      [`${device}\tLogitech USB Keyboard`, ':4'],
    ],
    [
      ['why', `keys-${unique}`],
      [`keys-${unique}\t${device}`, ':4'],
    ],
    [
      ['events', '--device', `keys-${unique}`],
      [`keys-${unique}\t${device}`, ':4'],
    ],
    [
      ['events', `--node=desk-${unique}`],
      [`--node=desk-${unique}`, ':4'],
    ],
    [
      ['tree', '-o', ''],
      ['table', 'json', 'yaml', ':4'],
    ],
    [
      ['tree', '--context', ''],
      ['autoweave', ':4'],
    ],
    [
      ['doctor', '-n', 'kube-sys'],
      ['kube-system', ':4'],
    ],
    [
      ['completion', 'f'],
      ['fish', ':4'],
    ],
    [
      ['events', '--fol'],
      ['--follow\tgo on showing what happens, until Ctrl-C', ':4'],
    ],
    [['tree', '--kubeconfig', ''], [':0']],
    [['tree', '--context', 'moon', 'x'], [':4']],
  ])('of %j is %j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  it('says nothing when the cluster cannot be asked', async () => {
    const options = { kubeconfigPath: '/nowhere/config' };
    expect(await runPlugin(['__complete', 'why', ''], options)).toEqual({ code: 0, stdout: ':4\n', stderr: '' });
  });

  it('works in bash, also where bash divides words at "="', () => {
    const script = `
      kubectl-autoweave() { printf '%s\\n' "$*" >&2; printf 'desk-1\\tabout it\\ndesk-2\\n:4\\n'; }
      ${completionScripts.bash.replaceAll('2>/dev/null', '2>&3')}
      COMP_WORDS=(kubectl-autoweave events --node = d); COMP_CWORD=4
      _kubectl_autoweave 3>&2
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('__complete events --node d\n');
    expect(stdout).toBe('desk-1\ndesk-2\n');
  });
});
