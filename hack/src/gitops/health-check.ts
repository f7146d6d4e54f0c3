import { Lua } from 'wasmoon-lua5.1';
import { luaLiteral } from './lua-literal.ts';

const statuses = ['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'] as const;

/** What Argo CD shows of a resource. */
export interface HealthStatus {
  readonly status: (typeof statuses)[number];
  readonly message: string;
}

/**
 * The only globals of Lua 5.1 that a health check has in Argo CD, unless its administrator allows more
 * (`useOpenLibs`): see util/lua in github.com/argoproj/argo-cd. `os`, which knows the time alone there, is left out.
 */
const allowed = [
  '_G _VERSION assert error getfenv getmetatable ipairs next pairs pcall print rawequal rawget rawset select',
  'setfenv setmetatable tonumber tostring type unpack xpcall table',
].flatMap((names) => names.split(' '));

const closeLibraries = `
  local kept = {}
  for _, name in ipairs(${luaLiteral(allowed)}) do kept[name] = true end
  for name in pairs(_G) do if not kept[name] then _G[name] = nil end end
`;

/**
 * Runs a health check of Argo CD on an object.
 *
 * @throws Error when the script fails, or returns something else than a status
 */
export async function healthOf(script: string, object: unknown): Promise<HealthStatus> {
  const lua = await Lua.create();
  try {
    await lua.doString(closeLibraries);
    const result: unknown = await lua.doString(`
      obj = ${luaLiteral(object)}
      local result = (function() ${script}\n end)()
      return result.status .. "\\n" .. (result.message or "")
    `);
    const [word = '', ...message] = String(result).split('\n');
    const status = statuses.find((known) => known === word);
    if (status === undefined) throw new Error(`A health check returned the status ${JSON.stringify(word)}`);
    return { status, message: message.join('\n') };
  } finally {
    lua.global.close();
  }
}
