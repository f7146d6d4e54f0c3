import { posix } from 'node:path';
import type ivm from 'isolated-vm';
import { RunnerError } from '../runner-error.ts';

export interface ModuleGraphOptions {
  readonly isolate: ivm.Isolate;
  readonly context: ivm.Context;
  /** Path to text. Nothing else can be imported, except what `builtIn` has. */
  readonly files: ReadonlyMap<string, string>;
  /** Bare specifier to text. */
  readonly builtIn: ReadonlyMap<string, string>;
}

/**
 * Compiles and links a module with everything it imports, out of memory. Imports name a file of the bundle relative
 * to the importing one and with its extension, or a built-in module.
 *
 * @throws RunnerError AW_PLUGIN_LOAD_FAILED naming file and import
 */
export function linkModule(options: ModuleGraphOptions, entry: string): ivm.Module {
  const modules = new Map<string, ivm.Module>();
  const paths = new Map<ivm.Module, string>();
  const { isolate, context, files, builtIn } = options;

  function compile(path: string, text: string): ivm.Module {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const module = isolate.compileModuleSync(text, { filename: path });
    modules.set(path, module);
    paths.set(module, path);
    return module;
  }

  function resolve(specifier: string, importer: string): ivm.Module {
    const text = builtIn.get(specifier);
    if (text !== undefined) return compile(specifier, text);
    const path = posix.join(posix.dirname(importer), specifier);
    const file = /^\.\.?\//.test(specifier) ? files.get(path) : undefined;
    if (file === undefined) throw new RunnerError('AW_PLUGIN_LOAD_FAILED', cannotImport(specifier, importer, builtIn));
    return compile(path, file);
  }

  const text = files.get(entry);
  if (text === undefined) throw new RunnerError('AW_PLUGIN_LOAD_FAILED', `the bundle has no file ${entry}`);
  const module = compile(entry, text);
  module.instantiateSync(context, (specifier, importer) => resolve(specifier, paths.get(importer) ?? entry));
  return module;
}

function cannotImport(specifier: string, importer: string, builtIn: ReadonlyMap<string, string>): string {
  const shown = specifier.slice(0, 200);
  return `${importer} imports "${shown}", which is neither a file of the bundle ("./name.js") nor ${[...builtIn.keys()].join(', ')}`;
}
