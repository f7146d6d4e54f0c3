import packageJson from '../package.json' with { type: 'json' };

/** Of AutoWeave as a whole: the workspaces are released together. */
export const pluginVersion: string = packageJson.version;
