import { Option, type Command } from 'commander';
import type { Format } from '../session.ts';

/** Options of every command, by the names that kubectl has for them. */
export interface GlobalOptions {
  readonly output: Format;
  readonly headers: boolean;
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly requestTimeout: string;
}

export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'))
    .option('--no-headers', 'leave out the names of columns')
    .option('-n, --namespace <name>', 'a namespace; each command says what of')
    .option('--context <name>', 'context of the kubeconfig, instead of the current one')
    .option('--kubeconfig <path>', 'path of the kubeconfig, instead of KUBECONFIG or ~/.kube/config')
    .option('--as <user>', 'act as this user (impersonation)')
    .option('--as-group <group...>', 'act as a member of these groups; needs --as')
    .option('--request-timeout <duration>', 'for one answer of the API server, e.g. 10s; 0 waits for ever', '30s');
}
