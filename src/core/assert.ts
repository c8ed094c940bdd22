/** Ends a switch over a union: a new member is then a type error here. Throws if reached at run time (a bug). */
export function assertNever(value: never): never {
  throw new TypeError(`unreachable case: ${JSON.stringify(value)}`);
}
