export * from './common-settings.ts';
export * from './load-config-or-exit.ts';
export * from './load-config.ts';
export { helpText, type ProgramDescription } from './help-text.ts';
export * from './schemas.ts';
export type { Config, Frozen, Setting, Settings } from './setting.ts';
