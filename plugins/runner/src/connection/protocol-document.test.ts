import { readFileSync } from 'node:fs';
import { parseExecutorMessage, parseRunnerMessage } from '@autoweave/crds/validators';
import { describe, expect, it } from 'vitest';

const document = readFileSync(new URL('../../../../docs/runner-protocol.md', import.meta.url), 'utf8');
const schema = readFileSync(new URL('../../../../crds/schemas/runner-protocol.schema.json', import.meta.url), 'utf8');

interface ProtocolSchema {
  readonly $defs: Readonly<Record<string, { readonly oneOf?: readonly { readonly $ref: string }[] }>>;
}

/** Types of messages in one direction. */
function typesOf(direction: 'executorMessage' | 'runnerMessage'): string[] {
  const { $defs } = JSON.parse(schema) as ProtocolSchema;
  return ($defs[direction]?.oneOf ?? []).map(({ $ref }) => $ref.replace('#/$defs/', '')).toSorted();
}

/** Types in the first column of the table under a heading. */
function documentedTypes(heading: string): string[] {
  const section = document.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, type = '']) => type).toSorted();
}

describe('docs/runner-protocol.md', () => {
  it('shows a conversation in which every line is valid', () => {
    const lines = [...document.matchAll(/^(→|←) (.*)$/gm)];
    expect(lines.length).toBeGreaterThan(10);
    for (const [, who, line = ''] of lines) {
      expect(who === '→' ? parseRunnerMessage(line) : parseExecutorMessage(line)).toMatchObject({ ok: true });
    }
  });

  it('tells of every message', () => {
    expect(documentedTypes('What you hear')).toEqual(typesOf('executorMessage'));
    expect(documentedTypes('What you may say')).toEqual(typesOf('runnerMessage'));
  });
});
