/** Child processes: none outlives the process, or the thread, that started it. */
export { endWithUs, startGroup, type Group } from './children.js';
export { findProgram, runProgram, type Environment, type ProgramResult } from './program.js';
