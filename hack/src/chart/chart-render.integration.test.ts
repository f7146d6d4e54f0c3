import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../processes/run-command.ts';
import { chartDirectory, crdManifests } from './chart-files.ts';
import { givenPassword, HelmClient, type KubernetesManifest } from './testing/helm-client.ts';
import { podsOf } from './testing/pods-of.ts';
import { valueMatrix } from './testing/value-matrix.ts';

const root = join(import.meta.dirname, '../../..');
let helm: HelmClient;
let helm4: HelmClient;

beforeAll(async () => {
  [helm, helm4] = await Promise.all([HelmClient.open(3), HelmClient.open(4)]);
}, 900_000);

afterAll(() => {
  helm?.close();
  helm4?.close();
});

describe('the chart', () => {
  it('passes the linters of Helm 3 and 4', async () => {
    for (const client of [helm, helm4])
      expect(await client.run(['lint', '--strict', chartDirectory])).toContain('0 chart(s) failed');
  });

  it('is the same for Helm 3 and 4', async () => {
    expect(sorted(await helm4.template())).toEqual(sorted(await helm.template()));
  });

  it.each(Object.keys(valueMatrix))(
    'renders the same each time, so that GitOps finds nothing to do: %s',
    async (name) => {
      const [once, again] = [await helm.template(valueMatrix[name]), await helm.template(valueMatrix[name])];
      expect(again).toEqual(once);
    },
  );

  it('installs the very definitions of crds/manifests', async () => {
    const made = (await helm.template()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(made).toHaveLength(4);
    for (const definition of made) {
      const source = await readFile(
        join(crdManifests, `autoweave.dev_${definition.metadata.name.split('.')[0]}.yaml`),
        'utf8',
      );
      const { name } = definition.metadata;
      expect({ ...definition, metadata: { name } }).toEqual(parse(source));
      expect(definition.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
    }
  });

  it('leaves the definitions out, lets them go, and annotates them when told to', async () => {
    const without = await helm.template({ ...givenPassword, crds: { enabled: false } });
    expect(without.filter(({ kind }) => kind === 'CustomResourceDefinition')).toEqual([]);
    const values = { ...givenPassword, crds: { keep: false, annotations: { 'example.com/owner': 'lab' } } };
    for (const { kind, metadata } of await helm.template(values)) {
      if (kind !== 'CustomResourceDefinition') continue;
      expect(metadata.annotations).toMatchObject({ 'example.com/owner': 'lab' });
      expect(metadata.annotations).not.toHaveProperty(['helm.sh/resource-policy']);
    }
  });

  it('gives its processes no variable that they do not know', async () => {
    const known = await knownVariables();
    const rendered = await Promise.all(Object.values(valueMatrix).map((values) => helm.template(values)));
    const containers = rendered.flatMap(podsOf).flatMap(({ template }) => template.spec.containers);
    const strange = containers.flatMap(({ args: [file = ''] = [], env = [] }) => {
      const settings = known.get(file);
      const names = settings === undefined ? [] : env.map(({ name }) => name);
      return names
        .filter((name) => settings?.has(name) !== true && !ofNode.includes(name))
        .map((name) => `${file} ${name}`);
    });
    expect(strange).toEqual([]);
    expect(containers.map(({ args }) => args?.[0])).toEqual(expect.arrayContaining([...known.keys()]));
  });

  it('runs nothing with rights over its node, unless a value asks for it', async () => {
    for (const [name, values] of Object.entries(valueMatrix)) {
      if (name === 'parts of the host') continue;
      const text = JSON.stringify(podsOf(await helm.template(values)));
      expect(text).not.toMatch(/hostPath|privileged|hostNetwork|hostPID|"add"|runAsNonRoot":false/);
    }
  });

  it('tells Pod Security what the nodes need, and no more', async () => {
    expect(level(await helm.template(), 'autoweave-node')).toBe('restricted');
    expect(level(await helm.template(valueMatrix['parts of the host']), 'autoweave-node')).toBe('privileged');
    expect(level(await helm.template(valueMatrix['parts of the host']), 'autoweave-plugins')).toBe('restricted');
  });

  it('makes nothing that would run at once when everything is applied by hand', async () => {
    const kinds = (await helm.template()).map(({ kind }) => kind);
    expect(kinds).not.toContain('Job');
    expect(kinds).not.toContain('Pod');
  });
});

describe('values that make no sense', () => {
  it.each([
    [{ operator: { replicas: '2' } }, /operator.replicas.*got string, want integer/],
    [{ operator: { replica: 2 } }, /operator.*replica/],
    [{ image: { pullPolicy: 'Sometimes' } }, /image.pullPolicy.*'Always'/],
    [{ redis: { auth: { password: 'short' } } }, /redis.auth.password/],
    [
      { nodeAgent: { agent: { resources: { limits: { memory: 'much' } } } } },
      /nodeAgent.agent.resources.limits.memory/,
    ],
    [{ redis: { maximumMemory: '1Gi' } }, /redis.maximumMemory/],
    [{ redis: { enabled: false } }, /the executor has no Redis: set externalRedis.url/],
    [{ redis: { enabled: false }, externalRedis: { url: 'redis://a:6379,b:6379' } }, /Redis Cluster is not supported/],
    [{ externalRedis: { url: 'redis://a' } }, /set redis.enabled=false to use your own Redis/],
    [{ redis: { auth: { existingSecrets: { redis: 'a' } } } }, /name all three/],
    [{ redis: { auth: { password: '' } } }, /redis.auth.password is empty, and there is no cluster to look up/],
    [{ caBundle: { pem: 'x' } }, /caBundle.pem has no certificate/],
    [{ namespaces: { node: { name: 'autoweave-plugins' } } }, /they have to be three/],
    [{ plugins: { extraNamespaces: ['autoweave-system'] } }, /plugins need another namespace/],
    [{ policy: { spec: { lockdown: true } } }, /set policy.create=true/],
  ])('are refused with the field and the remedy: %j', async (values, message) => {
    const { redis, ...others } = values as { redis?: object };
    const given = 'externalRedis' in others || redis !== undefined ? values : { ...givenPassword, ...others };
    expect((await helm.refusal(given)).replaceAll(/[/']/g, (sign) => (sign === '/' ? '.' : "'"))).toMatch(message);
  });

  it('are refused where Kubernetes is too old', async () => {
    const flags = ['--set', 'redis.auth.password=correct-horse-battery', '--kube-version', '1.33.9'];
    await expect(helm.run(['template', 'autoweave', chartDirectory, ...flags])).rejects.toThrow(
      /requires kubeVersion: >=1.34.0/,
    );
  });
});

/** Of Node itself. */
const ofNode = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** By the file of the image that a container starts: what its `--help` lists. */
async function knownVariables(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const sources = {
    '/app/operator.mjs': 'operator/src/main.ts',
    '/app/agent.mjs': 'node-agent/src/agent/main.ts',
    '/app/executor.mjs': 'node-agent/src/executor/main.ts',
  };
  const help = Object.entries(sources).map(async ([file, source]) => {
    const text = await runCommand(process.execPath, [join(root, source), '--help']);
    return [file, new Set([...text.matchAll(/\(([A-Z][A-Z0-9_]+)(?:,|\))/g)].map(([, name = '']) => name))] as const;
  });
  return new Map(await Promise.all(help));
}

function level(manifests: readonly KubernetesManifest[], namespace: string): string | undefined {
  const found = manifests.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
  return found?.metadata.labels?.['pod-security.kubernetes.io/enforce'];
}

function sorted(manifests: readonly KubernetesManifest[]): readonly KubernetesManifest[] {
  const key = ({ kind, metadata }: KubernetesManifest): string => `${kind} ${metadata.namespace} ${metadata.name}`;
  return manifests.toSorted((a, b) => key(a).localeCompare(key(b)));
}
