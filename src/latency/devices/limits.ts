/** Seconds that one call of a program may take, building an engine included, unless its user sets a limit in front. */
export const CALL_SECONDS = 600;
/** Calls of a platform one after the other while it is opened and used once: with the probe, to open and to time. */
const FIRST_CALLS = 3;

/** Seconds that opening a platform and using it once may take. */
export const FIRST_USE_SECONDS = FIRST_CALLS * CALL_SECONDS;
