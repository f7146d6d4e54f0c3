/** JSON as an expression of Lua: lists are tables from 1 on, null is nil. */
export function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return luaString(value);
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(',')}}`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `[${luaString(key)}]=${luaLiteral(member)}`);
  return `{${members.join(',')}}`;
}

/** Byte by byte, so that no character can end the string. */
function luaString(text: string): string {
  const bytes = Array.from(Buffer.from(text), (byte) => `\\${String(byte).padStart(3, '0')}`);
  return `"${bytes.join('')}"`;
}
