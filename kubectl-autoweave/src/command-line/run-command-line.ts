import { CommanderError, type Command } from 'commander';
import { printCompletionScript } from '../completion/print-script.ts';
import { complete } from '../completion/complete.ts';
import { examine } from '../doctor/doctor.ts';
import { showEvents } from '../events/events.ts';
import type { Session } from '../session.ts';
import { showTree } from '../tree/tree.ts';
import { explainDevice } from '../why/why.ts';
import type { GlobalOptions } from './global-options.ts';
import { openSession, type Surroundings } from './open-session.ts';
import { makeProgram, type Request } from './program.ts';
import { exitCodes, reportError, withServer } from './report-error.ts';

/** Does what the command line asks for. @returns the exit code of the process. */
export async function runCommandLine(parameters: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output } = surroundings;
  if (parameters[0] === '__complete') return complete(parameters.slice(1), surroundings);
  let exitCode = 0;
  let text = '';
  const program = makeProgram({
    onRequest: async (request, command) => {
      exitCode = await carryOut(request, command, surroundings);
    },
    write: (part) => {
      text += part;
    },
  });
  try {
    await program.parseAsync(parameters.length === 0 ? ['--help'] : parameters, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) return failureCode(error, parameters, surroundings);
  }
  // Help or version was asked for.
  try {
    await output.write(text);
    return 0;
  } catch (error) {
    return reportError(error, output);
  }
}

async function carryOut(request: Request, command: Command, surroundings: Surroundings): Promise<number> {
  if (request.command === 'completion') {
    await printCompletionScript(request.shell, surroundings.output);
    return 0;
  }
  const session = await openSession(command.optsWithGlobals<GlobalOptions>(), surroundings);
  try {
    return await perform(request, session);
  } catch (error) {
    throw withServer(error, session.client.access);
  } finally {
    session.client.close();
  }
}

async function perform(request: ClusterRequest, session: Session): Promise<number> {
  if (request.command === 'doctor') return examine(session);
  if (request.command === 'tree') await showTree(session, request.options);
  else if (request.command === 'events') await showEvents(session, request.options);
  else await explainDevice(session, request.device);
  return 0;
}

type ClusterRequest = Exclude<Request, { command: 'completion' }>;

/** For doctor 1 means a warning, so nothing that failed may end with it. */
function failureCode(error: unknown, parameters: readonly string[], { output }: Surroundings): number {
  const code = reportError(error, output);
  return code === exitCodes.failed && parameters.includes('doctor') ? exitCodes.misused : code;
}
