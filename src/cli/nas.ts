#!/usr/bin/env node
import { terminal } from './output.js';
import { nasProgram } from './program.js';
import { run } from './run.js';

const output = terminal();
process.exitCode = await run(nasProgram(output), process.argv.slice(2), output);
