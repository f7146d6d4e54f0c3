import { AutoWeaveError } from '@autoweave/platform/errors';

/** The runner ended while a call ran; nobody knows whether that call was the reason. */
export class RunnerLost extends AutoWeaveError {
  constructor(reason: string) {
    super('AW_PLUGIN_ENDED', `the runner ended: ${reason}`);
  }
}
