/** What `@autoweave/sdk` is inside an isolate. Its exports are those of plugins/sdk; a test holds the two together. */
export function definePlugin<Plugin>(plugin: Plugin): Plugin {
  return plugin;
}
