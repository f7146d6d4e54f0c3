/** What can be stored, returned from a hook, or sent as the payload of a job. Members that are undefined are left out. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** Declare your own shapes with `type`, not `interface`: only those are assignable to it. */
export type JsonObject = { readonly [key: string]: Json | undefined };
