import { toolContext } from '../tools/index.ts';
import { prepareGuest } from './prepare-guest.ts';

/** Makes the images of the guest before the tests start, so that their time limits do not count it. */
await prepareGuest(toolContext());
