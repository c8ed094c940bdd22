export function machine(versions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
export function load(): number;
