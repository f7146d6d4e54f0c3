export * from './autoweave-error.ts';
export * from './error-message.ts';
export * from './printable-text.ts';
