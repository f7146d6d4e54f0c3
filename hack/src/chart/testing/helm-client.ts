import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { CommandError, runCommand } from '../../processes/run-command.ts';
import { provideHelm } from '../../tools/index.ts';
import { chartDirectory } from '../chart-files.ts';

export interface KubernetesManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export const releaseNamespace = 'autoweave-system';
/** For renderings without a cluster, which cannot look up the one that was made. */
export const givenPassword = { redis: { auth: { password: 'correct-horse-battery' } } };

/** `helm` of one major version, with caches of its own. */
export class HelmClient {
  readonly directory = mkdtempSync(join(tmpdir(), 'autoweave-helm-'));
  readonly #command: string;
  readonly #kubeconfigPath: string | undefined;
  #files = 0;

  private constructor(command: string, kubeconfigPath: string | undefined) {
    this.#command = command;
    this.#kubeconfigPath = kubeconfigPath;
  }

  /** @param kubeconfigPath Without it there is no cluster, as with Argo CD. */
  static async open(major: 3 | 4, kubeconfigPath?: string): Promise<HelmClient> {
    return new HelmClient(await provideHelm(major), kubeconfigPath);
  }

  /** What `helm template` makes of the values, without empty documents. @throws CommandError */
  async template(values: object = givenPassword): Promise<readonly KubernetesManifest[]> {
    const parameters = ['template', 'autoweave', chartDirectory, ...this.#values(values), ...offline];
    return parseManifests(await this.run(parameters));
  }

  /** Why the values are refused. */
  async refusal(values: object): Promise<string> {
    try {
      await this.template(values);
    } catch (error) {
      if (error instanceof CommandError) return error.output;
      throw error;
    }
    throw new Error('the values were accepted');
  }

  /** `install`, `upgrade` … of the release `autoweave`. @throws CommandError */
  async release(verb: 'install' | 'upgrade', values: object, flags: readonly string[] = []): Promise<string> {
    return this.run([verb, 'autoweave', chartDirectory, ...this.#values(values), ...flags]);
  }

  async run(parameters: readonly string[]): Promise<string> {
    return runCommand(this.#command, [...parameters, '--namespace', releaseNamespace], {
      environment: {
        HELM_CACHE_HOME: join(this.directory, 'cache'),
        HELM_CONFIG_HOME: join(this.directory, 'config'),
        HELM_DATA_HOME: join(this.directory, 'data'),
        KUBECONFIG: this.#kubeconfigPath ?? join(this.directory, 'none'),
      },
    });
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #values(values: object): readonly string[] {
    this.#files += 1;
    const file = join(this.directory, `values-${this.#files}.yaml`);
    writeFileSync(file, stringify(values));
    return ['--values', file];
  }
}

const offline = ['--kube-version', '1.36.3'];

export function parseManifests(text: string): readonly KubernetesManifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const manifest = document.toJS() as KubernetesManifest | null;
    return manifest === null ? [] : [manifest];
  });
}
