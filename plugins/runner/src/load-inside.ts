import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/** Texts of the modules of ./inside, as an isolate can compile them. The runner itself never imports them. */
export interface InsideSources {
  /** By the name that they import one another with; the entry is `bootstrap.ts`. */
  readonly bootstrap: ReadonlyMap<string, string>;
  /** `@autoweave/sdk` */
  readonly sdk: string;
}

const bootstrapModules = ['bootstrap', 'bound-memory', 'log', 'plugin-errors', 'store'];

export function loadInside(): InsideSources {
  return {
    bootstrap: new Map(bootstrapModules.map((name) => [`${name}.ts`, sourceOf(name)])),
    sdk: sourceOf('sdk'),
  };
}

function sourceOf(name: string): string {
  const isTypeScript = import.meta.url.endsWith('.ts');
  const code = readFileSync(new URL(`./inside/${name}.${isTypeScript ? 'ts' : 'js'}`, import.meta.url), 'utf8');
  return isTypeScript ? stripTypeScriptTypes(code) : code;
}
