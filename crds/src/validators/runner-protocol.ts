import type { ValidateFunction } from 'ajv/dist/2020.js';
import { isDeeperThan, maxJsonDepth } from '../json-depth.ts';
import { type ExecutorMessage, type RunnerMessage, runnerProtocol } from '../runner-protocol.ts';
import { parseJson } from './parse-json.ts';
import { isExecutorMessage, isRunnerMessage } from './schemas.ts';
import { failed, failure, type Parsed, schemaFailure } from './validation-failure.ts';

/** A message holds JSON of a plugin, or for it, a few levels down. */
const maxMessageDepth = maxJsonDepth + 4;

/** A line that an executor sent, as the runner reads it. A failure is AW_PROTOCOL_VIOLATION. */
export function parseExecutorMessage(line: string): Parsed<ExecutorMessage> {
  return parseMessage(line, isExecutorMessage);
}

/** A line that a runner sent, as the executor reads it; it may be hostile. A failure is AW_PROTOCOL_VIOLATION. */
export function parseRunnerMessage(line: string): Parsed<RunnerMessage> {
  return parseMessage(line, isRunnerMessage);
}

function parseMessage<T>(line: string, isMessage: ValidateFunction<T>): Parsed<T> {
  const { maxMessageBytes } = runnerProtocol;
  if (Buffer.byteLength(line) > maxMessageBytes) {
    return failed(failure('', line, `keep a message below ${maxMessageBytes} bytes`));
  }
  const parsed = parseJson(line);
  if (!parsed.ok) return parsed;
  if (isDeeperThan(parsed.value, maxMessageDepth)) {
    return failed(failure('', undefined, `nest at most ${maxMessageDepth} levels`));
  }
  return isMessage(parsed.value) ? { ok: true, value: parsed.value } : failed(schemaFailure(isMessage.errors));
}
