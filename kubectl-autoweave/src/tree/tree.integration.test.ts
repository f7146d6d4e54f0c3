import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { runPlugin, type PluginRun, type PluginRunOptions } from '../testing/run-plugin.ts';
import { attachment, sampleDevice, sampleNode, uniqueSignature } from '../testing/sample-objects.ts';

describe('kubectl autoweave tree', () => {
  let cluster: PluginCluster;
  const unique = uniqueSignature();
  const [desk, shelf, empty] = [`desk-${unique}`, `shelf-${unique}`, `empty-${unique}`] as const;
  const hub = `05e3-0610-${unique}`;
  const keyboard = `046d-c31c-${unique}`;
  const stick = `0781-5581-${unique}`;
  const attacker = `dead-beef-${unique}`;

  beforeAll(async () => {
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    await cluster.put(sampleNode(desk));
    await cluster.put(sampleNode(shelf, { Ready: false }));
    await cluster.put(sampleNode(empty));
    const hubStatus = { descriptor: { id: '05e3:0610', productName: 'Hub', class: 'hub' } };
    await cluster.put(
      sampleDevice({ name: hub, status: { ...hubStatus, attachments: [attachment(desk, { portPath: '1' })] } }),
    );
    await cluster.put(
      sampleDevice({
        name: keyboard,
        spec: { alias: `keys-${unique}` },
        attachments: [attachment(desk, { portPath: '1.2' })],
      }),
    );
    const moved = [
      attachment(desk, { present: false, portPath: '3' }),
      attachment(shelf, { busNumber: 2, portPath: '10' }),
    ];
    await cluster.put(sampleDevice({ name: stick, attachments: moved }));
    const evil = { vendorName: '\u001b[2J\u001b]0;owned\u0007', productName: 'a\nb\u202e\u009b31m' };
    await cluster.put(
      sampleDevice({
        name: attacker,
        status: { descriptor: evil, attachments: [attachment(shelf, { busNumber: 3 })] },
      }),
    );
  });

  afterAll(() => cluster.close());

  const run = (parameters: readonly string[], options: Partial<PluginRunOptions> = {}): Promise<PluginRun> =>
    runPlugin(['tree', ...parameters], { kubeconfigPath: inject('kubeconfigPath'), ...options });

  /** Columns are as wide as what they hold; here only what is in them counts. */
  const squeezed = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, '  '));

  it('shows nodes, buses, hubs, ports and devices', async () => {
    const { code, stdout, stderr } = await run([desk]);
    expect(squeezed(stdout)).toEqual([
      'PLACE  DEVICE  VID:PID  PRODUCT  CLASS  STATE  ALIAS',
      `${desk}  Ready`,
      '└─ bus 1',
      `  └─ 1  ${hub}  05e3:0610  Hub  hub  Attached`,
      `  └─ 1.2  ${keyboard}  046d:c31c  Logitech USB Keyboard  hid  Attached  keys-${unique}`,
    ]);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('shows with --all what is away, and nodes without devices', async () => {
    const lines = squeezed((await run([desk, empty, '--all', '--no-headers'])).stdout);
    expect(lines).toContain(`  └╴ 3  ${stick}  0781:5581  Logitech USB Keyboard  hid  Detached`);
    expect(lines).toContain(`${empty}  Ready`);
    expect(lines[0]).toBe(`${desk}  Ready`);
    const attachedOnly = (await run([])).stdout;
    expect(attachedOnly).not.toContain(empty);
    expect(attachedOnly).toContain(`${shelf} `);
  });

  it('is the same in JSON and YAML', async () => {
    const json: { nodes: readonly unknown[] } = JSON.parse((await run([shelf, '-o', 'json'])).stdout);
    expect(parse((await run([shelf, '--output=yaml'])).stdout, { version: '1.1' })).toEqual(json);
    expect(json.nodes).toMatchObject([
      {
        name: shelf,
        ready: false,
        reason: 'Broken',
        agentVersion: '0.1.0',
        buses: [
          {
            bus: 2,
            ports: [{ port: '10', device: { name: stick, state: 'Attached', id: '0781:5581', class: 'hid' } }],
          },
          {
            bus: 3,
            ports: [{ device: { name: attacker, product: '\u001b[2J\u001b]0;owned\u0007 a\nb\u202e\u009b31m' } }],
          },
        ],
      },
    ]);
  });

  it.each(['table', 'json', 'yaml'])('lets no device write to the terminal, as %s', async (format) => {
    const { stdout } = await run([shelf, '-o', format]);
    expect(stdout).toContain(attacker);
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  it('is coloured where colours are wanted, and only the text of others is not', async () => {
    const { stdout } = await run([shelf], { colours: true });
    const uncoloured = stdout.split('\u001b').map((part) => part.replace(/^\[\d+m/, ''));
    expect(stdout).toContain('\u001b[32mAttached\u001b[39m');
    expect(uncoloured.join('')).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  it('names a node that nobody knows', async () => {
    const { code, stdout, stderr } = await run(['nowhere']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: AW_CONFIG_INVALID: node nowhere: .*\nRemedy: /);
  });
});
