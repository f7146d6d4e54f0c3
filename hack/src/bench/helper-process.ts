import { type ChildProcess, fork } from 'node:child_process';

/** A process of the bench's own, which answers one request at a time. */
export class HelperProcess<Request extends object, Reply> {
  readonly #child: ChildProcess;

  constructor(file: string, parameters: readonly string[] = []) {
    this.#child = fork(file, parameters, { serialization: 'advanced' });
  }

  /** @throws Error when the process ends instead of answering. */
  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`A process of the bench ended with ${code}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (reply) => {
        this.#child.off('exit', ended);
        resolve(reply as Reply);
      });
      this.#child.send(request);
    });
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** In such a process: answers what is asked, until the parent is gone. */
export function answerRequests(answer: (request: never) => unknown): void {
  process.on('message', (request) => {
    Promise.try(answer, request as never).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit());
}
